//! The token and revocation endpoints.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::error::OAuthError;
use crate::core::clock::plus;
use crate::core::form::Fields;
use crate::core::gate::{basic, is_form};
use crate::core::jwt;
use crate::core::oauth::{Refused, Scopes, scope_list, scopes};
use crate::core::provider::Provider;
use crate::core::state::{App, World};

/// Seconds that an access token lives.
const LIFE: i64 = 3599;
/// Living refresh tokens for an account and client; the oldest die silently.
const REFRESH_MAX: usize = 100;

type Answer = Result<Json<Value>, OAuthError>;

/// Client id and secret, from the body or from HTTP Basic, but not from both.
fn client(world: &World, headers: &HeaderMap, form: &Fields) -> Result<(String, String), OAuthError> {
    let (id, secret) = match (basic(headers), form.get("client_secret")) {
        (Some(_), Some(_)) => return Err(OAuthError::bad("invalid_request", "Client credentials were given in two ways.")),
        (Some(pair), None) => pair,
        (None, secret) => {
            let id =
                form.get("client_id").ok_or_else(|| OAuthError::bad("invalid_request", "Could not determine client ID from request."))?;
            let secret = secret.ok_or_else(|| OAuthError::bad("invalid_request", "client_secret is missing."))?;
            (id.to_owned(), secret.to_owned())
        }
    };
    let refuse = |words: &str| OAuthError { status: StatusCode::UNAUTHORIZED, error: "invalid_client", description: words.to_owned() };
    let client = world.oauth.client(Provider::Google, &id).ok_or_else(|| refuse("The OAuth client was not found."))?;
    if client.secret == secret { Ok((id, secret)) } else { Err(refuse("The provided client secret is invalid.")) }
}

/// Exchanges a code or a refresh token.
pub(super) async fn token(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery, body: String) -> Answer {
    let form = form(&headers, query.as_deref(), &body)?;
    let now = app.clock.now();
    let mut world = app.world();
    let (id, secret) = client(&world, &headers, &form)?;
    let grant_type =
        form.get("grant_type").ok_or_else(|| OAuthError::bad("invalid_request", "Required parameter is missing: grant_type"))?;
    let mut answer = Map::new();
    let (grant, granted, nonce) = match grant_type {
        "authorization_code" => {
            let missing = |name: &str| OAuthError::bad("invalid_request", format!("Missing required parameter: {name}"));
            let code = form.get("code").ok_or_else(|| missing("code"))?;
            let redirect_uri = form.get("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
            let redeemed = world.oauth.redeem(code, &id, redirect_uri, form.get("code_verifier"), now).map_err(refused)?;
            if redeemed.offline && redeemed.fresh_consent {
                let refresh = world.oauth.mint_refresh("1//", redeemed.grant, &redeemed.scopes, REFRESH_MAX);
                answer.insert("refresh_token".into(), refresh.into());
            }
            (redeemed.grant, redeemed.scopes, redeemed.nonce)
        }
        "refresh_token" => {
            let token =
                form.get("refresh_token").ok_or_else(|| OAuthError::bad("invalid_request", "Missing required parameter: refresh_token"))?;
            let refresh = world.oauth.refresh(token, Provider::Google, &id).map_err(refused)?;
            (refresh.grant, narrowed(&refresh.scopes, form.get("scope"))?, None)
        }
        other => return Err(OAuthError::bad("unsupported_grant_type", format!("Invalid grant_type: {other}"))),
    };
    let expires = plus(now, LIFE);
    let access = world.oauth.mint_access("ya29.", grant, &granted, expires);
    answer.insert("access_token".into(), access.into());
    answer.insert("expires_in".into(), LIFE.into());
    answer.insert("scope".into(), scope_list(&granted).into());
    answer.insert("token_type".into(), "Bearer".into());
    if granted.contains("openid") {
        let subject = world.oauth.grants[grant].account.clone();
        let claims = claims(&world, &subject, &id, &granted, nonce, now.as_second());
        answer.insert("id_token".into(), jwt::signed(&claims, &secret).into());
    }
    Ok(Json(Value::Object(answer)))
}

fn narrowed(held: &Scopes, wanted: Option<&str>) -> Result<Scopes, OAuthError> {
    let wanted = wanted.map_or_else(|| held.clone(), scopes);
    if wanted.is_subset(held) { Ok(wanted) } else { Err(OAuthError::bad("invalid_scope", "Some requested scopes were not granted.")) }
}

fn claims(world: &World, subject: &str, client: &str, scopes: &Scopes, nonce: Option<String>, now: i64) -> Value {
    let mut claims =
        json!({ "iss": "https://accounts.google.com", "azp": client, "aud": client, "sub": subject, "iat": now, "exp": now + 3600 });
    if let (Some(account), Some(claims)) = (world.account(Provider::Google, subject), claims.as_object_mut()) {
        if scopes.iter().any(|scope| scope.ends_with("userinfo.email")) {
            claims.insert("email".into(), account.email.clone().into());
            claims.insert("email_verified".into(), true.into());
        }
        if scopes.iter().any(|scope| scope.ends_with("userinfo.profile")) {
            claims.insert("name".into(), account.name.clone().into());
        }
        if let Some(nonce) = nonce {
            claims.insert("nonce".into(), nonce.into());
        }
    }
    claims
}

fn refused(why: Refused) -> OAuthError {
    match why {
        Refused::OtherRedirect => OAuthError::bad("redirect_uri_mismatch", "Bad Request"),
        Refused::VerifierMissing => OAuthError::bad("invalid_grant", "Missing code verifier."),
        Refused::VerifierWrong => OAuthError::bad("invalid_grant", "Invalid code verifier."),
        Refused::Revoked => OAuthError::bad("invalid_grant", "Token has been expired or revoked."),
        Refused::Unknown | Refused::Expired | Refused::Used | Refused::OtherClient => OAuthError::bad("invalid_grant", "Bad Request"),
    }
}

/// The fields of a form body; anything else is refused.
fn form(headers: &HeaderMap, query: Option<&str>, body: &str) -> Result<Fields, OAuthError> {
    if !is_form(headers) || query.is_some() {
        return Err(OAuthError::bad("invalid_request", "Parameters stand in a body of type application/x-www-form-urlencoded."));
    }
    let form = Fields::parse(body);
    match form.repeated() {
        Some(name) => Err(OAuthError::bad("invalid_request", format!("OAuth 2 parameters can only have a single value: {name}"))),
        None => Ok(form),
    }
}

/// Revokes the grant behind an access or refresh token.
pub(super) async fn revoke(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery, body: String) -> Answer {
    let form = form(&headers, query.as_deref(), &body)?;
    let token = form.get("token").ok_or_else(|| OAuthError::bad("invalid_request", "Missing required parameter: token"))?;
    if app.world().oauth.revoke(token, Provider::Google) {
        Ok(Json(json!({})))
    } else {
        Err(OAuthError::bad("invalid_token", "Token expired or revoked"))
    }
}
