//! `GET /coaches/me/session-types/{id}`: one of one's own.

use axum::{Json, extract::State};
use wellmet::model::SessionTypeId;

use super::unknown;
use crate::{
    api::{
        caller::CallingCoach,
        coaches::shapes::SessionTypeShape,
        problem::Problem,
        refusals::{Always, OfOne, WithToken},
        sent::At,
        shapes::Ulid,
    },
    server::AppState,
};

/// One of one's own session types
///
/// For coaches.
#[utoipa::path(
    get,
    path = "/coaches/me/session-types/{id}",
    operation_id = "my_session_type",
    tag = "coaches",
    security(("token" = [])),
    params(("id" = Ulid, Path, description = "The session type.")),
    responses((status = 200, description = "The session type.", body = SessionTypeShape), Always, WithToken, OfOne)
)]
pub(super) async fn get(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
    At(id): At<SessionTypeId>,
) -> Result<Json<SessionTypeShape>, Problem> {
    let kinds = app.coaches.session_types(&coach).await?;
    let kind = kinds.iter().find(|kind| kind.id == id).ok_or_else(unknown)?;
    Ok(Json(SessionTypeShape::own(kind)))
}
