//! `GET /cal/calendars/get-busy-times?coachUlid=&dateFrom=&dateTo=&timeZone=`: when a coach is busy, for anyone who is signed in. What
//! is asked of a provider is asked with the coach's own credentials: who looks has no part in it.

use std::time::Duration;

use axum::extract::State;
use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use wellmet::{
    error::Internal,
    integrations::{
        busy::KnownBusy,
        standing::{CalendarTrust, Standing},
    },
    model::{Instant, UserId},
    time::{Interval, Zone},
};

use super::{
    body::Fields,
    caller::Caller,
    envelope::{Enveloped, Failure, Failures, Success},
};
use crate::{
    api::shapes::{Time, Ulid, ZoneName},
    server::AppState,
};

/// How long a provider may take before what was known last is the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest range.
const MOST_DAYS: i64 = 93;

/// When the coach is busy. Nothing tells by what.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CalBusyTimes)]
pub(super) struct BusyTimes {
    /// The coach.
    #[schema(value_type = Ulid)]
    coach_ulid: String,
    /// As asked for; the times are in UTC.
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// In order; none overlaps or touches another.
    #[serde(rename = "busyTimes")]
    spans: Vec<Span>,
    /// Whether this is the present. If not, it is what was known last: time that is not in it may be taken.
    known: bool,
    /// When the calendar that was read longest ago was read.
    #[schema(required, value_type = Option<Time>)]
    as_of: Option<String>,
    /// Seconds since then.
    #[schema(required, minimum = 0, example = 42)]
    age_seconds: Option<i64>,
    /// `healthy`, `degraded`, `needs_reconnect`, or `not_connected`.
    #[schema(example = "healthy")]
    health: &'static str,
}

/// From when until when.
#[derive(Serialize, ToSchema)]
#[schema(as = CalBusyTime)]
struct Span {
    /// The first instant.
    #[schema(value_type = Time)]
    start: String,
    /// The first instant that is no longer part of it.
    #[schema(value_type = Time)]
    end: String,
}

/// Whose busy time, and when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "a schema, never a value")]
pub(super) struct BusyTimesQuery {
    /// The coach.
    #[param(value_type = Ulid)]
    coach_ulid: String,
    /// From when on: an instant with an offset, or a date in `timeZone`.
    #[param(example = "2026-12-08T13:00:00Z", pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}")]
    date_from: String,
    /// Until when, at most 93 days later: an instant with an offset, or a date in `timeZone`, which is the last day then.
    #[param(example = "2026-12-09T13:00:00Z", pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}")]
    date_to: String,
    /// The zone of the dates, UTC without it.
    #[param(value_type = Option<ZoneName>)]
    time_zone: Option<String>,
}

/// When a coach is busy
///
/// Merged intervals without titles, from the coach's calendars, read with the coach's own credentials. For anyone with a token.
#[utoipa::path(
    get,
    path = "/cal/calendars/get-busy-times",
    operation_id = "cal_busy_times",
    tag = "cal.com",
    security(("token" = [])),
    params(BusyTimesQuery),
    responses((status = 200, description = "When the coach is busy.", body = Enveloped<BusyTimes>), Failures)
)]
pub(super) async fn get(State(app): State<AppState>, _: Caller, fields: Fields) -> Result<Success<BusyTimes>, Failure> {
    let fields = fields.only(&["coachUlid", "dateFrom", "dateTo", "timeZone"])?;
    let coach: UserId = fields.parse("coachUlid", "a ULID", |text| text.parse().ok())?;
    let zone = match fields.get("timeZone") {
        Some(_) => fields.parse("timeZone", "an IANA zone", Zone::parse)?,
        None => Zone::utc(),
    };
    let range = range(&fields, &zone)?;
    // Not in time: what was known last, and the age that says so.
    app.sync.freshen(coach, PATIENCE).await;
    let known = KnownBusy::load(&app.deps.store, coach, range).await.map_err(Internal::from)?.ok_or(Failure::NoSuchCoach)?;
    Ok(Success(shown(coach, &zone, &known, app.deps.clock.now())))
}

/// From `dateFrom` to `dateTo`: instants with an offset, or dates in `zone`, the last one included.
fn range(fields: &Fields, zone: &Zone) -> Result<Interval, Failure> {
    let wants = "a date (2026-12-08) or an instant (2026-12-08T13:00:00Z)";
    let first = |date: NaiveDate| zone.day(date).map(|day| day.start);
    let start = fields.parse("dateFrom", wants, |text| instant(text, first))?;
    let after = |date: NaiveDate| zone.day(date.checked_add_days(Days::new(1))?).map(|day| day.start);
    let end = fields.parse("dateTo", wants, |text| instant(text, after))?;
    if start >= end {
        return Err(Failure::Field("dateTo: something later than dateFrom is wanted.".to_owned()));
    }
    if end > start.plus_minutes(MOST_DAYS * 24 * 60) {
        return Err(Failure::Field(format!("dateTo: at most {MOST_DAYS} days after dateFrom are given at once.")));
    }
    Ok(Interval { start, end })
}

fn instant(text: &str, of_date: impl FnOnce(NaiveDate) -> Option<Instant>) -> Option<Instant> {
    match text.parse::<NaiveDate>() {
        Ok(date) => of_date(date),
        // A plus that was not encoded arrives as a space.
        Err(_) => Instant::parse_rfc3339(&text.replace(' ', "+")),
    }
}

fn shown(coach: UserId, zone: &Zone, known: &KnownBusy, now: Instant) -> BusyTimes {
    let CalendarTrust { known_at, .. } = known.trust;
    // Never read at all is stored as the beginning of time.
    let as_of = known_at.filter(|at| at.millis() > 0);
    let span = |span: &Interval| Span { start: span.start.to_rfc3339(), end: span.end.to_rfc3339() };
    BusyTimes {
        coach_ulid: coach.to_string(),
        time_zone: zone.name().to_owned(),
        spans: known.spans.iter().map(span).collect(),
        known: matches!(known.trust.at(now), Standing::Known),
        as_of: as_of.map(Instant::to_rfc3339),
        age_seconds: as_of.map(|at| now.millis().saturating_sub(at.millis()).max(0) / 1000),
        health: known.health.map_or("not_connected", |health| health.as_str()),
    }
}
