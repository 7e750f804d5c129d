//! `GET /coaches/me/session-types`: all of one's own.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        caller::CallingCoach,
        coaches::shapes::SessionTypeShape,
        problem::Problem,
        refusals::{Always, WithToken},
    },
    server::AppState,
};

/// A coach's session types.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionTypeList {
    /// All that are not archived, oldest first; those that cannot be booked now (`active` false) too.
    #[schema(max_items = 40)]
    session_types: Vec<SessionTypeShape>,
}

/// One's own session types
///
/// For coaches. There are at most 40, so they come all at once.
#[utoipa::path(
    get,
    path = "/coaches/me/session-types",
    operation_id = "my_session_types",
    tag = "coaches",
    security(("token" = [])),
    responses((status = 200, description = "The session types.", body = SessionTypeList), Always, WithToken)
)]
pub(in crate::api::coaches) async fn get(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
) -> Result<Json<SessionTypeList>, Problem> {
    let kinds = app.coaches.session_types(&coach).await?;
    Ok(Json(SessionTypeList { session_types: kinds.iter().map(SessionTypeShape::own).collect() }))
}
