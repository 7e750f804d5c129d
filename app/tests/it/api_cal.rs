//! The routes below `/api/cal`: who may ask, what is answered, and that no token is among it.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use wellmet::{
    accounts::TokenScope,
    model::{Instant, Role, UserId},
    time::Secret,
};

use crate::{
    site::{Answer, TestSite, bearer, cookie, form_request},
    support::{TestDb, both_engines},
};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const MAYA: &str = "maya@google.example";
const RENEW: &str = "/api/cal/refresh-managed-user-token";
const GOOGLE_BACK: &str = "/api/cal/gcal-oauth-redirect";
const CONNECT: &str = "/api/cal/calendars/oauth-connect-url?type=google";

/// A site with the sandbox as its Cal.com.
struct World {
    db: TestDb,
    sandbox: RunningSandbox,
    site: TestSite,
    http: reqwest::Client,
}

impl World {
    async fn on(db: TestDb) -> Self {
        // The first to install one decides, as in the program itself.
        let http = wellmet::integrations::http::Http::new().expect("TLS").client().clone();
        let sandbox = Sandbox::start(SandboxConfig::default()).await.expect("a sandbox");
        let settings = sandbox.environment();
        let mut settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        settings.push(("SECRET_KEY", KEY));
        let site = TestSite::with(db.deps(), &settings);
        let world = Self { db, sandbox, site, http };
        let now = world.control(Method::GET, "clock", Value::Null).await["now"].as_str().and_then(Instant::parse_rfc3339);
        world.db.clock().set(now.expect("the sandbox's time"));
        world
    }

    async fn person(&self, name: &str, role: Role) -> (UserId, Who) {
        let (identity, sign_in) = self.db.person(name, role, "Europe/Berlin").await;
        (identity.id(), Who { bearer: bearer(&self.site.app, &identity).await, sign_in })
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, self.sandbox.url(&format!("/_control/{path}")));
        let request = if body.is_null() { request } else { request.header("content-type", "application/json").body(body.to_string()) };
        let answer = request.send().await.expect("the sandbox answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
    }

    async fn get(&self, path: &str, who: &Who) -> Answer {
        asks(&self.site, path, &who.bearer).await
    }

    /// As the person's browser, with their cookie.
    async fn browse(&self, path: &str, who: &Who) -> Answer {
        self.site.get_as(path, &cookie(&who.sign_in)).await
    }

    async fn post(&self, path: &str, who: &Who, body: &str) -> Answer {
        let request = json_request(path).header(header::AUTHORIZATION, &who.bearer).body(Body::from(body.to_owned()));
        self.site.send(request.expect("a request")).await
    }

    /// Goes through the consent page, and to where the browser is sent after.
    async fn visit(&self, page: &str, decision: &str, who: &Who) -> Answer {
        let html = self.http.get(page).send().await.expect("a page").text().await.expect("text");
        let after = |start: &str| html.split(start).nth(1).and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
        let request = after("name=\"request\" value=\"");
        let form = [("request", request.as_str()), ("account", MAYA), ("decision", decision)];
        let mut answer = self.http.post(self.sandbox.url(&after("action=\""))).form(&form).send().await.expect("an answer");
        loop {
            let to = answer.headers()[header::LOCATION].to_str().expect("text").to_owned();
            if let Some(path) = to.strip_prefix("http://wellmet.test") {
                return self.browse(path, who).await;
            }
            answer = self.http.get(to).send().await.expect("an answer");
        }
    }

    /// Presses a button of the page that asks the coach.
    async fn press(&self, path: &str, asked: &Answer, decision: &str, who: &Who) -> Answer {
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
        assert!(
            asked.body.contains("A program of yours asked to connect") && asked.header("cache-control") == "no-store",
            "{}",
            asked.body
        );
        let state = asked.body.split("name=\"state\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a state");
        let request = form_request(path).header(header::COOKIE, cookie(&who.sign_in));
        self.site.send(request.body(Body::from(format!("state={state}&decision={decision}"))).expect("a request")).await
    }

    async fn connect(&self, who: &Who) {
        let page = data(&self.get(CONNECT, who).await)["authUrl"].as_str().expect("an address").to_owned();
        let asked = self.visit(&page, "allow", who).await;
        let back = self.press(GOOGLE_BACK, &asked, "connect", who).await;
        assert_eq!(back.header("location"), "/dashboard/settings?tab=integrations&success=true");
    }
}

/// A person: as a program of theirs, and in their browser.
struct Who {
    bearer: String,
    sign_in: Secret,
}

fn json_request(path: &str) -> axum::http::request::Builder {
    Request::post(path).header(header::CONTENT_TYPE, "application/json")
}

async fn asks(site: &TestSite, path: &str, bearer: &str) -> Answer {
    site.send(Request::get(path).header(header::AUTHORIZATION, bearer).body(Body::empty()).expect("a request")).await
}

/// The data of a success.
fn data(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(body["success"], true);
    body["data"].clone()
}

/// The sentence of a failure.
fn error(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(body["success"], false, "{body}");
    body["error"].as_str().expect("a sentence").to_owned()
}

both_engines! {
    async fn a_coach_connects_and_a_mentee_sees_when_not_to_book(db: TestDb) {
        let world = World::on(db).await;
        let (coach, sign_in) = world.person("maya", Role::Coach).await;
        let (_, mentee) = world.person("ana", Role::Mentee).await;
        assert_eq!(data(&world.get("/api/cal/calendars/status", &sign_in).await)["hasConnectedCalendars"], false);
        world.connect(&sign_in).await;
        let status = data(&world.get("/api/cal/calendars/status", &sign_in).await);
        assert_eq!((&status["hasConnectedCalendars"], &status["integrations"][0]["health"]), (&json!(true), &json!("healthy")), "{status}");
        let start = Instant::from_millis(world.db.now().millis() / 60_000 * 60_000).plus_minutes(24 * 60);
        let event = json!({ "provider": "google", "account": MAYA, "summary": "Secret dentist", "start": start.to_rfc3339(), "end": start.plus_minutes(30).to_rfc3339() });
        world.control(Method::POST, "events", event).await;
        world.control(Method::POST, "tokens/expire", json!({ "provider": "cal" })).await;
        world.control(Method::DELETE, "requests", Value::Null).await;
        let range = format!("dateFrom={}&dateTo={}", start.plus_minutes(-10).to_rfc3339(), start.plus_minutes(60).to_rfc3339());
        let path = format!("/api/cal/calendars/get-busy-times?coachUlid={coach}&{range}&timeZone=America/New_York");
        let answer = world.get(&path, &mentee).await;
        let busy = data(&answer);
        assert!(!answer.body.contains("dentist"));
        let spans = busy["busyTimes"].as_array().expect("a list");
        let covers = |span: &&Value| span["start"].as_str() <= Some(&start.to_rfc3339()) && span["end"].as_str() >= Some(&start.plus_minutes(30).to_rfc3339());
        assert!(spans.iter().any(|span| covers(&span)), "{busy}");
        assert_eq!((&busy["known"], &busy["health"], &busy["ageSeconds"]), (&json!(true), &json!("healthy"), &json!(0)));
        // Whoever looks: every call carries the coach's token, the one refresh included.
        let log = world.control(Method::GET, "requests?provider=cal", Value::Null).await;
        let asked = log["requests"].as_array().expect("a list");
        assert!(asked.len() >= 4, "{asked:?}");
        let coachs = json!("maya+wellmet-sandbox-cal@example.org");
        assert!(asked.iter().all(|request| request["account"] == coachs), "{asked:?}");
        assert_eq!(asked.iter().filter(|request| request["path"].as_str().is_some_and(|path| path.ends_with("/refresh"))).count(), 1);
    }

    async fn the_way_back_says_what_happened(db: TestDb) {
        let world = World::on(db).await;
        let (_, sign_in) = world.person("maya", Role::Coach).await;
        let page = data(&world.get(CONNECT, &sign_in).await)["authUrl"].as_str().expect("an address").to_owned();
        let refused = world.visit(&page, "refuse", &sign_in).await;
        let refused = world.press(GOOGLE_BACK, &refused, "connect", &sign_in).await;
        assert_eq!((refused.status, refused.header("location")), (StatusCode::SEE_OTHER, "/dashboard/settings?tab=integrations&error=refused"));
        let forged = world.browse("/api/cal/gcal-oauth-redirect?state=forged", &sign_in).await;
        assert_eq!(forged.header("location"), "/dashboard/settings?tab=integrations&error=state");
        let signed_out = world.site.get("/api/cal/office-oauth-redirect?state=x").await;
        assert!(signed_out.status == StatusCode::SEE_OTHER && signed_out.header("location").starts_with("/login?next="), "{}", signed_out.status);
    }

    /// A lure to the way back stores nothing, and a token for reading begins nothing.
    async fn what_a_program_began_is_stored_when_the_coach_agrees(db: TestDb) {
        let world = World::on(db).await;
        let (_, sign_in) = world.person("maya", Role::Coach).await;
        let answer = world.get(CONNECT, &sign_in).await;
        assert_eq!((answer.header("cache-control"), answer.header("etag")), ("no-store", ""));
        let asked = world.visit(data(&answer)["authUrl"].as_str().expect("an address"), "allow", &sign_in).await;
        let calendars = || world.db.count("SELECT COUNT(*) AS n FROM integration_calendars");
        assert_eq!(calendars().await, 0);
        let declined = world.press(GOOGLE_BACK, &asked, "decline", &sign_in).await;
        assert_eq!((declined.status, declined.header("location")), (StatusCode::SEE_OTHER, "/dashboard/settings?tab=integrations"));
        let late = world.press(GOOGLE_BACK, &asked, "connect", &sign_in).await;
        assert_eq!(late.header("location"), "/dashboard/settings?tab=integrations&error=state");
        assert_eq!(calendars().await, 0);
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM calendar_integrations WHERE health <> 'disconnected'").await, 0);

        let (reader, _) = world.db.person("rea", Role::Coach, "UTC").await;
        let token = world.site.app.accounts.create_token(reader.actor(), "reads", TokenScope::Read, Duration::from_hours(1)).await;
        let refused = asks(&world.site, CONNECT, &format!("Bearer {}", token.expect("a token").expose())).await;
        assert_eq!((refused.status, error(&refused).as_str()), (StatusCode::FORBIDDEN, "This token may read only."));
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM oauth_states").await, 0);
    }

    async fn a_token_is_renewed_and_not_shown(db: TestDb) {
        let world = World::on(db).await;
        let (coach, sign_in) = world.person("maya", Role::Coach).await;
        let (_, other) = world.person("tomas", Role::Coach).await;
        let (_, mentee) = world.person("ana", Role::Mentee).await;
        assert_eq!(world.post(RENEW, &sign_in, "{}").await.status, StatusCode::CONFLICT);
        world.connect(&sign_in).await;
        world.db.clock().advance(Duration::from_secs(1));
        let answer = world.post(RENEW, &sign_in, "{}").await;
        let renewed = data(&answer);
        assert!(renewed["accessTokenExpiresAt"].as_str().and_then(Instant::parse_rfc3339).is_some_and(|at| at > world.db.now()), "{renewed}");
        assert!(renewed.as_object().is_some_and(|fields| fields.len() == 1) && !answer.body.contains("eyJ"));
        let named = json!({ "coachUlid": coach }).to_string();
        assert_eq!(world.post(RENEW, &other, &named).await.status, StatusCode::FORBIDDEN);
        assert_eq!(world.post(RENEW, &mentee, &named).await.status, StatusCode::FORBIDDEN);
        world.db.admin("root").await;
        let (admin, sign_in) = world.db.accounts().sign_in("root@example.org", crate::support::PASSWORD, &wellmet::accounts::ClientInfo::default()).await.expect("an admin");
        let admin = Who { bearer: bearer(&world.site.app, &admin).await, sign_in };
        data(&world.post(RENEW, &admin, &named).await);
        assert!(error(&world.post(RENEW, &admin, "{}").await).starts_with("coachUlid:"));
    }

    async fn who_may_not_ask_and_what_cannot_be_read(db: TestDb) {
        let world = World::on(db).await;
        let (coach, sign_in) = world.person("maya", Role::Coach).await;
        let (stranger, mentee) = world.person("ana", Role::Mentee).await;
        let reads = [CONNECT, "/api/cal/calendars/status", "/api/cal/calendars/get-busy-times"];
        for path in reads {
            let answer = world.site.get(path).await;
            assert_eq!((answer.status, error(&answer).as_str()), (StatusCode::UNAUTHORIZED, "A bearer token is wanted: Authorization: Bearer ..."), "{path}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
        for path in &reads[..2] {
            assert_eq!(world.get(path, &mentee).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let busy = |query: &str| format!("/api/cal/calendars/get-busy-times?{query}");
        let days = "dateFrom=2026-12-01&dateTo=2026-12-02";
        for (path, field) in [
            ("/api/cal/calendars/oauth-connect-url".to_owned(), "type:"),
            ("/api/cal/calendars/oauth-connect-url?type=apple".to_owned(), "type:"),
            (busy(days), "coachUlid:"),
            (busy(&format!("coachUlid=7&{days}")), "coachUlid:"),
            (busy(&format!("coachUlid={coach}&dateTo=2026-12-02")), "dateFrom:"),
            (busy(&format!("coachUlid={coach}&dateFrom=2026-12-01&dateTo=soon")), "dateTo:"),
            (busy(&format!("coachUlid={coach}&dateFrom=2026-12-03&dateTo=2026-12-01")), "dateTo:"),
            (busy(&format!("coachUlid={coach}&dateFrom=2026-12-01&dateTo=2028-12-01")), "dateTo:"),
            (busy(&format!("coachUlid={coach}&{days}&timeZone=Mars")), "timeZone:"),
            (busy(&format!("coachUlid={coach}&{days}&token=x")), "token:"),
            (busy(&format!("coachUlid={coach}&{days}&coachUlid={coach}")), "coachUlid:"),
        ] {
            let answer = world.get(&path, &sign_in).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.body);
            assert!(error(&answer).starts_with(field), "{path}: {}", answer.body);
        }
        let nobody = world.get(&busy(&format!("coachUlid={stranger}&{days}")), &sign_in).await;
        assert_eq!((nobody.status, error(&nobody).as_str()), (StatusCode::NOT_FOUND, "There is no such coach."));
        let none = data(&world.get(&busy(&format!("coachUlid={coach}&{days}")), &mentee).await);
        assert_eq!((&none["health"], &none["busyTimes"], &none["asOf"]), (&json!("not_connected"), &json!([]), &Value::Null));
        for (path, body, field) in [
            ("/api/cal/calendars/sync-credentials", "{}", "calendarType:"),
            ("/api/cal/calendars/sync-credentials", "{\"calendarType\":5}", "calendarType:"),
            ("/api/cal/calendars/sync-credentials", "{\"calendarType\":\"google\",\"x\":\"y\"}", "x:"),
            ("/api/cal/calendars/sync-credentials", "[1]", "The body"),
            ("/api/cal/calendars/save-oauth-cal-creds", "{\"calendarType\":\"google\",\"state\":\"s\"}", "code:"),
        ] {
            let answer = world.post(path, &sign_in, body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {body}: {}", answer.body);
            assert!(error(&answer).starts_with(field), "{path} {body}: {}", answer.body);
        }
        let none = world.post("/api/cal/calendars/sync-credentials", &sign_in, "{\"calendarType\":\"google\"}").await;
        assert_eq!(none.status, StatusCode::CONFLICT, "{}", none.body);
    }

    async fn a_cookie_asks_for_nothing(db: TestDb) {
        let world = World::on(db).await;
        let (_, who) = world.person("maya", Role::Coach).await;
        for (method, path) in [(Method::POST, "/api/cal/refresh-managed-user-token"), (Method::GET, CONNECT)] {
            let request = json_request(path).method(method).header(header::COOKIE, cookie(&who.sign_in));
            let answer = world.site.send(request.body(Body::from("{}")).expect("a request")).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
            error(&answer);
        }
        let wrong = world.get("/api/cal/refresh-managed-user-token", &who).await;
        assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
        error(&wrong);
    }
}

#[tokio::test]
async fn a_site_without_cal_com_says_so() {
    let db = TestDb::sqlite().await;
    let (maya, _) = db.person("maya", Role::Coach, "Europe/Berlin").await;
    for settings in [vec![], vec![("SECRET_KEY", KEY)]] {
        let site = TestSite::with(db.deps(), &settings);
        let token = bearer(&site.app, &maya).await;
        let answer = asks(&site, CONNECT, &token).await;
        assert_eq!((answer.status, error(&answer).as_str()), (StatusCode::NOT_FOUND, "Cal.com is not set up on this site."));
        assert_eq!(data(&asks(&site, "/api/cal/calendars/status", &token).await)["hasConnectedCalendars"], false);
    }
}
