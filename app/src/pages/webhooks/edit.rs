//! Making a webhook and changing it.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use wellmet::notices::webhooks::{EndpointId, WebhookError};

use super::{
    form::{HookFields, HookForm, fresh},
    keeping::Keeping,
    secret, show,
};
use crate::{
    components::Breadcrumbs,
    dto::FormState,
    server::{AppState, Form, Page, PageContext, PageError, PathOf, page, see_other},
};

pub(super) async fn ask(of: Keeping, context: PageContext) -> Result<Response, PageError> {
    Ok(new_page(&context, &of, fresh(), StatusCode::OK))
}

pub(super) async fn create(
    State(app): State<AppState>,
    of: Keeping,
    context: PageContext,
    Form(sent, state): Form<HookForm>,
) -> Result<Response, PageError> {
    match app.webhooks.create(of.keeper, &sent.draft()).await {
        Ok((endpoint, secret)) => Ok(secret::shown(&context, &of, endpoint.id, &secret, true)),
        Err(WebhookError::Invalid(errors)) => Ok(new_page(&context, &of, state.failed(errors), StatusCode::UNPROCESSABLE_ENTITY)),
        Err(WebhookError::NotFound) => Err(PageError::NotFound),
        Err(WebhookError::Internal(error)) => Err(error.into()),
    }
}

pub(super) async fn update(
    State(app): State<AppState>,
    of: Keeping,
    context: PageContext,
    PathOf(id): PathOf<EndpointId>,
    Form(sent, state): Form<HookForm>,
) -> Result<Response, PageError> {
    match app.webhooks.update(of.keeper, id, &sent.draft()).await {
        Ok(()) => Ok(see_other(&format!("{}/{id}?done=webhook", of.base))),
        Err(WebhookError::Invalid(errors)) => show::render(&context, &of, id, None, Some(state.failed(errors))).await,
        Err(WebhookError::NotFound) => Err(PageError::NotFound),
        Err(WebhookError::Internal(error)) => Err(error.into()),
    }
}

fn new_page(context: &PageContext, of: &Keeping, form: FormState, status: StatusCode) -> Response {
    let title = if form.has_errors() { "Error: Add a webhook" } else { "Add a webhook" };
    let (list, action) = (of.list.to_owned(), format!("{}/new", of.base));
    page(context, Page::private(title).nav(of.nav).status(status), move || {
        view! {
            <Breadcrumbs links=vec![(list, "Webhooks".to_owned())] />
            <div class="form-page">
                <h1>"Add a webhook"</h1>
                <p class="lead">"Next you see the secret that its signatures are made with. It is shown once."</p>
                <HookFields form action button="Add it" />
            </div>
        }
    })
}
