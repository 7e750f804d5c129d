//! Bookings written as bookings at Cal.com: one event in the calendar behind, whatever gets lost, and no mail to the mentee.

use std::time::Duration;

use serde_json::{Value, json};
use wellmet::{
    integrations::{
        Callback, Integration, ProviderKind, Providers, Start,
        outcome::CallError,
        providers::{Access, Behind, EventCalendar, EventDraft, EventLink, EventRef, EventState, EventWriter, WriteError},
        tokens::{Clear, Force},
    },
    model::Instant,
};

use super::world::{World, state};
use crate::{
    integrations::write_back::{draft as plain, lost, stored, times},
    support::TestDb,
};

/// A coach's account, connected with leave to write.
struct Bed {
    world: World,
    providers: Providers,
    integration: Integration,
    secret: Clear,
    calendar: EventCalendar,
    /// A day to come, at its midnight in UTC.
    day: Instant,
}

const MENTEE: &str = "lea@example.org";

impl Bed {
    /// A managed user with an empty calendar at Google.
    async fn managed() -> Self {
        let world = World::on(TestDb::sqlite().await).await;
        world.control("POST", "accounts", json!({ "provider": "google", "email": "nina@google.example", "zone": "Europe/Berlin" })).await;
        let coach = world.coach("nina").await;
        let id = world.try_connect(&coach, Behind::Google, "nina@google.example", "allow").await.expect("a connection");
        let integration = world.found(&coach, id).await.integration;
        Self::of(world, integration, "nina@google.example").await
    }

    /// An account of the coach's own, with other things in its calendar.
    async fn own() -> Self {
        let world = World::on(TestDb::sqlite().await).await;
        let coach = world.coach("tomas").await;
        let (kind, start) = (ProviderKind::CalComOauth, Start { wants_writing: true, ..Start::default() });
        let page = world.server.integrations.start_oauth(&coach.actor, &coach.sign_in, kind, start).await.expect("a page").page;
        let back = world.visit(&page, "tomas@cal.example", "allow").await;
        let code = back.query_pairs().find(|(name, _)| name == "code").map(|(_, value)| value.into_owned());
        let callback = Callback { state: state(&back), code, ..Callback::default() };
        let id = world.server.integrations.finish_oauth(&coach.actor, &coach.sign_in, kind, callback).await.expect("a connection");
        let integration = world.found(&coach, id).await.integration;
        Self::of(world, integration, "tomas@google.example").await
    }

    async fn of(world: World, integration: Integration, account: &str) -> Self {
        assert!(integration.can_write);
        let secret = world.server.tokens.ensure_valid(&integration, Force::No).await.expect("a token").secret;
        let calendar = EventCalendar { external_id: account.to_owned(), external_kind: "google_calendar".to_owned(), credential_ref: None };
        let providers = Providers::of_config(&world.config.providers, &world.http);
        let day = 86_400_000;
        let day = Instant::from_millis((world.db.now().millis() / day + 11) * day);
        world.forget().await;
        Self { world, providers, integration, secret, calendar, day }
    }

    /// The hour that begins so many minutes after midnight, when nobody has anything in their calendar.
    fn draft(&self, attempt: u32, begins: i64) -> EventDraft {
        EventDraft { start: self.day.plus_minutes(begins), end: self.day.plus_minutes(begins + 60), ..plain(attempt) }
    }

    fn writer(&self) -> &dyn EventWriter {
        self.providers.get(self.integration.kind).expect("a provider").events().expect("it takes events")
    }

    fn access(&self) -> Access<'_> {
        Access { integration: &self.integration, secret: &self.secret }
    }

    async fn create(&self, event: &EventDraft) -> Result<EventState, WriteError> {
        self.writer().create(&self.access(), &self.calendar, event).await
    }

    async fn update(&self, at: &EventRef, event: &EventDraft) -> Result<EventState, WriteError> {
        self.writer().update(&self.access(), &self.calendar, at, event).await
    }

    async fn remove(&self, at: &EventRef) -> Result<(), WriteError> {
        self.writer().remove(&self.access(), &self.calendar, at).await
    }

    async fn look(&self, at: &EventRef) -> Result<Option<EventState>, CallError> {
        self.writer().look(&self.access(), &self.calendar, at).await
    }

    /// The events in the calendar behind that Cal.com wrote.
    async fn events(&self) -> Vec<Value> {
        let found = self.world.control("GET", &format!("events?provider=google&account={}", self.calendar.external_id), Value::Null).await;
        let all = found["events"].as_array().expect("a list");
        all.iter().filter(|event| event["removed"] == false && event["details"]["attendees"].is_array()).cloned().collect()
    }

    /// The one event, which is when `event` is, and the one booking that stands.
    async fn only(&self, event: &EventDraft) -> Value {
        let all = self.events().await;
        assert_eq!(all.len(), 1, "{all:#?}");
        let when = |name: &str| Instant::parse_rfc3339(all[0][name].as_str().expect("an instant")).expect("an instant");
        assert_eq!((when("start"), when("end")), (event.start, event.end));
        assert_eq!(self.bookings().await.len(), 1);
        all[0].clone()
    }

    /// The bookings that stand.
    async fn bookings(&self) -> Vec<Value> {
        let all = self.world.control("GET", "cal/bookings", Value::Null).await["bookings"].clone();
        all.as_array().expect("a list").iter().filter(|booking| booking["cancelled"] == false).cloned().collect()
    }

    async fn fault(&self, method: &str, path: &str, fault: &Value) {
        let rule = json!({ "provider": "cal", "match": { "method": method, "path_prefix": path }, "fault": fault });
        self.world.control("POST", "faults", rule).await;
    }
}

async fn one_event_made_moved_and_taken_away(bed: Bed) {
    let first = EventDraft { wants_link: true, ..bed.draft(1, 180) };
    let second = bed.draft(1, 270);
    let made = bed.create(&first).await.unwrap();
    assert_eq!((times(&made), &made.link, &made.etag), ((first.start, first.end), &EventLink::Impossible, &None));
    let event = bed.only(&first).await;
    assert_eq!(event["summary"], "Session with Lea");
    let booking = bed.bookings().await.remove(0);
    assert_eq!((&booking["location"], &booking["attendee"]["name"]), (&json!(first.location), &json!("Lea")));
    for seen in [bed.look(&stored(first.key, &made)).await, bed.look(&lost(1)).await] {
        assert_eq!(seen.unwrap().map(|seen| (seen.external_id.clone(), times(&seen))), Some((made.external_id.clone(), times(&made))));
    }
    let state = bed.update(&stored(first.key, &made), &second).await.unwrap();
    assert_eq!(times(&state), (second.start, second.end));
    assert_ne!(state.external_id, made.external_id, "Cal.com makes a new booking of it");
    assert_eq!(bed.only(&second).await["id"], event["id"], "in place");
    // Whoever knows only the former uid, or none, finds it all the same.
    for at in [stored(first.key, &made), lost(1)] {
        assert_eq!(bed.look(&at).await.unwrap().map(|seen| seen.external_id), Some(state.external_id.clone()));
        assert_eq!(bed.update(&at, &second).await.unwrap().external_id, state.external_id);
    }
    // Another length is another event type, of the same booking.
    let longer = EventDraft { end: second.start.plus_minutes(90), ..second.clone() };
    let state = bed.update(&stored(first.key, &state), &longer).await.unwrap();
    bed.only(&longer).await;
    assert_eq!(bed.create(&longer).await.unwrap().external_id, state.external_id, "found by its key");
    for _ in 0..2 {
        assert_eq!(bed.remove(&stored(first.key, &state)).await, Ok(()));
    }
    assert_eq!((bed.events().await, bed.bookings().await), (vec![], vec![]));
    for at in [stored(first.key, &state), stored(first.key, &made), lost(1), lost(7)] {
        assert_eq!(bed.look(&at).await, Ok(None));
        assert_eq!(bed.remove(&at).await, Ok(()));
        assert_eq!(bed.update(&at, &second).await, Err(WriteError::Deleted));
    }
    let never = EventRef { external_id: Some("never".into()), ..lost(1) };
    assert_eq!((bed.look(&never).await, bed.remove(&never).await), (Ok(None), Ok(())));
    assert_eq!(bed.create(&second).await, Err(WriteError::IdSpent), "this attempt was cancelled");
    bed.create(&bed.draft(2, 270)).await.unwrap();
    // Whatever Cal.com sent went to the coach.
    let mails = bed.world.control("GET", "cal/mails", Value::Null).await["mails"].clone();
    assert!(!mails.as_array().unwrap().is_empty() && !mails.to_string().contains(MENTEE), "{mails:#}");
    let all = bed.world.control("GET", "cal/bookings", Value::Null).await.to_string() + &json!(bed.events().await).to_string();
    assert!(!all.contains(MENTEE), "{all}");
}

#[tokio::test]
async fn a_managed_user_has_one_event_made_moved_and_taken_away() {
    one_event_made_moved_and_taken_away(Bed::managed().await).await;
}

#[tokio::test]
async fn an_account_of_the_coachs_own_has_one_event_made_moved_and_taken_away() {
    let bed = Bed::own().await;
    assert!(bed.integration.scopes.contains("BOOKING_READ"), "{}", bed.integration.scopes);
    one_event_made_moved_and_taken_away(bed).await;
}

/// Every answer that can be lost or spoilt: whatever happens, trying again leads to one event with the right time, and to none at the
/// end.
#[tokio::test]
async fn every_failure_is_typed_and_none_makes_a_second_event() {
    let bed = Bed::managed().await;
    let minute = Some(Duration::from_mins(1));
    let cases = [
        (json!({ "kind": "status", "status": 401 }), CallError::Refused(401), false),
        (json!({ "kind": "status", "status": 498 }), CallError::TokenExpired, false),
        (json!({ "kind": "status", "status": 403 }), CallError::Refused(403), false),
        (json!({ "kind": "status", "status": 429 }), CallError::RateLimited(minute), false),
        (json!({ "kind": "status", "status": 500 }), CallError::ProviderDown(500), false),
        (json!({ "kind": "close" }), CallError::Unreachable, false),
        (json!({ "kind": "hang", "ms": 50 }), CallError::Unreachable, false),
        (json!({ "kind": "after_effect" }), CallError::Unreachable, true),
        (json!({ "kind": "cut_body" }), CallError::BadAnswer("cut short"), true),
        (json!({ "kind": "malformed_json" }), CallError::BadAnswer("not the documented JSON"), true),
    ];
    for (turn, (fault, error, done)) in (1_u32..).zip(cases) {
        let (first, second) = (bed.draft(turn, 180), bed.draft(turn, 270));
        bed.fault("POST", "/v2/bookings", &fault).await;
        // The first time, event type and schedule are made before it.
        assert_eq!(bed.create(&first).await, Err(error.clone().into()), "{fault}");
        assert_eq!(bed.events().await.len(), usize::from(done), "{fault}");
        let made = bed.create(&first).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        bed.only(&first).await;
        bed.fault("POST", "/v2/bookings", &fault).await;
        assert_eq!(bed.update(&stored(first.key, &made), &second).await, Err(error.clone().into()), "{fault}");
        bed.only(if done { &second } else { &first }).await;
        // What is stored is the former uid.
        let state = bed.update(&stored(first.key, &made), &second).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(times(&state), (second.start, second.end));
        bed.only(&second).await;
        bed.fault("POST", "/v2/bookings", &fault).await;
        let removed = bed.remove(&stored(first.key, &state)).await;
        // What the answer to a cancellation says is not read: a spoilt one is as good.
        assert!(removed == Err(error.into()) || removed == Ok(()) && done, "{fault}: {removed:?}");
        bed.remove(&stored(first.key, &state)).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!((bed.events().await, bed.bookings().await), (vec![], vec![]));
        bed.world.clear_faults().await;
    }
    // One schedule and one event type, for all of that.
    let asked = |path: &'static str| {
        let bed = &bed;
        async move { bed.world.requests(path).await.iter().filter(|request| request["method"] == "POST").count() }
    };
    assert_eq!((asked("/v2/schedules").await, asked("/v2/event-types").await), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_is_found_again_on_any_page_and_brought_up_to_date() {
    let bed = Bed::managed().await;
    bed.fault("POST", "/v2/bookings", &json!({ "kind": "after_effect" })).await;
    assert_eq!(bed.create(&bed.draft(1, 180)).await, Err(CallError::Unreachable.into()));
    // The move is lost as well.
    bed.fault("POST", "/v2/bookings", &json!({ "kind": "after_effect" })).await;
    assert_eq!(bed.create(&bed.draft(1, 270)).await, Err(CallError::Unreachable.into()));
    bed.only(&bed.draft(1, 270)).await;
    let later = EventDraft { start: bed.day.plus_minutes(24 * 60 + 180), end: bed.day.plus_minutes(25 * 60 + 180), ..bed.draft(2, 0) };
    bed.create(&later).await.unwrap();
    bed.world.control("PATCH", "switches", json!({ "page_limit": 1 })).await;
    let state = bed.create(&bed.draft(1, 300)).await;
    // The sandbox gives shorter pages than were asked for; nothing is passed over.
    assert_eq!(state.map(|state| times(&state)), Ok((bed.day.plus_minutes(300), bed.day.plus_minutes(360))));
    assert_eq!(bed.bookings().await.len(), 2);
}

#[tokio::test]
async fn what_the_coach_does_at_cal_com_is_seen() {
    let bed = Bed::managed().await;
    let made = bed.create(&bed.draft(1, 180)).await.unwrap();
    let known = stored(bed.draft(1, 180).key, &made);
    let new = bed.day.plus_minutes(300);
    bed.world.control("POST", &format!("cal/bookings/{}/move", made.external_id), json!({ "start": new.to_rfc3339() })).await;
    let seen = bed.look(&known).await.unwrap().unwrap();
    assert_eq!(times(&seen), (new, new.plus_minutes(60)));
    let state = bed.update(&known, &bed.draft(1, 270)).await.unwrap();
    bed.only(&bed.draft(1, 270)).await;
    bed.world.control("POST", &format!("cal/bookings/{}/cancel", state.external_id), json!({})).await;
    for at in [known, stored(bed.draft(1, 0).key, &state), lost(1)] {
        assert_eq!(bed.look(&at).await, Ok(None));
        assert_eq!(bed.update(&at, &bed.draft(1, 180)).await, Err(WriteError::Deleted));
    }
    assert_eq!(bed.create(&bed.draft(1, 180)).await, Err(WriteError::IdSpent));
}

#[tokio::test]
async fn time_that_cal_com_takes_for_taken_is_not_written() {
    let bed = Bed::managed().await;
    let made = bed.create(&bed.draft(1, 180)).await.unwrap();
    assert_eq!(bed.create(&bed.draft(2, 200)).await, Err(CallError::Refused(400).into()));
    let theirs = json!({ "provider": "google", "account": bed.calendar.external_id, "start": bed.day.plus_minutes(400).to_rfc3339(),
                         "end": bed.day.plus_minutes(430).to_rfc3339() });
    bed.world.control("POST", "events", theirs).await;
    let at = stored(bed.draft(1, 180).key, &made);
    assert_eq!(bed.update(&at, &bed.draft(1, 380)).await, Err(CallError::Refused(400).into()));
    bed.only(&bed.draft(1, 180)).await;
}

#[tokio::test]
async fn without_the_permissions_nothing_is_written() {
    let mut bed = Bed::own().await;
    let grant = json!({ "provider": "cal", "account": "tomas@cal.example", "client_id": "wellmet-sandbox-cal-oauth", "scope": "APPS_READ PROFILE_READ" });
    let token = bed.world.control("POST", "grants", grant).await["access_token"].as_str().unwrap().to_owned();
    bed.secret = Clear::new(token);
    assert_eq!(bed.create(&bed.draft(1, 180)).await, Err(CallError::MissingScope.into()));
    assert_eq!(bed.look(&lost(1)).await, Err(CallError::MissingScope));
    assert_eq!(bed.events().await, Vec::<Value>::new());
}
