//! Whether a calendar is connected and works. Only the first credential of a kind is looked at.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::Value;

use super::kind;
use crate::cal_com::answer::{Answer, Failure, success};
use crate::cal_com::auth::{READ, caller};
use crate::cal_com::state::Kind;
use crate::core::state::App;

/// `GET /v2/calendars/{calendar}/check`.
pub(super) async fn check(State(app): State<App>, Path(calendar): Path<String>, headers: HeaderMap) -> Answer {
    look(&app, &headers, kind(&calendar, &[Kind::Google, Kind::Office365, Kind::Apple]))
}

/// `GET /v2/calendars/ics-feed/check`.
pub(super) async fn feed(State(app): State<App>, headers: HeaderMap) -> Answer {
    look(&app, &headers, Ok(Kind::IcsFeed))
}

fn look(app: &App, headers: &HeaderMap, kind: Result<Kind, Failure>) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, headers, READ, app.clock.now())?.user;
    let kind = kind?;
    let (stored, adjective, title) = match kind {
        Kind::Google => ("google_calendar", "google OAuth", "Google Calendar"),
        Kind::Office365 => ("office_365_calendar", "office 365 calendar", "Office 365 Calendar"),
        Kind::Apple => ("apple calendar", "apple calendar", "Apple Calendar"),
        Kind::IcsFeed => ("ics-feed_calendar", "ics feed", "ICS Feed Calendar"),
    };
    let first = world.cal.credentials.values().find(|credential| credential.user == user && credential.kind == kind);
    let Some(first) = first else { return Err(Failure::bad(format!("Credentials for {stored} not found."))) };
    if !first.works(&world) {
        return Err(Failure::bad(format!("Invalid {adjective} credentials.")));
    }
    if first.unreadable || first.calendars(&world).is_empty() {
        return Err(Failure::unauthorized(format!("{title} not connected.")));
    }
    Ok(success(Value::Null))
}
