//! Microsoft: events found again by a property of our own, and Teams links where there are any.

use serde_json::json;
use wellmet::integrations::{
    ProviderKind,
    outcome::CallError,
    providers::{EventDraft, EventLink, WriteError},
    tokens::Clear,
};

use super::write_back::{Bed, draft, lost, moved, stored, survives_every_fault, times};

async fn bed(sort: &str) -> Bed {
    Bed::of(ProviderKind::Microsoft, "microsoft", sort).await
}

fn with_link(draft: EventDraft) -> EventDraft {
    EventDraft { wants_link: true, ..draft }
}

#[tokio::test]
async fn one_event_made_moved_in_place_and_taken_away() {
    let bed = bed("work").await;
    let (first, second) = (draft(1), moved(1));
    let made = bed.create(&first).await.unwrap();
    let event = bed.only(&first).await;
    assert_eq!((times(&made), &made.link), ((first.start, first.end), &EventLink::Unwanted));
    assert_eq!(event["details"]["body"], json!({ "contentType": "text", "content": first.description }));
    assert_eq!(event["details"]["location"]["displayName"], first.location.as_str());
    assert_eq!(bed.asked().await, ["GET", "POST"]);
    assert_eq!(bed.look(&stored(first.key, &made)).await, Ok(Some(made.clone())));
    assert_eq!(bed.look(&lost(1)).await, Ok(Some(made.clone())), "found without its id");
    let state = bed.update(&stored(first.key, &made), &second).await.unwrap();
    assert_eq!((times(&state), &state.external_id), ((second.start, second.end), &made.external_id));
    assert_ne!(state.etag, made.etag);
    bed.only(&second).await;
    for _ in 0..2 {
        assert_eq!(bed.remove(&stored(first.key, &state)).await, Ok(()));
    }
    assert!(bed.events().await.is_empty());
    for known in [stored(first.key, &state), lost(1), lost(7)] {
        assert_eq!(bed.look(&known).await, Ok(None));
        assert_eq!(bed.remove(&known).await, Ok(()));
    }
    bed.create(&draft(2)).await.unwrap();
    assert_eq!(bed.remove(&lost(2)).await, Ok(()), "found without its id");
    assert!(bed.events().await.is_empty());
}

#[tokio::test]
async fn every_failure_is_typed_and_none_makes_a_second_event() {
    survives_every_fault(&bed("work").await, "POST").await;
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_brought_up_to_date() {
    let bed = bed("work").await;
    bed.fault("POST", &json!({ "kind": "after_effect" })).await;
    assert_eq!(bed.create(&with_link(draft(1))).await, Err(CallError::Unreachable.into()));
    // The booking was moved before the next try.
    let state = bed.create(&with_link(moved(1))).await.unwrap();
    bed.only(&moved(1)).await;
    assert_eq!(times(&state), (moved(1).start, moved(1).end));
    assert!(matches!(state.link, EventLink::Made(_)), "{state:?}");
}

#[tokio::test]
async fn a_deleted_event_is_deleted_and_its_transaction_spent() {
    let bed = bed("work").await;
    let made = bed.create(&draft(1)).await.unwrap();
    bed.behind("DELETE", &made.external_id, json!({})).await;
    assert_eq!(bed.update(&stored(draft(1).key, &made), &moved(1)).await, Err(WriteError::Deleted));
    assert_eq!(bed.update(&lost(1), &moved(1)).await, Err(WriteError::Deleted));
    assert_eq!(bed.create(&moved(1)).await, Err(WriteError::IdSpent));
    assert!(bed.events().await.is_empty());
    bed.create(&moved(2)).await.unwrap();
    bed.only(&moved(2)).await;
    // Called off is not there either.
    let called_off = bed.create(&draft(3)).await.unwrap();
    bed.behind("PATCH", &called_off.external_id, json!({ "cancelled": true })).await;
    assert_eq!(bed.look(&stored(draft(3).key, &called_off)).await, Ok(None));
    assert_eq!(bed.update(&stored(draft(3).key, &called_off), &moved(3)).await, Err(WriteError::Deleted));
    assert_eq!(bed.create(&draft(3)).await, Err(WriteError::IdSpent));
}

#[tokio::test]
async fn a_stale_mark_is_told_from_a_deleted_event() {
    let bed = bed("work").await;
    let made = bed.create(&draft(1)).await.unwrap();
    let known = stored(draft(1).key, &made);
    bed.behind("PATCH", &made.external_id, json!({ "start": "2026-12-01T11:00:00Z", "end": "2026-12-01T12:00:00Z" })).await;
    assert_eq!(bed.update(&known, &moved(1)).await, Err(WriteError::Changed));
    assert_eq!(bed.remove(&known).await, Err(WriteError::Changed));
    let seen = bed.look(&known).await.unwrap().unwrap();
    assert_eq!(seen.start.to_rfc3339(), "2026-12-01T11:00:00Z", "the coach moved it");
    bed.update(&stored(draft(1).key, &seen), &moved(1)).await.unwrap();
    bed.only(&moved(1)).await;
}

#[tokio::test]
async fn a_teams_link_outlasts_changes() {
    let bed = bed("work").await;
    let event = with_link(draft(1));
    let made = bed.create(&event).await.unwrap();
    let EventLink::Made(link) = &made.link else { panic!("{made:?}") };
    assert!(link.starts_with("https://teams."), "{link}");
    let later = EventDraft { description: "Another text".into(), ..with_link(moved(1)) };
    let state = bed.update(&stored(event.key, &made), &later).await.unwrap();
    assert_eq!(state.link, made.link, "Teams' part of the text is kept");
    assert_eq!(bed.look(&stored(event.key, &state)).await.unwrap().unwrap().link, made.link);
    let text = bed.only(&later).await["details"]["body"]["content"].as_str().unwrap().to_owned();
    assert!(text.contains(link) && text.contains("Line one"), "{text}");
    bed.set(json!({ "page_limit": 1 })).await;
    // Wanted only later.
    let plain = bed.create(&draft(2)).await.unwrap();
    let state = bed.update(&stored(draft(2).key, &plain), &with_link(moved(2))).await.unwrap();
    assert!(matches!(state.link, EventLink::Made(_)), "{state:?}");
    bed.fault("POST", &json!({ "kind": "slow_drip", "ms": 1 })).await;
    assert!(bed.create(&with_link(draft(3))).await.is_ok(), "slow is not lost");
}

#[tokio::test]
async fn a_personal_account_has_no_teams_link() {
    let bed = bed("personal").await;
    let made = bed.create(&with_link(draft(1))).await.unwrap();
    assert_eq!(made.link, EventLink::Impossible);
    let event = bed.only(&draft(1)).await;
    assert!(event["details"].get("onlineMeeting").is_none(), "{event:#}");
    let state = bed.update(&stored(draft(1).key, &made), &with_link(moved(1))).await.unwrap();
    assert_eq!(state.link, EventLink::Impossible);
    let off = json!({ "provider": "microsoft", "account": bed.account, "meetings": false });
    bed.world.control("PATCH", "calendars", &off).await;
    assert_eq!(bed.create(&with_link(draft(2))).await.unwrap().link, EventLink::Impossible);
}

#[tokio::test]
async fn without_the_permission_nothing_is_written() {
    let mut bed = bed("work").await;
    let role = |role: &str| json!({ "provider": "microsoft", "account": "nina@microsoft.example", "role": role });
    bed.world.control("PATCH", "calendars", &role("reader")).await;
    assert_eq!(bed.create(&draft(1)).await, Err(CallError::NotOurs.into()), "the calendar may only be read");
    bed.world.control("PATCH", "calendars", &role("owner")).await;
    let grant = json!({ "provider": "microsoft", "account": bed.account, "scope": "Calendars.ReadBasic" });
    let token = bed.world.control("POST", "grants", &grant).await["access_token"].as_str().unwrap().to_owned();
    bed.secret = Clear::new(token);
    bed.integration.can_write = false;
    assert_eq!(bed.create(&draft(1)).await, Err(CallError::MissingScope.into()));
    assert_eq!(bed.remove(&stored(draft(1).key, &some())).await, Err(CallError::MissingScope.into()));
    bed.calendar.external_id = "nowhere".into();
    assert_eq!(bed.create(&draft(1)).await, Err(CallError::Gone.into()));
}

fn some() -> wellmet::integrations::providers::EventState {
    let draft = draft(1);
    wellmet::integrations::providers::EventState {
        external_id: "AAMkAGnothing".into(),
        etag: None,
        start: draft.start,
        end: draft.end,
        link: EventLink::Unwanted,
    }
}
