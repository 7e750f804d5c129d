//! `POST /api/calendar/sync-booking`: a session is in its coach's calendar when it is asked for, once.

use app::server::outbox;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use wellmet::{
    accounts::Identity,
    bookings::{BookRequest, HoldRequest},
    integrations::{Callback, Choice, ProviderKind, Start},
    model::{BookingId, Instant, Place, PlaceKind, Role, SessionTypeDraft},
    time::{Secret, Zone},
};

use crate::{
    desk::services,
    site::{Answer, TestSite, bearer},
    support::{TestDb, both_engines},
};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const MAYA: &str = "maya@google.example";
const PATH: &str = "/api/calendar/sync-booking";

/// A site with the sandbox as its Google, a coach whose bookings go there, and whoever else.
struct World {
    db: TestDb,
    sandbox: RunningSandbox,
    site: TestSite,
    http: reqwest::Client,
    coach: (Identity, Secret),
}

impl World {
    async fn on(db: TestDb) -> Self {
        let http = wellmet::integrations::http::Http::new().expect("TLS").client().clone();
        let sandbox = Sandbox::start(SandboxConfig { origins: vec!["http://wellmet.test".to_owned()], ..SandboxConfig::default() })
            .await
            .expect("a sandbox");
        let settings = sandbox.environment();
        let mut settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        settings.push(("SECRET_KEY", KEY));
        let site = TestSite::with(db.deps(), &settings);
        let (identity, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        let coach = (identity, secret);
        let world = Self { db, sandbox, site, http, coach };
        let now = world.control(Method::GET, "clock").await["now"].as_str().and_then(Instant::parse_rfc3339);
        world.db.clock().set(now.expect("the sandbox's time"));
        world
    }

    async fn control(&self, method: Method, path: &str) -> Value {
        let answer = self.http.request(method, self.sandbox.url(&format!("/_control/{path}"))).send().await.expect("the sandbox answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
    }

    /// Connects the coach's Google account with writing, and has its main calendar receive bookings.
    async fn connect(&self) {
        let (integrations, (coach, sign_in)) = (&self.site.app.integrations, &self.coach);
        let coach = &coach.coach().expect("a coach");
        let start = Start { wants_writing: true, ..Start::default() };
        let page = integrations.start_oauth(coach, sign_in, ProviderKind::Google, start).await.expect("a page").page;
        let html = self.http.get(page).send().await.expect("a page").text().await.expect("text");
        let after = |start: &str| html.split(start).nth(1).and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
        let request = after("name=\"request\" value=\"");
        let mut form = vec![("request", request.as_str()), ("account", MAYA), ("decision", "allow")];
        let scopes: Vec<String> =
            html.split("name=\"scope\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(Into::into).collect();
        form.extend(scopes.iter().map(|scope| ("scope", scope.as_str())));
        let answer = self.http.post(self.sandbox.url("/google/consent")).form(&form).send().await.expect("an answer");
        let to = answer.headers()[header::LOCATION].to_str().expect("text").to_owned();
        let query = |name: &str| {
            let value = to.split(&format!("{name}=")).nth(1)?.split('&').next()?;
            Some(value.replace("%2F", "/"))
        };
        let callback = Callback { state: query("state"), code: query("code"), error: query("error"), ..Callback::default() };
        let id = integrations.finish_oauth(coach, sign_in, ProviderKind::Google, callback).await.expect("a connection");
        let connected = integrations.find(coach, id).await.expect("an answer").expect("an integration");
        let main = connected.calendars.iter().find(|calendar| calendar.primary).expect("a main calendar").id;
        integrations.choose(coach, id, Choice { busy: Vec::new(), target: Some(main) }).await.expect("a choice");
    }

    /// A booking two days from now, by a mentee with this name.
    async fn book(&self, name: &str, approval_required: bool) -> (BookingId, Identity) {
        let (coaches, bookings) = services(&self.db);
        let place = Place { kind: PlaceKind::Provider, value: String::new() };
        let mut draft = SessionTypeDraft { approval_required, place, ..SessionTypeDraft::first() };
        draft.rules.notice_minutes = 0;
        draft.name = format!("With {name}");
        let kind = coaches.create_session_type(&self.coach.0.coach().expect("a coach"), draft).await.expect("a session type");
        let (identity, _) = self.db.person(name, Role::Mentee, "Europe/Lisbon").await;
        let offer = self.site.app.offers.by_id(self.coach.0.id()).await.expect("an answer").expect("a coach");
        let query = wellmet::bookings::SlotQuery::booking(&offer, offer.session_type(kind.id).expect("its type"));
        let start = bookings.slots().next(&query, self.db.now().plus_minutes(2 * 1440)).await.expect("slots").expect("a slot").start;
        let request = HoldRequest { coach: self.coach.0.id(), session_type: kind.id, start, zone: Zone::utc(), from: None };
        let (held, _) = bookings.hold(request, None).await.expect("it is free");
        let booking = bookings.book(&identity.mentee().expect("a mentee"), &held, BookRequest::default()).await.expect("it is booked");
        (booking.id, identity)
    }

    async fn post(&self, who: Option<&Identity>, body: &Value) -> Answer {
        let mut request = Request::post(PATH).header(header::CONTENT_TYPE, "application/json");
        if let Some(who) = who {
            request = request.header(header::AUTHORIZATION, bearer(&self.site.app, who).await);
        }
        self.site.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }
}

fn asked(booking: BookingId) -> Value {
    json!({ "booking_id": booking.to_string(), "calendar_type": "google", "access_token": "ya29.somebody-elses", "timezone": "America/New_York" })
}

/// The code of a problem.
fn problem(answer: &Answer, status: StatusCode) -> String {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"), "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(body["status"], status.as_u16());
    body["code"].as_str().expect("a code").to_owned()
}

both_engines! {
    async fn a_session_is_written_once_however_often_it_is_asked_for(db: TestDb) {
        let world = World::on(db).await;
        world.connect().await;
        let (booking, mentee) = world.book("mia", false).await;
        let worker = tokio::spawn(outbox::worker(&world.site.app).run(std::future::pending()));
        let mut answers = Vec::new();
        for who in [&mentee, &world.coach.0, &mentee] {
            let answer = world.post(Some(who), &asked(booking)).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            answers.push(serde_json::from_str::<Value>(&answer.body).expect("JSON"));
        }
        worker.abort();
        assert_eq!(answers[0]["status"], "confirmed", "{}", answers[0]);
        assert!(answers[0]["event_id"].is_string());
        assert!(answers.iter().all(|answer| answer["event_id"] == answers[0]["event_id"]), "{answers:?}");
        let log = world.control(Method::GET, "requests").await.to_string();
        assert!(!log.contains("somebody-elses"), "the token that was sent was used");
        let written = log.matches("\"POST\"").count();
        assert!(written > 0 && log.contains("/events"), "{log}");
        let events = world.control(Method::GET, &format!("events?provider=google&account={MAYA}")).await.to_string();
        assert_eq!(events.matches(&format!("\"id\":{}", answers[0]["event_id"])).count(), 1, "{events}");
    }

    async fn who_may_not_and_what_cannot_be(db: TestDb) {
        let world = World::on(db).await;
        let (booking, mentee) = world.book("mia", false).await;
        let (stranger, _) = world.db.person("noa", Role::Mentee, "UTC").await;
        assert_eq!(problem(&world.post(None, &asked(booking)).await, StatusCode::UNAUTHORIZED), "unauthorized");
        assert_eq!(problem(&world.post(Some(&stranger), &asked(booking)).await, StatusCode::NOT_FOUND), "not_found");
        assert_eq!(problem(&world.post(Some(&mentee), &asked(booking)).await, StatusCode::CONFLICT), "no_calendar");
        world.connect().await;
        let wrong = |field: &str, value: Value| {
            let mut body = asked(booking);
            body[field] = value;
            body
        };
        for (field, value) in [("timezone", json!("Mars/Olympus")), ("calendar_type", json!("icloud")), ("booking_id", json!("1")), ("extra", json!(1))] {
            let answer = world.post(Some(&mentee), &wrong(field, value)).await;
            assert_eq!(problem(&answer, StatusCode::UNPROCESSABLE_ENTITY), "invalid_field");
            assert!(answer.body.contains(field) || field == "booking_id", "{}", answer.body);
        }
        let other = world.post(Some(&mentee), &wrong("calendar_type", json!("outlook"))).await;
        assert_eq!(problem(&other, StatusCode::CONFLICT), "other_calendar");
        let (request, asking) = world.book("ole", true).await;
        assert_eq!(problem(&world.post(Some(&asking), &asked(request)).await, StatusCode::CONFLICT), "not_confirmed");
    }
}
