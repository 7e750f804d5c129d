//! The list of bookings, and how one is worded.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::state::Booking;
use super::{instant, only, owner, version};
use crate::cal_com::answer::{Answer, Failure, iso};
use crate::core::state::{App, World};

/// The version of everything about bookings.
pub(super) const VERSION: &str = "2024-08-13";

/// `booking` as the API words it.
pub(super) fn shown(world: &World, booking: &Booking) -> Value {
    let host = world.cal.users.get(&booking.host);
    let host = host.map(|user| {
        let clean = user.managed.as_ref().map_or(&user.email, |(_, plain)| plain);
        json!({ "id": user.id, "name": user.name, "email": user.email, "displayEmail": clean, "username": user.username, "timeZone": user.time_zone })
    });
    let slug = world.cal.event_types.get(&booking.event_type).map_or("", |kind| kind.slug.as_str());
    let attendee = &booking.attendee;
    let status = if booking.cancelled { "cancelled" } else { "accepted" };
    let mut shown = json!({
        "id": booking.id, "uid": booking.uid, "title": format!("Session with {}", attendee.name), "description": "", "hosts": [host], "status": status,
        "start": iso(booking.start), "end": iso(booking.end), "duration": (booking.end.as_second() - booking.start.as_second()) / 60,
        "eventTypeId": booking.event_type, "eventType": { "id": booking.event_type, "slug": slug }, "location": booking.location, "absentHost": false,
        "createdAt": iso(booking.created), "updatedAt": iso(booking.updated), "metadata": booking.metadata, "bookingFieldsResponses": {},
        "cancellationReason": "", "reschedulingReason": "",
        "attendees": [{ "name": attendee.name, "email": attendee.email, "displayEmail": attendee.email, "timeZone": attendee.time_zone, "absent": false }],
    });
    if let Some(shown) = shown.as_object_mut() {
        for (name, value) in [("rescheduledFromUid", &booking.moved_from), ("rescheduledToUid", &booking.moved_to)] {
            if let Some(uid) = value {
                shown.insert(name.to_owned(), uid.clone().into());
            }
        }
        if let Some(reason) = &booking.reason {
            let name = if booking.cancelled && booking.moved_to.is_none() { "cancellationReason" } else { "reschedulingReason" };
            shown.insert(name.to_owned(), reason.clone().into());
        }
    }
    shown
}

/// The caller's bookings.
pub(super) async fn list(State(app): State<App>, headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Answer {
    let mut world = app.world();
    let user = owner(&mut world, &headers, "BOOKING_READ", app.clock.now())?;
    version(&headers, VERSION)?;
    let query = json!(query);
    only(&query, &["eventTypeIds", "afterCreatedAt", "sortCreated", "take", "skip"])?;
    let number = |name: &str, usual: usize| match query.get(name).and_then(Value::as_str) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| Failure::invalid(name, "isInt", "must be an integer number", &query)),
    };
    let (take, skip) = (number("take", 100)?, number("skip", 0)?);
    if !(1..=250).contains(&take) {
        return Err(Failure::invalid("take", "max", "must not be greater than 250", &query));
    }
    let after = if query.get("afterCreatedAt").is_some() { Some(instant(&query, "afterCreatedAt")?) } else { None };
    let kinds: Option<Vec<&str>> = query.get("eventTypeIds").and_then(Value::as_str).map(|ids| ids.split(',').collect());
    let wanted = |booking: &&Booking| {
        booking.host == user
            && after.is_none_or(|after| booking.created >= after)
            && kinds.as_ref().is_none_or(|kinds| kinds.contains(&booking.event_type.to_string().as_str()))
    };
    let mut found: Vec<&Booking> = world.cal.bookings.iter().filter(wanted).collect();
    match query.get("sortCreated").and_then(Value::as_str) {
        None | Some("asc") => {}
        Some("desc") => found.reverse(),
        Some(_) => return Err(Failure::invalid("sortCreated", "isEnum", "must be one of the following values: asc, desc", &query)),
    }
    let take = take.min(world.switches.page_limit.unwrap_or(usize::MAX)).max(1);
    let page: Vec<Value> = found.iter().skip(skip).take(take).map(|booking| shown(&world, booking)).collect();
    let (total, seen) = (found.len(), skip.saturating_add(page.len()));
    let pagination = json!({ "totalItems": total, "remainingItems": total.saturating_sub(seen), "returnedItems": page.len(), "itemsPerPage": take,
        "currentPage": skip / take + 1, "totalPages": total.div_ceil(take), "hasNextPage": seen < total, "hasPreviousPage": skip > 0 });
    Ok(page_of(page, &pagination))
}

fn page_of(page: Vec<Value>, pagination: &Value) -> Response {
    axum::Json(json!({ "status": "success", "data": page, "pagination": pagination })).into_response()
}
