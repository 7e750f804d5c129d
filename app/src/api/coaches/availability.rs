//! `GET` and `PUT /coaches/me/availability`: when the coach who asks can be booked.

use axum::{Json, extract::State};
use wellmet::coaches::SetHoursError;

use super::hours::HoursShape;
use crate::{
    api::{
        caller::CallingCoach,
        problem::Problem,
        refusals::{Always, WithBody, WithToken},
        sent::Sent,
    },
    server::AppState,
};

/// One's own hours
///
/// For coaches.
#[utoipa::path(
    get,
    path = "/coaches/me/availability",
    operation_id = "my_availability",
    tag = "coaches",
    security(("token" = [])),
    responses((status = 200, description = "The hours.", body = HoursShape), Always, WithToken)
)]
pub(super) async fn get(State(app): State<AppState>, CallingCoach(coach, _): CallingCoach) -> Result<Json<HoursShape>, Problem> {
    let (hours, zone) = app.coaches.hours(&coach).await?;
    Ok(Json(HoursShape::of(&hours, &zone)))
}

/// Replace one's own hours
///
/// For coaches. Zone, week and dates are replaced together; bookings stay where they are. What `GET` answered can be sent back.
#[utoipa::path(
    put,
    path = "/coaches/me/availability",
    operation_id = "set_my_availability",
    tag = "coaches",
    security(("token" = [])),
    request_body = HoursShape,
    responses((status = 200, description = "The hours as they are now.", body = HoursShape), Always, WithToken, WithBody)
)]
pub(super) async fn put(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
    Sent(sent): Sent<HoursShape>,
) -> Result<Json<HoursShape>, Problem> {
    let (draft, rows) = sent.read()?;
    match app.coaches.set_hours(&coach, draft).await {
        Ok(_) => {}
        Err(SetHoursError::Invalid(errors)) => return Err(rows.renamed(errors).into()),
        Err(SetHoursError::Internal(error)) => return Err(error.into()),
    }
    let (hours, zone) = app.coaches.hours(&coach).await?;
    Ok(Json(HoursShape::of(&hours, &zone)))
}
