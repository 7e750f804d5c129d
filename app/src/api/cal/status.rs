//! `GET /cal/calendars/status`: what the coach has connected, and how it does.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use wellmet::{
    integrations::{
        Calendar, Connected,
        health::{Health, HealthReason},
    },
    model::Instant,
};

use super::{
    caller::CallingCoach,
    envelope::{Enveloped, Failure, Failures, Success},
};
use crate::{api::shapes::Time, server::AppState};

/// Everything connected.
#[derive(Serialize, ToSchema)]
#[schema(as = CalStatus)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    /// Whether a calendar is connected that can be read.
    has_connected_calendars: bool,
    /// What is connected, oldest first.
    integrations: Vec<One>,
}

/// One account.
#[derive(Serialize, ToSchema)]
#[schema(as = CalAccount)]
#[serde(rename_all = "camelCase")]
struct One {
    /// By whom: `google`, `microsoft`, `caldav`, `ics_feed`, `cal_com_managed` or `cal_com_oauth`.
    #[schema(example = "google")]
    provider: &'static str,
    /// `healthy`, `degraded`, `needs_reconnect` or `disconnected`.
    #[schema(example = "healthy")]
    health: &'static str,
    /// Why it is not healthy, as a word.
    #[schema(required, example = "grant_revoked")]
    reason: Option<&'static str>,
    /// When it last went well.
    #[schema(required, value_type = Option<Time>)]
    last_ok_at: Option<String>,
    /// Its calendars.
    calendars: Vec<Listed>,
}

/// One calendar.
#[derive(Serialize, ToSchema)]
#[schema(as = CalCalendar)]
#[serde(rename_all = "camelCase")]
struct Listed {
    /// As its owner calls it.
    #[schema(example = "Work")]
    name: String,
    /// Whether what is in it makes the coach busy.
    counts_busy: bool,
    /// Whether it can be read.
    readable: bool,
}

/// What the coach has connected, and how it does
#[utoipa::path(
    get,
    path = "/cal/calendars/status",
    operation_id = "cal_status",
    tag = "cal.com",
    security(("token" = [])),
    responses((status = 200, description = "Everything connected.", body = Enveloped<Status>), Failures)
)]
pub(super) async fn get(State(app): State<AppState>, CallingCoach(coach): CallingCoach) -> Result<Success<Status>, Failure> {
    let connected = app.integrations.list(&coach).await?;
    let works = |one: &Connected| one.integration.state.health != Health::NeedsReconnect && one.calendars.iter().any(readable);
    let has_connected_calendars = connected.iter().any(works);
    Ok(Success(Status { has_connected_calendars, integrations: connected.into_iter().map(shown).collect() }))
}

const fn readable(calendar: &Calendar) -> bool {
    calendar.problem.is_none() && calendar.missing_since.is_none()
}

fn shown(one: Connected) -> One {
    let state = one.integration.state;
    let listed = |calendar: Calendar| Listed { readable: readable(&calendar), counts_busy: calendar.counts_busy, name: calendar.name };
    One {
        provider: one.integration.kind.as_str(),
        health: state.health.as_str(),
        reason: state.reason.map(HealthReason::as_str),
        last_ok_at: one.integration.last_ok_at.map(Instant::to_rfc3339),
        calendars: one.calendars.into_iter().map(listed).collect(),
    }
}
