//! Busy times through Cal.com: whose token asks, and what must never read as free.

use std::time::Duration;

use serde_json::{Value, json};
use wellmet::{
    integrations::{
        Integration,
        busy::{Freshness, KnownBusy, Went},
        health::{Health, HealthReason},
        standing::Standing,
    },
    model::Instant,
    time::Interval,
};

use super::world::{Coach, MAYA, World};
use crate::support::{TestDb, both_engines};

const WEEK: i64 = 7 * 24 * 60;

async fn known(world: &World, coach: &Coach) -> KnownBusy {
    let now = world.db.now();
    let range = Interval { start: now, end: now.plus_minutes(WEEK) };
    KnownBusy::load(world.db.store(), coach.actor.id(), range).await.unwrap().expect("a coach")
}

/// An event in Maya's calendar, `minutes` from now.
async fn event(world: &World, minutes: i64, length: i64) -> Interval {
    let start = Instant::from_millis(world.db.now().millis() / 1000 * 1000).plus_minutes(minutes);
    let span = Interval { start, end: start.plus_minutes(length) };
    let event =
        json!({ "provider": "google", "account": MAYA, "summary": "Dentist", "start": start.to_rfc3339(), "end": span.end.to_rfc3339() });
    world.control("POST", "events", event).await;
    span
}

/// A connected coach whose calendar has one event, in the night.
async fn connected(world: &World) -> (Coach, Integration, Interval) {
    let coach = world.coach("amelie").await;
    let integration = world.connect(&coach).await;
    let events = world.control("GET", &format!("events?provider=google&account={MAYA}"), Value::Null).await;
    for event in events["events"].as_array().unwrap() {
        world.control("DELETE", "events", json!({ "provider": "google", "account": MAYA, "id": event["id"] })).await;
    }
    let span = event(world, 90, 45).await;
    (coach, integration, span)
}

both_engines! {
    async fn a_mentee_looks_while_the_coachs_token_is_expired(db: TestDb) {
        let world = World::on(db).await;
        let (coach, _, span) = connected(&world).await;
        let bystander = world.coach("bruno").await;
        world.try_connect(&bystander, wellmet::integrations::providers::Behind::Google, "tomas@google.example", "allow").await.expect("a connection");
        world.control("POST", "tokens/expire", json!({ "provider": "cal" })).await;
        world.forget().await;
        // What a page does for a mentee: the coach's id is all it has.
        assert_eq!(world.server.sync.freshen(coach.actor.id(), Duration::from_secs(10)).await, Freshness::Known);
        let busy = known(&world, &coach).await;
        assert_eq!(busy.spans, [span]);
        assert_eq!((busy.health, busy.trust.at(world.db.now())), (Some(Health::Healthy), Standing::Known));
        let asked = world.requests("/v2/calendars").await;
        assert!(asked.len() >= 3, "{asked:?}");
        assert!(asked.iter().all(|request| request["account"] == coach.alias.as_str() || request["status"] == 498), "{asked:?}");
        assert!(asked.iter().all(|request| request["client_id"] == "wellmet-sandbox-cal"), "{asked:?}");
        assert_eq!(world.refreshes().await, (1, 0));
        assert!(world.requests("/v2/").await.iter().all(|request| request["account"] != bystander.alias.as_str()));
    }

    async fn what_is_stored_is_within_what_was_asked_for(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration, _) = connected(&world).await;
        world.forget().await;
        assert_eq!(world.server.sync.sync_one(&integration).await.unwrap().went, Went::Well);
        let asked = world.requests("/v2/calendars/busy-times").await;
        let query = asked[0]["query"].as_str().expect("a query");
        assert!(query.contains("calendarsToLoad%5B0%5D%5BcredentialId%5D=") && query.contains("timeZone=UTC"), "{query}");
        assert!(known(&world, &coach).await.spans.len() == 1);
    }

    async fn a_revoked_credential_is_unknown_never_free(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration, span) = connected(&world).await;
        world.server.sync.sync_one(&integration).await.expect("a read");
        // Revoked where it matters: the coach took Cal.com's access back at Google. Busy times would say 200 and nothing.
        world.control("POST", "grants/revoke", json!({ "provider": "google", "account": MAYA })).await;
        world.advance(Duration::from_mins(5)).await;
        let read = world.server.sync.sync_one(&integration).await.expect("a read");
        assert_ne!(read.went, Went::Well);
        let busy = known(&world, &coach).await;
        assert_eq!(busy.spans, [span], "what was known last stands");
        assert!(!matches!(busy.trust.at(world.db.now()), Standing::Known));
        let state = world.found(&coach, integration.id).await.integration.state;
        assert_eq!((state.health, state.reason), (Health::NeedsReconnect, Some(HealthReason::CalendarNotConnected)));
        // A new look at the list says the same of the calendar itself.
        world.db.run("UPDATE calendar_integrations SET health = 'healthy', health_reason = NULL").await;
        world.server.integrations.relist(&integration).await.expect("a list");
        let calendars = world.found(&coach, integration.id).await.calendars;
        assert!(calendars.iter().all(|calendar| calendar.problem == Some(HealthReason::CalendarNotConnected)), "{calendars:?}");
        assert!(calendars.iter().all(|calendar| calendar.missing_since.is_none() && !calendar.name.is_empty()));
    }

    async fn a_provider_behind_that_fails_may_recover(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration, span) = connected(&world).await;
        world.server.sync.sync_one(&integration).await.expect("a read");
        let path = format!("cal/credentials/{}", world.credential().await);
        world.control("PATCH", &path, json!({ "unreadable": true })).await;
        assert_ne!(world.server.sync.sync_one(&integration).await.unwrap().went, Went::Well);
        let state = world.found(&coach, integration.id).await.integration.state;
        assert_eq!((state.health, state.reason), (Health::Degraded, Some(HealthReason::ProviderDown)));
        assert_eq!(known(&world, &coach).await.spans, [span]);
        world.control("PATCH", &path, json!({ "unreadable": false })).await;
        assert_eq!(world.server.sync.sync_one(&integration).await.unwrap().went, Went::Well);
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Healthy);
    }

    async fn a_credential_with_a_new_number_is_found_again(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration, span) = connected(&world).await;
        let number = world.credential().await;
        world.control("POST", &format!("cal/credentials/{number}/renumber"), json!({})).await;
        assert_eq!(world.server.sync.sync_one(&integration).await.unwrap().went, Went::Well);
        assert_eq!(known(&world, &coach).await.spans, [span]);
        world.server.integrations.relist(&integration).await.expect("a list");
        let stored: String = world.db.row("SELECT credential_ref FROM integration_calendars WHERE counts_busy = 1").await.get("credential_ref").unwrap();
        assert_eq!(stored, world.credential().await.to_string());
        // In between, Cal.com's own list may lag: the 401 is no fault of the token.
        let fault = json!({ "kind": "status", "status": 401, "body": { "status": "error", "error": { "message": "These credentials do not belong to you" } } });
        world.fault("/v2/calendars/busy-times", fault, json!(1)).await;
        world.forget().await;
        assert_eq!(world.server.sync.sync_one(&integration).await.unwrap().went, Went::Well);
        assert_eq!(world.refreshes().await, (0, 0));
    }

    async fn answers_that_cannot_be_read_are_not_free_time(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration, span) = connected(&world).await;
        world.server.sync.sync_one(&integration).await.expect("a read");
        let body = |data: Value| json!({ "kind": "status", "status": 200, "body": { "status": "success", "data": data } });
        for fault in [
            json!({ "kind": "malformed_json" }),
            json!({ "kind": "cut_body" }),
            json!({ "kind": "status", "status": 500, "body": { "statusCode": 500, "message": "Internal server error" } }),
            body(json!([{ "start": "tomorrow", "end": "later" }])),
            body(json!({})),
        ] {
            world.fault("/v2/calendars/busy-times", fault.clone(), json!(1)).await;
            assert_ne!(world.server.sync.sync_one(&integration).await.unwrap().went, Went::Well, "{fault}");
            assert_eq!(known(&world, &coach).await.spans, [span], "{fault}");
            assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Degraded, "{fault}");
        }
        world.clear_faults().await;
        assert_eq!(world.server.sync.sync_one(&integration).await.unwrap().went, Went::Well);
    }
}
