//! `POST /api/cal/refresh-managed-user-token`: a new token for the coach's managed user. `{}` for the coach; an admin names the coach
//! by `coachUlid`. Answers when the new one expires; no token leaves the server.

use axum::extract::State;
use serde::Serialize;
use wellmet::{accounts::Actor, model::UserId};

use super::{
    body::JsonFields,
    caller::Caller,
    envelope::{Failure, Success},
};
use crate::server::AppState;

/// When the new token expires.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Expiry {
    access_token_expires_at: String,
}

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
