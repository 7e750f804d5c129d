//! One delivery: what was sent, each try of it, and sending it again.

use axum::{extract::State, http::header, response::Response};
use leptos::prelude::*;
use wellmet::{
    model::Instant,
    notices::webhooks::{Attempt, Delivery, DeliveryId, DeliveryState, Endpoint, EndpointId},
    time::Zone,
};

use super::{keeping::Keeping, words};
use crate::{
    components::{Breadcrumbs, Chip, Tone},
    islands::SubmitGuard,
    server::{AppState, Page, PageContext, PageError, PathOf, page, see_other},
};

/// What is on its way is looked at again after so many seconds.
const LOOK_AGAIN: &str = "3";

pub(super) async fn show(
    State(app): State<AppState>,
    of: Keeping,
    context: PageContext,
    PathOf((id, delivery)): PathOf<(EndpointId, DeliveryId)>,
) -> Result<Response, PageError> {
    let endpoint = app.webhooks.endpoint(of.keeper, id).await?.ok_or(PageError::NotFound)?;
    let found = app.webhooks.delivery(of.keeper, delivery).await?.filter(|found| found.endpoint_id == id);
    let delivery = found.ok_or(PageError::NotFound)?;
    let attempts = app.webhooks.attempts(of.keeper, id, delivery.id).await?;
    let now = app.deps.clock.now();
    let title = words::of_kind(&delivery.kind);
    // Behind an earlier event that does not get through it may wait for days.
    let fresh = now < delivery.created_at + std::time::Duration::from_secs(20);
    let under_way = fresh && attempts.is_empty() && matches!(delivery.state, DeliveryState::Waiting(at) if at <= now);
    let mut response =
        page(&context, Page::private(title).nav(of.nav), move || view! { <DeliveryView of endpoint delivery attempts now under_way /> });
    if under_way {
        // Nothing can be typed on this page yet, so nothing is lost.
        response.headers_mut().insert(header::REFRESH, header::HeaderValue::from_static(LOOK_AGAIN));
    }
    Ok(response)
}

pub(super) async fn again(
    State(app): State<AppState>,
    of: Keeping,
    PathOf((id, delivery)): PathOf<(EndpointId, DeliveryId)>,
) -> Result<Response, PageError> {
    let done = app.webhooks.replay(of.keeper, id, delivery).await?;
    if done { Ok(see_other(&format!("{}/{id}/deliveries/{delivery}?done=tried-again", of.base))) } else { Err(PageError::NotFound) }
}

#[component]
fn DeliveryView(
    of: Keeping,
    endpoint: Endpoint,
    delivery: Delivery,
    attempts: Vec<Attempt>,
    now: Instant,
    under_way: bool,
) -> impl IntoView {
    let on = format!("{}/{}", of.base, endpoint.id);
    let again = (endpoint.active && !under_way).then(|| {
        view! {
            <form method="post" action=format!("{on}/deliveries/{}/again", delivery.id)>
                <SubmitGuard busy="Sending…" />
                <button class="btn btn-primary">"Send again"</button>
                <p class="hint hook-again">"The same event with the same id, signed with the new time."</p>
            </form>
        }
    });
    let chip = words::state(&delivery, now);
    let booking = delivery.booking_id.map(|id| view! { <dt>"About"</dt><dd><a href=format!("/bookings/{id}")>"The booking"</a></dd> });
    let body = serde_json::from_str::<serde_json::Value>(&delivery.payload).and_then(|json| serde_json::to_string_pretty(&json));
    let body = body.unwrap_or(delivery.payload);
    let (list, host) = (of.list.to_owned(), words::host(&endpoint));
    view! {
        <Breadcrumbs links=vec![(list, "Webhooks".to_owned()), (on, host)] />
        <div class="form-page stack">
            <h1 class="hook-title">{words::of_kind(&delivery.kind)}" "{chip}</h1>
            <dl class="card card-body pairs">
                <dt>"Type"</dt><dd><code>{delivery.kind}</code></dd>
                <dt>"Event id"</dt><dd><code>{delivery.event_id}</code></dd>
                <dt>"Happened"</dt><dd>{words::at(&of.zone, delivery.created_at)}" ("{of.zone.name().replace('_', " ")}")"</dd>
                {booking}
            </dl>
            {again}
            <Tries attempts zone=of.zone />
            <section aria-labelledby="body-title" class="section stack">
                <h2 id="body-title">"What is sent"</h2>
                <pre class="card card-body hook-body">{body}</pre>
            </section>
        </div>
    }
}

#[component]
fn Tries(attempts: Vec<Attempt>, zone: Zone) -> impl IntoView {
    let none = attempts.is_empty();
    let rows = attempts.into_iter().map(|attempt| {
        let answer = attempt.status.map_or_else(|| "No answer".to_owned(), |status| format!("Status {status}"));
        let (tone, word) = if attempt.problem.is_none() { (Tone::Ok, "Delivered") } else { (Tone::Warn, "Failed") };
        let problem = attempt.problem.map(|words| view! { <span>{words}</span> });
        view! {
            <li class="list-row">
                <div class="list-main">
                    <span class="list-title"><time datetime=attempt.at.to_rfc3339()>{words::at(&zone, attempt.at)}</time><Chip tone words=word /></span>
                    {problem}
                </div>
                <span class="muted small tabular">{format!("{answer}, {} ms", attempt.millis)}</span>
            </li>
        }
    });
    let rows = rows.collect_view();
    let list = if none {
        view! { <p class="muted">"It was not tried yet."</p> }.into_any()
    } else {
        view! { <ol class="card list">{rows}</ol> }.into_any()
    };
    view! {
        <section class="section stack" aria-labelledby="tries-title">
            <h2 id="tries-title">"Tries"</h2>
            {list}
        </section>
    }
}
