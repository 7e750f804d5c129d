//! The tab.

use leptos::prelude::*;
use wellmet::integrations::standing::UnknownPolicy;

use super::{add::AddCalendar, row::AccountRow, show::Integrations};
use crate::components::{Notice, RadioCards};
use crate::dto::FormState;

/// What is connected, what can be, and what happens when a calendar cannot be read.
#[component]
pub fn IntegrationsTab(
    /// All that it shows.
    of: Integrations,
) -> impl IntoView {
    let Integrations { accounts, offered, policy, zone, now, outcome, report } = of;
    let none = accounts.is_empty();
    let rows = accounts.into_iter().map(|account| view! { <AccountRow account zone=zone.clone() now /> }).collect_view();
    let outcome = outcome.map(|(tone, words)| view! { <Notice tone>{words}</Notice> });
    let report = report.map(super::manage::report_view);
    view! {
        {outcome}
        {report}
        <div class="integrations">
            <div class="stack">
                <section aria-labelledby="calendars-title" class="stack">
                    <h2 id="calendars-title">"Your calendars"</h2>
                    {if none {
                        view! {
                            <div class="empty">
                                <p class="empty-title">"No calendar is connected yet"</p>
                                <p>"Connect the calendar you live in: mentees are then offered only time that is free there too. We read when you are busy, never what you do."</p>
                            </div>
                        }.into_any()
                    } else {
                        view! {
                            <p class="muted">"Mentees are offered only time that is free in every calendar ticked here. We read when you are busy, never what you do."</p>
                            <ul class="card accounts">{rows}</ul>
                        }.into_any()
                    }}
                </section>
                <AddCalendar offered />
            </div>
            <PolicyForm policy />
        </div>
    }
}

#[component]
fn PolicyForm(policy: UnknownPolicy) -> impl IntoView {
    let form = FormState::new().with("policy", policy.as_str());
    let hours = match policy {
        UnknownPolicy::Keep { minutes } => minutes / 60,
        UnknownPolicy::OnRequest | UnknownPolicy::Stop => 24,
    };
    let options = [2_u32, 6, 12, 24, 48, 72].map(|choice| {
        view! { <option value=choice.to_string() selected=choice == hours>{format!("{choice} hours")}</option> }
    });
    let choices = vec![
        ("keep", "Keep offering on what we last knew", "Up to the age below, then on request."),
        ("on_request", "Offer on request only", "You confirm each booking."),
        ("stop", "Offer nothing until it works", "Bookings you already have stay."),
    ];
    view! {
        <form class="card card-body stack policy" method="post" action="/dashboard/settings/integrations/policy" aria-labelledby="policy-title">
            <h2 id="policy-title">"When a calendar cannot be read"</h2>
            <p class="muted">"Unknown is not free. You decide what mentees see meanwhile."</p>
            <RadioCards of=form.field("policy") label="What mentees are offered" choices />
            <div class="field">
                <label for="hours">"Keep for at most"</label>
                <select class="input input-narrow" id="hours" name="hours">{options}</select>
            </div>
            <button class="btn">"Save"</button>
        </form>
    }
}
