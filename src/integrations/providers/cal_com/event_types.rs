//! What bookings at Cal.com are bookings of: hidden event types of our own, one for each length and calendar, and a schedule that is
//! never closed, since the coach's hours are this site's business. Found by their names, made when missing.

use std::fmt::Write as _;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{request::Bearer, wire::Envelope};
use crate::integrations::{
    outcome::CallError,
    providers::{EventCalendar, EventDraft},
};

const TYPES_VERSION: &str = "2024-06-14";
const SCHEDULES_VERSION: &str = "2024-06-11";
/// What the slugs of our event types begin with.
const SLUG: &str = "wellmet-";
/// What our schedule is called.
const SCHEDULE: &str = "Wellmet (agreed on the booking page)";

#[derive(Deserialize)]
struct EventType {
    id: i64,
    slug: String,
}

#[derive(Deserialize)]
struct Schedule {
    id: i64,
    name: String,
}

/// The slug for that length and calendar.
fn slug(minutes: i64, calendar: &EventCalendar) -> String {
    let digest = Sha256::digest(format!("{}\n{}", calendar.external_kind, calendar.external_id));
    let mut slug = format!("{SLUG}{minutes}-");
    for byte in digest.iter().take(5) {
        // Writing to a String cannot fail.
        let _ = write!(slug, "{byte:02x}");
    }
    slug
}

async fn own(bearer: &Bearer<'_>) -> Result<Vec<EventType>, CallError> {
    let request = bearer.request(Method::GET, "/v2/event-types").header("cal-api-version", TYPES_VERSION);
    Ok(bearer.send(request).await?.json::<Envelope<Vec<EventType>>>()?.data)
}

/// The numbers of all our event types.
pub(super) async fn of_ours(bearer: &Bearer<'_>) -> Result<Vec<i64>, CallError> {
    Ok(own(bearer).await?.into_iter().filter(|one| one.slug.starts_with(SLUG)).map(|one| one.id).collect())
}

/// The event type for `draft` in `calendar`.
pub(super) async fn event_type(bearer: &Bearer<'_>, calendar: &EventCalendar, draft: &EventDraft) -> Result<i64, CallError> {
    let minutes = (draft.end.millis() - draft.start.millis()) / 60_000;
    let slug = slug(minutes, calendar);
    let known = async || Ok::<_, CallError>(own(bearer).await?.into_iter().find(|one| one.slug == slug).map(|one| one.id));
    if let Some(id) = known().await? {
        return Ok(id);
    }
    let body = json!({
        "title": "Session", "slug": slug, "lengthInMinutes": minutes, "hidden": true, "disableGuests": true,
        "description": "Booked and changed on the coach's booking page; this entry only writes it into the calendar.",
        "locations": [{ "type": "attendeeDefined" }],
        "scheduleId": schedule(bearer, draft).await?,
        "minimumBookingNotice": 0, "beforeEventBuffer": 0, "afterEventBuffer": 0,
        "destinationCalendar": { "integration": calendar.external_kind, "externalId": calendar.external_id },
    });
    let request = bearer.request(Method::POST, "/v2/event-types").header("cal-api-version", TYPES_VERSION).json(&body);
    match bearer.send(request).await {
        Ok(reply) => Ok(reply.json::<Envelope<EventType>>()?.data.id),
        // Made by another server meanwhile.
        Err(CallError::Refused(400)) => known().await?.ok_or(CallError::Refused(400)),
        Err(error) => Err(error),
    }
}

/// The schedule that is never closed. Its days end a minute before midnight, in the coach's night.
async fn schedule(bearer: &Bearer<'_>, draft: &EventDraft) -> Result<i64, CallError> {
    let request = bearer.request(Method::GET, "/v2/schedules").header("cal-api-version", SCHEDULES_VERSION);
    let known = bearer.send(request).await?.json::<Envelope<Vec<Schedule>>>()?.data;
    if let Some(schedule) = known.into_iter().find(|schedule| schedule.name == SCHEDULE) {
        return Ok(schedule.id);
    }
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let body = json!({
        "name": SCHEDULE, "timeZone": draft.zone.name(), "isDefault": false,
        "availability": [{ "days": days, "startTime": "00:00", "endTime": "23:59" }],
    });
    let request = bearer.request(Method::POST, "/v2/schedules").header("cal-api-version", SCHEDULES_VERSION).json(&body);
    Ok(bearer.send(request).await?.json::<Envelope<Schedule>>()?.data.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_and_calendar_has_its_own() {
        let calendar = |id: &str| EventCalendar { external_id: id.into(), external_kind: "google_calendar".into(), credential_ref: None };
        let one = slug(60, &calendar("a@b"));
        assert!(one.starts_with("wellmet-60-") && one.len() == "wellmet-60-".len() + 10, "{one}");
        assert_eq!(one, slug(60, &calendar("a@b")));
        assert!(one != slug(45, &calendar("a@b")) && one != slug(60, &calendar("a@c")));
    }
}
