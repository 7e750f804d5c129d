//! Who asks.

use axum::{extract::FromRequestParts, http::request::Parts};
use wellmet::{
    accounts::{CoachActor, Identity},
    time::Secret,
};

use super::envelope::Failure;
use crate::server::{AppState, PageError, Viewer, cookies};

/// Whoever is signed in, in any role.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Identity);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Failure> {
        // Asking for data changes things at Cal.com: no other site makes a visitor's browser do it.
        if parts.headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
            return Err(PageError::CrossSite.into());
        }
        let Viewer(viewer) = Viewer::from_request_parts(parts, app).await?;
        viewer.map(Self).ok_or(Failure::SignedOut)
    }
}

/// A signed-in coach, with the secret of the sign-in.
#[derive(Debug, Clone)]
pub(super) struct CallingCoach(pub(super) CoachActor, pub(super) Secret);

impl FromRequestParts<AppState> for CallingCoach {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Failure> {
        let Caller(identity) = Caller::from_request_parts(parts, app).await?;
        let coach = identity.coach().ok_or(Failure::NotFor("coaches"))?;
        let secret = cookies::sign_in_secret(&parts.headers, app.config.public_url.is_https()).ok_or(Failure::SignedOut)?;
        Ok(Self(coach, secret))
    }
}
