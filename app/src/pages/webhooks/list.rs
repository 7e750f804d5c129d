use leptos::prelude::*;
use wellmet::{
    error::Internal,
    notices::webhooks::{Delivery, Endpoint, Keeper, MOST_ENDPOINTS},
};

use super::{keeping, words};
use crate::server::AppState;

/// Someone's webhooks.
pub struct Hooks {
    base: &'static str,
    endpoints: Vec<(Endpoint, Vec<Delivery>)>,
}

impl Hooks {
    /// Loads those of `keeper`.
    pub async fn load(app: &AppState, keeper: Keeper) -> Result<Self, Internal> {
        let mut endpoints = Vec::new();
        for endpoint in app.webhooks.endpoints(keeper).await? {
            let latest = app.webhooks.deliveries(keeper, endpoint.id, None).await?.deliveries;
            endpoints.push((endpoint, latest));
        }
        let base = if keeper.coach().is_some() { keeping::COACH } else { keeping::SITE };
        Ok(Self { base, endpoints })
    }
}

/// The webhooks, and the way to another.
#[component]
pub fn HookList(
    /// Whose, and how they do.
    of: Hooks,
) -> impl IntoView {
    let Hooks { base, endpoints } = of;
    let (none, full) = (endpoints.is_empty(), endpoints.len() >= MOST_ENDPOINTS);
    let (title, whose) =
        if base == keeping::SITE { ("Of the whole site", "of every coach's bookings") } else { ("Webhooks", "of your bookings") };
    let rows = endpoints.into_iter().map(|(endpoint, latest)| {
        view! {
            <li class="list-row">
                <a class="list-main" href=format!("{base}/{}", endpoint.id)>
                    <span class="list-title"><strong>{words::host(&endpoint)}</strong>{words::standing(&endpoint, &latest)}</span>
                    <span class="muted">{words::wanted(&endpoint.wanted)}</span>
                </a>
            </li>
        }
    });
    let rows = rows.collect_view();
    let list = if none {
        view! {
            <div class="empty">
                <p class="empty-title">"No webhook yet"</p>
                <p>"A webhook tells another system what happens: your CRM, an automation, a program of your own. It is told at once, in order, and again until it answers."</p>
            </div>
        }
        .into_any()
    } else {
        view! { <ul class="card list">{rows}</ul> }.into_any()
    };
    let more = if full {
        view! { <p class="muted">"Five webhooks are the most. Remove one to add another."</p> }.into_any()
    } else {
        view! { <p><a class="btn btn-primary" href=format!("{base}/new")>"Add a webhook"</a></p> }.into_any()
    };
    view! {
        <section class="stack hooks" aria-labelledby="hooks-title">
            <h2 id="hooks-title">{title}</h2>
            <p class="muted">{format!("Addresses of other systems that are told {whose}, signed so that they know it is this site.")}</p>
            {list}
            {more}
        </section>
    }
}
