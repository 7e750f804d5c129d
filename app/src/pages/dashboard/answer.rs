//! A coach's answers: to a request, and how a session went.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    bookings::{AnswerError, FinishError, Outcome},
    model::{BookingId, BookingStatus, FieldErrors},
};

use super::line::Line;
use crate::{
    components::{Breadcrumbs, ErrorSummary, Nav, TextArea},
    dto::FormState,
    islands::SubmitGuard,
    server::{Form, Page, PageContext, PageError, PathOf, SignedInCoach, page, see_other},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decline {
    #[serde(default)]
    reason: String,
}

pub(super) async fn confirm(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
) -> Result<Response, PageError> {
    answered(context.app.bookings.confirm(&coach, id).await, "confirmed").map_err(|(error, _)| error)
}

pub(super) async fn ask_decline(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
) -> Result<Response, PageError> {
    decline_page(&context, coach.into(), id, FormState::new()).await
}

pub(super) async fn decline(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
    Form(given, form): Form<Decline>,
) -> Result<Response, PageError> {
    match answered(context.app.bookings.decline(&coach, id, &given.reason).await, "declined") {
        Err((_, Some(errors))) => decline_page(&context, coach.into(), id, form.failed(errors)).await,
        done => done.map_err(|(error, _)| error),
    }
}

pub(super) async fn completed(coach: SignedInCoach, context: PageContext, PathOf(id): PathOf<BookingId>) -> Result<Response, PageError> {
    finish(coach, &context, id, Outcome::Completed, "/dashboard?done=completed").await
}

pub(super) async fn no_show(coach: SignedInCoach, context: PageContext, PathOf(id): PathOf<BookingId>) -> Result<Response, PageError> {
    finish(coach, &context, id, Outcome::NoShow, "/dashboard?done=no-show").await
}

async fn finish(
    SignedInCoach(coach, _): SignedInCoach,
    context: &PageContext,
    id: BookingId,
    outcome: Outcome,
    done: &str,
) -> Result<Response, PageError> {
    match context.app.bookings.finish(&coach, id, outcome).await {
        Ok(_) => Ok(see_other(done)),
        Err(FinishError::NotFound) => Err(PageError::NotFound),
        Err(FinishError::WrongStatus(_) | FinishError::NotYet(_)) => Ok(see_other("/dashboard?done=not-finished")),
        Err(FinishError::Internal(error)) => Err(error.into()),
    }
}

/// The way on after an answer; the second half of an error is what to show beside the form.
fn answered<T>(answer: Result<T, AnswerError>, done: &str) -> Result<Response, (PageError, Option<FieldErrors>)> {
    match answer {
        Ok(_) => Ok(see_other(&format!("/dashboard?done={done}"))),
        Err(AnswerError::WrongStatus(_)) => Ok(see_other("/dashboard?done=answered")),
        Err(AnswerError::NotFound) => Err((PageError::NotFound, None)),
        Err(AnswerError::Invalid(errors)) => Err((PageError::Unprocessable(errors.to_string()), Some(errors))),
        Err(AnswerError::Internal(error)) => Err((error.into(), None)),
    }
}

async fn decline_page(
    context: &PageContext,
    actor: wellmet::accounts::Actor,
    id: BookingId,
    form: FormState,
) -> Result<Response, PageError> {
    let booking = context.app.bookings.booking(actor, id).await?.ok_or(PageError::NotFound)?;
    if booking.status != BookingStatus::Pending || booking.is_unpaid() {
        return Ok(see_other("/dashboard?done=answered"));
    }
    let line = Line::of(&booking, &booking.coach_zone, context.app.deps.clock.now());
    let (title, status) = if form.has_errors() {
        ("Error: Decline a request", StatusCode::UNPROCESSABLE_ENTITY)
    } else {
        ("Decline a request", StatusCode::OK)
    };
    Ok(page(context, Page::private(title).nav(Nav::Today).status(status), || {
        let mentee = line.mentee.clone();
        view! {
            <Breadcrumbs links=vec![("/dashboard".into(), "Today".into())] />
            <div class="form-page">
                <h1>{format!("Decline {mentee}’s request?")}</h1>
                <p>{line.title}", "{line.when}</p>
                <p class="muted">"The time is free again at once, and the request cannot be taken up later."</p>
                <ErrorSummary form=form.clone() labels=&[("reason", "Reason")] />
                <form class="form-card" method="post" action=format!("/dashboard/bookings/{}/decline", line.id)>
                    <SubmitGuard busy="Declining…" />
                    <TextArea of=form.field("reason") label="Reason" hint=format!("{mentee} reads it. At most 500 characters.") rows=4 />
                    <div class="form-buttons">
                        <button class="btn btn-danger">"Decline the request"</button>
                        <a class="btn" href="/dashboard">"Back"</a>
                    </div>
                </form>
            </div>
        }
    }))
}
