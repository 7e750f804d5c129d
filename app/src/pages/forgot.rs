//! `/forgot` and `/reset/{secret}`: a new password for someone who has lost theirs.

use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::{LinkError, LinkPurpose, LinkState, MIN_PASSWORD, ResetError},
    time::Secret,
};

use super::{
    login::{in_words, wait},
    verify::status,
};
use crate::{
    components::{ErrorSummary, Field, Nav, Notice, Tone},
    dto::FormState,
    islands::SubmitGuard,
    server::{AppState, Client, Form, Page, PageContext, PageError, PathOf, QueryOf, page, see_other},
};

/// Asking for a link, and using it.
pub fn routes() -> Router<AppState> {
    Router::new().route("/forgot", get(ask).post(send)).route("/reset/{secret}", get(show).post(reset))
}

const LABELS: &[(&str, &str)] = &[("new_password", "New password")];

#[derive(Debug, Deserialize)]
struct Query {
    sent: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    #[serde(default)]
    new_password: String,
}

async fn ask(context: PageContext, QueryOf(query): QueryOf<Query>) -> Result<Response, PageError> {
    if query.sent.is_some() {
        return sent(&context).await;
    }
    Ok(asked(&context, StatusCode::OK, &FormState::new(), None))
}

async fn send(
    State(app): State<AppState>,
    context: PageContext,
    Client(client): Client,
    Form(given, form): Form<Address>,
) -> Result<Response, PageError> {
    match app.accounts.forgot_password(&given.email, &client).await {
        Ok(()) => Ok(see_other("/forgot?sent=1")),
        Err(LinkError::TooMany { retry_after }) => {
            let problem = format!("Too many mails were asked for. Try again in {}.", in_words(retry_after));
            Ok(wait(asked(&context, StatusCode::TOO_MANY_REQUESTS, &form, Some(problem)), retry_after))
        }
        Err(LinkError::Internal(error)) => Err(error.into()),
    }
}

async fn show(State(app): State<AppState>, context: PageContext, PathOf(secret): PathOf<String>) -> Result<Response, PageError> {
    let state = match Secret::from_untrusted(&secret) {
        Some(secret) => app.accounts.link(&secret, LinkPurpose::ResetPassword).await?,
        None => LinkState::Unknown,
    };
    Ok(answer(&context, state, secret, &FormState::new()))
}

async fn reset(
    State(app): State<AppState>,
    context: PageContext,
    PathOf(secret): PathOf<String>,
    Form(given, form): Form<NewPassword>,
) -> Result<Response, PageError> {
    let Some(proof) = Secret::from_untrusted(&secret) else { return Ok(answer(&context, LinkState::Unknown, secret, &form)) };
    match app.accounts.reset_password(&proof, &given.new_password).await {
        Ok(()) => Ok(see_other("/login?done=password-reset")),
        Err(ResetError::Invalid(errors)) => {
            let state = app.accounts.link(&proof, LinkPurpose::ResetPassword).await?;
            Ok(answer(&context, state, secret, &form.failed(errors)))
        }
        Err(ResetError::Link(state)) => Ok(answer(&context, state, secret, &form)),
        Err(ResetError::Internal(error)) => Err(error.into()),
    }
}

fn asked(context: &PageContext, status: StatusCode, form: &FormState, problem: Option<String>) -> Response {
    let title = if problem.is_some() { "Error: Forgot your password?" } else { "Forgot your password?" };
    let email = form.field("email");
    page(context, Page::private(title).nav(Nav::SignIn).status(status), move || {
        view! {
            <div class="narrow">
                <h1>"Forgot your password?"</h1>
                {problem.map(|words| view! { <Notice tone=Tone::Danger>{words}</Notice> })}
                <form class="form-card" method="post" action="/forgot">
                    <SubmitGuard busy="Sending…" />
                    <p class="muted">"Tell us the address you sign in with. We send a link there with which you choose a new password."</p>
                    <Field of=email label="Email" kind="email" required=true autocomplete="username" maxlength=254 />
                    <button class="btn btn-primary btn-wide">"Send me a link"</button>
                </form>
                <p class="below-form">"It came back to you? "<a href="/login">"Sign in"</a></p>
            </div>
        }
    })
}

/// The same for everyone: who has an account is nobody else's business.
async fn sent(context: &PageContext) -> Result<Response, PageError> {
    let mailbox = context.app.mailbox().await?.is_some();
    let off = !mailbox && context.app.config.mail.smtp.is_none();
    Ok(page(context, Page::private("Look into your mail").nav(Nav::SignIn), move || {
        view! {
            <div class="narrow">
                <h1>"Look into your mail"</h1>
                {off.then(|| view! { <Notice tone=Tone::Warn>"This site sends no mail at the moment. Get in touch with the people who run it."</Notice> })}
                <div class="form-card">
                    <p>"If there is an account with this address, a mail with a link is on its way to it. The link works for an hour."</p>
                    <p class="muted">"Nothing after a few minutes? Look among unwanted mail, or check the address. If you never confirmed it, the mail asks for that first; after that, come back here."</p>
                    {mailbox.then(|| view! { <a class="btn btn-primary btn-wide" href="/mailbox">"Open the demo’s mailbox"</a> })}
                    <a class="btn btn-wide" href="/forgot">"Try another address"</a>
                </div>
            </div>
        }
    }))
}

fn answer(context: &PageContext, state: LinkState, secret: String, form: &FormState) -> Response {
    let wrong = form.has_errors();
    let title = if wrong { "Error: Choose a new password" } else { "Choose a new password" };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { status(&state) };
    let form = form.clone();
    let about = Page::private(title).status(status).not_kept();
    page(context, about, move || view! { <div class="narrow">{body(state, &secret, form)}</div> })
}

fn body(state: LinkState, secret: &str, form: FormState) -> AnyView {
    let hint = format!("At least {MIN_PASSWORD} characters. A few unrelated words are easy to keep in mind.");
    match state {
        LinkState::Works(email) => view! {
            <h1>"Choose a new password"</h1>
            <ErrorSummary form=form.clone() labels=LABELS />
            <form class="form-card" method="post" action=format!("/reset/{secret}")>
                <SubmitGuard busy="Saving…" />
                <p class="muted">"For "<strong class="break">{email.clone()}</strong>". You will be signed out everywhere, your API tokens end, and you sign in with the new one."</p>
                // For password managers, which want to know whose password it is.
                <input class="visually-hidden" type="email" value=email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true" />
                <Field of=form.field("new_password") label="New password" kind="password" hint=hint required=true autocomplete="new-password" maxlength=200 />
                <button class="btn btn-primary btn-wide">"Set the new password"</button>
            </form>
        }
        .into_any(),
        LinkState::Used => view! {
            <h1>"This link was used already"</h1>
            <div class="form-card">
                <p>"It changed the password once, and works no more. If it was not you, ask for another link and choose a new password."</p>
                <a class="btn btn-primary btn-wide" href="/login">"Sign in"</a>
                <a class="btn btn-wide" href="/forgot">"Ask for another link"</a>
            </div>
        }
        .into_any(),
        LinkState::Over | LinkState::Unknown => view! {
            <h1>"This link does not work any more"</h1>
            <div class="form-card">
                <p>"A link to choose a new password works for an hour, and only as it stood in the mail."</p>
                <a class="btn btn-primary btn-wide" href="/forgot">"Ask for another link"</a>
            </div>
        }
        .into_any(),
    }
}
