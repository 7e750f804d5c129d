//! `POST /booking/{id}/reschedule`: moving a booking to another time.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use wellmet::{accounts::Actor, model::BookingId};

use super::{shape::BookingBody, words};
use crate::{
    api::{
        caller::Caller,
        moment::{Moment, check_text},
        problem::{Problem, ProblemBody},
        refusals::{Always, OfOne, WithBody, WithToken},
        sent::{At, Sent},
        shapes::{Time, Ulid},
    },
    server::AppState,
};

/// Where to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BookingMove)]
pub(super) struct Move {
    /// When the session is to start.
    #[schema(value_type = Time)]
    session_datetime: Moment,
    /// Why; for the booking's history and the other side's mail. Plain text. Where a coach or an admin gives none, "No reason was given." stands there.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$", example = "Could we meet an hour later?")]
    reason: Option<String>,
}

/// Move a booking to another time
///
/// The same booking, one `sequence` higher; its length and terms stay. For its client until `changeable_until`, for its coach and admins until the start, and
/// without the notice and the caps that protect the coach. A confirmed booking that its client moves is `pending` again where the coach answers each
/// request. Moving it to where it is changes nothing.
#[utoipa::path(
    post,
    path = "/booking/{id}/reschedule",
    operation_id = "reschedule_booking",
    tag = "bookings",
    security(("token" = [])),
    params(("id" = inline(Ulid), Path, description = "The booking's id.")),
    request_body = Move,
    responses(
        (status = 200, description = "The booking at its new time.", body = BookingBody),
        (
            status = 409,
            description = "`slot_unavailable`: the time is not to be had, `alternatives` are. `wrong_state`: it has ended already. `too_late`: the client's time \
                for it is over, or the session has started.",
            body = ProblemBody,
            content_type = "application/problem+json"
        ),
        Always, WithToken, WithBody, OfOne
    )
)]
pub(super) async fn post(
    State(app): State<AppState>,
    Caller { identity, .. }: Caller,
    At(id): At<BookingId>,
    Sent(wish): Sent<Move>,
) -> Result<Json<BookingBody>, Problem> {
    check_text("reason", wish.reason.as_deref(), words::REASON_MAX)?;
    let actor = identity.actor();
    let reason = words::reason(wish.reason.as_deref(), !matches!(actor, Actor::Mentee(_)));
    let booking = app.bookings.reschedule(actor, id, wish.session_datetime.0, reason).await?;
    Ok(Json(BookingBody::of(&booking)))
}
