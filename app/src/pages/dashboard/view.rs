//! The dashboard as a page.

use leptos::prelude::*;

use wellmet::{integrations::write_back::Drifted, time::Zone};

use crate::{
    components::{Notice, Tone},
    dto::LiveAt,
    islands::{LIVE_REGION, LiveRegion},
    pages::bookings::drift_question,
};

use super::{
    handler::Dashboard,
    sections::{FirstSteps, LaterToday, Requests, SessionCard, ShareLink, Unfinished},
    week::WeekView,
};

#[component]
pub(super) fn DashboardPage(dashboard: Dashboard, live: Option<LiveAt>) -> impl IntoView {
    let Dashboard { today, zone, now, next, later, requests, unfinished, week, fresh, ready, broken, drifted, outstanding, link, pays } =
        dashboard;
    let free = now.is_none() && next.is_none();
    let now = now.map(|line| view! { <SessionCard lead="Now" line /> });
    let next = next.map(|(line, distance)| view! { <SessionCard lead=format!("Next, {distance}") line /> });
    let sessions = if free {
        (!fresh).then(|| view! { <p class="muted">"Nothing is planned. New bookings appear here at once."</p> }).into_any()
    } else {
        view! { <div class="session-cards">{now}{next}</div> }.into_any()
    };
    let first = fresh.then(|| view! { <FirstSteps ready link=link.clone() /> });
    let share = (!fresh).then(|| {
        view! {
            <section class="share" aria-labelledby="share">
                <h2 id="share" class="share-title">"Your page"</h2>
                <ShareLink link />
            </section>
        }
    });
    view! {
        <div class="dashboard-head">
            <div>
                <h1>{today}</h1>
                <p class="muted">{format!("Times are in {}.", zone.replace('_', " "))}</p>
            </div>
            {share}
        </div>
        <div id=LIVE_REGION tabindex="-1">
            {(!broken.is_empty()).then(|| broken_calendars(&broken))}
            {drifted_events(&drifted.0, &drifted.1)}
            {(outstanding > 0).then(|| not_done(outstanding))}
            {first}
            <section class="today" aria-label="Today">{sessions}<LaterToday lines=later /></section>
            <Requests lines=requests />
            <Unfinished lines=unfinished />
            <WeekView week />
            {pays.then(|| view! { <p><a href="/dashboard/payments">"Payments"</a></p> })}
        </div>
        {live.map(|at| view! { <LiveRegion at /> })}
    }
}

/// Sessions whose events the coach deleted or moved in the calendar: asked, not acted on.
fn drifted_events(drifted: &[Drifted], zone: &Zone) -> Option<impl IntoView + use<>> {
    let asked = drifted.iter().map(|drifted| {
        let question = drift_question(drifted, zone);
        view! { <Notice tone=Tone::Warn>{question}</Notice> }
    });
    let asked = asked.collect_view();
    (!drifted.is_empty()).then(|| view! { <section class="dashboard-notice" aria-label="Changed in your calendar">{asked}</section> })
}

/// A calendar that only the coach can mend: said where the coach looks first.
fn broken_calendars(accounts: &[String]) -> impl IntoView + use<> {
    let words = match accounts {
        [one] => format!("{one} cannot be read any more."),
        several => format!("{} cannot be read any more.", several.join(" and ")),
    };
    view! {
        <div class="dashboard-notice">
            <Notice tone=Tone::Danger>
                {words}" What mentees see meanwhile is what you decided. "
                <a href="/dashboard/settings?tab=integrations">"Connect again"</a>
            </Notice>
        </div>
    }
}

/// Something that follows from a booking and was not done: nothing fails silently.
fn not_done(number: usize) -> impl IntoView + use<> {
    let words = match number {
        1 => "One follow-up of your bookings could not be done yet. ".to_owned(),
        several => format!("{several} follow-ups of your bookings could not be done yet. "),
    };
    view! {
        <div class="dashboard-notice">
            <Notice tone=Tone::Warn>{words}<a href="/dashboard/outstanding">"See what is outstanding"</a></Notice>
        </div>
    }
}
