//! Calendars whose address the coach types: CalDAV and feeds.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::CoachActor,
    integrations::{
        CaldavDraft, ConnectError, FeedDraft, ProviderKind,
        health::{HealthReason, Outcome},
        outcome::CallError,
    },
    model::IntegrationId,
};

use super::TAB;
use crate::{
    components::{Breadcrumbs, ErrorSummary, Field, Nav, Notice, Tone},
    dto::FormState,
    islands::SubmitGuard,
    server::{AppState, Form, Page, PageContext, PageError, QueryOf, SignedInCoach, page, see_other},
};

#[derive(Debug, Deserialize)]
pub(super) struct Again {
    #[serde(default)]
    again: Option<IntegrationId>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaldavForm {
    #[serde(default)]
    url: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedForm {
    #[serde(default)]
    url: String,
    #[serde(default)]
    name: String,
}

/// What stands in the form of a coach who connects again: what is not secret.
async fn known(app: &AppState, coach: &CoachActor, again: Option<IntegrationId>) -> Result<FormState, PageError> {
    let Some(id) = again else { return Ok(FormState::new()) };
    let Some(account) = app.integrations.find(coach, id).await? else { return Ok(FormState::new()) };
    let account = account.integration;
    Ok(match account.kind {
        ProviderKind::Caldav => {
            let user = account.account_label.split(" at ").next().unwrap_or_default();
            FormState::new().with("url", &account.endpoint).with("username", user)
        }
        _ => FormState::new().with("name", &account.account_label),
    })
}

pub(super) async fn ask_caldav(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    QueryOf(Again { again }): QueryOf<Again>,
) -> Result<Response, PageError> {
    let form = known(&app, &coach, again).await?;
    Ok(caldav_page(&context, form, None, StatusCode::OK))
}

pub(super) async fn caldav(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    Form(sent, state): Form<CaldavForm>,
) -> Result<Response, PageError> {
    let draft = CaldavDraft { url: sent.url, username: sent.username, password: sent.password };
    let connected = app.integrations.connect_caldav(&coach, draft).await;
    answer(connected, state, |form, trouble, status| caldav_page(&context, form, trouble, status))
}

pub(super) async fn ask_feed(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    QueryOf(Again { again }): QueryOf<Again>,
) -> Result<Response, PageError> {
    let form = known(&app, &coach, again).await?;
    Ok(feed_page(&context, form, None, StatusCode::OK))
}

pub(super) async fn feed(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    Form(sent, state): Form<FeedForm>,
) -> Result<Response, PageError> {
    let draft = FeedDraft { url: sent.url, name: sent.name };
    let connected = app.integrations.connect_feed(&coach, draft).await;
    answer(connected, state, |form, trouble, status| feed_page(&context, form, trouble, status))
}

/// Back to the calendars when it is connected; otherwise the form again, as `form_page` makes it, with what was typed.
fn answer(
    connected: Result<IntegrationId, ConnectError>,
    sent: FormState,
    form_page: impl FnOnce(FormState, Option<&'static str>, StatusCode) -> Response,
) -> Result<Response, PageError> {
    match connected {
        Ok(_) => Ok(see_other(&format!("{TAB}&success=true"))),
        Err(ConnectError::Invalid(errors)) => Ok(form_page(sent.failed(errors), None, StatusCode::UNPROCESSABLE_ENTITY)),
        Err(ConnectError::Provider(error)) => Ok(form_page(sent, Some(trouble(&error)), StatusCode::BAD_GATEWAY)),
        Err(ConnectError::NotOffered) => Ok(see_other(&format!("{TAB}&error=not-set-up"))),
        Err(ConnectError::Internal(error)) => Err(error.into()),
    }
}

/// What went wrong at the other end, in words.
const fn trouble(error: &CallError) -> &'static str {
    match Outcome::of_call(error) {
        Outcome::Passing(reason) | Outcome::Final(reason) => reason.says(),
        Outcome::Ok | Outcome::Nothing => HealthReason::BadAnswer.says(),
    }
}

fn caldav_page(context: &PageContext, form: FormState, trouble: Option<&'static str>, status: StatusCode) -> Response {
    const LABELS: &[(&str, &str)] = &[("url", "Address"), ("username", "User name"), ("password", "App password")];
    let fields = {
        let form = form.clone();
        move || {
            view! {
                <Field of=form.field("url") label="Address" kind="url" required=true maxlength=500
                    hint="The server's name will do: caldav.icloud.com, caldav.fastmail.com, cloud.example.org." />
                <Field of=form.field("username") label="User name" required=true autocomplete="off" maxlength=200 hint="Often your e-mail address." />
                <Field of=form.field("password") label="App password" kind="password" required=true autocomplete="off" maxlength=200
                    hint="Make one for Wellmet in your provider's security settings. It is stored encrypted and used to read when you are busy." />
            }
        }
    };
    let about = "iCloud, Fastmail, Nextcloud and every other server that speaks CalDAV.";
    draft_page(
        context,
        status,
        Draft { title: "Connect a CalDAV calendar", about, action: "caldav", labels: LABELS, form, trouble, fields },
    )
}

fn feed_page(context: &PageContext, form: FormState, trouble: Option<&'static str>, status: StatusCode) -> Response {
    const LABELS: &[(&str, &str)] = &[("url", "Address"), ("name", "Name")];
    let fields = {
        let form = form.clone();
        move || {
            view! {
                <Field of=form.field("url") label="Address" kind="text" inputmode="url" required=true maxlength=2000
                    hint="It begins with https:// or webcal:// and often ends with .ics. Treat it like a password: whoever has it can read the calendar." />
                <Field of=form.field("name") label="Name" maxlength=80 hint="What you call this calendar, for example: Family." />
            }
        }
    };
    let about = "A calendar that someone publishes for reading: we look at it every quarter of an hour. Bookings cannot be written to it.";
    draft_page(context, status, Draft { title: "Connect a calendar feed", about, action: "feed", labels: LABELS, form, trouble, fields })
}

/// A form for an address.
struct Draft<F> {
    title: &'static str,
    about: &'static str,
    action: &'static str,
    labels: &'static [(&'static str, &'static str)],
    form: FormState,
    /// What went wrong at the other end.
    trouble: Option<&'static str>,
    fields: F,
}

fn draft_page<V: IntoView + 'static>(context: &PageContext, status: StatusCode, draft: Draft<impl FnOnce() -> V>) -> Response {
    let wrong = status != StatusCode::OK;
    let title = if wrong { format!("Error: {}", draft.title) } else { draft.title.to_owned() };
    page(context, Page::private(title).nav(Nav::Settings).status(status), move || {
        let trouble = draft.trouble.map(|words| view! { <Notice tone=Tone::Warn>{words}" Nothing was stored."</Notice> });
        view! {
            <Breadcrumbs links=vec![(TAB.to_owned(), "Your calendars".to_owned())] />
            <div class="narrow stack">
                <h1>{draft.title}</h1>
                <p class="lead">{draft.about}</p>
                {trouble}
                <ErrorSummary form=draft.form labels=draft.labels />
                <form class="form-card" method="post" action=format!("/dashboard/settings/integrations/{}", draft.action)>
                    <SubmitGuard busy="Connecting…" />
                    {(draft.fields)()}
                    <div class="form-buttons">
                        <button class="btn btn-primary">"Connect"</button>
                        <a class="btn btn-quiet" href=TAB>"Cancel"</a>
                    </div>
                </form>
            </div>
        }
    })
}
