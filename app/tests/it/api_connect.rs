//! A calendar connected by a program: `auth-url`, the consent page, and the way back to the program or to this site.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};
use wellmet::{
    accounts::{Identity, TokenScope},
    model::{Instant, Role},
    store::sql,
    time::Secret,
};

use crate::{
    asking::{Program, code, done, fields},
    site::{Answer, TestSite, cookie, form_request},
    support::{TestDb, both_engines},
};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
/// A provider as the API, the sandbox and this site call it, and an account there.
const PROVIDERS: [(&str, &str, &str); 2] =
    [("google", "google", "maya@google.example"), ("outlook", "microsoft", "maya@microsoft.example")];

/// A site with the sandbox as its providers, and a coach.
struct World {
    db: TestDb,
    sandbox: RunningSandbox,
    site: TestSite,
    http: reqwest::Client,
    coach: Identity,
    sign_in: Secret,
}

/// What a browser came back with, and where it was sent.
struct Back {
    to: Url,
    state: String,
    code: String,
}

impl Back {
    fn body(&self) -> Value {
        json!({ "state": self.state, "code": self.code })
    }

    /// As a path of this site's.
    fn path(&self) -> String {
        format!("{}?{}", self.to.path(), self.to.query().unwrap_or_default())
    }

    fn form(&self, decision: &str) -> String {
        let fields = [("state", self.state.as_str()), ("code", self.code.as_str()), ("decision", decision)];
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }
}

/// Where the program waits for the browser.
fn waiting(slug: &str) -> String {
    format!("https://program.example/integrations/{slug}/callback")
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl World {
    async fn on(db: TestDb) -> Self {
        let http = wellmet::integrations::http::Http::new().expect("TLS").client().clone();
        let origins = vec!["http://wellmet.test".to_owned(), "https://program.example".to_owned()];
        let sandbox = Sandbox::start(SandboxConfig { origins, ..SandboxConfig::default() }).await.expect("a sandbox");
        let settings = sandbox.environment();
        let mut settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        settings.push(("SECRET_KEY", KEY));
        let site = TestSite::with(db.deps(), &settings);
        let (coach, sign_in) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        let world = Self { db, sandbox, site, http, coach, sign_in };
        let now = world.control(Method::GET, "clock", &Value::Null).await["now"].as_str().and_then(Instant::parse_rfc3339);
        world.db.clock().set(now.expect("the sandbox's time"));
        world
    }

    async fn control(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.http.request(method, self.sandbox.url(&format!("/_control/{path}")));
        let request = if body.is_null() { request } else { request.header("content-type", "application/json").body(body.to_string()) };
        let answer = request.send().await.expect("the sandbox answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
    }

    /// The page to send the coach's browser to, and its state; `way_back` is the `redirect_uri`, or empty.
    async fn begin(&self, program: &Program<'_>, provider: &str, way_back: &str) -> (String, String) {
        let query = if way_back.is_empty() { String::new() } else { format!("?redirect_uri={}", encoded(way_back)) };
        let answer = program.get(&format!("/calendar/{provider}/auth-url{query}")).await;
        assert_eq!((answer.header("cache-control"), answer.header("etag")), ("no-store", ""), "{}", answer.body);
        let begun = done(&answer, StatusCode::OK);
        (begun["auth_url"].as_str().expect("a page").to_owned(), begun["state"].as_str().expect("a state").to_owned())
    }

    /// Allows everything on the consent page, as `account`.
    async fn consent(&self, page: &str, slug: &str, account: &str) -> Back {
        let html = self.http.get(page).send().await.expect("a page").text().await.expect("text");
        let values = |name: &str| -> Vec<String> {
            let start = format!("name=\"{name}\" value=\"");
            html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
        };
        let request = values("request").pop().unwrap_or_else(|| panic!("{html}"));
        let mut form = vec![("request".to_owned(), request), ("account".to_owned(), account.to_owned())];
        form.extend(values("scope").into_iter().map(|scope| ("scope".to_owned(), scope)));
        form.push(("decision".to_owned(), "allow".to_owned()));
        let answer = self.http.post(self.sandbox.url(&format!("/{slug}/consent"))).form(&form).send().await.expect("an answer");
        let to = Url::parse(answer.headers()[header::LOCATION].to_str().expect("text")).expect("an address");
        let field = |wanted: &str| to.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).expect("a field");
        Back { state: field("state"), code: field("code"), to }
    }

    /// Both, back to the program.
    async fn visited(&self, program: &Program<'_>, (provider, slug, account): (&str, &str, &str)) -> Back {
        let (page, state) = self.begin(program, provider, &waiting(slug)).await;
        let back = self.consent(&page, slug, account).await;
        assert!(back.to.as_str().starts_with(&waiting(slug)) && back.state == state, "{}", back.to);
        back
    }

    async fn connected(&self) -> i64 {
        self.db.count("SELECT COUNT(*) AS n FROM calendar_integrations").await
    }

    /// Presses a button of a page of this site's, in the coach's browser.
    async fn press(&self, path: &str, form: String) -> Answer {
        let request = form_request(path).header(header::COOKIE, cookie(&self.sign_in));
        self.site.send(request.body(Body::from(form)).expect("a request")).await
    }

    async fn limited(&self) -> Program<'_> {
        let lasts = Duration::from_hours(1);
        let token = self.site.app.accounts.create_token(self.coach.actor(), "reads", TokenScope::Read, lasts).await.expect("a token");
        Program::with(&self.site, &token.expose())
    }
}

/// The address of `exchange-token`, with a `redirect_uri` unless that is empty.
fn exchange(provider: &str, way_back: &str) -> String {
    let query = if way_back.is_empty() { String::new() } else { format!("?redirect_uri={}", encoded(way_back)) };
    format!("/calendar/{provider}/exchange-token{query}")
}

const TAB: &str = "/dashboard/settings?tab=integrations";

both_engines! {
    async fn a_program_connects_a_calendar(db: TestDb) {
        let world = World::on(db).await;
        let program = Program::of(&world.site, &world.coach).await;
        for at @ (provider, slug, account) in PROVIDERS {
            let back = world.visited(&program, at).await;
            let answer = program.post(&exchange(provider, &waiting(slug)), &back.body()).await;
            assert_eq!(answer.header("cache-control"), "no-store");
            let out = done(&answer, StatusCode::OK);
            let mut names: Vec<_> = out.as_object().expect("an object").keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, ["access_token", "expires_in", "integration_id", "token_type"]);
            assert!(out["token_type"] == "Bearer" && out["expires_in"].as_i64().is_some_and(|left| (3000..=7200).contains(&left)), "{out}");
            let list = world.site.app.integrations.list(&world.coach.coach().expect("a coach")).await.expect("a list");
            let connected = list.iter().find(|one| out["integration_id"] == one.integration.id.to_string()).expect("the connection");
            assert_eq!(connected.integration.account_label, account);
            assert!(connected.integration.can_write);
            // It is the provider's own token, of the account that was chosen, and stored sealed.
            let access = out["access_token"].as_str().expect("a token");
            let owner = world.control(Method::POST, "tokens/owner", &json!({ "token": access })).await.to_string();
            assert!(owner.contains(account), "{owner}");
            for row in sql("SELECT access_sealed, refresh_sealed FROM calendar_integrations").all(world.db.store()).await.expect("rows") {
                for column in ["access_sealed", "refresh_sealed"] {
                    let sealed: String = row.get(column).expect("sealed");
                    assert!(!sealed.is_empty() && !sealed.contains(access) && !sealed.contains("1//"), "{column}");
                }
            }
        }
        assert_eq!(world.connected().await, 2);
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM oauth_states").await, 0);
    }

    async fn a_way_back_is_good_once_and_for_whom_it_was_made(db: TestDb) {
        let world = World::on(db).await;
        let program = Program::of(&world.site, &world.coach).await;
        let (rival, _) = Program::of_new(&world.db, &world.site, "rival", Role::Coach, "UTC").await;
        for at @ (provider, slug, _) in PROVIDERS {
            let before = world.connected().await;
            let refused = async |program: &Program<'_>, path: String, back: &Back| {
                assert_eq!(code(&program.post(&path, &back.body()).await, 409), "provider_refused", "{path}");
                // Whoever had it, it is used up.
                let path = exchange(provider, &waiting(slug));
                assert_eq!(code(&world.again(&path, back).await, 409), "provider_refused", "{path}");
                assert_eq!(world.connected().await, before);
            };
            refused(&program, exchange(provider, "https://program.example/other"), &world.visited(&program, at).await).await;
            refused(&rival, exchange(provider, &waiting(slug)), &world.visited(&program, at).await).await;
            let other = if provider == "google" { "outlook" } else { "google" };
            refused(&program, exchange(other, ""), &world.visited(&program, at).await).await;
            // A code that was sent to the program is none of this site's page, whatever the coach says there.
            let back = world.visited(&program, at).await;
            let brought = world.press(&format!("/integrations/{slug}/callback"), back.form("connect")).await;
            assert_eq!(brought.header("location"), format!("{TAB}&error=state"));
            assert_eq!(world.connected().await, before);
            let back = world.visited(&program, at).await;
            done(&program.post(&exchange(provider, ""), &back.body()).await, StatusCode::OK);
            assert_eq!(code(&program.post(&exchange(provider, ""), &back.body()).await, 409), "provider_refused", "twice");
        }
        assert_eq!(world.connected().await, 2);
    }

    async fn what_is_wrong_is_named_before_anything_is_used_up(db: TestDb) {
        let world = World::on(db).await;
        let (program, reads) = (Program::of(&world.site, &world.coach).await, world.limited().await);
        let at @ (provider, slug, _) = PROVIDERS[0];
        let back = world.visited(&program, at).await;
        for (name, text) in [("code", String::new()), ("state", String::new()), ("code", "c".repeat(4097)), ("state", "s".repeat(4097))] {
            let mut body = back.body();
            body[name] = json!(text);
            assert_eq!(fields(&program.post(&exchange(provider, ""), &body).await), [name]);
        }
        let long = format!("{}?{}", waiting(slug), "x".repeat(2000));
        assert_eq!(fields(&program.post(&exchange(provider, &long), &back.body()).await), ["redirect_uri"]);
        let auth_url = format!("/calendar/{provider}/auth-url");
        for wrong in [&*long, "ftp://program.example/", "http://program.example/"] {
            assert_eq!(fields(&program.get(&format!("{auth_url}?redirect_uri={}", encoded(wrong))).await), ["redirect_uri"], "{wrong}");
        }
        assert_eq!(code(&reads.get(&auth_url).await, 403), "read_only_token");
        assert_eq!(code(&reads.post(&exchange(provider, ""), &back.body()).await, 403), "read_only_token");
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM oauth_states").await, 1, "a journey of a reading token's, or one used up");
        done(&program.post(&exchange(provider, ""), &back.body()).await, StatusCode::OK);
    }

    /// A lure to the way back connects nothing: the coach is asked.
    async fn on_this_site_the_coach_is_asked(db: TestDb) {
        let world = World::on(db).await;
        let program = Program::of(&world.site, &world.coach).await;
        for (provider, slug, account) in PROVIDERS {
            let before = world.connected().await;
            let (page, _) = world.begin(&program, provider, "").await;
            let back = world.consent(&page, slug, account).await;
            assert!(back.to.as_str().starts_with("http://wellmet.test/"), "{}", back.to);
            for _ in 0..2 {
                let asked = world.site.get_as(&back.path(), &cookie(&world.sign_in)).await;
                assert_eq!((asked.status, asked.header("cache-control")), (StatusCode::OK, "no-store"));
                assert!(asked.body.contains("A program of yours asked to connect") && asked.body.contains("Do not connect"), "{}", asked.body);
                assert!(asked.body.contains(&format!("name=\"state\" value=\"{}\"", back.state)), "{}", asked.body);
                assert_eq!(world.connected().await, before);
            }
            let elsewhere = form_request(back.to.path()).header(header::COOKIE, cookie(&world.sign_in));
            let mut elsewhere = elsewhere.body(Body::from(back.form("connect"))).expect("a request");
            elsewhere.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().expect("an origin"));
            elsewhere.headers_mut().insert("sec-fetch-site", "cross-site".parse().expect("a word"));
            assert_eq!(world.site.send(elsewhere).await.status, StatusCode::FORBIDDEN);
            let declined = world.press(back.to.path(), back.form("decline")).await;
            assert_eq!((declined.status, declined.header("location")), (StatusCode::SEE_OTHER, TAB));
            let late = world.press(back.to.path(), back.form("connect")).await;
            assert_eq!(late.header("location"), format!("{TAB}&error=state"), "declined is declined");
            assert_eq!(world.connected().await, before);

            let (page, _) = world.begin(&program, provider, "").await;
            let back = world.consent(&page, slug, account).await;
            let agreed = world.press(back.to.path(), back.form("connect")).await;
            assert_eq!(agreed.header("location"), format!("{TAB}&success=true"));
            assert_eq!(world.connected().await, before + 1);
        }
    }
}

impl World {
    /// Asks with a token of the coach's once more.
    async fn again(&self, path: &str, back: &Back) -> Answer {
        Program::of(&self.site, &self.coach).await.post(path, &back.body()).await
    }
}

/// The connection is ended as soon as it is made, by somebody else: the token that was exchanged is handed out all the same.
#[tokio::test]
async fn what_was_exchanged_is_what_is_handed_out() {
    let world = World::on(TestDb::sqlite().await).await;
    let program = Program::of(&world.site, &world.coach).await;
    let at @ (provider, _, account) = PROVIDERS[0];
    let back = world.visited(&program, at).await;
    world
        .db
        .run(
            "CREATE TRIGGER gone AFTER INSERT ON integration_calendars BEGIN UPDATE calendar_integrations SET health = 'disconnected'; END",
        )
        .await;
    let out = done(&program.post(&exchange(provider, ""), &back.body()).await, StatusCode::OK);
    let access = out["access_token"].as_str().expect("a token");
    assert!(world.control(Method::POST, "tokens/owner", &json!({ "token": access })).await.to_string().contains(account));
}

/// What is our fault is not the provider's.
#[tokio::test]
async fn a_failure_of_ours_is_ours() {
    let world = World::on(TestDb::sqlite().await).await;
    let program = Program::of(&world.site, &world.coach).await;
    let back = world.visited(&program, PROVIDERS[0]).await;
    world.db.run("CREATE TRIGGER fails BEFORE INSERT ON calendar_integrations BEGIN SELECT RAISE(ABORT, 'broken'); END").await;
    assert_eq!(code(&program.post(&exchange("google", ""), &back.body()).await, 500), "internal");
}
