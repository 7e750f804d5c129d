//! The secret of a webhook: shown once, and replaced.

use axum::{extract::State, response::Response};
use leptos::prelude::*;
use wellmet::{
    integrations::tokens::Clear,
    notices::webhooks::{EndpointId, WebhookError},
};

use super::{keeping::Keeping, words};
use crate::{
    components::Breadcrumbs,
    islands::SubmitGuard,
    server::{AppState, Page, PageContext, PageError, PathOf, page},
};

/// The page with the secret. Nobody's browser keeps it.
pub(super) fn shown(context: &PageContext, of: &Keeping, id: EndpointId, secret: &Clear, fresh: bool) -> Response {
    let (list, on, secret) = (of.list.to_owned(), format!("{}/{id}", of.base), secret.expose().to_owned());
    let (title, words) = if fresh {
        ("Your webhook is ready", "Give this secret to the system that receives: with it, it can tell that a message is ours.")
    } else {
        (
            "The new secret",
            "Give it to the system that receives. Until tomorrow the former secret signs as well; after that only this one does.",
        )
    };
    page(context, Page::private(title).nav(of.nav).not_kept(), move || {
        view! {
            <Breadcrumbs links=vec![(list, "Webhooks".to_owned()), (on.clone(), "This webhook".to_owned())] />
            <div class="narrow stack">
                <h1>{title}</h1>
                <p class="lead">{words}</p>
                <p class="card card-body"><code class="hook-secret">{secret}</code></p>
                <p><strong>"Copy it now. It is not shown again."</strong>" If it gets lost, make a new one."</p>
                <p><a class="btn btn-primary" href=on>"I have it"</a></p>
            </div>
        }
    })
}

pub(super) async fn ask(
    State(app): State<AppState>,
    of: Keeping,
    context: PageContext,
    PathOf(id): PathOf<EndpointId>,
) -> Result<Response, PageError> {
    let endpoint = app.webhooks.endpoint(of.keeper, id).await?.ok_or(PageError::NotFound)?;
    let (list, on, host) = (of.list.to_owned(), format!("{}/{id}", of.base), words::host(&endpoint));
    Ok(page(&context, Page::private("A new secret").nav(of.nav), move || {
        view! {
            <Breadcrumbs links=vec![(list, "Webhooks".to_owned()), (on.clone(), host)] />
            <div class="narrow stack">
                <h1>"Make a new secret?"</h1>
                <p>"For 24 hours both secrets sign, so that the receiver can change over in peace. If the present one is less than an hour old, the one before it goes on signing in its place."</p>
                <form method="post" action=format!("{on}/secret") class="form-buttons">
                    <SubmitGuard busy="Making…" />
                    <button class="btn btn-primary">"Make a new secret"</button>
                    <a class="btn btn-quiet" href=on.clone()>"Keep the present one"</a>
                </form>
            </div>
        }
    }))
}

pub(super) async fn rotate(
    State(app): State<AppState>,
    of: Keeping,
    context: PageContext,
    PathOf(id): PathOf<EndpointId>,
) -> Result<Response, PageError> {
    match app.webhooks.rotate_secret(of.keeper, id).await {
        Ok(secret) => Ok(shown(&context, &of, id, &secret, false)),
        Err(WebhookError::Internal(error)) => Err(error.into()),
        Err(_) => Err(PageError::NotFound),
    }
}
