//! Who asks, with refusals in the envelope.

use axum::{extract::FromRequestParts, http::request::Parts};
use wellmet::accounts::{CoachActor, Identity};

use super::envelope::Failure;
use crate::{api::caller, server::AppState};

/// Whoever holds the token, in any role.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Identity);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Failure> {
        let caller = caller::Caller::from_request_parts(parts, app).await.map_err(Failure::Problem)?;
        Ok(Self(caller.identity))
    }
}

/// A coach.
#[derive(Debug, Clone)]
pub(super) struct CallingCoach(pub(super) CoachActor);

impl FromRequestParts<AppState> for CallingCoach {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Failure> {
        let Caller(identity) = Caller::from_request_parts(parts, app).await?;
        identity.coach().map(Self).ok_or(Failure::NotFor("coaches"))
    }
}

/// A coach whose token may change things, whatever the method.
#[derive(Debug, Clone)]
pub(super) struct WritingCoach(pub(super) CoachActor);

impl FromRequestParts<AppState> for WritingCoach {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Failure> {
        let caller::WritingCoach(coach) = caller::WritingCoach::from_request_parts(parts, app).await.map_err(Failure::Problem)?;
        Ok(Self(coach))
    }
}
