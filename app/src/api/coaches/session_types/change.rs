//! `PATCH /coaches/me/session-types/{id}`: another name, price, length ...

use axum::{Json, extract::State};
use wellmet::model::SessionTypeId;

use super::sent::SessionTypeChanges;
use crate::{
    api::{
        caller::CallingCoach,
        coaches::shapes::SessionTypeShape,
        problem::Problem,
        refusals::{Always, OfOne, WithBody, WithToken},
        sent::{At, Sent},
        shapes::Ulid,
    },
    server::AppState,
};

/// Change a session type
///
/// For coaches. Fields that are left out stay. Its `slug` stays too, and bookings made of it keep what was agreed.
#[utoipa::path(
    patch,
    path = "/coaches/me/session-types/{id}",
    operation_id = "change_session_type",
    tag = "coaches",
    security(("token" = [])),
    params(("id" = Ulid, Path, description = "The session type.")),
    request_body = SessionTypeChanges,
    responses((status = 200, description = "The session type as it is now.", body = SessionTypeShape), Always, WithToken, WithBody, OfOne)
)]
pub(super) async fn patch(
    State(app): State<AppState>,
    CallingCoach(coach, _): CallingCoach,
    At(id): At<SessionTypeId>,
    Sent(sent): Sent<SessionTypeChanges>,
) -> Result<Json<SessionTypeShape>, Problem> {
    sent.check()?;
    let changed = app.coaches.change_session_type(&coach, id, |draft| sent.apply(draft)).await?;
    Ok(Json(SessionTypeShape::own(&changed)))
}
