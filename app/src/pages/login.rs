//! `/login` and `POST /logout`.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::accounts::{Identity, SignInError};

use super::landing;
use crate::{
    components::{Field, Nav, Notice, Tone},
    dto::FormState,
    islands::SubmitGuard,
    server::{AppState, Client, Form, LocalPath, Page, PageContext, PageError, QueryOf, cookies, page, see_other},
};

/// Signing in and out.
pub fn routes() -> Router<AppState> {
    Router::new().route("/login", get(show).post(sign_in)).route("/logout", post(sign_out))
}

#[derive(Debug, Deserialize)]
struct Query {
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn show(context: PageContext, QueryOf(query): QueryOf<Query>) -> Response {
    let next = query.next.as_deref().and_then(LocalPath::parse);
    if let Some(viewer) = &context.viewer {
        return see_other(&destination(next, viewer));
    }
    answer(&context, StatusCode::OK, &FormState::new(), next, None)
}

async fn sign_in(
    State(app): State<AppState>,
    context: PageContext,
    Client(client): Client,
    Form(given, form): Form<Credentials>,
) -> Result<Response, PageError> {
    let next = LocalPath::parse(&given.next);
    match app.accounts.sign_in(&given.email, &given.password, &client).await {
        Ok((identity, secret)) => {
            let cookie = cookies::sign_in(&secret, app.config.public_url.is_https());
            Ok((cookies::set(cookie), see_other(&destination(next, &identity))).into_response())
        }
        Err(SignInError::Wrong) => {
            let problem = "The address or the password is wrong. Check both and try again.".to_owned();
            Ok(answer(&context, StatusCode::UNPROCESSABLE_ENTITY, &form, next, Some(problem)))
        }
        Err(SignInError::TooMany { retry_after }) => {
            let problem = format!("Too many attempts. Try again in {}.", in_words(retry_after));
            let response = answer(&context, StatusCode::TOO_MANY_REQUESTS, &form, next, Some(problem));
            Ok(wait(response, retry_after))
        }
        Err(SignInError::Internal(error)) => Err(error.into()),
    }
}

async fn sign_out(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, PageError> {
    let https = app.config.public_url.is_https();
    if let Some(secret) = cookies::sign_in_secret(&headers, https) {
        app.accounts.sign_out(&secret).await?;
    }
    Ok((cookies::set(cookies::sign_out(https)), see_other("/?done=signed-out")).into_response())
}

/// Where to go once signed in.
pub(super) fn destination(next: Option<LocalPath>, identity: &Identity) -> String {
    next.map_or_else(|| landing(identity.role()).to_owned(), |next| next.to_string())
}

/// How long to wait, in words: whole minutes from one up.
pub(super) fn in_words(wait: Duration) -> String {
    match wait.as_secs().div_ceil(60) {
        0 | 1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// `response` with `Retry-After`.
pub(super) fn wait(mut response: Response, wait: Duration) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    response
}

fn answer(context: &PageContext, status: StatusCode, form: &FormState, next: Option<LocalPath>, problem: Option<String>) -> Response {
    let title = if problem.is_some() { "Error: Sign in" } else { "Sign in" };
    let (email, password) = (form.field("email"), form.field("password"));
    let join = next.as_ref().map_or_else(|| "/register".to_owned(), |next| format!("/register?next={}", next.encoded()));
    page(context, Page::private(title).nav(Nav::SignIn).status(status), move || {
        view! {
            <div class="narrow">
                <h1>"Sign in"</h1>
                {problem.map(|words| view! { <Notice tone=Tone::Danger>{words}</Notice> })}
                <form class="form-card" method="post" action="/login">
                    <SubmitGuard busy="Signing in…" />
                    {next.map(|next| view! { <input type="hidden" name="next" value=next.to_string() /> })}
                    <Field of=email label="Email" kind="email" required=true autocomplete="username" maxlength=254 />
                    <Field of=password label="Password" kind="password" required=true autocomplete="current-password" />
                    <button class="btn btn-primary btn-wide">"Sign in"</button>
                </form>
                <p class="below-form"><a href="/forgot">"Forgot your password?"</a></p>
                <p class="below-form">"New here? "<a href=join>"Create an account"</a></p>
            </div>
        }
    })
}
