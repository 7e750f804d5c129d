//! The demo over the REST API: what it says is free is what the slot page shows and what the engine says, in any zone.

use std::{collections::BTreeSet, sync::Arc};

use axum::http::{StatusCode, header};
use chrono::{Days, NaiveDate};
use wellmet::{
    bookings::SlotQuery,
    model::{Instant, UserId},
    time::{Clock, Interval, SeededIds, Zone},
};

use crate::{
    asking::{Program, done},
    site::TestSite,
    support::{TestDb, both_engines},
};

const ZONES: [&str; 3] = ["Europe/Berlin", "America/St_Johns", "Pacific/Auckland"];
/// How many days each slot page is looked at for: enough to meet full and empty ones.
const DAYS: u64 = 9;

/// The starts that a page offers as buttons.
fn offered(html: &str) -> BTreeSet<String> {
    let buttons = html.split("name=\"start\" value=\"").skip(1);
    buttons.map(|rest| rest.split('"').next().expect("a value").to_owned()).collect()
}

/// The starts of `answer`.
fn starts(answer: &serde_json::Value) -> Vec<String> {
    let slots = answer["available_slots"].as_array().expect("slots");
    slots.iter().map(|slot| slot["start"].as_str().expect("a start").to_owned()).collect()
}

both_engines! {
    async fn the_api_the_slot_page_and_the_engine_agree(db: TestDb) {
        let clock: Arc<dyn Clock> = Arc::new(db.clock().clone());
        wellmet::demo::load(&db.deps().store, clock, Arc::new(SeededIds::new(7))).await.expect("the demo").expect("an empty database");
        let site = TestSite::with(db.deps(), &[("LIMIT_API_PER_ADDRESS", "0")]);
        let program = Program::nobody(&site);
        let coaches = done(&program.get("/coaches?limit=100").await, StatusCode::OK);
        let (mut compared, mut free) = (0, 0);
        for coach in coaches["coaches"].as_array().expect("coaches") {
            let id: UserId = coach["user_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
            let offer = site.app.offers.by_id(id).await.expect("an answer").expect("a coach");
            for kind in coach["session_types"].as_array().expect("session types") {
                let (kind_id, slug) = (kind["id"].as_str().expect("an id"), kind["slug"].as_str().expect("a slug"));
                let query = SlotQuery::booking(&offer, offer.session_type(kind_id.parse().expect("an id")).expect("its type"));
                for zone in ZONES {
                    let zone = Zone::parse(zone).expect("a zone");
                    for day in (0..DAYS).map(|day| day_after(&zone, db.now(), day)) {
                        let Interval { start, end } = zone.day(day).expect("a day");
                        let range = format!("start_date={}&end_date={}", start.to_rfc3339(), end.to_rfc3339());
                        let path = format!("/booking/coach/{id}/availability?{range}&session_type_id={kind_id}");
                        let told = starts(&done(&program.get(&path).await, StatusCode::OK));
                        let judged = site.app.bookings.slots().within(&query, Interval { start, end }).await.expect("slots");
                        let judged: Vec<String> = judged.iter().map(|slot| slot.start.to_rfc3339()).collect();
                        assert_eq!(told, judged, "{slug} on {day} in {}: the engine says otherwise", zone.name());
                        let page = format!("/coaches/{}/{slug}?day={day}&tz={}", offer.slug, zone.name());
                        let html = site.get(&page).await;
                        assert_eq!((html.status, html.header(header::CONTENT_TYPE.as_str())), (StatusCode::OK, "text/html; charset=utf-8"));
                        assert_eq!(told.iter().cloned().collect::<BTreeSet<_>>(), offered(&html.body), "{page}");
                        compared += 1;
                        free += told.len();
                    }
                }
            }
        }
        assert!(compared > 300 && free > 1000, "{compared} days with {free} times");
    }
}

fn day_after(zone: &Zone, now: Instant, days: u64) -> NaiveDate {
    zone.date_of(now).checked_add_days(Days::new(days)).expect("a date")
}
