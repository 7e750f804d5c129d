//! Who may do what: every operation of the document, asked by everyone. An operation without a row here is a failure.

use std::{collections::HashMap, time::Duration};

use axum::http::{Method, StatusCode};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use wellmet::{
    accounts::{Identity, TokenScope},
    model::{Place, PlaceKind, Role, SessionTypeDraft},
};

use crate::{
    asking::{Program, done},
    desk::services,
    site::TestSite,
    support::{PASSWORD, TestDb, both_engines},
};

/// Who asks, in the order of the columns.
const CALLERS: [&str; 9] = ["nobody", "client", "other client", "coach", "other coach", "admin", "expired", "revoked", "read-only"];

/// The statuses of each operation. Client and coach are the parties of the booking asked about; the read-only token is the client's, or the
/// coach's where the operation is for coaches. This site has no calendar provider: whoever may connect one is told so.
#[rustfmt::skip]
const ROWS: &[(&str, [u16; 9])] = &[
    // nobody, client, other client, coach, other coach, admin, expired, revoked, read-only
    ("register",              [201, 201, 201, 201, 201, 201, 201, 201, 201]),
    ("login",                 [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("logout",                [401, 204, 204, 204, 204, 204, 401, 401, 204]),
    ("who_am_i",              [401, 200, 200, 200, 200, 200, 401, 401, 200]),
    ("coaches",               [200, 200, 200, 200, 200, 200, 401, 401, 200]),
    ("coach",                 [200, 200, 200, 200, 200, 200, 401, 401, 200]),
    ("my_availability",       [401, 403, 403, 200, 200, 403, 401, 401, 200]),
    ("set_my_availability",   [401, 403, 403, 200, 200, 403, 401, 401, 403]),
    ("my_session_types",      [401, 403, 403, 200, 200, 403, 401, 401, 200]),
    ("create_session_type",   [401, 403, 403, 201, 201, 403, 401, 401, 403]),
    ("my_session_type",       [401, 403, 403, 200, 404, 403, 401, 401, 200]),
    ("change_session_type",   [401, 403, 403, 200, 404, 403, 401, 401, 403]),
    ("archive_session_type",  [401, 403, 403, 204, 404, 403, 401, 401, 403]),
    ("availability",          [200, 200, 200, 200, 200, 200, 401, 401, 200]),
    ("create_booking",        [401, 201, 201, 403, 403, 403, 401, 401, 403]),
    ("booking",               [401, 200, 403, 200, 403, 200, 401, 401, 200]),
    ("bookings_of_client",    [401, 200, 403, 403, 403, 200, 401, 401, 200]),
    ("bookings_of_coach",     [401, 403, 403, 200, 403, 200, 401, 401, 200]),
    ("change_booking_status", [401, 200, 404, 200, 404, 200, 401, 401, 403]),
    ("reschedule_booking",    [401, 200, 404, 200, 404, 200, 401, 401, 403]),
    ("cancel_booking",        [401, 200, 404, 200, 404, 200, 401, 401, 403]),
    ("calendar_auth_url",       [401, 403, 403, 409, 409, 403, 401, 401, 403]),
    ("calendar_exchange_token", [401, 403, 403, 409, 409, 403, 401, 401, 403]),
    ("sync_booking",            [401, 409, 404, 409, 404, 409, 401, 401, 403]),
    ("cal_busy_times",          [401, 200, 200, 200, 200, 200, 401, 401, 200]),
    ("cal_status",              [401, 403, 403, 200, 200, 403, 401, 401, 200]),
    ("cal_connect_url",         [401, 403, 403, 404, 404, 403, 401, 401, 403]),
    ("cal_save_credentials",    [401, 403, 403, 404, 404, 403, 401, 401, 403]),
    ("cal_sync_credentials",    [401, 403, 403, 404, 404, 403, 401, 401, 403]),
    ("cal_refresh_token",       [401, 403, 403, 409, 403, 409, 401, 401, 403]),
];

/// Operations whose read-only token is a coach's.
fn is_for_coaches(operation: &str) -> bool {
    operation.starts_with("my_")
        || operation.starts_with("cal")
        || ["set_my_availability", "create_session_type", "change_session_type", "archive_session_type", "bookings_of_coach"]
            .contains(&operation)
}

/// A site without limits, its people, and times that are free.
struct World {
    db: TestDb,
    site: TestSite,
    client: Identity,
    coach: Identity,
    others: [Identity; 3],
    free: Vec<String>,
    made: u32,
    /// Each caller's token, and whether it is for what coaches do.
    tokens: HashMap<(&'static str, bool), String>,
}

/// What an operation is asked with.
#[derive(Default)]
struct Asked {
    id: String,
    query: String,
    body: Option<Value>,
}

fn asked(id: impl ToString, body: Option<Value>) -> Asked {
    Asked { id: id.to_string(), body, ..Asked::default() }
}

impl World {
    async fn on(db: TestDb) -> Self {
        let none = [
            "LIMIT_SIGN_IN_PER_ACCOUNT",
            "LIMIT_SIGN_IN_PER_ADDRESS",
            "LIMIT_REGISTER_PER_ADDRESS",
            "LIMIT_API_PER_TOKEN",
            "LIMIT_API_PER_ADDRESS",
            "LIMIT_HOLDS_PER_ADDRESS",
            "LIMIT_BOOKINGS_PER_ACCOUNT",
        ];
        let site = TestSite::with(db.deps(), &none.map(|name| (name, "0")));
        let (client, _) = db.person("client", Role::Mentee, "Europe/Berlin").await;
        let (coach, _) = db.person("coach", Role::Coach, "Europe/Berlin").await;
        let (other_client, _) = db.person("stranger", Role::Mentee, "UTC").await;
        let (other_coach, _) = db.person("rival", Role::Coach, "UTC").await;
        db.admin("root").await;
        let (admin, _) =
            db.accounts().sign_in("root@example.org", PASSWORD, &wellmet::accounts::ClientInfo::default()).await.expect("an admin");
        let mut world =
            Self { db, site, client, coach, others: [other_client, other_coach, admin], free: Vec::new(), made: 0, tokens: HashMap::new() };
        let mut draft = SessionTypeDraft::first();
        draft.rules.notice_minutes = 0;
        draft.name = "For the matrix".to_owned();
        draft.place = Place { kind: PlaceKind::Jitsi, value: String::new() };
        services(&world.db).0.create_session_type(&world.coach.coach().expect("a coach"), draft).await.expect("a session type");
        world.free = world.slots().await;
        world
    }

    async fn slots(&self) -> Vec<String> {
        let now = self.db.now();
        let path = format!(
            "/booking/coach/{}/availability?start_date={}&end_date={}&duration_minutes=60",
            self.coach.id(),
            // The clock goes on for tokens to expire: nothing of the next hours.
            now.plus_minutes(1440).to_rfc3339(),
            now.plus_minutes(50 * 1440).to_rfc3339()
        );
        let answer = done(&Program::nobody(&self.site).get(&path).await, StatusCode::OK);
        let mut starts: Vec<String> = answer["available_slots"]
            .as_array()
            .expect("slots")
            .iter()
            .map(|slot| slot["start"].as_str().expect("a start").to_owned())
            .collect();
        starts.reverse();
        starts
    }

    /// A time that nobody has had yet.
    fn time(&mut self) -> Value {
        json!(self.free.pop().expect("there are enough times"))
    }

    async fn booking(&mut self) -> String {
        let body = json!({ "coach_id": self.coach.id(), "session_datetime": self.time(), "duration_minutes": 60 });
        let token = self.token("client", "").await;
        let client = Program::with(&self.site, &token);
        done(&client.post("/booking", &body).await, StatusCode::CREATED)["id"].as_str().expect("an id").to_owned()
    }

    async fn session_type(&mut self) -> String {
        let body = self.new_session_type();
        let token = self.token("coach", "").await;
        let coach = Program::with(&self.site, &token);
        done(&coach.post("/coaches/me/session-types", &body).await, StatusCode::CREATED)["id"].as_str().expect("an id").to_owned()
    }

    fn new_session_type(&mut self) -> Value {
        self.made += 1;
        json!({ "name": format!("Session {}", self.made), "duration_minutes": 17 })
    }

    /// Something to ask `operation` with that whoever may will be answered to.
    async fn sample(&mut self, operation: &str) -> Asked {
        let (client, coach) = (self.client.id(), self.coach.id());
        let day = NaiveDate::from_ymd_opt(2030, 1, 1).expect("a day");
        let range = format!("dateFrom={day}&dateTo={}", day.checked_add_days(Days::new(1)).expect("a day"));
        self.made += 1;
        let google = json!({ "calendarType": "google" });
        match operation {
            "register" => {
                let email = format!("new{}@example.org", self.made);
                asked("", Some(json!({ "email": email, "password": PASSWORD, "name": "New", "role": "client", "time_zone": "UTC" })))
            }
            "login" => asked("", Some(json!({ "email": "client@example.org", "password": PASSWORD }))),
            "calendar_auth_url" | "logout" | "who_am_i" | "coaches" | "my_availability" | "my_session_types" | "cal_status" => {
                Asked::default()
            }
            "coach" | "bookings_of_coach" => asked(coach, None),
            "bookings_of_client" => asked(client, None),
            "set_my_availability" => {
                let all: Vec<Value> = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
                    .map(|day| json!({ "weekday": day, "from": "00:00", "until": "24:00" }))
                    .into();
                asked("", Some(json!({ "time_zone": "Europe/Berlin", "weekly": all, "overrides": [] })))
            }
            "create_session_type" => asked("", Some(self.new_session_type())),
            "my_session_type" | "archive_session_type" => asked(self.session_type().await, None),
            "change_session_type" => asked(self.session_type().await, Some(json!({ "description": "Another." }))),
            "availability" => {
                let now = self.db.now();
                let query = format!("start_date={}&end_date={}", now.to_rfc3339(), now.plus_minutes(1440).to_rfc3339());
                Asked { query, ..asked(coach, None) }
            }
            "create_booking" => asked("", Some(json!({ "coach_id": coach, "session_datetime": self.time(), "duration_minutes": 60 }))),
            "booking" | "cancel_booking" => asked(self.booking().await, None),
            "change_booking_status" => asked(self.booking().await, Some(json!({ "status": "cancelled", "reason": "For the matrix." }))),
            "reschedule_booking" => {
                asked(self.booking().await, Some(json!({ "session_datetime": self.time(), "reason": "For the matrix." })))
            }
            "calendar_exchange_token" => asked("", Some(json!({ "code": "c", "state": "s" }))),
            "sync_booking" => asked("", Some(json!({ "booking_id": self.booking().await, "calendar_type": "google", "timezone": "UTC" }))),
            "cal_busy_times" => Asked { query: format!("coachUlid={coach}&{range}"), ..Asked::default() },
            "cal_connect_url" => Asked { query: "type=google".to_owned(), ..Asked::default() },
            "cal_sync_credentials" => asked("", Some(google)),
            "cal_save_credentials" => asked("", Some(json!({ "calendarType": "google", "state": "s", "code": "c" }))),
            "cal_refresh_token" => asked("", Some(json!({ "coachUlid": coach }))),
            unknown => panic!("{unknown} has no row in the matrix of permissions"),
        }
    }

    /// The token of a caller for `operation`; empty for nobody's.
    async fn token(&mut self, caller: &'static str, operation: &str) -> String {
        let of_coach = is_for_coaches(operation);
        if let Some(token) = self.tokens.get(&(caller, of_coach)).filter(|_| operation != "logout") {
            return token.clone();
        }
        let owner = if of_coach { &self.coach } else { &self.client };
        let [other_client, other_coach, admin] = &self.others;
        let who = match caller {
            "nobody" => return String::new(),
            "client" => &self.client,
            "other client" => other_client,
            "coach" => &self.coach,
            "other coach" => other_coach,
            "admin" => admin,
            _ => owner,
        };
        let scope = if caller == "read-only" { TokenScope::Read } else { TokenScope::Write };
        let lasts = Duration::from_hours(if caller == "expired" { 1 } else { 24 });
        let token = self.site.app.accounts.create_token(who.actor(), caller, scope, lasts).await.expect("a token").expose();
        match caller {
            "expired" => self.db.clock().advance(Duration::from_hours(2)),
            "revoked" => {
                let program = Program::with(&self.site, &token);
                assert_eq!(program.ask(Method::POST, "/auth/logout", None).await.status, StatusCode::NO_CONTENT);
            }
            _ => {}
        }
        // Who signs out needs another token next.
        if operation != "logout" {
            self.tokens.insert((caller, of_coach), token.clone());
        }
        token
    }
}

/// Every operation of the document: its name, method and path.
fn operations() -> Vec<(String, Method, String)> {
    let document: Value = serde_json::from_str(&app::api::document::text()).expect("a document");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            found.push((name, method.to_uppercase().parse().expect("a method"), path.clone()));
        }
    }
    found
}

both_engines! {
    async fn everyone_may_what_they_may(db: TestDb) {
        let mut world = World::on(db).await;
        let operations = operations();
        assert_eq!(operations.len(), ROWS.len(), "the document and the matrix do not have the same operations");
        let mut wrong = Vec::new();
        for (operation, method, path) in operations {
            let (_, statuses) = ROWS.iter().find(|(name, _)| *name == operation).unwrap_or_else(|| panic!("{operation} has no row"));
            for (caller, wanted) in CALLERS.into_iter().zip(statuses) {
                let Asked { id, query, body } = world.sample(&operation).await;
                let path = path.replace("{id}", &id).replace("{provider}", "google");
                let path = if query.is_empty() { path } else { format!("{path}?{query}") };
                let token = world.token(caller, &operation).await;
                let program = if token.is_empty() { Program::nobody(&world.site) } else { Program::with(&world.site, &token) };
                let answer = program.ask(method.clone(), &path, body.as_ref()).await;
                if answer.status.as_u16() != *wanted {
                    wrong.push(format!("{operation} by {caller}: {} instead of {wanted}: {}", answer.status, answer.body));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
