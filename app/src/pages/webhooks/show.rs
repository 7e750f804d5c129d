//! One webhook: what was sent, and how it is set.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    model::Instant,
    notices::webhooks::{DeliveryId, DeliveryPage, Endpoint, EndpointId},
};

use super::{
    form::{HookFields, filled},
    keeping::Keeping,
    words,
};
use crate::{
    components::{Breadcrumbs, Notice, Pager, Tone},
    dto::FormState,
    server::{AppState, Page, PageContext, PageError, PathOf, QueryOf, page},
};

#[derive(Debug, Deserialize)]
pub(super) struct ShowQuery {
    after: Option<String>,
}

pub(super) async fn show(
    State(_): State<AppState>,
    of: Keeping,
    context: PageContext,
    PathOf(id): PathOf<EndpointId>,
    QueryOf(query): QueryOf<ShowQuery>,
) -> Result<Response, PageError> {
    render(&context, &of, id, query.after.and_then(|after| after.parse().ok()), None).await
}

/// The page of `id`; `sent` is its form as it was sent, if it was.
pub(super) async fn render(
    context: &PageContext,
    of: &Keeping,
    id: EndpointId,
    after: Option<DeliveryId>,
    sent: Option<FormState>,
) -> Result<Response, PageError> {
    let hooks = &context.app.webhooks;
    let endpoint = hooks.endpoint(of.keeper, id).await?.ok_or(PageError::NotFound)?;
    let found = hooks.deliveries(of.keeper, id, after).await?;
    let host = words::host(&endpoint);
    let (title, status) = match sent {
        Some(_) => (format!("Error: {host}"), StatusCode::UNPROCESSABLE_ENTITY),
        None => (host, StatusCode::OK),
    };
    let (of, now, form) = (of.clone(), context.app.deps.clock.now(), sent.unwrap_or_else(|| filled(&endpoint)));
    let first = after.is_none();
    Ok(page(context, Page::private(title).nav(of.nav).status(status), move || view! { <HookPage of endpoint found form now first /> }))
}

#[component]
fn HookPage(of: Keeping, endpoint: Endpoint, found: DeliveryPage, form: FormState, now: Instant, first: bool) -> impl IntoView {
    let on = format!("{}/{}", of.base, endpoint.id);
    let chip = words::standing(&endpoint, &found.deliveries);
    let gone = endpoint.gone_at.map(|at| {
        let words = format!(
            "The receiver said on {} that it is gone, so this webhook was switched off. Correct the address, or switch it on again.",
            words::at(&of.zone, at)
        );
        view! { <Notice tone=Tone::Danger>{words}</Notice> }
    });
    let former = endpoint.former_secret_until.map(|until| {
        view! { <Notice tone=Tone::Info>{format!("Until {} the former secret signs as well.", words::at(&of.zone, until))}</Notice> }
    });
    let test = endpoint.active.then(|| {
        view! {
            <form method="post" action=format!("{on}/test")>
                <button class="btn">"Send a test"</button>
            </form>
        }
    });
    view! {
        <Breadcrumbs links=vec![(of.list.to_owned(), "Webhooks".to_owned())] />
        <div class="form-page stack">
            <h1 class="hook-title">{words::host(&endpoint)}" "{chip}</h1>
            {gone}
            {former}
            <div class="form-buttons">
                {test}
                <a class="btn" href=format!("{on}/secret")>"New secret…"</a>
                <a class="btn btn-danger" href=format!("{on}/remove")>"Remove…"</a>
            </div>
            <Log of on=on.clone() found now first />
            <section class="section" aria-labelledby="settings-title">
                <h2 id="settings-title">"Settings"</h2>
                <HookFields form action=on button="Save" />
            </section>
        </div>
    }
}

#[component]
fn Log(of: Keeping, on: String, found: DeliveryPage, now: Instant, first: bool) -> impl IntoView {
    let none = found.deliveries.is_empty();
    let (next, previous) = (found.next.map(|after| format!("{on}?after={after}")), (!first).then(|| on.clone()));
    let rows = found.deliveries.into_iter().map(|delivery| {
        let problem = delivery.problem.clone().map(|words| view! { <span class="hint">{words}</span> });
        view! {
            <li class="list-row">
                <a class="list-main" href=format!("{on}/deliveries/{}", delivery.id)>
                    <span class="list-title"><strong>{words::of_kind(&delivery.kind)}</strong>{words::state(&delivery, now)}</span>
                    {problem}
                </a>
                <time class="muted small" datetime=delivery.created_at.to_rfc3339()>{words::at(&of.zone, delivery.created_at)}</time>
            </li>
        }
    });
    let rows = rows.collect_view();
    let zone = of.zone.name().replace('_', " ");
    let list = if none {
        view! { <p class="muted">"Nothing was sent yet. What is sent stands here for a month."</p> }.into_any()
    } else {
        view! { <p class="muted small">{format!("The latest first, for a month. Times are in {zone}.")}</p><ul class="card list hook-log">{rows}</ul> }.into_any()
    };
    view! {
        <section class="section stack" aria-labelledby="log-title">
            <h2 id="log-title">"What was sent"</h2>
            {list}
            <Pager previous next />
        </section>
    }
}
