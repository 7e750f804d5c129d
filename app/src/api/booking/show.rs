//! `GET /booking/{id}`: one booking.

use axum::{Json, extract::State};
use wellmet::model::BookingId;

use super::{shape::BookingBody, words};
use crate::{
    api::{
        caller::Caller,
        codes::Code,
        problem::Problem,
        refusals::{Always, OfOne, WithToken},
        sent::At,
        shapes::Ulid,
    },
    server::AppState,
};

/// One booking
///
/// For its client, its coach and admins. Whoever else is signed in is told that it is not theirs (403).
#[utoipa::path(
    get,
    path = "/booking/{id}",
    operation_id = "booking",
    tag = "bookings",
    security(("token" = [])),
    params(("id" = inline(Ulid), Path, description = "The booking's id.")),
    responses((status = 200, description = "The booking.", body = BookingBody), Always, WithToken, OfOne)
)]
pub(super) async fn get(State(app): State<AppState>, caller: Caller, At(id): At<BookingId>) -> Result<Json<BookingBody>, Problem> {
    match app.bookings.booking(caller.identity.actor(), id).await? {
        Some(booking) => Ok(Json(BookingBody::of(&booking))),
        None if app.bookings.exists(id).await? => Err(Problem::new(Code::Forbidden, words::NOT_YOURS)),
        None => Err(words::no_booking()),
    }
}
