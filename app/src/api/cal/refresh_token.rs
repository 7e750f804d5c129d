//! `POST /cal/refresh-managed-user-token`: a new token for the coach's managed user. `{}` for the coach; an admin names the coach
//! by `coachUlid`. Answers when the new one expires; no token leaves the server.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wellmet::{accounts::Actor, model::UserId};

use super::{
    body::JsonFields,
    caller::Caller,
    envelope::{Enveloped, Failure, Failures, Success},
};
use crate::{
    api::shapes::{Time, Ulid},
    server::AppState,
};

/// When the new token expires.
#[derive(Serialize, ToSchema)]
#[schema(as = CalExpiry)]
#[serde(rename_all = "camelCase")]
pub(super) struct Expiry {
    /// From then on the new token is no good.
    #[schema(value_type = Time)]
    access_token_expires_at: String,
}

/// Whose token. An admin names the coach; a coach need not.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CalWhose)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(super) struct Whose {
    /// The coach.
    #[schema(value_type = Ulid, required = false, nullable = false)]
    coach_ulid: Option<String>,
}

/// Get a new token for a coach's managed user
///
/// For the coach and admins. No token leaves the server.
#[utoipa::path(
    post,
    path = "/cal/refresh-managed-user-token",
    operation_id = "cal_refresh_token",
    tag = "cal.com",
    security(("token" = [])),
    request_body = Whose,
    responses((status = 200, description = "When the new token expires.", body = Enveloped<Expiry>), Failures)
)]
pub(super) async fn post(
    State(app): State<AppState>,
    Caller(identity): Caller,
    JsonFields(fields): JsonFields,
) -> Result<Success<Expiry>, Failure> {
    let fields = fields.only(&["coachUlid"])?;
    let named = |fields: &super::body::Fields| fields.parse("coachUlid", "a ULID", |text| text.parse::<UserId>().ok());
    let expires_at = match identity.actor() {
        Actor::Coach(coach) => {
            if fields.get("coachUlid").is_some() && named(&fields)? != coach.id() {
                return Err(Failure::NotFor("the coach and admins"));
            }
            app.integrations.renew_managed(&coach).await?
        }
        Actor::Admin(admin) => app.integrations.renew_managed_of(&admin, named(&fields)?).await?,
        Actor::Mentee(_) => return Err(Failure::NotFor("the coach and admins")),
    };
    Ok(Success(Expiry { access_token_expires_at: expires_at.to_rfc3339() }))
}
