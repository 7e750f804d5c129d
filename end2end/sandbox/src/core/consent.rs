//! The consent page: who signs in, what is granted, allow or refuse. A form without scripts.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::config::client_name;
use super::oauth::{Ask, Scopes};
use super::people::Kind;
use super::provider::Provider;
use super::state::App;

/// A scope as the page offers it.
pub(crate) struct Offered<'a> {
    pub(crate) scope: &'a str,
    /// What it allows, in words.
    pub(crate) words: &'a str,
    /// Whether it can be unticked.
    pub(crate) optional: bool,
}

/// Text made safe for HTML, in content and attribute values.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A whole document.
pub(crate) fn document(title: &str, main: &str) -> Html<String> {
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"/_sandbox/style.css\"></head><body><main>{main}</main></body></html>\n",
        title = escape(title)
    ))
}

/// The page's style sheet.
pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("consent.css"))
}

/// The page on which a provider tells a person that the request itself is wrong. Such a request must never be redirected.
pub(crate) fn wrong(provider: Provider, status: StatusCode, code: &str, words: &str) -> Response {
    let name = provider.title();
    let main = format!(
        "<p class=\"note\">Sandbox: this stands in for {name}</p><h1>Access blocked</h1><p>{}</p><p>Error {}: <code>{}</code></p>",
        escape(words),
        status.as_u16(),
        escape(code)
    );
    (status, document(&format!("Error: {code}"), &main)).into_response()
}

/// The consent page for `ask`, remembered under its new id.
pub(crate) fn page(app: &App, ask: Ask, hint: Option<&str>, offered: &[Offered<'_>]) -> Response {
    let provider = ask.provider;
    let name = provider.title();
    let client = escape(client_name(&ask.client_id));
    let mut world = app.world();
    let request = world.oauth.ask(ask);
    let mut accounts = String::new();
    let people: Vec<_> = world.accounts.iter().filter(|account| account.provider == provider && account.kind != Kind::Managed).collect();
    let chosen = people.iter().position(|account| hint == Some(account.email.as_str()) || hint == Some(account.id.as_str())).unwrap_or(0);
    for (index, account) in people.iter().enumerate() {
        let checked = if index == chosen { " checked" } else { "" };
        let (person, email) = (escape(&account.name), escape(&account.email));
        // Writing to a string cannot fail.
        let _ = write!(
            accounts,
            "<label><input type=\"radio\" name=\"account\" value=\"{email}\" required{checked}><span>{person}<small>{email}</small></span></label>"
        );
    }
    let mut scopes = String::new();
    for Offered { scope, words, optional } in offered {
        let (value, words) = (escape(scope), escape(words));
        let (input, note) = if *optional {
            (format!("<input type=\"checkbox\" name=\"scope\" value=\"{value}\" checked>"), "")
        } else {
            (format!("<input type=\"hidden\" name=\"scope\" value=\"{value}\"><input type=\"checkbox\" checked disabled>"), " (needed)")
        };
        let _ = write!(scopes, "<label>{input}<span>{words}{note}<small>{value}</small></span></label>");
    }
    let main = format!(
        "<p class=\"note\">Sandbox: this stands in for {name}</p><h1>{client} wants access to your {name} account</h1>\
         <p>The people here are invented. Nothing leaves this machine.</p>\
         <form method=\"post\" action=\"/{slug}/consent\"><input type=\"hidden\" name=\"request\" value=\"{request}\">\
         <fieldset><legend>Choose an account</legend>{accounts}</fieldset>\
         <fieldset><legend>What {client} may do</legend>{scopes}</fieldset>\
         <div class=\"buttons\"><button name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"refuse\" class=\"plain\">Refuse</button></div></form>",
        slug = provider.slug()
    );
    document(&format!("{name} sandbox: allow access?"), &main).into_response()
}

/// `uri` with `pairs` added to its query.
pub(crate) fn redirect(uri: &str, pairs: &[(&str, &str)]) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let join = if uri.contains('?') { '&' } else { '?' };
    (StatusCode::FOUND, [(header::LOCATION, format!("{uri}{join}{query}"))]).into_response()
}

/// The redirect that tells a client of an error.
pub(crate) fn redirect_error(uri: &str, state: Option<&str>, error: &str, description: Option<&str>) -> Response {
    let mut pairs = vec![("error", error)];
    pairs.extend(description.map(|text| ("error_description", text)));
    pairs.extend(state.map(|state| ("state", state)));
    redirect(uri, &pairs)
}

/// The answer of the consent form.
pub(crate) async fn answer(State(app): State<App>, axum::extract::OriginalUri(uri): axum::extract::OriginalUri, body: String) -> Response {
    let Some(provider) = Provider::of_path(uri.path()) else { return StatusCode::NOT_FOUND.into_response() };
    let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
    let again = |words: &str| wrong(provider, StatusCode::BAD_REQUEST, "invalid_request", words);
    let now = app.clock.now();
    let mut world = app.world();
    let Some(ask) = field("request").and_then(|id| world.oauth.pending(id)).filter(|ask| ask.provider == provider).cloned() else {
        return again("This sign-in was answered before, or never began.");
    };
    let id = field("request").unwrap_or_default();
    match field("decision") {
        Some("refuse") => {
            world.oauth.answer(id);
            let words = (provider == Provider::Microsoft).then_some("AADSTS65004: User declined to consent to access the app.");
            redirect_error(&ask.redirect_uri, ask.state.as_deref(), "access_denied", words)
        }
        Some("allow") => {
            let Some(account) = field("account").and_then(|email| world.account(provider, email)).map(|account| account.id.clone()) else {
                return again("Choose an account.");
            };
            let ticked: Scopes =
                form.iter().filter(|(name, scope)| name == "scope" && ask.scopes.contains(scope)).map(|(_, scope)| scope.clone()).collect();
            world.oauth.answer(id);
            let code = world.oauth.consent(ask.clone(), &account, &ticked, now);
            let scope = super::oauth::scope_list(&ticked);
            let mut pairs = vec![("code", code.as_str())];
            pairs.extend(ask.state.as_deref().map(|state| ("state", state)));
            if provider == Provider::Google {
                pairs.push(("scope", &scope));
            }
            redirect(&ask.redirect_uri, &pairs)
        }
        _ => again("Press Allow or Refuse."),
    }
}
