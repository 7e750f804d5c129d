//! `POST /api/calendar/sync-booking` `{booking_id, calendar_type, timezone, access_token?}`: has a session written into its coach's calendar now and
//! answers `{event_id, meeting_link, status}`.
//!
//! It is the same work that follows every change, done sooner: nothing here asks a provider. The answer waits a few seconds for the worker;
//! if it is not done by then, `event_id` is null and `status` is `pending`. The coach's own stored credentials are used: an
//! `access_token` that is sent, as older programs do, is not looked at.

use std::time::Duration;

use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use wellmet::{
    integrations::{ProviderKind, write_back::InCalendar},
    model::{BookingId, BookingStatus},
    time::Zone,
};

use crate::{
    api::problem::{Caller, Problem},
    server::AppState,
};

/// How long the answer waits for the worker, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(6);
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    booking_id: BookingId,
    calendar_type: String,
    timezone: String,
    /// Accepted, and not looked at.
    #[serde(default, rename = "access_token")]
    _access_token: Option<String>,
}

pub(super) async fn post(State(app): State<AppState>, Caller(viewer): Caller, body: Bytes) -> Result<Json<Value>, Problem> {
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| Problem::field(format!("The body cannot be read: {error}.")))?;
    if Zone::parse(&asked.timezone).is_none() {
        return Err(Problem::field("timezone: an IANA zone such as Europe/Berlin is wanted."));
    }
    let booking = app.bookings.booking(viewer.actor(), asked.booking_id).await?;
    let booking =
        booking.ok_or_else(|| Problem::Told(StatusCode::NOT_FOUND, "booking_not_found", "There is no such booking.".to_owned()))?;
    if booking.status != BookingStatus::Confirmed {
        return Err(conflict("not_confirmed", "Only a confirmed booking is written into a calendar."));
    }
    let receiving = app.write_back.receiving(&booking).await?;
    let receiving = receiving.ok_or_else(|| conflict("no_calendar", "The coach has no calendar that receives bookings."))?;
    if !is_meant(&asked.calendar_type, receiving)? {
        return Err(conflict("other_calendar", "The coach’s bookings go into another kind of calendar."));
    }
    let mut view = app.write_back.view(&booking).await?;
    if matches!(view.state, InCalendar::NotYet { .. }) {
        app.write_back.ask(&booking).await?;
        let mut waited = Duration::ZERO;
        while view.state != InCalendar::Written && waited < PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
            waited += LOOK_EVERY;
            view = app.write_back.view(&booking).await?;
        }
    }
    let booking = app.bookings.booking(viewer.actor(), asked.booking_id).await?.unwrap_or(booking);
    // At Cal.com and CalDAV servers the id is an address, which is the coach's alone.
    let shown = booking.coach_id == viewer.id() || matches!(receiving, ProviderKind::Google | ProviderKind::Microsoft);
    let event_id = view.event_id.filter(|_| shown);
    let status = if view.state == InCalendar::Written { "confirmed" } else { "pending" };
    Ok(Json(json!({ "event_id": event_id, "meeting_link": booking.meeting_link(), "status": status })))
}

fn conflict(code: &'static str, words: &str) -> Problem {
    Problem::Told(StatusCode::CONFLICT, code, words.to_owned())
}

/// Whether `word` names a calendar of this `kind`.
fn is_meant(word: &str, kind: ProviderKind) -> Result<bool, Problem> {
    Ok(match word {
        "google" => kind == ProviderKind::Google,
        "outlook" => kind == ProviderKind::Microsoft,
        "caldav" => kind == ProviderKind::Caldav,
        "cal_com" => matches!(kind, ProviderKind::CalComManaged | ProviderKind::CalComOauth),
        _ => return Err(Problem::field("calendar_type: google, outlook, caldav or cal_com is wanted.")),
    })
}
