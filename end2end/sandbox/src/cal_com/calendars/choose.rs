//! Which calendars count as busy for Cal.com's own slots, and which one gets bookings.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::cal_com::answer::{Answer, Failure, created, success};
use crate::cal_com::auth::{WRITE, caller};
use crate::cal_com::managed::Json;
use crate::cal_com::state::{Destination, read_only};
use crate::core::state::App;

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Failure> {
    let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| Failure::invalid(name, "isString", "must be a string", body))
}

/// `PUT /v2/destination-calendars`.
pub(super) async fn destination(State(app): State<App>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, WRITE, app.clock.now())?.user;
    let (integration, external) = (text(&body, "integration")?, text(&body, "externalId")?);
    if !["apple_calendar", "google_calendar", "office365_calendar"].contains(&integration) {
        return Err(Failure::invalid("integration", "isEnum", "must be one of the following values", &body));
    }
    let fits = |credential: &&crate::cal_com::state::Credential| {
        let calendars = || credential.calendars(&world).iter();
        credential.user == user
            && credential.kind.integration() == integration
            && calendars().any(|calendar| calendar.id == external && !read_only(calendar))
    };
    let credential = world.cal.credentials.values().find(fits).map(|credential| credential.id);
    let credential = credential.ok_or_else(|| Failure::missing(format!("Could not find calendar {external}")))?;
    let id = world.cal.number();
    if let Some(user) = world.cal.users.get_mut(&user) {
        user.destination = Some(Destination { id, credential, external_id: external.to_owned() });
    }
    Ok(success(json!({ "userId": user, "integration": integration, "externalId": external, "credentialId": credential })))
}

/// `POST /v2/selected-calendars`; the credential is a number here.
pub(super) async fn select(State(app): State<App>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, WRITE, app.clock.now())?.user;
    let (integration, external) = (text(&body, "integration")?, text(&body, "externalId")?);
    let id = body.get("credentialId").and_then(Value::as_i64);
    let id = id.ok_or_else(|| Failure::invalid("credentialId", "isInt", "must be an integer number", &body))?;
    let credential = world.cal.credentials.get_mut(&id).filter(|known| known.user == user && known.kind.integration() == integration);
    let credential = credential.ok_or_else(|| Failure::missing("Calendar credentials not found"))?;
    credential.selected.insert(external.to_owned());
    Ok(created(json!({ "userId": user, "integration": integration, "externalId": external, "credentialId": id })))
}

/// `DELETE /v2/selected-calendars`; the credential is a text here, as all of a query.
pub(super) async fn unselect(State(app): State<App>, headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, WRITE, app.clock.now())?.user;
    let target = json!(query);
    let (integration, external) = (text(&target, "integration")?, text(&target, "externalId")?);
    let id: Option<i64> = text(&target, "credentialId")?.parse().ok();
    let credential = id.and_then(|id| world.cal.credentials.get_mut(&id)).filter(|known| known.user == user);
    let removed = credential.is_some_and(|known| known.kind.integration() == integration && known.selected.remove(external));
    if !removed {
        return Err(Failure::missing("SelectedCalendar not found"));
    }
    Ok(success(json!({ "userId": user, "integration": integration, "externalId": external, "credentialId": id })))
}
