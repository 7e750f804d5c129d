//! `/v2/me`: whose context a token has.

use axum::extract::State;
use axum::http::HeaderMap;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::answer::{Answer, Failure, success};
use super::auth::{Needs, caller};
use super::managed::Json;
use super::state::User;
use crate::core::state::App;

fn shown(user: &User) -> Value {
    let organization = user.managed.as_ref().map(|_| 1);
    let mut shown = json!({ "id": user.id, "username": user.username, "email": user.email, "name": user.name, "avatarUrl": user.avatar_url, "bio": user.bio,
        "timeFormat": user.time_format, "defaultScheduleId": user.schedule, "weekStart": user.week_start, "timeZone": user.time_zone,
        "organizationId": organization });
    if let (Some(id), Some(shown)) = (organization, shown.as_object_mut()) {
        shown.insert("organization".to_owned(), json!({ "id": id, "isPlatform": true }));
    }
    shown
}

/// `GET /v2/me`.
pub(crate) async fn show(State(app): State<App>, headers: HeaderMap) -> Answer {
    let mut world = app.world();
    let needs = Needs { scope: Some("PROFILE_READ"), bearer_only: false };
    let user = caller(&mut world, &headers, needs, app.clock.now())?.user;
    world.cal.users.get(&user).map(|user| success(shown(user))).ok_or_else(|| Failure::missing("User not found"))
}

/// `PATCH /v2/me`.
pub(crate) async fn update(State(app): State<App>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let needs = Needs { scope: Some("PROFILE_WRITE"), bearer_only: false };
    let user = caller(&mut world, &headers, needs, app.clock.now())?.user;
    let user = world.cal.users.get_mut(&user).ok_or_else(|| Failure::missing("User not found"))?;
    if let Some(zone) = body.get("timeZone") {
        let known = zone.as_str().filter(|zone| TimeZone::get(zone).is_ok());
        let known = known.ok_or_else(|| Failure::invalid("timeZone", "isTimeZone", "must be a valid IANA time-zone", &body))?;
        known.clone_into(&mut user.time_zone);
    }
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        name.clone_into(&mut user.name);
    }
    Ok(success(shown(user)))
}
