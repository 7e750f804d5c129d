//! Paying: what it costs and by which rules, the way to Stripe, and the page that waits for the truth.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::Response,
};
use leptos::prelude::*;
use wellmet::{
    bookings::Booking,
    model::{BookingId, BookingStatus},
    payments::{PayError, PaymentState},
    time::words,
};

use super::{
    detail::{nav, own_zone},
    money::rules,
};
use crate::{
    components::{Breadcrumbs, Notice, Tone},
    islands::SubmitGuard,
    server::{AppState, Page, PageContext, PageError, PathOf, SignedInMentee, page, see_other},
};

/// How often the page that waits looks again, in seconds.
const LOOK_AGAIN: u32 = 3;

/// What is to be paid, and a button.
pub(super) async fn ask(
    State(app): State<AppState>,
    SignedInMentee(mentee, viewer): SignedInMentee,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
) -> Result<Response, PageError> {
    let booking = app.bookings.booking(mentee, id).await?.ok_or(PageError::NotFound)?;
    if booking.status != BookingStatus::Pending || !booking.is_unpaid() {
        return Ok(see_other(&format!("/bookings/{id}")));
    }
    let zone = own_zone(&context, &viewer, &booking);
    let shown = shown(&booking, &zone);
    Ok(page(&context, Page::private("Pay for a session").nav(nav(&viewer)), move || ask_view(shown, None)))
}

/// Makes or finds the page at Stripe, and leads there.
pub(super) async fn go(
    State(app): State<AppState>,
    SignedInMentee(mentee, viewer): SignedInMentee,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
) -> Result<Response, PageError> {
    match app.payments.begin(&mentee, id).await {
        Ok(address) => Ok(leave(&context, &address)),
        Err(PayError::NotFound) => Err(PageError::NotFound),
        Err(PayError::NotOpen(_) | PayError::Refused) => Ok(see_other(&format!("/bookings/{id}"))),
        Err(PayError::Internal(error)) => Err(error.into()),
        Err(PayError::Away) => {
            let booking = app.bookings.booking(mentee, id).await?.ok_or(PageError::NotFound)?;
            let zone = own_zone(&context, &viewer, &booking);
            let shown = shown(&booking, &zone);
            let page_of = Page::private("Pay for a session").nav(nav(&viewer)).status(StatusCode::SERVICE_UNAVAILABLE);
            let words = "The payment page could not be opened just now. Nothing is lost: please try again in a moment.";
            Ok(page(&context, page_of, move || ask_view(shown, Some(words))))
        }
    }
}

/// What the page says of a booking.
struct Shown {
    path: String,
    title: String,
    coach: String,
    when: String,
    price: String,
    rules: String,
    by: Option<String>,
}

fn shown(booking: &Booking, zone: &wellmet::time::Zone) -> Shown {
    Shown {
        path: format!("/bookings/{}", booking.id),
        title: booking.title.clone(),
        coach: booking.coach_name.clone(),
        when: words::when(zone, booking.starts_at, booking.ends_at),
        price: booking.price.to_string(),
        rules: rules(booking, zone),
        by: booking.answer_by.map(|by| zone.wall(by)),
    }
}

fn ask_view(shown: Shown, refused: Option<&'static str>) -> impl IntoView {
    let action = format!("{}/pay", shown.path);
    view! {
        <Breadcrumbs links=vec![(shown.path.clone(), shown.title.clone())] />
        <div class="narrow stack">
            <h1>{format!("Pay {}", shown.price)}</h1>
            {refused.map(|words| view! { <Notice tone=Tone::Warn>{words}</Notice> })}
            <p class="lead">{format!("{} with {}", shown.title, shown.coach)}</p>
            <p>{shown.when}</p>
            <p>{shown.rules}</p>
            {shown.by.map(|by| view! { <p class="muted small">{format!("The time is kept for you until {by}. You pay on a page of Stripe's and come back here.")}</p> })}
            <form method="post" action=action class="button-row">
                <button class="btn btn-primary">"Go to payment"</button>
                <a class="btn" href=format!("{}/cancel", shown.path)>"Give up the time"</a>
                <SubmitGuard busy="Opening…" />
            </form>
        </div>
    }
}

/// A page that leads to Stripe by itself: the content policy lets no form lead there.
fn leave(context: &PageContext, address: &str) -> Response {
    let link = address.to_owned();
    let mut response = page(context, Page::private("To payment"), move || {
        view! {
            <div class="narrow stack">
                <h1>"On to payment"</h1>
                <p class="lead">"You pay on a page of Stripe's, and come back here afterwards."</p>
                <p><a class="btn btn-primary" href=link rel="noreferrer">"Continue to payment"</a></p>
            </div>
        }
    });
    // Browsers follow this header as they follow a link.
    if let Ok(refresh) = format!("0; url={address}").parse() {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}

/// Where the browser comes back from Stripe. That it does proves nothing: the page has the payment looked at, and waits.
pub(super) async fn paid(
    State(app): State<AppState>,
    SignedInMentee(mentee, viewer): SignedInMentee,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
) -> Result<Response, PageError> {
    let booking = app.bookings.booking(mentee, id).await?.ok_or(PageError::NotFound)?;
    let Some(money) = app.payments.of(&booking).await? else { return Err(PageError::NotFound) };
    let path = format!("/bookings/{id}");
    let waits = booking.status == BookingStatus::Pending && booking.is_unpaid() && money.payment.state == PaymentState::Open;
    if !waits {
        let done = match booking.status {
            BookingStatus::Confirmed => "?done=booked",
            BookingStatus::Pending if !booking.is_unpaid() => "?done=requested",
            _ => "",
        };
        return Ok(see_other(&format!("{path}{done}")));
    }
    app.payments.look_soon(&booking).await?;
    let title = booking.title.clone();
    let mut response = page(&context, Page::private("Your payment is being confirmed").nav(nav(&viewer)), move || {
        view! {
            <Breadcrumbs links=vec![(path.clone(), title)] />
            <div class="narrow stack" role="status">
                <h1>"Your payment is being confirmed"</h1>
                <p class="lead">"This takes a moment. The page looks again by itself; you need not wait for it."</p>
                <p><a class="btn" href=path.clone()>"To the booking"</a></p>
            </div>
        }
    });
    response.headers_mut().insert(header::REFRESH, LOOK_AGAIN.into());
    Ok(response)
}
