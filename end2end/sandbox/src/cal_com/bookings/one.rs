//! One booking: made, shown, cancelled, moved. Public: whoever knows the uid may.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::list::{VERSION, shown};
use super::state::{Attendee, Booking, EventType};
use super::{anyone, effect, instant, only, text, version};
use crate::cal_com::answer::{Answer, Failure, created, success};
use crate::cal_com::managed::Json;
use crate::core::state::{App, World};
use crate::core::tokens;

/// Books.
pub(super) async fn create(State(app): State<App>, headers: HeaderMap, Json(body): Json) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let world = &mut *world;
    anyone(world, &headers, now)?;
    version(&headers, VERSION)?;
    only(&body, &["start", "eventTypeId", "attendee", "location", "metadata", "guests"])?;
    let start = instant(&body, "start")?;
    let id = body["eventTypeId"].as_i64().ok_or_else(|| Failure::invalid("eventTypeId", "isInt", "must be an integer number", &body))?;
    let kind = world.cal.event_types.get(&id).cloned().ok_or_else(|| Failure::missing(format!("Event type with id {id} not found.")))?;
    let attendee = attendee(&body)?;
    let location = location(&body, &kind)?;
    let metadata = metadata(&body)?;
    let end = start.checked_add(SignedDuration::from_mins(kind.minutes)).unwrap_or(start);
    effect::free(world, &kind, (start, end), None, now)?;
    let mut booking = Booking {
        id: world.cal.number(),
        uid: tokens::id(),
        host: kind.owner,
        event_type: kind.id,
        cancelled: false,
        start,
        end,
        location,
        attendee,
        metadata,
        reason: None,
        moved_from: None,
        moved_to: None,
        created: now,
        updated: now,
        event: None,
    };
    effect::write(world, &kind, &mut booking, now);
    effect::mail(world, &booking, "booked");
    let answer = shown(world, &booking);
    world.cal.bookings.push(booking);
    Ok(created(answer))
}

fn attendee(body: &Value) -> Result<Attendee, Failure> {
    let one = body.get("attendee").filter(|one| one.is_object());
    let one = one.ok_or_else(|| Failure::invalid("attendee", "isObject", "must be an object", body))?;
    only(one, &["name", "email", "timeZone", "language"])?;
    let email = text(one, "email")?;
    if !email.contains('@') {
        return Err(Failure::invalid("email", "isEmail", "must be an email", one));
    }
    let zone = text(one, "timeZone")?;
    if jiff::tz::TimeZone::get(zone).is_err() {
        return Err(Failure::invalid("timeZone", "isTimeZone", "must be a valid IANA time-zone", one));
    }
    Ok(Attendee { name: text(one, "name")?.to_owned(), email: email.to_owned(), time_zone: zone.to_owned() })
}

/// The location: one of the kinds that the event type offers.
fn location(body: &Value, kind: &EventType) -> Result<String, Failure> {
    let offered = kind.body.get("locations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let refused = || Failure::bad("The location is not one that the event type offers.");
    let Some(place) = body.get("location") else {
        return if offered.is_empty() { Ok("integrations:daily".to_owned()) } else { Err(refused()) };
    };
    let wanted = text(place, "type")?;
    if wanted != "attendeeDefined" || !offered.iter().any(|one| one["type"] == wanted) {
        return Err(refused());
    }
    Ok(text(place, "location")?.to_owned())
}

/// Up to 50 values of up to 500 characters under names of up to 40.
fn metadata(body: &Value) -> Result<Map<String, Value>, Failure> {
    let metadata = body.get("metadata").cloned().unwrap_or_else(|| json!({}));
    let fits = |(name, value): (&String, &Value)| {
        name.len() <= 40 && (value.is_boolean() || value.is_number() || value.as_str().is_some_and(|text| text.chars().count() <= 500))
    };
    match metadata {
        Value::Object(all) if all.len() <= 50 && all.iter().all(fits) => Ok(all),
        _ => Err(Failure::invalid("metadata", "isObject", "must have at most 50 short values", body)),
    }
}

fn missing(uid: &str) -> Failure {
    Failure::missing(format!("Booking with uid={uid} was not found in the database"))
}

fn find(world: &World, uid: &str) -> Result<Booking, Failure> {
    world.cal.bookings.iter().find(|booking| booking.uid == uid).cloned().ok_or_else(|| missing(uid))
}

/// Stores `booking` in place of what has its uid.
fn put(world: &mut World, booking: Booking) {
    if let Some(known) = world.cal.bookings.iter_mut().find(|known| known.uid == booking.uid) {
        *known = booking;
    }
}

/// Shows one.
pub(super) async fn show(State(app): State<App>, Path(uid): Path<String>, headers: HeaderMap) -> Answer {
    let mut world = app.world();
    anyone(&mut world, &headers, app.clock.now())?;
    version(&headers, VERSION)?;
    let booking = find(&world, &uid)?;
    Ok(success(shown(&world, &booking)))
}

/// Cancels one, once.
pub(super) async fn cancel(State(app): State<App>, Path(uid): Path<String>, headers: HeaderMap, Json(body): Json) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let world = &mut *world;
    anyone(world, &headers, now)?;
    version(&headers, VERSION)?;
    only(&body, &["cancellationReason"])?;
    Ok(success(call_off(world, &uid, body["cancellationReason"].as_str(), now)?))
}

/// Cancels a booking and gives it as it is then.
pub(in crate::cal_com) fn call_off(world: &mut World, uid: &str, reason: Option<&str>, now: Timestamp) -> Result<Value, Failure> {
    let mut booking = find(world, uid)?;
    if booking.cancelled {
        return Err(Failure::bad(format!("Can't cancel booking with uid={uid} because it has been cancelled already.")));
    }
    (booking.cancelled, booking.updated, booking.reason) = (true, now, reason.map(str::to_owned));
    effect::erase(world, &booking, now);
    effect::mail(world, &booking, "cancelled");
    let answer = shown(world, &booking);
    put(world, booking);
    Ok(answer)
}

/// Moves one: the old booking is cancelled, a new one is made, the event stays.
pub(super) async fn reschedule(State(app): State<App>, Path(uid): Path<String>, headers: HeaderMap, Json(body): Json) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let world = &mut *world;
    anyone(world, &headers, now)?;
    version(&headers, VERSION)?;
    only(&body, &["start", "reschedulingReason", "rescheduledBy"])?;
    let start = instant(&body, "start")?;
    Ok(created(move_to(world, &uid, start, body["reschedulingReason"].as_str(), now)?))
}

/// Moves a booking and gives the new one.
pub(in crate::cal_com) fn move_to(
    world: &mut World,
    uid: &str,
    start: Timestamp,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<Value, Failure> {
    let mut old = find(world, uid)?;
    if old.cancelled {
        let next = old.moved_to.as_ref().map_or_else(String::new, |uid| format!(" It was rescheduled to booking with uid={uid}."));
        return Err(Failure::bad(format!("Can't reschedule booking with uid={uid} because it has been cancelled.{next}")));
    }
    let kind = world.cal.event_types.get(&old.event_type).cloned().ok_or_else(|| Failure::missing("Event type not found."))?;
    let end = start.checked_add(SignedDuration::from_mins(kind.minutes)).unwrap_or(start);
    effect::free(world, &kind, (start, end), Some(&old), now)?;
    let mut new = Booking {
        id: world.cal.number(),
        uid: tokens::id(),
        start,
        end,
        metadata: Map::new(),
        reason: reason.map(str::to_owned),
        moved_from: Some(old.uid.clone()),
        created: now,
        updated: now,
        ..old.clone()
    };
    (old.cancelled, old.moved_to, old.updated, old.event) = (true, Some(new.uid.clone()), now, None);
    effect::write(world, &kind, &mut new, now);
    effect::mail(world, &new, "rescheduled");
    let answer = shown(world, &new);
    put(world, old);
    world.cal.bookings.push(new);
    Ok(answer)
}
