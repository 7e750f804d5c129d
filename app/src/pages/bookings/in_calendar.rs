//! For the coach: whether the session is in their calendar, and what to do about it if not.

use leptos::prelude::*;
use wellmet::{
    bookings::Booking,
    integrations::write_back::{Drift, Drifted, InCalendar},
    model::Instant,
    time::{Zone, words},
};

use crate::{
    components::{Notice, Tone},
    islands::SubmitGuard,
};

/// Where a session stands in its coach's calendar.
pub(super) struct InCalendarNote {
    /// Whether it is there.
    pub(super) state: InCalendar,
    /// What the coach did to the event in the calendar, if they are to be asked about it.
    pub(super) drift: Option<Drifted>,
}

/// What the coach is told and can do; nothing when all is well.
pub(super) fn in_calendar(note: &InCalendarNote, booking: &Booking, zone: &Zone, now: Instant) -> Option<AnyView> {
    if let Some(drifted) = &note.drift {
        let question = drift_question(drifted, zone);
        return Some(view! { <Notice tone=Tone::Warn>{question}</Notice> }.into_any());
    }
    let InCalendar::NotYet { since, problem, given_up } = &note.state else { return None };
    let lead = if *given_up { "Not in your calendar: we have stopped trying. " } else { "Not yet in your calendar. " };
    let why = problem.clone().map(|problem| format!("{problem} "));
    let age = format!("Outstanding for {}.", words::span_minutes(minutes_between(*since, now)));
    let action = format!("/dashboard/bookings/{}/calendar", booking.id);
    let again = problem.is_some().then(|| {
        view! {
            <form method="post" action=action class="notice-actions">
                <SubmitGuard busy="Trying…" />
                <input type="hidden" name="decision" value="again" />
                <button class="btn btn-small">"Try again now"</button>
            </form>
        }
    });
    let tone = if problem.is_some() { Tone::Warn } else { Tone::Info };
    Some(view! { <Notice tone><p><strong>{lead}</strong>{why}{age}</p>{again}</Notice> }.into_any())
}

fn minutes_between(since: Instant, now: Instant) -> u32 {
    u32::try_from((now.millis() - since.millis()) / 60_000).unwrap_or(0).max(1)
}

fn same_length(drifted: &Drifted, start: Instant, end: Instant) -> bool {
    end.millis() - start.millis() == drifted.ends_at.millis() - drifted.starts_at.millis()
}

/// What was found, and the buttons that answer it. `zone` is the coach's.
pub fn drift_question(drifted: &Drifted, zone: &Zone) -> impl IntoView + use<> {
    let page = format!("/bookings/{}", drifted.booking);
    let action = format!("/dashboard/bookings/{}/calendar", drifted.booking);
    let who = format!("{} with {}", drifted.title, drifted.client_name);
    let found = match drifted.drift {
        Drift::Deleted => "The event was deleted in your calendar.".to_owned(),
        Drift::Moved(start, end) => format!("The event was moved in your calendar to {}.", words::when(zone, start, end)),
    };
    let stands = format!(
        "The session ({who}) still stands: {}, {}.",
        words::short_date(zone.date_of(drifted.starts_at)),
        zone.wall(drifted.starts_at)
    );
    let follow = match drifted.drift {
        Drift::Deleted => view! { <a class="btn btn-small" href=format!("{page}/cancel")>"Cancel the session…"</a> }.into_any(),
        // Only a time that is one: an event that was made longer, or all-day, says nothing about when to meet.
        Drift::Moved(start, end) if same_length(drifted, start, end) && start != drifted.starts_at => view! {
            <form method="post" action=format!("{page}/move")>
                <SubmitGuard busy="Moving…" />
                <input type="hidden" name="start" value=start.to_rfc3339() />
                <input type="hidden" name="reason" value="Moved in the coach’s calendar." />
                <button class="btn btn-small">"Move the session there"</button>
            </form>
        }
        .into_any(),
        Drift::Moved(..) => view! { <a class="btn btn-small" href=format!("{page}/move")>"Move the session…"</a> }.into_any(),
    };
    let decide = |decision: &'static str, label: &'static str| {
        view! {
            <form method="post" action=action.clone()>
                <input type="hidden" name="decision" value=decision />
                <button class="btn btn-small">{label}</button>
            </form>
        }
    };
    view! {
        <p>{found}" "{stands}</p>
        <div class="row-buttons notice-actions">
            {decide("put_back", "Put the event back")}
            {follow}
            {decide("leave", "Leave it as it is")}
        </div>
    }
}
