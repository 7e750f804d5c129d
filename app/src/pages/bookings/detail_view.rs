//! What the page of a booking shows.

use leptos::prelude::*;
use wellmet::{
    accounts::Actor,
    bookings::{Booking, BookingChange, BookingEvent},
    model::{BookingStatus, Instant, Role},
    payments::PaymentView,
    time::{Zone, words},
};

use super::{
    in_calendar::{InCalendarNote, in_calendar},
    money::about_money,
    place_words, status_chip,
};
use crate::{
    components::{AddressNotice, Breadcrumbs, FaceMark, Icon, Picture},
    dto::LiveAt,
    islands::{LIVE_REGION, LiveRegion},
    pages::{feeds::has_sessions, picker::policy},
    server::Lands,
};

/// Everything on the page.
pub(super) struct Shown {
    pub(super) booking: Booking,
    pub(super) history: Vec<BookingEvent>,
    pub(super) actor: Actor,
    pub(super) zone: Zone,
    pub(super) now: Instant,
    /// For the coach: where it stands in their calendar.
    pub(super) calendar: Option<InCalendarNote>,
    pub(super) live: Option<LiveAt>,
    /// What was paid, if it is paid here.
    pub(super) money: Option<PaymentView>,
    /// The viewer's address if it was not confirmed yet, and where mail to it lands.
    pub(super) unchecked: Option<(String, Lands)>,
}

impl Shown {
    /// The other person, seen from whoever looks; for an admin, the coach.
    pub(super) fn other_name(&self) -> &str {
        match self.actor {
            Actor::Coach(_) => &self.booking.client_name,
            _ => &self.booking.coach_name,
        }
    }
}

/// The whole page.
pub(super) fn detail_page(shown: &Shown) -> impl IntoView + use<> {
    let booking = &shown.booking;
    let trail = match shown.actor {
        Actor::Mentee(_) => ("/bookings", "My bookings"),
        Actor::Coach(_) => ("/dashboard", "Today"),
        Actor::Admin(_) => ("/admin", "Admin"),
    };
    view! {
        <Breadcrumbs links=vec![(trail.0.to_owned(), trail.1.to_owned())] />
        <div class="detail" id=LIVE_REGION tabindex="-1">
            <div class="detail-main">
                {status_chip(booking, shown.actor)}
                <h1>{booking.title.clone()}" with "{shown.other_name().to_owned()}</h1>
                <p class="lead"><time datetime=booking.starts_at.to_rfc3339()>{words::when(&shown.zone, booking.starts_at, booking.ends_at)}</time></p>
                {elsewhere(shown)}
                {waiting(shown)}
                {shown.money.as_ref().map(|money| about_money(booking, money, shown.actor, &shown.zone))}
                {shown.calendar.as_ref().and_then(|note| in_calendar(note, booking, &shown.zone, shown.now))}
                {unchecked(shown)}
                {facts(shown)}
                {notes(shown)}
                {actions(shown)}
            </div>
            <aside class="detail-side" aria-labelledby="history">
                <h2 id="history">"What happened"</h2>
                <ol class="history">{shown.history.iter().map(|event| history_row(event, &shown.zone)).collect_view()}</ol>
            </aside>
        </div>
        {shown.live.clone().map(|at| view! { <LiveRegion at /> })}
    }
}

/// The same time on the other person's clock, when it differs.
fn elsewhere(shown: &Shown) -> Option<impl IntoView + use<>> {
    let booking = &shown.booking;
    let (zone, name) = match shown.actor {
        Actor::Coach(_) => (&booking.client_zone, &booking.client_name),
        _ => (&booking.coach_zone, &booking.coach_name),
    };
    let differs = zone.offset_seconds(booking.starts_at) != shown.zone.offset_seconds(booking.starts_at);
    differs.then(|| view! { <p class="muted small">"For "{name.clone()}": "{words::when(zone, booking.starts_at, booking.ends_at)}</p> })
}

/// Mail that would be sent waits for the address to be confirmed.
fn unchecked(shown: &Shown) -> Option<impl IntoView + use<>> {
    let (email, lands) = shown.unchecked.clone()?;
    let next = format!("/bookings/{}", shown.booking.id);
    Some(view! { <AddressNotice email next mailbox=lands == Lands::InTheMailbox /> })
}

/// What is being waited for, and until when.
fn waiting(shown: &Shown) -> Option<impl IntoView + use<>> {
    let by = shown.booking.answer_by.filter(|_| shown.booking.status == BookingStatus::Pending && !shown.booking.is_unpaid())?;
    let at = format!("{}, {}", words::day_and_month(shown.zone.date_of(by)), shown.zone.wall(by));
    let words = match shown.actor {
        Actor::Coach(_) => format!("Please answer by {at}. Without an answer the request ends by itself."),
        _ => format!("{} will answer by {at}. The time is kept for you until then.", shown.booking.coach_name),
    };
    Some(view! { <p class="waiting">{words}</p> })
}

fn facts(shown: &Shown) -> impl IntoView + use<> {
    let booking = &shown.booking;
    let (place, link) = place_words(booking);
    let price = if booking.price.is_free() { "Free of charge".to_owned() } else { booking.price.to_string() };
    let (name, mail) = match shown.actor {
        Actor::Mentee(_) => (booking.coach_name.clone(), None),
        _ => (booking.client_name.clone(), Some(booking.client_email.clone())),
    };
    view! {
        <ul class="facts">
            <li><FaceMark name=name.clone() /><span>{name}{mail.map(|mail| view! { <br /><a href=format!("mailto:{mail}")>{mail.clone()}</a> })}</span></li>
            <li><Icon picture=Picture::Clock />{words::span_minutes(booking.duration_minutes())}</li>
            <li><Icon picture=Picture::Place /><span>{place}{link.map(|link| view! { <br /><a href=link.clone() rel="noreferrer">{link.clone()}</a> })}</span></li>
            <li><Icon picture=Picture::Money /><span>{price}", "{policy(booking.notice_minutes)}</span></li>
        </ul>
    }
}

fn notes(shown: &Shown) -> Option<impl IntoView + use<>> {
    let notes = shown.booking.notes.clone();
    let heading = match shown.actor {
        Actor::Coach(_) => format!("What {} wrote", shown.booking.client_name),
        _ => "What you wrote".to_owned(),
    };
    (!notes.is_empty()).then(|| view! { <h2>{heading}</h2><p class="prose">{notes}</p> })
}

/// What can be done, and if nothing, why.
fn actions(shown: &Shown) -> impl IntoView + use<> {
    let (booking, actor, now) = (&shown.booking, shown.actor, shown.now);
    let path = format!("/bookings/{}", booking.id);
    let can_move = booking.can_move(actor, now);
    let can_cancel = booking.can_cancel(actor, now);
    let late = (booking.status.is_live() && now < booking.starts_at && !can_cancel).then(|| {
        format!("It is less than the agreed notice before the session: to move or cancel it, get in touch with {}.", booking.coach_name)
    });
    let again = (!booking.status.is_live() && matches!(actor, Actor::Mentee(_))).then(|| format!("/coaches/{}", booking.coach_slug));
    let calendar = has_sessions(actor) && booking.status.is_live() && !booking.is_unpaid() && now < booking.ends_at;
    view! {
        <div class="button-row">
            {answers(shown)}
            {can_move.then(|| view! { <a class="btn" href=format!("{path}/move")>"Move to another time"</a> })}
            {can_cancel.then(|| view! { <a class="btn btn-danger" href=format!("{path}/cancel")>"Cancel"</a> })}
            {calendar.then(|| view! { <a class="btn" href=format!("{path}/calendar.ics") download="session.ics">"Add to calendar"</a> })}
            {again.map(|path| view! { <a class="btn" href=path>"Book again"</a> })}
        </div>
        {late.map(|words| view! { <p class="muted small">{words}</p> })}
    }
}

/// A coach's answers: to a request, and to how a session went.
fn answers(shown: &Shown) -> Option<impl IntoView + use<>> {
    let Actor::Coach(_) = shown.actor else { return None };
    let base = format!("/dashboard/bookings/{}", shown.booking.id);
    let started = shown.now >= shown.booking.starts_at;
    if shown.booking.is_unpaid() {
        return None;
    }
    let choices: &[(&str, &str, &str)] = match shown.booking.status {
        BookingStatus::Pending => &[("confirm", "Confirm", "btn btn-primary")],
        BookingStatus::Confirmed if started => {
            &[("completed", "It took place", "btn btn-primary"), ("no-show", "They did not come", "btn")]
        }
        _ => &[],
    };
    let forms = choices.iter().map(|&(word, label, class)| {
        view! { <form method="post" action=format!("{base}/{word}")><button class=class>{label}</button></form> }
    });
    // Declining asks for a reason first.
    let decline = matches!(shown.booking.status, BookingStatus::Pending);
    let decline = decline.then(|| view! { <a class="btn" href=format!("{base}/decline")>"Decline…"</a> });
    Some(view! { {forms.collect_view()}{decline} })
}

fn history_row(event: &BookingEvent, zone: &Zone) -> impl IntoView + use<> {
    let what = match event.change {
        BookingChange::Reserved => "Chosen, to be paid".to_owned(),
        BookingChange::Booked => "Booked".to_owned(),
        BookingChange::Requested => "Requested".to_owned(),
        BookingChange::Confirmed => "Confirmed".to_owned(),
        BookingChange::Declined => "Declined".to_owned(),
        BookingChange::Expired => "Ended unanswered".to_owned(),
        BookingChange::Moved => {
            format!("Moved to {}, {}", words::short_date(zone.date_of(event.starts_at)), zone.wall(event.starts_at))
        }
        BookingChange::Cancelled => "Cancelled".to_owned(),
        BookingChange::Completed => "Marked as completed".to_owned(),
        BookingChange::NoShow => "Marked as missed".to_owned(),
    };
    let who = match (&event.name, event.role) {
        (Some(name), Some(Role::Admin)) => format!("{name} (admin)"),
        (Some(name), _) => name.clone(),
        _ => "Wellmet".to_owned(),
    };
    let at = format!("{}, {}", words::short_date(zone.date_of(event.at)), zone.wall(event.at));
    view! {
        <li>
            <strong>{what}</strong>
            <span class="muted small">{who}", "<time datetime=event.at.to_rfc3339()>{at}</time></span>
            {(!event.why.is_empty()).then(|| view! { <p class="prose small">{event.why.clone()}</p> })}
        </li>
    }
}
