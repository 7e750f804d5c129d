//! What the coach decides about a session's event in their calendar.

use axum::response::Response;
use serde::Deserialize;
use wellmet::{integrations::write_back::DriftAnswer, model::BookingId};

use crate::server::{Form, PageContext, PageError, PathOf, SignedInCoach, see_other};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Again,
    PutBack,
    Leave,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decided {
    decision: Decision,
}

pub(super) async fn decide(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
    Form(sent, _): Form<Decided>,
) -> Result<Response, PageError> {
    let booking = context.app.bookings.booking(coach, id).await?.ok_or(PageError::NotFound)?;
    let write_back = &context.app.write_back;
    let done = match sent.decision {
        Decision::Again => {
            write_back.ask(&booking).await?;
            "trying-again"
        }
        Decision::PutBack if write_back.answer_drift(&coach, id, DriftAnswer::PutBack).await? => "put-back",
        Decision::Leave if write_back.answer_drift(&coach, id, DriftAnswer::Leave).await? => "left",
        Decision::PutBack | Decision::Leave => "nothing-asked",
    };
    Ok(see_other(&format!("/bookings/{id}?done={done}")))
}
