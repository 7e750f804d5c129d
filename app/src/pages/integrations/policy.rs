//! What mentees are offered while a calendar cannot be read.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use wellmet::integrations::{PolicyError, standing::UnknownPolicy};

use super::TAB;
use crate::server::{AppState, Form, PageError, SignedInCoach, see_other};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    policy: String,
    hours: u32,
}

pub(super) async fn set(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    Form(sent, _): Form<Policy>,
) -> Result<Response, PageError> {
    let policy = UnknownPolicy::parse(&sent.policy, sent.hours.saturating_mul(60)).ok_or_else(|| misfit("policy"))?;
    match app.integrations.set_policy(&coach, policy).await {
        Ok(()) => Ok(see_other(&format!("{TAB}&done=saved"))),
        Err(PolicyError::Invalid(_)) => Err(misfit("hours")),
        Err(PolicyError::Internal(error)) => Err(error.into()),
    }
}

/// Both fields are choices: no browser of ours sends anything else.
fn misfit(field: &str) -> PageError {
    PageError::Unprocessable(format!("The form has a value that does not fit in the field “{field}”."))
}
