//! `DELETE /booking/{id}`: calling a booking off.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use wellmet::{accounts::Actor, bookings::NewStatus, model::BookingId};

use super::{shape::BookingBody, words};
use crate::{
    api::{
        caller::Caller,
        moment::check_text,
        problem::{Problem, ProblemBody},
        refusals::{Always, OfOne, WithToken},
        sent::{Asked, At},
        shapes::Ulid,
    },
    server::AppState,
};

/// Why.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Why {
    /// Why; for the booking's history and the other side's mail. Plain text. Where a coach or an admin gives none, "No reason was given." stands there.
    #[param(max_length = 500, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$", example = "I am ill.", nullable = false)]
    reason: Option<String>,
}

/// Cancel a booking
///
/// For its client until `changeable_until` (a request that was not answered yet: until the start), for its coach and admins until the start. The booking
/// stays, as `cancelled`. Cancelling twice is cancelling once.
#[utoipa::path(
    delete,
    path = "/booking/{id}",
    operation_id = "cancel_booking",
    tag = "bookings",
    security(("token" = [])),
    params(("id" = inline(Ulid), Path, description = "The booking's id."), Why),
    responses(
        (status = 200, description = "The booking, cancelled.", body = BookingBody),
        (
            status = 409,
            description = "`wrong_state`: it has ended already. `too_late`: the client's time for it is over, or the session has started.",
            body = ProblemBody,
            content_type = "application/problem+json"
        ),
        Always, WithToken, OfOne
    )
)]
pub(super) async fn delete(
    State(app): State<AppState>,
    Caller { identity, .. }: Caller,
    At(id): At<BookingId>,
    Asked(why): Asked<Why>,
) -> Result<Json<BookingBody>, Problem> {
    check_text("reason", why.reason.as_deref(), words::REASON_MAX)?;
    let actor = identity.actor();
    let reason = words::reason(why.reason.as_deref(), !matches!(actor, Actor::Mentee(_)));
    let booking = app.bookings.set_status(actor, id, NewStatus::Cancelled, reason).await?;
    Ok(Json(BookingBody::of(&booking)))
}
