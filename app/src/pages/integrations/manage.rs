//! What can be done about a connected account: choose its calendars, test it, disconnect it.

use axum::{extract::State, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    integrations::{Choice, ChooseError, StepResult, TestReport},
    model::{CalendarId, IntegrationId},
};

use super::{TAB, show::Integrations};
use crate::{
    components::{Breadcrumbs, Icon, Nav, Picture},
    pages::settings::render_integrations,
    server::{AppState, Form, Page, PageContext, PageError, PathOf, SignedInCoach, page, see_other},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    #[serde(default)]
    busy: Vec<CalendarId>,
    /// Empty: none of this account's.
    #[serde(default)]
    target: String,
}

pub(super) async fn choose(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    PathOf(id): PathOf<IntegrationId>,
    Form(sent, _): Form<Chosen>,
) -> Result<Response, PageError> {
    let target = if sent.target.is_empty() { None } else { Some(sent.target.parse().map_err(|_| PageError::NotFound)?) };
    match app.integrations.choose(&coach, id, Choice { busy: sent.busy, target }).await {
        Ok(()) => Ok(see_other(&format!("{TAB}&done=saved"))),
        Err(ChooseError::NotFound) => Err(PageError::NotFound),
        Err(ChooseError::NotWritable | ChooseError::WritingNotGranted) => Ok(see_other(&format!("{TAB}&error=target"))),
        Err(ChooseError::Internal(error)) => Err(error.into()),
    }
}

pub(super) async fn test(
    State(app): State<AppState>,
    SignedInCoach(coach, identity): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<IntegrationId>,
) -> Result<Response, PageError> {
    let Some(report) = app.integrations.test(&coach, id).await? else { return Err(PageError::NotFound) };
    let shown = Integrations::load(&context, &coach, &identity, false, None).await?.with_report(report);
    render_integrations(&context, &identity, shown).await
}

/// What a test came to, step by step.
pub(super) fn report_view(report: TestReport) -> impl IntoView {
    let went_well = report.went_well();
    let steps = report.steps.into_iter().map(|step| {
        let (picture, class, words) = match step.went {
            StepResult::Ok(words) => (Picture::Check, "test-step test-ok", words),
            StepResult::Failed(words) => (Picture::Alert, "test-step test-failed", words),
        };
        view! { <li class=class><Icon picture /><span><strong>{step.what}</strong>" "{words}</span></li> }
    });
    let steps = steps.collect_view();
    let title = if went_well { "The connection works" } else { "The connection does not work" };
    view! {
        <section class="card card-body stack test-report" role="status" aria-labelledby="test-title">
            <h2 id="test-title">{title}</h2>
            <ol class="test-steps">{steps}</ol>
        </section>
    }
}

pub(super) async fn ask_disconnect(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<IntegrationId>,
) -> Result<Response, PageError> {
    let Some(account) = app.integrations.find(&coach, id).await? else { return Err(PageError::NotFound) };
    let (name, label) = (account.integration.kind.name(), account.integration.account_label);
    Ok(page(&context, Page::private("Disconnect a calendar").nav(Nav::Settings), move || {
        view! {
            <Breadcrumbs links=vec![(TAB.to_owned(), "Your calendars".to_owned())] />
            <div class="narrow stack">
                <h1>{format!("Disconnect {name}?")}</h1>
                <p class="lead">{label}</p>
                <p>"Its busy times stop counting at once: mentees may book over them. Bookings you already have stay. We give our access back and delete what we stored of it."</p>
                <form method="post" action=format!("/dashboard/settings/integrations/{id}/disconnect") class="form-buttons">
                    <button class="btn btn-danger">"Disconnect"</button>
                    <a class="btn btn-quiet" href=TAB>"Keep it"</a>
                </form>
            </div>
        }
    }))
}

pub(super) async fn disconnect(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    PathOf(id): PathOf<IntegrationId>,
) -> Result<Response, PageError> {
    let done = app.integrations.disconnect(&coach, id).await?;
    if done { Ok(see_other(&format!("{TAB}&done=disconnected"))) } else { Err(PageError::NotFound) }
}
