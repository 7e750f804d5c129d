//! `/admin/jobs`: what follows from changes and is not done yet.

use axum::response::Response;
use leptos::prelude::*;
use wellmet::{jobs::Tally, model::Instant, time::words::distance};

use super::AdminTabs;
use crate::{
    components::Nav,
    pages::outstanding::{Outstanding, OutstandingList, kind_words},
    server::{Page, PageContext, PageError, SignedInAdmin, page},
};

pub(super) async fn show(SignedInAdmin(admin, identity): SignedInAdmin, context: PageContext) -> Result<Response, PageError> {
    let app = &context.app;
    let (tallies, now) = (app.jobs.tallies(&admin).await?, app.deps.clock.now());
    let of = Outstanding::load(app, &identity).await?;
    Ok(page(&context, Page::private("Jobs").nav(Nav::Admin), || {
        view! {
            <h1>"Jobs"</h1>
            <AdminTabs here="/admin/jobs" />
            <div class="stack">
                <Tallies tallies now />
                <section class="section stack" aria-labelledby="outstanding-title">
                    <h2 id="outstanding-title">"Failed so far, or given up"</h2>
                    <OutstandingList of />
                </section>
            </div>
        }
    }))
}

#[component]
fn Tallies(tallies: Vec<Tally>, now: Instant) -> impl IntoView {
    if tallies.is_empty() {
        return view! { <p class="muted">"Nothing is to be done: whatever followed from bookings is through."</p> }.into_any();
    }
    let rows = tallies.into_iter().map(|tally| {
        let oldest = tally.oldest_due.map_or_else(|| "none".to_owned(), |at| distance(now, at));
        view! {
            <tr>
                <td>{kind_words(tally.kind)}</td>
                <td class="number">{tally.due}</td>
                <td>{oldest}</td>
                <td class="number">{tally.later}</td>
                <td class="number">{tally.given_up}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="How much is to be done">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col" class="number">"Due now"</th>
                        <th scope="col">"Oldest due"</th>
                        <th scope="col" class="number">"Planned"</th>
                        <th scope="col" class="number">"Given up"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
