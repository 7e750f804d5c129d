//! The authorization endpoint.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::error::Aadsts;
use crate::core::consent::{Offered, page, redirect_error, wrong};
use crate::core::form::Fields;
use crate::core::oauth::{Ask, Scopes};
use crate::core::provider::Provider;
use crate::core::state::App;

const KNOWN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "prompt",
    "login_hint",
    "domain_hint",
    "code_challenge",
    "code_challenge_method",
    "nonce",
];

/// The scopes that the sandbox knows, and what they allow.
const SCOPES: [(&str, &str); 8] = [
    ("openid", "Sign you in"),
    ("email", "View your email address"),
    ("profile", "View your basic profile"),
    ("offline_access", "Maintain access to data you have given it access to"),
    ("User.Read", "Sign you in and read your profile"),
    ("Calendars.ReadBasic", "Read basic details of your calendars"),
    ("Calendars.Read", "Read your calendars"),
    ("Calendars.ReadWrite", "Have full access to your calendars"),
];

/// The scopes of a list, without the name of Graph before them; `Err` names one that is not known.
pub(super) fn scopes(list: &str) -> Result<Scopes, String> {
    let known = |scope: &str| {
        let short = scope.strip_prefix("https://graph.microsoft.com/").unwrap_or(scope);
        SCOPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(short)).map(|(name, _)| (*name).to_owned()).ok_or_else(|| scope.to_owned())
    };
    list.split_ascii_whitespace().map(known).collect()
}

/// Refuses every tenant but `common`: the sandbox has no other.
pub(super) fn tenant(name: &str) -> Result<(), Aadsts> {
    if name == "common" { Ok(()) } else { Err(Aadsts::new("invalid_request", 90_002, format!("Tenant '{name}' not found."))) }
}

/// Shows the consent page. A wrong client or redirect URI is told to the person, everything else to the client.
pub(super) async fn authorize(State(app): State<App>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.as_deref().unwrap_or(""));
    let told = |status: StatusCode, error: &Aadsts| wrong(Provider::Microsoft, status, error.error, &error.description());
    if let Err(error) = tenant(&name).and_then(|()| registered(&app, &fields)) {
        return told(StatusCode::BAD_REQUEST, &error);
    }
    let redirect_uri = fields.get("redirect_uri").unwrap_or("");
    let state = fields.get("state");
    match check(&fields, redirect_uri) {
        Err(error) => redirect_error(redirect_uri, state, error.error, Some(&error.description())),
        Ok(ask) => {
            let offered: Vec<Offered<'_>> = SCOPES
                .iter()
                .filter(|(scope, _)| ask.scopes.contains(*scope))
                .map(|(scope, words)| Offered { scope, words, optional: false })
                .collect();
            page(&app, ask, fields.get("login_hint"), &offered)
        }
    }
}

/// Whether client and redirect URI belong together. The port of `localhost` does not count.
fn registered(app: &App, fields: &Fields) -> Result<(), Aadsts> {
    let id = fields.get("client_id").ok_or_else(|| Aadsts::missing("client_id"))?;
    let uri = fields.get("redirect_uri").ok_or_else(|| Aadsts::missing("redirect_uri"))?;
    let world = app.world();
    let client = world.oauth.client(Provider::Microsoft, id);
    let client =
        client.ok_or_else(|| Aadsts::new("unauthorized_client", 700_016, format!("Application with identifier '{id}' was not found.")))?;
    if client.redirect_uris.iter().any(|known| without_port(known) == without_port(uri)) {
        return Ok(());
    }
    Err(Aadsts::new(
        "invalid_request",
        50_011,
        format!("The redirect URI '{uri}' does not match the redirect URIs configured for the application."),
    ))
}

fn without_port(uri: &str) -> String {
    let Some(rest) = uri.strip_prefix("http://localhost:") else { return uri.to_owned() };
    format!("http://localhost{}", rest.trim_start_matches(|letter: char| letter.is_ascii_digit()))
}

fn check(fields: &Fields, redirect_uri: &str) -> Result<Ask, Aadsts> {
    let invalid = |number: u32, words: String| Aadsts::new("invalid_request", number, words);
    if let Some(name) = fields.repeated() {
        return Err(invalid(9_000_411, format!("The request is not properly formatted. The parameter '{name}' is duplicated.")));
    }
    if let Some(name) = fields.unknown(KNOWN) {
        return Err(invalid(900_561, format!("The sandbox does not know the parameter '{name}'.")));
    }
    if fields.get("response_type") != Some("code") {
        return Err(Aadsts::new("unsupported_response_type", 700_054, "The sandbox answers with codes only."));
    }
    if fields.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(invalid(70_007, "The sandbox answers with response_mode=query only.".into()));
    }
    let list = fields.get("scope").ok_or_else(|| Aadsts::missing("scope"))?;
    let scopes = scopes(list).map_err(|scope| {
        Aadsts::new("invalid_scope", 70_011, format!("The provided value for the input parameter 'scope' is not valid: {scope}"))
    })?;
    let prompt = fields.get("prompt");
    match prompt {
        None | Some("select_account" | "consent" | "login") => {}
        Some("none") => {
            return Err(Aadsts::new("interaction_required", 50_058, "A silent sign-in request was sent but no user is signed in."));
        }
        Some(other) => return Err(invalid(90_023, format!("Unsupported 'prompt' value '{other}'."))),
    }
    Ok(Ask {
        provider: Provider::Microsoft,
        client_id: fields.get("client_id").unwrap_or("").to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: fields.get("state").map(str::to_owned),
        offline: scopes.contains("offline_access"),
        scopes,
        challenge: fields.challenge().map_err(|words| invalid(501_481, words))?,
        nonce: fields.get("nonce").map(str::to_owned),
        force_consent: prompt == Some("consent"),
        include_granted: false,
    })
}
