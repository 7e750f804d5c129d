//! What the adapters make of events: the same times from every provider, however it says them.

use serde_json::json;
use wellmet::{
    integrations::{
        Integration, ProviderKind,
        ical::merged,
        outcome::CallError,
        providers::{Access, Busy, BusyAsk, CalendarToRead},
        tokens::Force,
    },
    model::Instant,
    time::{Interval, Zone},
};

use super::{
    connect::list_path,
    world::{CONSENT, World},
};
use crate::support::{TestDb, both_engines};

const ZONE: &str = "America/New_York";

fn span(start: &str, end: &str) -> Interval {
    let at = |text| Instant::parse_rfc3339(text).expect("an instant");
    Interval { start: at(start), end: at(end) }
}

/// An account in New York with one calendar, connected; and that calendar's id at the provider.
async fn connected(world: &World, kind: ProviderKind, slug: &str) -> (Integration, String) {
    let account = format!("nina@{slug}.example");
    let made = world.control("POST", "accounts", &json!({ "provider": slug, "email": account, "zone": ZONE })).await;
    for event in [
        json!({ "start": "2026-12-03T10:00:00Z", "end": "2026-12-03T11:00:00Z" }),
        json!({ "start": "2026-12-03T10:30:00Z", "end": "2026-12-03T11:30:00Z", "show": "oof" }),
        json!({ "start": "2026-12-04T10:00:00Z", "end": "2026-12-04T11:00:00Z", "show": "free" }),
        json!({ "start": "2026-12-05T10:00:00Z", "end": "2026-12-05T11:00:00Z", "cancelled": true }),
        json!({ "start": "2026-12-07T15:00:00Z", "end": "2026-12-07T16:00:00Z", "show": "tentative", "tentative": true }),
        json!({ "start": "2026-12-10", "end": "2026-12-12" }),
        json!({ "start": "2027-02-24T14:00:00Z", "end": "2027-02-24T15:00:00Z", "zone": ZONE, "rule": "FREQ=WEEKLY;COUNT=4" }),
    ] {
        let mut event = event;
        event["provider"] = json!(slug);
        event["account"] = json!(account);
        world.control("POST", "events", &event).await;
    }
    let coach = world.coach(slug).await;
    let id = world.connect(&coach, kind, &account).await;
    (world.found(&coach, id).await.integration, made["calendar"].as_str().expect("an id").to_owned())
}

/// What the provider says of `external_id` from December to the end of March.
async fn read(world: &World, integration: &Integration, external_id: &str, sync_state: Option<String>) -> Result<Busy, CallError> {
    let held = world.tokens.ensure_valid(integration, Force::No).await.expect("a token");
    let calendar = CalendarToRead {
        id: world.db.ids().id(world.db.now()),
        external_id: external_id.to_owned(),
        external_kind: String::new(),
        credential_ref: None,
        zone: Zone::parse(ZONE).expect("a zone"),
        sync_state,
    };
    let window = span("2026-12-01T00:00:00Z", "2027-03-31T00:00:00Z");
    let access = Access { integration, secret: &held.secret };
    let provider = world.providers.get(integration.kind).expect("a provider");
    Ok(provider.busy(&access, &BusyAsk { window, calendars: &[calendar] }).await?.remove(0).busy)
}

both_engines! {
    async fn the_same_times_from_every_provider(db: TestDb) {
        let world = World::on(db).await;
        // So that everything comes in several pages.
        world.control("PATCH", "switches", &json!({ "page_limit": 2 })).await;
        for (kind, slug) in CONSENT {
            let (integration, calendar) = connected(&world, kind, slug).await;
            let Ok(Busy::Known { spans, sync_state, .. }) = read(&world, &integration, &calendar, None).await else { panic!("{slug}") };
            assert_eq!(merged(spans), [
                span("2026-12-03T10:00:00Z", "2026-12-03T11:30:00Z"),
                span("2026-12-07T15:00:00Z", "2026-12-07T16:00:00Z"),
                // Two whole days where the calendar is.
                span("2026-12-10T05:00:00Z", "2026-12-12T05:00:00Z"),
                // Nine in the morning stays nine when the clocks change on 14 March.
                span("2027-02-24T14:00:00Z", "2027-02-24T15:00:00Z"),
                span("2027-03-03T14:00:00Z", "2027-03-03T15:00:00Z"),
                span("2027-03-10T14:00:00Z", "2027-03-10T15:00:00Z"),
                span("2027-03-17T13:00:00Z", "2027-03-17T14:00:00Z"),
            ], "{slug}");
            assert!(matches!(read(&world, &integration, &calendar, sync_state.clone()).await, Ok(Busy::Unchanged { .. })), "{slug}");
            let more = json!({ "provider": slug, "account": format!("nina@{slug}.example"), "start": "2027-01-08T10:00:00Z", "end": "2027-01-08T11:00:00Z" });
            world.control("POST", "events", &more).await;
            let changed = read(&world, &integration, &calendar, sync_state).await;
            assert!(matches!(changed, Ok(Busy::Known { spans, .. }) if merged(spans.clone()).len() == 8), "{slug}");
        }
    }

    async fn a_calendar_that_is_not_there_is_unknown_and_the_account_is_not(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let (integration, _) = connected(&world, kind, slug).await;
            let gone = read(&world, &integration, "not-a-calendar", None).await;
            assert_eq!(gone, Ok(Busy::Unknown(CallError::Gone)), "{slug}");
        }
    }

    async fn a_long_list_is_read_to_its_end(db: TestDb) {
        let world = World::on(db).await;
        world.control("PATCH", "switches", &json!({ "page_limit": 1 })).await;
        for (kind, slug) in CONSENT {
            let coach = world.coach(slug).await;
            world.forget_requests().await;
            let id = world.connect(&coach, kind, &format!("maya@{slug}.example")).await;
            assert_eq!(world.found(&coach, id).await.calendars.len(), 3);
            assert_eq!(world.requests(&format!("path_prefix=/{slug}{}", list_path(slug))).await.len(), 3);
        }
    }
}
