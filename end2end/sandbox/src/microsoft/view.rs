//! `calendarView`: what takes place within a window, series expanded.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use super::calendars::page;
use super::call::{Caller, Options, READ, calendar, preferred_zone, select};
use super::error::{Answer, Error};
use super::shown::{FIELDS, Manner};
use crate::core::state::App;

const KNOWN: &[&str] = &["startDateTime", "endDateTime", "$top", "$skip", "$select", "$orderby"];
/// Longest window in days.
const DAYS_MAX: i64 = 1825;

/// The window that a request names.
pub(super) fn window(options: &Options) -> Result<(Timestamp, Timestamp), Error> {
    let (from, to) = (options.instant("startDateTime")?, options.instant("endDateTime")?);
    if from > to {
        let words = "The value of parameter 'EndDateTime' is invalid: it is before the start.";
        return Err(Error::new(StatusCode::BAD_REQUEST, "ErrorInvalidParameter", words));
    }
    if to.as_second() - from.as_second() > DAYS_MAX * 86_400 {
        return Err(Error::bad(format!("The window is longer than {DAYS_MAX} days.")));
    }
    Ok((from, to))
}

/// Lists what takes place within the window.
pub(super) async fn view(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now(), READ)?;
    let options = Options::parse(query.as_deref(), KNOWN)?;
    let (from, to) = window(&options)?;
    match options.get("$orderby") {
        None | Some("start/dateTime" | "start/dateTime asc") => {}
        Some(_) => return Err(Error::bad("The sandbox orders by start/dateTime only.")),
    }
    let calendar = calendar(caller.account(&world)?, &id)?;
    if let Some(reason) = &calendar.busy_error {
        return Err(Error::new(StatusCode::INTERNAL_SERVER_ERROR, "ErrorInternalServerError", reason.clone()));
    }
    let manner = Manner { calendar, zone: preferred_zone(&headers)?, basic: caller.basic_only() };
    let standing = calendar.occurrences(from, to).into_iter().filter(|one| !one.event.removed);
    let all: Result<Vec<Value>, Error> = standing.map(|one| select(manner.one(&one), options.get("$select"), FIELDS)).collect();
    let limit = world.switches.page_limit.unwrap_or(usize::MAX);
    page(&app.base, &format!("/me/calendars/{id}/calendarView"), &options, all?, limit).map(Json)
}
