//! `/v2/event-types`.

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::state::EventType;
use super::{only, owner, text, version};
use crate::cal_com::answer::{Answer, Failure, created, success};
use crate::cal_com::managed::Json;
use crate::core::gate::bearer;
use crate::core::state::App;

const VERSION: &str = "2024-06-14";
const KNOWN: &[&str] = &[
    "title",
    "slug",
    "lengthInMinutes",
    "description",
    "locations",
    "scheduleId",
    "minimumBookingNotice",
    "beforeEventBuffer",
    "afterEventBuffer",
    "bookingWindow",
    "confirmationPolicy",
    "destinationCalendar",
    "hidden",
    "disableGuests",
    "customName",
    "slotInterval",
];

fn shown(one: &EventType) -> Value {
    let sent = |name: &str, usual: Value| one.body.get(name).cloned().unwrap_or(usual);
    let mut shown = json!({
        "id": one.id, "ownerId": one.owner, "lengthInMinutes": one.minutes, "title": one.body["title"], "slug": one.slug,
        "description": sent("description", "".into()), "locations": sent("locations", json!([])), "bookingFields": [], "disableGuests": sent("disableGuests", false.into()),
        "recurrence": null, "metadata": {}, "price": 0, "currency": "usd", "lockTimeZoneToggleOnBookingPage": false,
        "forwardParamsSuccessRedirect": null, "successRedirectUrl": null, "isInstantEvent": false, "scheduleId": one.schedule,
        "hidden": sent("hidden", false.into()), "bookingRequiresAuthentication": false, "users": [],
        "bookingUrl": format!("https://cal.example/user/{}", one.slug),
    });
    if let (Some((integration, external)), Some(shown)) = (&one.destination, shown.as_object_mut()) {
        shown.insert("destinationCalendar".to_owned(), json!({ "integration": integration, "externalId": external }));
    }
    shown
}

/// The caller's own; nobody's without a token, and no refusal.
pub(super) async fn list(State(app): State<App>, headers: HeaderMap) -> Answer {
    let mut world = app.world();
    version(&headers, VERSION)?;
    if bearer(&headers).is_none() {
        return Ok(success(json!([])));
    }
    let user = owner(&mut world, &headers, "EVENT_TYPE_READ", app.clock.now())?;
    Ok(success(world.cal.event_types.values().filter(|one| one.owner == user).map(shown).collect()))
}

/// Makes one more, under a slug that the caller has not used.
pub(super) async fn create(State(app): State<App>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let user = owner(&mut world, &headers, "EVENT_TYPE_WRITE", app.clock.now())?;
    version(&headers, VERSION)?;
    only(&body, KNOWN)?;
    let slug = text(&body, "slug")?.to_owned();
    text(&body, "title")?;
    let minutes = body["lengthInMinutes"].as_i64().filter(|minutes| *minutes > 0);
    let minutes = minutes.ok_or_else(|| Failure::invalid("lengthInMinutes", "min", "must not be less than 1", &body))?;
    if world.cal.event_types.values().any(|one| one.owner == user && one.slug == slug) {
        return Err(Failure::bad("User already has an event type with this slug."));
    }
    let schedule = body.get("scheduleId").and_then(Value::as_i64);
    if schedule.is_some_and(|id| world.cal.schedules.get(&id).is_none_or(|schedule| schedule.owner != user)) {
        return Err(Failure::missing("User with this ID does not own a schedule with this ID"));
    }
    let destination = match body.get("destinationCalendar") {
        None => None,
        Some(place) => Some((text(place, "integration")?.to_owned(), text(place, "externalId")?.to_owned())),
    };
    let sent: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
    let one = EventType { id: world.cal.number(), owner: user, slug, minutes, schedule, destination, body: sent };
    let answer = shown(&one);
    world.cal.event_types.insert(one.id, one);
    Ok(created(answer))
}
