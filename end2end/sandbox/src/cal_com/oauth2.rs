//! OAuth 2.0 for people's own accounts: the consent page and the token endpoint, which has no envelope.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Failure, success};
use crate::core::clock::plus;
use crate::core::consent::{Offered, page, redirect_error, wrong};
use crate::core::gate::is_form;
use crate::core::oauth::{Ask, Client, Scopes, scope_list};
use crate::core::provider::Provider;
use crate::core::state::{App, World};

/// Seconds that an access token lives.
const LIFE: i64 = 1800;

const SCOPES: [(&str, &str); 12] = [
    ("EVENT_TYPE_READ", "See event types"),
    ("EVENT_TYPE_WRITE", "Change event types"),
    ("BOOKING_READ", "See bookings"),
    ("BOOKING_WRITE", "Change bookings"),
    ("SCHEDULE_READ", "See availability"),
    ("SCHEDULE_WRITE", "Change availability"),
    ("APPS_READ", "See connected calendars and when they are busy"),
    ("APPS_WRITE", "Connect and disconnect calendars"),
    ("PROFILE_READ", "See the profile"),
    ("PROFILE_WRITE", "Change the profile"),
    ("WEBHOOK_READ", "See webhooks"),
    ("WEBHOOK_WRITE", "Change webhooks"),
];

/// `GET https://app.cal.com/auth/oauth2/authorize`.
pub(crate) async fn authorize(State(app): State<App>, Query(query): Query<HashMap<String, String>>) -> Response {
    let field = |name: &str| query.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let blocked = |words: &str| wrong(Provider::Cal, StatusCode::BAD_REQUEST, "invalid_request", words);
    let client = {
        let world = app.world();
        field("client_id").and_then(|id| world.oauth.client(Provider::Cal, id)).cloned()
    };
    let Some(client) = client else { return blocked("There is no such client.") };
    let Some(uri) = field("redirect_uri").filter(|uri| client.redirect_uris.iter().any(|known| known == uri)) else {
        return blocked("The redirect URI is not one of the client's.");
    };
    let state = field("state");
    let refuse = |words: &str| redirect_error(uri, state, "invalid_request", Some(words));
    if field("response_type").is_some_and(|kind| kind != "code") {
        return refuse("response_type must be code");
    }
    let asked: Scopes = field("scope").unwrap_or_default().split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    if asked.is_empty() {
        return refuse("scope parameter is required");
    }
    if let Some(unknown) = asked.iter().find(|scope| SCOPES.iter().all(|(known, _)| known != scope)) {
        return refuse(&format!("unknown scope {unknown}"));
    }
    if field("code_challenge").is_some() && field("code_challenge_method") != Some("S256") {
        return refuse("code_challenge_method must be S256");
    }
    let offered: Vec<_> =
        SCOPES.iter().filter(|(scope, _)| asked.contains(*scope)).map(|(scope, words)| Offered { scope, words, optional: false }).collect();
    let ask = Ask {
        provider: Provider::Cal,
        client_id: client.id,
        redirect_uri: uri.to_owned(),
        state: state.map(str::to_owned),
        scopes: asked,
        challenge: field("code_challenge").map(str::to_owned),
        nonce: None,
        offline: true,
        force_consent: false,
        include_granted: false,
    };
    page(&app, ask, None, &offered)
}

fn refused(status: StatusCode, error: &str, words: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": words }))).into_response()
}

/// `POST /v2/auth/oauth2/token`, JSON or form.
pub(crate) async fn token(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let fields: HashMap<String, String> = if is_form(&headers) {
        form_urlencoded::parse(&body).into_owned().collect()
    } else {
        let Ok(Value::Object(object)) = serde_json::from_slice(&body) else {
            return refused(StatusCode::BAD_REQUEST, "invalid_request", "malformed_body");
        };
        object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
    };
    let field = |name: &str| fields.get(name).map(String::as_str);
    let now = app.clock.now();
    let mut world = app.world();
    let Some(client) = field("client_id").and_then(|id| world.oauth.client(Provider::Cal, id)).cloned() else {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client", "client_not_found");
    };
    let secret_fits = field("client_secret") == Some(client.secret.as_str());
    // A public client proves itself by the verifier instead, which the code's redemption looks at.
    if !secret_fits && (field("client_secret").is_some() || field("code_verifier").is_none()) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client", "invalid_client_credentials");
    }
    match field("grant_type") {
        Some("authorization_code") => exchange(&mut world, &client, &fields, now),
        Some("refresh_token") => refresh(&mut world, &client, field("refresh_token").unwrap_or_default(), now),
        _ => refused(StatusCode::BAD_REQUEST, "invalid_request", "unsupported_grant_type"),
    }
}

fn exchange(world: &mut World, client: &Client, fields: &HashMap<String, String>, now: Timestamp) -> Response {
    let field = |name: &str| fields.get(name).map(String::as_str);
    let (code, uri) = (field("code").unwrap_or_default(), field("redirect_uri").unwrap_or_default());
    match world.oauth.redeem(code, &client.id, uri, field("code_verifier"), now) {
        Ok(redeemed) => pair(world, redeemed.grant, &redeemed.scopes, now),
        Err(_) => refused(StatusCode::BAD_REQUEST, "invalid_grant", "code_invalid_or_expired"),
    }
}

/// Used refresh tokens are not remembered: each lives on.
fn refresh(world: &mut World, client: &Client, token: &str, now: Timestamp) -> Response {
    match world.oauth.refresh(token, Provider::Cal, &client.id) {
        Ok(known) => pair(world, known.grant, &known.scopes, now),
        Err(_) => refused(StatusCode::BAD_REQUEST, "invalid_grant", "invalid_refresh_token"),
    }
}

fn pair(world: &mut World, grant: usize, scopes: &Scopes, now: Timestamp) -> Response {
    let access = world.oauth.mint_access("eyJ.cal-access.", grant, scopes, plus(now, LIFE));
    let refresh = world.oauth.mint_refresh("eyJ.cal-refresh.", grant, scopes, usize::MAX);
    Json(json!({ "access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": LIFE, "scope": scope_list(scopes) }))
        .into_response()
}

/// `GET /v2/auth/oauth2/clients/{clientId}`.
pub(crate) async fn describe(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let world = app.world();
    let client = world.oauth.client(Provider::Cal, &id).ok_or_else(|| Failure::missing("OAuth client not found"))?;
    let uri = client.redirect_uris.first();
    Ok(success(
        json!({ "client_id": client.id, "redirect_uri": uri, "name": "Wellmet", "logo": null, "is_trusted": false, "client_type": "CONFIDENTIAL" }),
    ))
}
