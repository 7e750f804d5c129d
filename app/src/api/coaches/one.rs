//! `GET /coaches/{id}`: one coach.

use axum::{Json, extract::State};
use wellmet::model::UserId;

use super::shapes::CoachShape;
use crate::{
    api::{
        caller::MaybeCaller,
        codes::Code,
        problem::Problem,
        refusals::{Always, OfOne, WithToken},
        sent::At,
    },
    server::AppState,
};

/// A coach
///
/// Coaches who do not show themselves in the list are found here too.
#[utoipa::path(
    get,
    path = "/coaches/{id}",
    operation_id = "coach",
    tag = "coaches",
    security((), ("token" = [])),
    params(("id" = String, Path, description = "The coach's `user_id`, or `slug`.", example = "maya-lindqvist", min_length = 2, max_length = 60, pattern = "^[0-9A-Za-z-]{2,60}$")),
    responses((status = 200, description = "The coach, with `bio`.", body = CoachShape), Always, WithToken, OfOne)
)]
pub(super) async fn get(State(app): State<AppState>, _: MaybeCaller, At(id): At<String>) -> Result<Json<CoachShape>, Problem> {
    // No coach's slug reads as an id.
    let found = match id.parse::<UserId>() {
        Ok(id) => app.coaches.profile_by_id(id).await?,
        Err(_) => app.coaches.profile(&id).await?,
    };
    found.map(|profile| Json(CoachShape::of_profile(profile))).ok_or_else(|| Problem::new(Code::NotFound, "Invalid coach"))
}
