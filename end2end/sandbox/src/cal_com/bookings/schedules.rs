//! `/v2/schedules`.

use axum::extract::State;
use axum::http::HeaderMap;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::state::Schedule;
use super::{only, owner, text, version};
use crate::cal_com::answer::{Answer, Failure, created, success};
use crate::cal_com::managed::Json;
use crate::core::state::App;

const VERSION: &str = "2024-06-11";
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn shown(schedule: &Schedule) -> Value {
    json!({ "id": schedule.id, "ownerId": schedule.owner, "name": schedule.name, "timeZone": schedule.time_zone, "isDefault": false,
            "availability": schedule.availability, "overrides": [] })
}

/// The caller's own.
pub(super) async fn list(State(app): State<App>, headers: HeaderMap) -> Answer {
    let mut world = app.world();
    let user = owner(&mut world, &headers, "SCHEDULE_READ", app.clock.now())?;
    version(&headers, VERSION)?;
    let all = world.cal.schedules.values().filter(|schedule| schedule.owner == user);
    Ok(success(all.map(shown).collect()))
}

/// Whether `span` is days with a begin and an end, as `HH:MM`.
fn is_span(span: &Value) -> bool {
    let time = |name: &str| span[name].as_str().is_some_and(|text| text.len() == 5 && text.parse::<jiff::civil::Time>().is_ok());
    let days = span["days"].as_array().is_some_and(|days| !days.is_empty() && days.iter().all(|day| DAYS.iter().any(|known| day == known)));
    days && time("startTime") && time("endTime")
}

/// Makes one more.
pub(super) async fn create(State(app): State<App>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let user = owner(&mut world, &headers, "SCHEDULE_WRITE", app.clock.now())?;
    version(&headers, VERSION)?;
    only(&body, &["name", "timeZone", "isDefault", "availability", "overrides"])?;
    let (name, zone) = (text(&body, "name")?.to_owned(), text(&body, "timeZone")?.to_owned());
    if TimeZone::get(&zone).is_err() {
        return Err(Failure::invalid("timeZone", "isTimeZone", "must be a valid IANA time-zone", &body));
    }
    if !body["isDefault"].is_boolean() {
        return Err(Failure::invalid("isDefault", "isBoolean", "must be a boolean value", &body));
    }
    let availability = body.get("availability").cloned().unwrap_or_else(|| json!([]));
    if !availability.as_array().is_some_and(|spans| spans.iter().all(is_span)) {
        return Err(Failure::invalid("availability", "isArray", "must be days with times", &body));
    }
    let schedule = Schedule { id: world.cal.number(), owner: user, name, time_zone: zone, availability };
    let answer = shown(&schedule);
    world.cal.schedules.insert(schedule.id, schedule);
    Ok(created(answer))
}
