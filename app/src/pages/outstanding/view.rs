use std::time::Duration;

use leptos::prelude::*;
use wellmet::{model::Instant, time::words::distance};

use super::gather::{Item, Outstanding};
use crate::{
    components::{Chip, EmptyState, Tone},
    islands::SubmitGuard,
};

/// What is shorter is now.
const SECOND: Duration = Duration::from_secs(1);

/// What is outstanding, the oldest first, each with what can be done about it.
#[component]
pub fn OutstandingList(
    /// All of it.
    of: Outstanding,
) -> impl IntoView {
    let Outstanding { items, path, now } = of;
    if items.is_empty() {
        return view! {
            <EmptyState title="Nothing is outstanding"><p>"Every mail, calendar entry and webhook that followed from a booking is through, or on its way for the first time."</p></EmptyState>
        }
        .into_any();
    }
    let rows = items.into_iter().map(|item| row(item, path, now)).collect_view();
    view! { <ul class="card list">{rows}</ul> }.into_any()
}

fn row(item: Item, path: &str, now: Instant) -> impl IntoView + use<> {
    let tries = if item.attempts == 1 { "one try".to_owned() } else { format!("{} tries", item.attempts) };
    let (tone, word, next) = match item.given_up_at {
        Some(at) => (Tone::Danger, "Given up", format!("Given up {} after {tries}.", distance(now, at))),
        None if item.run_at <= now + SECOND => (Tone::Warn, "Failing", format!("Being tried again, after {tries}.")),
        None => (Tone::Warn, "Failing", format!("Next try {}, after {tries}.", distance(now, item.run_at))),
    };
    let more = item.more.map(|(path, words)| view! { " "<a href=path>{words}</a> });
    let button = if item.given_up_at.is_some() { "Try again" } else { "Try now" };
    let label = format!("{button}: {}", item.what);
    view! {
        <li class="list-row outstanding">
            <div class="list-main">
                <span class="list-title"><strong>{item.what}</strong><Chip tone words=word /></span>
                <span>{item.problem}</span>
                <span class="muted small">{next}" It came up "{distance(now, item.created_at)}"."{more}</span>
            </div>
            <form method="post" action=format!("{path}/{}/again", item.id)>
                <SubmitGuard busy="Trying…" />
                <button class="btn" aria-label=label>{button}</button>
            </form>
        </li>
    }
}
