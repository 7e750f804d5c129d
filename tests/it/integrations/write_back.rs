//! Bookings written into calendars: one account with one empty calendar, and what the provider has in it.

use serde_json::{Value, json};
use wellmet::{
    integrations::{
        Integration, ProviderKind, Start,
        outcome::CallError,
        providers::{Access, EventCalendar, EventDraft, EventKey, EventLink, EventRef, EventState, EventWriter, WriteError},
        tokens::Clear,
    },
    model::Instant,
    time::Zone,
};

use super::world::{Coach, Decision, World};
use crate::support::TestDb;

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).expect("an instant")
}

/// An hour at ten in Berlin.
pub(crate) fn draft(attempt: u32) -> EventDraft {
    EventDraft {
        key: EventKey { booking: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("an id"), attempt },
        start: at("2026-12-01T09:00:00Z"),
        end: at("2026-12-01T10:00:00Z"),
        zone: Zone::parse("Europe/Berlin").expect("a zone"),
        summary: "Coaching, with Lea; <b>first</b> hour".into(),
        description: "Line one\nLine <two> \u{1f600}".into(),
        location: "Room 5, 2nd floor".into(),
        page: "https://wellmet.example/bookings/1".into(),
        sequence: 1,
        stamp: at("2026-11-02T08:00:00Z"),
        wants_link: false,
        mentee: ("Lea".into(), "lea@example.org".into()),
    }
}

/// The same booking at three, changed once more.
pub(crate) fn moved(attempt: u32) -> EventDraft {
    EventDraft {
        start: at("2026-12-03T14:00:00Z"),
        end: at("2026-12-03T15:30:00Z"),
        summary: "Coaching, moved".into(),
        sequence: 2,
        stamp: at("2026-11-02T09:00:00Z"),
        ..draft(attempt)
    }
}

/// What is stored of an event that was written.
pub(crate) fn stored(key: EventKey, state: &EventState) -> EventRef {
    EventRef { key, external_id: Some(state.external_id.clone()), etag: state.etag.clone() }
}

/// What is stored when the answer was lost.
pub(crate) fn lost(attempt: u32) -> EventRef {
    EventRef { key: draft(attempt).key, external_id: None, etag: None }
}

pub(crate) fn times(state: &EventState) -> (Instant, Instant) {
    (state.start, state.end)
}

/// See the module.
pub(super) struct Bed {
    pub(super) world: World,
    pub(super) slug: &'static str,
    pub(super) account: String,
    pub(super) coach: Coach,
    pub(super) integration: Integration,
    pub(super) secret: Clear,
    pub(super) calendar: EventCalendar,
}

impl Bed {
    /// A new account, connected with leave to write; `sort` is `work` or `personal`.
    pub(super) async fn of(kind: ProviderKind, slug: &'static str, sort: &str) -> Self {
        let world = World::on(TestDb::sqlite().await).await;
        let account = format!("nina@{slug}.example");
        let made = json!({ "provider": slug, "email": account, "zone": "Europe/Berlin", "kind": sort });
        let made = world.control("POST", "accounts", &made).await;
        let coach = world.coach("nina").await;
        let start = Start { wants_writing: true, ..Start::default() };
        let callback = world.journey(&coach, kind, start, &account, Decision::Allow).await;
        let id = world.finish(&coach, kind, callback).await.expect("a connection");
        let integration = world.found(&coach, id).await.integration;
        assert!(integration.can_write);
        let secret = world.tokens.ensure_valid(&integration, wellmet::integrations::tokens::Force::No).await.expect("a token").secret;
        let calendar = EventCalendar {
            external_id: made["calendar"].as_str().expect("an id").to_owned(),
            external_kind: String::new(),
            credential_ref: None,
        };
        world.forget_requests().await;
        Self { world, slug, account, coach, integration, secret, calendar }
    }

    fn writer(&self) -> &dyn EventWriter {
        self.world.providers.get(self.integration.kind).expect("a provider").events().expect("it takes events")
    }

    pub(super) fn access(&self) -> Access<'_> {
        Access { integration: &self.integration, secret: &self.secret }
    }

    pub(super) async fn create(&self, event: &EventDraft) -> Result<EventState, WriteError> {
        self.writer().create(&self.access(), &self.calendar, event).await
    }

    pub(super) async fn update(&self, at: &EventRef, event: &EventDraft) -> Result<EventState, WriteError> {
        self.writer().update(&self.access(), &self.calendar, at, event).await
    }

    pub(super) async fn remove(&self, at: &EventRef) -> Result<(), WriteError> {
        self.writer().remove(&self.access(), &self.calendar, at).await
    }

    pub(super) async fn look(&self, at: &EventRef) -> Result<Option<EventState>, CallError> {
        self.writer().look(&self.access(), &self.calendar, at).await
    }

    /// The events that stand in the calendar, as the provider keeps them.
    pub(super) async fn events(&self) -> Vec<Value> {
        let found = self.world.control("GET", &format!("events?provider={}&account={}", self.slug, self.account), &Value::Null).await;
        let all = found["events"].as_array().expect("a list");
        all.iter().filter(|event| event["removed"] == false && event["cancelled"] == false).cloned().collect()
    }

    /// The one event, which is when `event` is.
    pub(super) async fn only(&self, event: &EventDraft) -> Value {
        let mut all = self.events().await;
        assert_eq!(all.len(), 1, "{all:#?}");
        let one = all.remove(0);
        let when = |name: &str| at(one[name].as_str().expect("an instant"));
        assert_eq!((when("start"), when("end")), (event.start, event.end), "{one:#}");
        assert_eq!(one["summary"], event.summary.as_str());
        assert!(one["details"]["attendees"].as_array().is_none_or(Vec::is_empty), "nobody is invited: {one:#}");
        one
    }

    /// The coach does something to the event behind our back.
    pub(super) async fn behind(&self, method: &str, id: &str, more: Value) {
        let mut body = json!({ "provider": self.slug, "account": self.account, "id": id });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.world.control(method, "events", &body).await;
    }

    /// The next request of `method` goes wrong as `fault` says.
    pub(super) async fn fault(&self, method: &str, fault: &Value) {
        let rule = json!({ "provider": self.slug, "match": { "method": method, "account": self.account }, "fault": fault });
        self.world.control("POST", "faults", &rule).await;
    }

    pub(super) async fn set(&self, switches: Value) {
        self.world.control("PATCH", "switches", &switches).await;
    }

    /// Methods and paths of what was asked since the last time.
    pub(super) async fn asked(&self) -> Vec<String> {
        let all = self.world.requests(&format!("provider={}", self.slug)).await;
        self.world.forget_requests().await;
        all.iter().map(|one| one["method"].as_str().expect("a method").to_owned()).collect()
    }
}

/// Faults, what they mean, and whether the work was done all the same.
pub(super) fn faults() -> [(Value, CallError, bool); 11] {
    let wait = Some(std::time::Duration::from_secs(7));
    [
        (json!({ "kind": "status", "status": 401 }), CallError::TokenRejected, false),
        (json!({ "kind": "status", "status": 429, "retry_after": 7 }), CallError::RateLimited(wait), false),
        (json!({ "kind": "status", "status": 500 }), CallError::ProviderDown(500), false),
        (json!({ "kind": "status", "status": 503 }), CallError::ProviderDown(503), false),
        (json!({ "kind": "status", "status": 400 }), CallError::Refused(400), false),
        (json!({ "kind": "status", "status": 302 }), CallError::BadAnswer("a redirect"), false),
        (json!({ "kind": "close" }), CallError::Unreachable, false),
        (json!({ "kind": "hang", "ms": 50 }), CallError::Unreachable, false),
        (json!({ "kind": "after_effect" }), CallError::Unreachable, true),
        (json!({ "kind": "cut_body" }), CallError::BadAnswer("cut short"), true),
        (json!({ "kind": "malformed_json" }), CallError::BadAnswer("not the documented JSON"), true),
    ]
}

/// Every answer that can be lost or spoilt while an event is made, moved and taken away: whatever happens, trying again leads to one
/// event with the right time, and to none at the end.
pub(super) async fn survives_every_fault(bed: &Bed, made_by: &str) {
    for (turn, (fault, error, done)) in (1_u32..).zip(faults()) {
        let (first, second) = (draft(turn), moved(turn));
        bed.fault(made_by, &fault).await;
        assert_eq!(bed.create(&first).await, Err(error.clone().into()), "{fault}");
        assert_eq!(bed.events().await.len(), usize::from(done), "{fault}");
        let made = bed.create(&first).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!((times(&made), made.link.clone()), ((first.start, first.end), EventLink::Unwanted));
        bed.only(&first).await;
        bed.fault("PATCH", &fault).await;
        assert_eq!(bed.update(&stored(first.key, &made), &second).await, Err(error.clone().into()), "{fault}");
        // The mark may be of the state before: then it is looked at first, as by anyone who writes.
        let found = bed.look(&stored(first.key, &made)).await.expect("an answer").expect("an event");
        let state = bed.update(&stored(first.key, &found), &second).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!((times(&state), &state.external_id), ((second.start, second.end), &made.external_id));
        bed.only(&second).await;
        bed.fault("DELETE", &fault).await;
        let removed = bed.remove(&stored(first.key, &state)).await;
        // There is no body to cut or to spoil.
        assert!(removed == Err(error.into()) || removed == Ok(()) && done, "{fault}: {removed:?}");
        bed.remove(&stored(first.key, &state)).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(bed.events().await, Vec::<Value>::new());
        bed.world.clear_faults().await;
    }
}
