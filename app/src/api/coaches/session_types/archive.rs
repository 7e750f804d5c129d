//! `DELETE /coaches/me/session-types/{id}`: taken away for good.

use axum::{extract::State, http::StatusCode};
use wellmet::model::SessionTypeId;

use super::unknown;
use crate::{
    api::{
        caller::CallingCoach,
        problem::Problem,
        refusals::{Always, OfOne, WithToken},
        sent::At,
        shapes::Ulid,
    },
    server::AppState,
};

/// Archive a session type
///
/// For coaches. Nobody can book it any more and it is not found again; bookings made of it stay as they are.
#[utoipa::path(
    delete,
    path = "/coaches/me/session-types/{id}",
    operation_id = "archive_session_type",
    tag = "coaches",
    security(("token" = [])),
    params(("id" = Ulid, Path, description = "The session type.")),
    responses((status = 204, description = "It is archived."), Always, WithToken, OfOne)
)]
pub(super) async fn delete(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
    At(id): At<SessionTypeId>,
) -> Result<StatusCode, Problem> {
    let archived = app.coaches.archive_session_type(&coach, id).await?;
    if archived { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}
