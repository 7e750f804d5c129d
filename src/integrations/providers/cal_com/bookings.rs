//! Bookings at Cal.com: how they are found again.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{
    events::{ATTEMPT, BOOKING},
    request::{Bearer, segment},
    wire::Envelope,
};
use crate::{
    integrations::{outcome::CallError, providers::EventKey},
    model::Instant,
};

/// The version of everything about bookings. Another one answers in other words, and without them nothing is read: `start` and a
/// status in lower case are this one's.
pub(super) const VERSION: &str = "2024-08-13";
/// Bookings on a page.
const PAGE: usize = 100;
/// More pages than this are a list without an end.
const PAGES: usize = 100;
/// Nobody moves a booking more often.
const MOVES: usize = 50;
/// How far apart Cal.com's clock and ours may be.
const CLOCKS: Duration = Duration::from_hours(24);

/// A booking, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Booking {
    pub(super) uid: String,
    status: String,
    start: String,
    end: String,
    #[serde(default)]
    metadata: Value,
    /// Empty, or not there, when it was not moved.
    #[serde(default)]
    rescheduled_to_uid: Option<String>,
}

/// What there is of a key.
pub(super) enum Found {
    /// This booking.
    Standing(Booking),
    /// One that was cancelled.
    Cancelled,
    /// None.
    Nothing,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Value>,
    pagination: Pagination,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    has_next_page: bool,
}

impl Booking {
    /// Whether it takes place: `accepted`, or `pending` where hosts confirm.
    pub(super) fn stands(&self) -> bool {
        matches!(self.status.as_str(), "accepted" | "pending")
    }

    /// When it is.
    pub(super) fn times(&self) -> Result<(Instant, Instant), CallError> {
        let instant = |text: &str| Instant::parse_rfc3339(text).ok_or(CallError::BadAnswer("a booking without times"));
        Ok((instant(&self.start)?, instant(&self.end)?))
    }

    fn is_of(&self, key: EventKey) -> bool {
        let attempt = key.attempt.to_string();
        self.metadata[BOOKING].as_str() == Some(key.booking.as_str()) && self.metadata[ATTEMPT].as_str() == Some(&attempt)
    }

    fn next(&self) -> Option<&str> {
        self.rescheduled_to_uid.as_deref().filter(|uid| !uid.is_empty() && !self.stands())
    }
}

/// Posts `body`; the answer is a booking.
pub(super) async fn post(bearer: &Bearer<'_>, path: &str, body: &Value) -> Result<Booking, CallError> {
    let request = bearer.request(Method::POST, path).header("cal-api-version", VERSION).json(body);
    let answer: Envelope<Booking> = bearer.send(request).await?.json()?;
    Ok(answer.data)
}

/// The booking `uid`; `None` when there is none.
pub(super) async fn by_uid(bearer: &Bearer<'_>, uid: &str) -> Result<Option<Booking>, CallError> {
    let request = bearer.request(Method::GET, &format!("/v2/bookings/{}", segment(uid))).header("cal-api-version", VERSION);
    match bearer.send(request).await {
        Ok(reply) => Ok(Some(reply.json::<Envelope<Booking>>()?.data)),
        Err(CallError::Gone) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What became of `booking`: itself, or the last of those that it was moved to.
pub(super) async fn followed(bearer: &Bearer<'_>, mut booking: Booking) -> Result<Booking, CallError> {
    for _ in 0..MOVES {
        let Some(next) = booking.next() else { return Ok(booking) };
        match by_uid(bearer, next).await? {
            Some(next) => booking = next,
            None => return Ok(booking),
        }
    }
    Err(CallError::BadAnswer("a booking moved without an end"))
}

/// What was booked for `key` with one of the event types `ours`: by the metadata of the first booking, whatever became of it.
pub(super) async fn search(bearer: &Bearer<'_>, ours: &[i64], key: EventKey) -> Result<Found, CallError> {
    if ours.is_empty() {
        return Ok(Found::Nothing);
    }
    let ids = ours.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let after = (made_at(key) - CLOCKS).to_rfc3339();
    let (mut found, mut seen) = (Found::Nothing, 0);
    for _ in 0..PAGES {
        let (take, skip) = (PAGE.to_string(), seen.to_string());
        let query = [("eventTypeIds", ids.as_str()), ("afterCreatedAt", &after), ("sortCreated", "desc"), ("take", &take), ("skip", &skip)];
        let request = bearer.request(Method::GET, "/v2/bookings").header("cal-api-version", VERSION).query(&query);
        let list: Page = bearer.send(request).await?.json()?;
        // A page may be shorter than was asked for.
        seen += list.data.len();
        for one in list.data {
            // A recurring or seated booking reads differently, and none of them is ours.
            let Ok(booking) = serde_json::from_value::<Booking>(one) else { continue };
            if booking.is_of(key) {
                let now = followed(bearer, booking).await?;
                if now.stands() {
                    return Ok(Found::Standing(now));
                }
                found = Found::Cancelled;
            }
        }
        if !list.pagination.has_next_page {
            return Ok(found);
        }
    }
    Err(CallError::BadAnswer("a list without an end"))
}

/// When our booking was made, which its id says: nothing at Cal.com is older.
fn made_at(key: EventKey) -> Instant {
    let millis = ulid::Ulid::from_string(key.booking.as_str()).map_or(0, |id| id.timestamp_ms());
    Instant::from_millis(i64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_when_it_was_made() {
        let key = EventKey { booking: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(), attempt: 1 };
        assert_eq!(made_at(key).to_rfc3339(), "2016-07-30T23:54:10Z");
    }

    #[test]
    fn a_booking_that_was_moved_leads_on_and_one_that_stands_does_not() {
        let of = |more: &str| {
            let text = format!(r#"{{"uid":"a","start":"2026-12-01T09:00:00.000Z","end":"2026-12-01T10:00:00.000Z",{more}}}"#);
            serde_json::from_str::<Booking>(&text).unwrap()
        };
        assert_eq!(of(r#""status":"cancelled","rescheduledToUid":"b""#).next(), Some("b"));
        assert_eq!(of(r#""status":"cancelled","rescheduledToUid":"""#).next(), None);
        assert_eq!(of(r#""status":"accepted","rescheduledToUid":"b""#).next(), None);
        assert!(of(r#""status":"pending""#).stands() && !of(r#""status":"rejected""#).stands());
        assert!(of(r#""status":"accepted""#).times().is_ok());
        assert!(serde_json::from_str::<Booking>(r#"{"uid":"a","startTime":"x","status":"ACCEPTED"}"#).is_err(), "an older version");
    }
}
