//! `GET /api/cal/calendars/status`: what the coach has connected, and how it does.

use axum::extract::State;
use serde::Serialize;
use wellmet::{
    integrations::{
        Calendar, Connected,
        health::{Health, HealthReason},
    },
    model::Instant,
};

use super::{
    caller::CallingCoach,
    envelope::{Failure, Success},
};
use crate::server::AppState;

/// Everything connected.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    /// Whether a calendar is connected that can be read.
    has_connected_calendars: bool,
    integrations: Vec<One>,
}

/// One account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One {
    provider: &'static str,
    health: &'static str,
    /// Why it is not healthy, as a word.
    reason: Option<&'static str>,
    /// When it last went well.
    last_ok_at: Option<String>,
    calendars: Vec<Listed>,
}

/// One calendar.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    counts_busy: bool,
    readable: bool,
}

pub(super) async fn get(State(app): State<AppState>, CallingCoach(coach, _): CallingCoach) -> Result<Success<Status>, Failure> {
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
