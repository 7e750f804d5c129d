//! `GET /auth/me`: who asks.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use wellmet::accounts::Identity;

use crate::api::{
    caller::Caller,
    problem::Problem,
    refusals::{Always, WithToken},
    shapes::{Ulid, ZoneName},
};

/// A person, as they see themselves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct User {
    /// The person's id. A coach is named by the same id wherever a `coach_id` is wanted.
    #[schema(value_type = Ulid)]
    id: String,
    /// The address they sign in with.
    #[schema(example = "jonas@example.com")]
    email: String,
    /// How others see them.
    #[schema(example = "Jonas Weber")]
    name: String,
    /// What they may be: `client`, `coach` or `admin`.
    #[schema(example = "client")]
    role: &'static str,
    /// The zone their days are shown in.
    #[schema(value_type = ZoneName)]
    time_zone: String,
}

impl User {
    /// The person behind `identity`.
    pub(super) fn of(identity: &Identity) -> Self {
        Self {
            id: identity.id().to_string(),
            email: identity.email().to_owned(),
            name: identity.name().to_owned(),
            role: identity.role().as_str(),
            time_zone: identity.time_zone().to_owned(),
        }
    }
}

/// Who the token belongs to
#[utoipa::path(
    get,
    path = "/auth/me",
    operation_id = "who_am_i",
    tag = "auth",
    security(("token" = [])),
    responses((status = 200, description = "The owner of the token.", body = User), Always, WithToken)
)]
pub(super) async fn get(caller: Caller) -> Result<Json<User>, Problem> {
    Ok(Json(User::of(&caller.identity)))
}
