//! `/register`: an account for a mentee or a coach.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::{MAX_PASSWORD, MIN_PASSWORD, RegisterError, Registration},
    model::{FieldErrors, Role},
    time::Zone,
};

use super::{
    landing,
    login::{destination, in_words, wait},
};
use crate::{
    components::{ErrorSummary, Field, Nav, Notice, RadioCards, TimeZoneSelect, Tone},
    dto::FormState,
    islands::SubmitGuard,
    server::{AppState, Client, Form, LocalPath, Page, PageContext, PageError, QueryOf, cookies, page, see_other},
};

const LABELS: &[(&str, &str)] = &[
    ("role", "What brings you here"),
    ("name", "Your name"),
    ("email", "Email"),
    ("password", "Password"),
    ("time_zone", "Your time zone"),
];

/// Signing up.
pub fn routes() -> Router<AppState> {
    Router::new().route("/register", get(show).post(register))
}

#[derive(Debug, Deserialize)]
struct Query {
    next: Option<String>,
    role: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    #[serde(default)]
    role: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    time_zone: String,
    #[serde(default)]
    next: String,
}

async fn show(context: PageContext, QueryOf(query): QueryOf<Query>) -> Response {
    let next = query.next.as_deref().and_then(LocalPath::parse);
    if let Some(viewer) = &context.viewer {
        return see_other(&destination(next, viewer));
    }
    let role = if query.role.as_deref() == Some("coach") { Role::Coach } else { Role::Mentee };
    let zone = context.time_zone.as_deref().and_then(Zone::parse).map(|zone| zone.name().to_owned()).unwrap_or_default();
    let form = FormState::new().with("role", role.as_str()).with("time_zone", zone);
    answer(&context, StatusCode::OK, form, next, None)
}

async fn register(
    State(app): State<AppState>,
    context: PageContext,
    Client(client): Client,
    Form(given, form): Form<Answers>,
) -> Result<Response, PageError> {
    let next = LocalPath::parse(&given.next);
    let Some(role) = Role::parse(&given.role) else {
        let errors = FieldErrors::one("role", "Choose whether you are looking for a coach or are one.");
        return Ok(answer(&context, StatusCode::UNPROCESSABLE_ENTITY, form.failed(errors), next, None));
    };
    let Answers { name, email, password, time_zone, .. } = given;
    match app.accounts.register(Registration { email, password, name, role, time_zone }, &client).await {
        Ok((identity, secret)) => {
            let cookie = cookies::sign_in(&secret, app.config.public_url.is_https());
            let welcome = || format!("{}?done=registered", landing(identity.role()));
            let on = next.map_or_else(welcome, |next| next.to_string());
            Ok((cookies::set(cookie), see_other(&on)).into_response())
        }
        Err(RegisterError::Invalid(errors)) => Ok(answer(&context, StatusCode::UNPROCESSABLE_ENTITY, form.failed(errors), next, None)),
        Err(RegisterError::TooMany { retry_after }) => {
            let problem = format!("Too many accounts were made from your network. Try again in {}.", in_words(retry_after));
            Ok(wait(answer(&context, StatusCode::TOO_MANY_REQUESTS, form, next, Some(problem)), retry_after))
        }
        Err(RegisterError::Internal(error)) => Err(error.into()),
    }
}

fn answer(context: &PageContext, status: StatusCode, form: FormState, next: Option<LocalPath>, problem: Option<String>) -> Response {
    let title = if status.is_success() { "Create an account" } else { "Error: Create an account" };
    let sign_in = next.as_ref().map_or_else(|| "/login".to_owned(), |next| format!("/login?next={}", next.encoded()));
    page(context, Page::private(title).nav(Nav::Join).status(status), move || {
        view! {
            <div class="narrow">
                <h1>"Create an account"</h1>
                <p class="lead">"It takes a minute."</p>
                {problem.map(|words| view! { <Notice tone=Tone::Danger>{words}</Notice> })}
                <ErrorSummary form=form.clone() labels=LABELS />
                <form class="form-card" method="post" action="/register">
                    <SubmitGuard busy="Creating your account…" />
                    {next.map(|next| view! { <input type="hidden" name="next" value=next.to_string() /> })}
                    <Questions form />
                    <button class="btn btn-primary btn-wide">"Create account"</button>
                </form>
                <p class="below-form">"Been here before? "<a href=sign_in>"Sign in"</a></p>
            </div>
        }
    })
}

#[component]
fn Questions(form: FormState) -> impl IntoView {
    let roles = vec![
        (Role::Mentee.as_str(), "I’m looking for a coach", "Find one, book and meet."),
        (Role::Coach.as_str(), "I’m a coach", "Offer sessions in your hours."),
    ];
    let characters = |count: usize| u32::try_from(count).ok();
    let zone_hint = "Times are shown on this clock.";
    view! {
        <RadioCards of=form.field("role") label="What brings you here?" choices=roles />
        <Field of=form.field("name") label="Your name" hint="As others should see it." required=true autocomplete="name" maxlength=80 />
        <Field of=form.field("email") label="Email" kind="email" required=true autocomplete="username" maxlength=254 />
        <Field
            of=form.field("password")
            label="Password"
            kind="password"
            hint=format!("{MIN_PASSWORD} to {MAX_PASSWORD} characters. A few unrelated words make a good one.")
            required=true
            autocomplete="new-password"
            minlength=characters(MIN_PASSWORD).unwrap_or(0)
            maxlength=characters(MAX_PASSWORD).unwrap_or(u32::MAX)
        />
        <TimeZoneSelect of=form.field("time_zone") label="Your time zone" names=Zone::all_names() hint=zone_hint />
    }
}
