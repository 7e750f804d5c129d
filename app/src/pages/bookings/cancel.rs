//! Calling a booking off: a page that asks, and the form it sends.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::{Actor, Identity},
    bookings::{Booking, CancelError},
    model::BookingId,
    time::words,
};

use super::{
    detail::{nav, own_zone},
    money::preview_words,
};
use crate::{
    components::{Breadcrumbs, ErrorSummary, Notice, TextArea, Tone},
    dto::FormState,
    pages::picker::policy,
    server::{AppState, Form, Page, PageContext, PageError, PathOf, SignedIn, page, see_other},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

async fn booking_of(app: &AppState, viewer: &Identity, id: BookingId) -> Result<Booking, PageError> {
    app.bookings.booking(viewer.actor(), id).await?.ok_or(PageError::NotFound)
}

pub(super) async fn ask(
    State(app): State<AppState>,
    SignedIn(viewer): SignedIn,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
) -> Result<Response, PageError> {
    let booking = booking_of(&app, &viewer, id).await?;
    if !booking.can_cancel(viewer.actor(), app.deps.clock.now()) {
        return Ok(see_other(&format!("/bookings/{id}")));
    }
    render(&context, &viewer, &booking, &FormState::new(), None, StatusCode::OK).await
}

pub(super) async fn cancel(
    State(app): State<AppState>,
    SignedIn(viewer): SignedIn,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
    Form(sent, state): Form<Reason>,
) -> Result<Response, PageError> {
    let refused = match app.bookings.cancel(viewer.actor(), id, &sent.reason).await {
        Ok(_) => return Ok(see_other(&format!("/bookings/{id}?done=cancelled"))),
        Err(CancelError::NotFound) => return Err(PageError::NotFound),
        Err(CancelError::Internal(error)) => return Err(error.into()),
        Err(CancelError::Invalid(errors)) => {
            let booking = booking_of(&app, &viewer, id).await?;
            return render(&context, &viewer, &booking, &state.failed(errors), None, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Err(CancelError::WrongStatus(_)) => "This booking has ended already: there is nothing left to cancel.",
        Err(CancelError::Past) => "This session has started: what is past cannot be cancelled.",
        Err(CancelError::TooLate(_)) => "It is too late to cancel this booking here. Please get in touch with your coach.",
    };
    let booking = booking_of(&app, &viewer, id).await?;
    render(&context, &viewer, &booking, &state, Some(refused), StatusCode::CONFLICT).await
}

async fn render(
    context: &PageContext,
    viewer: &Identity,
    booking: &Booking,
    form: &FormState,
    refused: Option<&'static str>,
    status: StatusCode,
) -> Result<Response, PageError> {
    let app = &context.app;
    let preview = app.payments.preview(viewer.actor(), booking, app.deps.clock.now()).await?;
    let rules = match preview {
        Some(preview) => preview_words(&preview, viewer.mentee().is_some()),
        None if booking.is_unpaid() => "Nothing was paid yet, and nothing will be: the page to pay on is closed.".to_owned(),
        None if viewer.mentee().is_some() => format!("By the agreement you may {}.", policy(booking.notice_minutes)),
        None => "The time becomes free for others at once.".to_owned(),
    };
    let zone = own_zone(context, viewer, booking);
    let when = words::when(&zone, booking.starts_at, booking.ends_at);
    let page_of = Page::private("Cancel a booking").nav(nav(viewer)).status(status);
    Ok(page(context, page_of, || ask_view(booking, viewer.actor(), form, (when, rules), refused)))
}

fn ask_view(
    booking: &Booking,
    actor: Actor,
    form: &FormState,
    (when, rules): (String, String),
    refused: Option<&'static str>,
) -> impl IntoView + use<> {
    let path = format!("/bookings/{}", booking.id);
    let mentee = matches!(actor, Actor::Mentee(_));
    let other = if mentee { &booking.coach_name } else { &booking.client_name };
    let hint = format!("{other} will read it.");
    view! {
        <Breadcrumbs links=vec![(path.clone(), booking.title.clone())] />
        <div class="narrow stack">
            <h1>"Cancel this booking?"</h1>
            <p class="lead">{booking.title.clone()}" with "{other.clone()}</p>
            <p>{when}</p>
            {match refused {
                Some(words) => view! { <Notice tone=Tone::Warn>{words}</Notice><p><a class="btn" href=path.clone()>"Back to the booking"</a></p> }.into_any(),
                None => view! {
                    <p class="muted">{rules}</p>
                    <ErrorSummary form=form.clone() labels=&[("reason", "Reason")] />
                    <form method="post" action=format!("{path}/cancel") class="form-card">
                        <TextArea of=form.field("reason") label="Reason" required=!mentee maxlength=500 rows=3 hint=hint.clone() />
                        <div class="form-buttons">
                            <button class="btn btn-danger">"Cancel the booking"</button>
                            <a class="btn" href=path.clone()>"Keep it"</a>
                        </div>
                    </form>
                }.into_any(),
            }}
        </div>
    }
}
