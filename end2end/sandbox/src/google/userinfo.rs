//! The userinfo endpoint (`OpenID` Connect Core, 5.3).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::call::Caller;
use super::error::OAuthError;
use crate::core::state::App;

/// Who the token's account is.
pub(super) async fn userinfo(State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, OAuthError> {
    let refuse =
        || OAuthError { status: StatusCode::UNAUTHORIZED, error: "invalid_request", description: "Invalid Credentials".to_owned() };
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now()).map_err(|_| refuse())?;
    caller.need(&["openid"]).map_err(|_| refuse())?;
    let account = caller.account(&world).map_err(|_| refuse())?;
    let mut answer = json!({ "sub": account.id });
    if let Some(answer) = answer.as_object_mut() {
        if caller.has(&["userinfo.email"]) {
            answer.insert("email".into(), account.email.clone().into());
            answer.insert("email_verified".into(), true.into());
        }
        if caller.has(&["userinfo.profile"]) {
            answer.insert("name".into(), account.name.clone().into());
        }
    }
    Ok(Json(answer))
}
