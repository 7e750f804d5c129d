//! Trying a webhook out, and removing it.

use axum::{extract::State, response::Response};
use leptos::prelude::*;
use wellmet::notices::webhooks::{EndpointId, WebhookError};

use super::{keeping::Keeping, words};
use crate::{
    components::Breadcrumbs,
    server::{AppState, Page, PageContext, PageError, PathOf, page, see_other},
};

pub(super) async fn test(State(app): State<AppState>, of: Keeping, PathOf(id): PathOf<EndpointId>) -> Result<Response, PageError> {
    match app.webhooks.ping(of.keeper, id).await {
        Ok(delivery) => Ok(see_other(&format!("{}/{id}/deliveries/{delivery}?done=webhook-test", of.base))),
        Err(WebhookError::Internal(error)) => Err(error.into()),
        Err(_) => Err(PageError::NotFound),
    }
}

pub(super) async fn ask_remove(
    State(app): State<AppState>,
    of: Keeping,
    context: PageContext,
    PathOf(id): PathOf<EndpointId>,
) -> Result<Response, PageError> {
    let endpoint = app.webhooks.endpoint(of.keeper, id).await?.ok_or(PageError::NotFound)?;
    let (list, on, host) = (of.list.to_owned(), format!("{}/{id}", of.base), words::host(&endpoint));
    Ok(page(&context, Page::private("Remove a webhook").nav(of.nav), move || {
        view! {
            <Breadcrumbs links=vec![(list, "Webhooks".to_owned()), (on.clone(), host.clone())] />
            <div class="narrow stack">
                <h1>"Remove this webhook?"</h1>
                <p class="lead">{host}</p>
                <p>"Nothing is sent to it any more, not even what is waiting. Its secret and its log are deleted."</p>
                <form method="post" action=format!("{on}/remove") class="form-buttons">
                    <button class="btn btn-danger">"Remove it"</button>
                    <a class="btn btn-quiet" href=on.clone()>"Keep it"</a>
                </form>
            </div>
        }
    }))
}

pub(super) async fn remove(State(app): State<AppState>, of: Keeping, PathOf(id): PathOf<EndpointId>) -> Result<Response, PageError> {
    let join = if of.list.contains('?') { '&' } else { '?' };
    let done = app.webhooks.remove(of.keeper, id).await?;
    if done { Ok(see_other(&format!("{}{join}done=webhook-removed", of.list))) } else { Err(PageError::NotFound) }
}
