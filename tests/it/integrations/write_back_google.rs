//! Google: ids that follow from the booking, and Meet links that come later.

use serde_json::json;
use wellmet::integrations::{
    FinishError, ProviderKind, Start,
    outcome::CallError,
    providers::{EventDraft, EventLink, EventRef, Feature, WriteError},
    tokens::Clear,
};

use super::{
    world::Decision,
    write_back::{Bed, draft, lost, moved, stored, survives_every_fault, times},
};

async fn bed() -> Bed {
    Bed::of(ProviderKind::Google, "google", "work").await
}

fn with_link(draft: EventDraft) -> EventDraft {
    EventDraft { wants_link: true, ..draft }
}

#[tokio::test]
async fn one_event_made_moved_in_place_and_taken_away() {
    let bed = bed().await;
    let (first, second) = (draft(1), moved(1));
    let made = bed.create(&first).await.unwrap();
    let event = bed.only(&first).await;
    assert_eq!((times(&made), &made.link), ((first.start, first.end), &EventLink::Unwanted));
    assert_eq!(event["zone"], "Europe/Berlin");
    assert_eq!(event["details"]["location"], first.location.as_str());
    assert_eq!(event["details"]["description"], "Line one\nLine < two> \u{1f600}", "markup is none");
    assert_eq!(event["details"]["source"]["url"], first.page.as_str());
    assert_eq!(event["details"]["reminders"], json!({ "useDefault": true }));
    assert_eq!(event["details"]["extendedProperties"]["private"]["wellmetBooking"], first.key.booking.as_str());
    assert_eq!(bed.look(&stored(first.key, &made)).await, Ok(Some(made.clone())));
    assert_eq!(bed.look(&lost(1)).await, Ok(Some(made.clone())), "the id is known without its answer");
    // What the coach set for themselves stays.
    let state = bed.update(&stored(first.key, &made), &second).await.unwrap();
    assert_eq!((times(&state), &state.external_id), ((second.start, second.end), &made.external_id));
    assert_ne!(state.etag, made.etag);
    let event = bed.only(&second).await;
    assert_eq!(event["details"]["reminders"], json!({ "useDefault": true }));
    assert_eq!(bed.asked().await, ["POST", "GET", "GET", "PATCH"]);
    for _ in 0..2 {
        assert_eq!(bed.remove(&stored(first.key, &state)).await, Ok(()));
    }
    assert!(bed.events().await.is_empty());
    assert_eq!(bed.look(&stored(first.key, &state)).await, Ok(None));
    let nothing = EventRef { key: draft(7).key, external_id: None, etag: None };
    assert_eq!(bed.remove(&nothing).await, Ok(()), "it never was");
    assert_eq!(bed.look(&nothing).await, Ok(None));
}

#[tokio::test]
async fn every_failure_is_typed_and_none_makes_a_second_event() {
    survives_every_fault(&bed().await, "POST").await;
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_brought_up_to_date() {
    let bed = bed().await;
    bed.fault("POST", &json!({ "kind": "after_effect" })).await;
    assert_eq!(bed.create(&draft(1)).await, Err(CallError::Unreachable.into()));
    // The booking was moved before the next try.
    let state = bed.create(&moved(1)).await.unwrap();
    let event = bed.only(&moved(1)).await;
    assert_eq!((times(&state), event["id"].as_str()), ((moved(1).start, moved(1).end), Some(state.external_id.as_str())));
}

#[tokio::test]
async fn ids_of_deleted_events_are_spent() {
    let bed = bed().await;
    let made = bed.create(&draft(1)).await.unwrap();
    bed.behind("DELETE", &made.external_id, json!({})).await;
    assert_eq!(bed.look(&stored(draft(1).key, &made)).await, Ok(None));
    assert_eq!(bed.update(&stored(draft(1).key, &made), &moved(1)).await, Err(WriteError::Deleted));
    assert_eq!(bed.update(&lost(1), &moved(1)).await, Err(WriteError::Deleted));
    assert_eq!(bed.update(&lost(5), &moved(5)).await, Err(WriteError::Deleted), "it never was");
    assert_eq!(bed.create(&moved(1)).await, Err(WriteError::IdSpent));
    assert!(bed.events().await.is_empty());
    let again = bed.create(&moved(2)).await.unwrap();
    assert_ne!(again.external_id, made.external_id);
    bed.only(&moved(2)).await;
}

#[tokio::test]
async fn an_id_that_somebody_else_took_is_left_alone() {
    let bed = bed().await;
    let id = bed.create(&draft(1)).await.unwrap().external_id;
    let other = format!("{}2", id.strip_suffix('1').unwrap());
    bed.behind("POST", &other, json!({ "summary": "Dentist", "start": "2026-12-05T09:00:00Z", "end": "2026-12-05T10:00:00Z" })).await;
    assert_eq!(bed.create(&draft(2)).await, Err(WriteError::IdSpent));
    let all = bed.events().await;
    assert!(all.iter().any(|event| event["summary"] == "Dentist" && event["start"] == "2026-12-05T09:00:00Z"), "{all:#?}");
}

#[tokio::test]
async fn a_stale_mark_is_told_from_a_deleted_event() {
    let bed = bed().await;
    let made = bed.create(&draft(1)).await.unwrap();
    let known = stored(draft(1).key, &made);
    bed.behind("PATCH", &made.external_id, json!({ "start": "2026-12-01T11:00:00Z", "end": "2026-12-01T12:00:00Z" })).await;
    assert_eq!(bed.update(&known, &moved(1)).await, Err(WriteError::Changed));
    assert_eq!(bed.remove(&known).await, Err(WriteError::Changed));
    let seen = bed.look(&known).await.unwrap().unwrap();
    assert_eq!(seen.start.to_rfc3339(), "2026-12-01T11:00:00Z", "the coach moved it");
    bed.update(&stored(draft(1).key, &seen), &moved(1)).await.unwrap();
    bed.only(&moved(1)).await;
    // Made a whole day of: still an event, with other times.
    bed.behind("PATCH", &made.external_id, json!({ "start": "2026-12-08", "end": "2026-12-09" })).await;
    assert_eq!(bed.look(&known).await.unwrap().unwrap().start.to_rfc3339(), "2026-12-08T00:00:00Z");
    bed.update(&EventRef { etag: None, ..known }, &moved(1)).await.unwrap();
    bed.only(&moved(1)).await;
}

#[tokio::test]
async fn a_meet_link_is_pending_then_made() {
    let bed = bed().await;
    bed.set(json!({ "meet_delay_ms": 60_000 })).await;
    let event = with_link(draft(1));
    let made = bed.create(&event).await.unwrap();
    assert_eq!(made.link, EventLink::Pending);
    let known = stored(event.key, &made);
    assert_eq!(bed.look(&known).await.unwrap().unwrap().link, EventLink::Pending);
    bed.world.control("POST", "clock", &json!({ "advance": 61 })).await;
    let EventLink::Made(link) = bed.look(&known).await.unwrap().unwrap().link else { panic!("a link") };
    assert!(link.starts_with("https://meet."), "{link}");
    let state = bed.update(&known, &with_link(moved(1))).await.unwrap();
    assert_eq!(state.link, EventLink::Made(link), "the link stays");
    let unwanted = bed.update(&stored(event.key, &state), &EventDraft { sequence: 3, ..moved(1) }).await.unwrap();
    assert_eq!(unwanted.link, EventLink::Unwanted);
}

#[tokio::test]
async fn a_meet_link_that_fails_is_asked_for_anew_with_the_next_change() {
    let bed = bed().await;
    bed.set(json!({ "meet_fails": true })).await;
    let event = with_link(draft(1));
    let made = bed.create(&event).await.unwrap();
    let seen = bed.look(&stored(event.key, &made)).await.unwrap().unwrap();
    assert_eq!((made.link, seen.link), (EventLink::Pending, EventLink::Impossible));
    bed.set(json!({ "meet_fails": false })).await;
    // The same again asks for the same, which Google ignores.
    assert_eq!(bed.create(&event).await.unwrap().link, EventLink::Impossible);
    let state = bed.update(&lost(1), &with_link(moved(1))).await.unwrap();
    assert_eq!(state.link, EventLink::Pending);
    let made = bed.look(&stored(event.key, &state)).await.unwrap().unwrap();
    assert!(matches!(made.link, EventLink::Made(_)), "{made:?}");
    assert_eq!(made.etag, state.etag);
}

#[tokio::test]
async fn a_link_can_be_wanted_later_and_some_calendars_have_none() {
    let bed = bed().await;
    let made = bed.create(&draft(1)).await.unwrap();
    let state = bed.update(&stored(draft(1).key, &made), &with_link(moved(1))).await.unwrap();
    assert_eq!(state.link, EventLink::Pending);
    bed.update(&stored(draft(1).key, &state), &moved(1)).await.unwrap();
    let none = json!({ "provider": "google", "account": bed.account, "meetings": false });
    bed.world.control("PATCH", "calendars", &none).await;
    assert_eq!(bed.create(&with_link(draft(2))).await.unwrap().link, EventLink::Impossible);
}

#[tokio::test]
async fn without_the_permission_nothing_is_written() {
    let mut bed = bed().await;
    let scope = "https://www.googleapis.com/auth/calendar.freebusy https://www.googleapis.com/auth/calendar.calendarlist.readonly";
    let grant = json!({ "provider": "google", "account": bed.account, "scope": scope });
    let token = bed.world.control("POST", "grants", &grant).await["access_token"].as_str().unwrap().to_owned();
    let owned = std::mem::replace(&mut bed.secret, Clear::new(token));
    assert_eq!(bed.create(&draft(1)).await, Err(CallError::MissingScope.into()));
    assert_eq!(bed.update(&lost(1), &draft(1)).await, Err(CallError::MissingScope.into()));
    assert_eq!(bed.remove(&lost(1)).await, Err(CallError::MissingScope.into()));
    assert_eq!(bed.look(&lost(1)).await, Err(CallError::MissingScope));
    bed.secret = owned;
    for method in ["POST", "PATCH"] {
        bed.fault(method, &json!({ "kind": "status", "status": 403 })).await;
    }
    assert_eq!(bed.create(&draft(1)).await, Err(CallError::Refused(403).into()));
    let made = bed.create(&draft(1)).await.unwrap();
    assert_eq!(bed.update(&stored(draft(1).key, &made), &moved(1)).await, Err(CallError::Refused(403).into()), "it is there, and refused");
    bed.remove(&stored(draft(1).key, &made)).await.unwrap();
    // A quota is not a missing permission.
    let quota =
        json!({ "kind": "status", "status": 403, "body": { "error": { "code": 403, "errors": [{ "reason": "rateLimitExceeded" }] } } });
    bed.fault("POST", &quota).await;
    assert_eq!(bed.create(&draft(2)).await, Err(CallError::RateLimited(None).into()));
    bed.fault("POST", &json!({ "kind": "slow_drip", "ms": 1 })).await;
    assert_eq!(bed.create(&draft(2)).await.map(|state| times(&state)), Ok((draft(2).start, draft(2).end)), "slow is not lost");
    bed.calendar.external_id = "nobody@google.example".into();
    assert_eq!(bed.create(&with_link(draft(1))).await, Err(CallError::Gone.into()));
    assert_eq!(bed.look(&lost(1)).await, Ok(None));
    // Who unticks writing is told, and the account is not connected half.
    let other = "olaf@google.example";
    bed.world.control("POST", "accounts", &json!({ "provider": "google", "email": other })).await;
    let start = Start { wants_writing: true, ..Start::default() };
    let back = bed.world.journey(&bed.coach, ProviderKind::Google, start, other, Decision::AllowBut("calendar.events.owned")).await;
    let told = bed.world.finish(&bed.coach, ProviderKind::Google, back).await;
    assert!(matches!(&told, Err(FinishError::MissingScope(Feature::Writing))), "{told:?}");
}
