//! The authorization endpoint.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::scopes;
use crate::core::consent::{Offered, page, redirect_error, wrong};
use crate::core::form::Fields;
use crate::core::oauth::{Ask, Scopes};
use crate::core::provider::Provider;
use crate::core::state::App;

const KNOWN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "access_type",
    "prompt",
    "include_granted_scopes",
    "login_hint",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "hd",
    "hl",
];

/// A wrong request: status, error, words.
type Wrong = (StatusCode, &'static str, String);

fn invalid(words: impl Into<String>) -> Wrong {
    (StatusCode::BAD_REQUEST, "invalid_request", words.into())
}

/// Shows the consent page, or says what is wrong with the request.
pub(super) async fn authorize(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.as_deref().unwrap_or(""));
    let ask = match check(&app, &fields) {
        Ok(ask) => ask,
        Err((status, error, words)) => return wrong(Provider::Google, status, error, &words),
    };
    if fields.get("prompt") == Some("none") {
        return redirect_error(&ask.redirect_uri, ask.state.as_deref(), "interaction_required", None);
    }
    let scopes = ask.scopes.clone();
    let offered: Vec<Offered<'_>> =
        scopes.iter().filter_map(|scope| scopes::words(scope).map(|(words, optional)| Offered { scope, words, optional })).collect();
    page(&app, ask, fields.get("login_hint"), &offered)
}

fn check(app: &App, fields: &Fields) -> Result<Ask, Wrong> {
    let need = |name: &str| fields.get(name).ok_or_else(|| invalid(format!("Missing required parameter: {name}")));
    let client_id = need("client_id")?;
    let redirect_uri = need("redirect_uri")?;
    {
        let world = app.world();
        let client = world.oauth.client(Provider::Google, client_id);
        let client = client.ok_or((StatusCode::UNAUTHORIZED, "invalid_client", "The OAuth client was not found.".to_owned()))?;
        if !client.redirect_uris.iter().any(|known| known == redirect_uri) {
            let words = format!("The redirect URI in the request, {redirect_uri}, does not match one registered for the client.");
            return Err((StatusCode::BAD_REQUEST, "redirect_uri_mismatch", words));
        }
    }
    if let Some(name) = fields.repeated() {
        return Err(invalid(format!("Parameter given more than once: {name}")));
    }
    if let Some(name) = fields.unknown(KNOWN) {
        return Err(invalid(format!("Parameter not allowed for this message type: {name}")));
    }
    if need("response_type")? != "code" {
        return Err((StatusCode::BAD_REQUEST, "unsupported_response_type", "The sandbox answers with codes only.".to_owned()));
    }
    let scopes: Scopes = need("scope")?.split_ascii_whitespace().map(scopes::canonical).collect();
    if let Some(unknown) = scopes.iter().find(|scope| scopes::words(scope).is_none()) {
        return Err((StatusCode::BAD_REQUEST, "invalid_scope", format!("Some requested scopes were invalid: {unknown}")));
    }
    let choice = |name: &str, values: &[&str]| match fields.get(name) {
        Some(value) if !values.contains(&value) => Err(invalid(format!("Invalid parameter value for {name}: {value}"))),
        value => Ok(value),
    };
    let prompts: Vec<&str> = fields.get("prompt").unwrap_or("").split_ascii_whitespace().collect();
    let fits = |prompt: &&str| ["consent", "select_account"].contains(prompt) || (*prompt == "none" && prompts.len() == 1);
    if !prompts.iter().all(fits) {
        return Err(invalid("Invalid parameter value for prompt"));
    }
    Ok(Ask {
        provider: Provider::Google,
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: fields.get("state").map(str::to_owned),
        scopes,
        challenge: fields.challenge().map_err(invalid)?,
        nonce: fields.get("nonce").map(str::to_owned),
        offline: choice("access_type", &["online", "offline"])? == Some("offline"),
        force_consent: prompts.contains(&"consent"),
        include_granted: choice("include_granted_scopes", &["true", "false"])? == Some("true"),
    })
}
