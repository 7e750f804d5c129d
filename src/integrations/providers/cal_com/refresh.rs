//! New tokens for managed users.

use serde_json::json;

use super::{
    failure::refresh_failure,
    request::{Platform, segment},
    wire::{Envelope, Keys},
};
use crate::{
    integrations::{http::Reply, outcome::RefreshError, providers::Issued, tokens::Clear},
    model::Instant,
};

/// With the refresh token, which this uses up.
pub(super) async fn regular(platform: &Platform<'_>, token: &Clear) -> Result<Issued, RefreshError> {
    let path = format!("/v2/oauth/{}/refresh", segment(&platform.client.id));
    let body = json!({ "refreshToken": token.expose() });
    issued(&platform.post(&path, Some(&body)).await.map_err(RefreshError::Passing)?)
}

/// By the client's authority over the user. All other tokens of the user die.
pub(super) async fn forced(platform: &Platform<'_>, user: i64) -> Result<Issued, RefreshError> {
    let path = platform.users(&format!("/{user}/force-refresh"));
    issued(&platform.post(&path, None).await.map_err(RefreshError::Passing)?)
}

fn issued(reply: &Reply) -> Result<Issued, RefreshError> {
    if !reply.status.is_success() {
        return Err(refresh_failure(reply));
    }
    let keys: Envelope<Keys> = reply.json().map_err(RefreshError::Passing)?;
    Ok(keys.data.into())
}

impl From<Keys> for Issued {
    fn from(keys: Keys) -> Self {
        Self {
            access: Clear::new(keys.access_token),
            expires_at: Instant::from_millis(keys.access_token_expires_at),
            refresh: Some(Clear::new(keys.refresh_token)),
            scopes: String::new(),
        }
    }
}
