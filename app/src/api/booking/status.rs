//! `PATCH /booking/{id}/status`: accepting, declining, calling off, saying how it ended.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;
use wellmet::{accounts::Actor, bookings::NewStatus, model::BookingId};

use super::{shape::BookingBody, words};
use crate::{
    api::{
        caller::Caller,
        moment::check_text,
        problem::{Problem, ProblemBody},
        refusals::{Always, OfOne, WithBody, WithToken},
        sent::{At, Sent},
        shapes::Ulid,
    },
    server::AppState,
};

/// Where the booking is to stand.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NewBookingStatus {
    Confirmed,
    Declined,
    Cancelled,
    Completed,
    NoShow,
}

impl From<NewBookingStatus> for NewStatus {
    fn from(status: NewBookingStatus) -> Self {
        match status {
            NewBookingStatus::Confirmed => Self::Confirmed,
            NewBookingStatus::Declined => Self::Declined,
            NewBookingStatus::Cancelled => Self::Cancelled,
            NewBookingStatus::Completed => Self::Completed,
            NewBookingStatus::NoShow => Self::NoShow,
        }
    }
}

/// A change of status.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BookingStatusChange)]
pub(super) struct StatusChange {
    /// `confirmed` or `declined` answers a request, `cancelled` calls the session off, `completed` or `no_show` says how a session went that has started.
    #[schema(example = "confirmed")]
    status: NewBookingStatus,
    /// Why; for the booking's history, and for the other side's mail where it is declined or cancelled. Plain text. Where a coach or an admin cancels without
    /// one, "No reason was given." stands there.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$", example = "I am ill. Please choose another time.")]
    reason: Option<String>,
}

/// Change where a booking stands
///
/// The coach and admins: everything below. The client: `cancelled` only, until `changeable_until`. Asking for what is so already changes nothing.
///
/// `pending` leads to `confirmed`, `declined` and `cancelled`; `confirmed` to `cancelled` until the session starts, and to `completed` and `no_show` from then on.
#[utoipa::path(
    patch,
    path = "/booking/{id}/status",
    operation_id = "change_booking_status",
    tag = "bookings",
    security(("token" = [])),
    params(("id" = inline(Ulid), Path, description = "The booking's id.")),
    request_body = StatusChange,
    responses(
        (status = 200, description = "The booking as it is now.", body = BookingBody),
        (
            status = 409,
            description = "`wrong_state`: nothing leads there from where it stands. `too_late`: the client's time for it is over, or the session has started.",
            body = ProblemBody,
            content_type = "application/problem+json"
        ),
        Always, WithToken, WithBody, OfOne
    )
)]
pub(super) async fn patch(
    State(app): State<AppState>,
    Caller { identity, .. }: Caller,
    At(id): At<BookingId>,
    Sent(change): Sent<StatusChange>,
) -> Result<Json<BookingBody>, Problem> {
    check_text("reason", change.reason.as_deref(), words::REASON_MAX)?;
    let (actor, to) = (identity.actor(), change.status.into());
    let reason = words::reason(change.reason.as_deref(), to == NewStatus::Cancelled && !matches!(actor, Actor::Mentee(_)));
    let booking = app.bookings.set_status(actor, id, to, reason).await?;
    Ok(Json(BookingBody::of(&booking)))
}
