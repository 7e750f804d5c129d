//! `GET /booking/client/{id}` and `GET /booking/coach/{id}`: all bookings of one person.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wellmet::{
    bookings::Party,
    model::{BookingId, UserId},
};

use super::{
    shape::{BookingBody, BookingStatus},
    words,
};
use crate::{
    api::{
        caller::Caller,
        codes::Code,
        problem::Problem,
        refusals::{Always, OfOne, WithToken},
        sent::{Asked, At},
        shapes::Ulid,
    },
    server::AppState,
};

/// Which of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageOf {
    /// How many at most.
    #[serde(default = "usual_limit")]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: u32,
    /// The `next` of the page before.
    #[param(value_type = Option<Ulid>, nullable = false)]
    after: Option<BookingId>,
    /// Only those that stand there.
    #[param(inline, nullable = false)]
    status: Option<BookingStatus>,
}

const fn usual_limit() -> u32 {
    20
}

/// A page of bookings: made last first. A booking never changes its place.
#[derive(Serialize, ToSchema)]
pub(super) struct BookingList {
    /// The bookings.
    bookings: Vec<BookingBody>,
    /// The `after` of the next page; null on the last one.
    #[schema(value_type = Option<Ulid>, required)]
    next: Option<String>,
}

async fn page(app: &AppState, caller: &Caller, party: Party, asked: PageOf) -> Result<Json<BookingList>, Problem> {
    if !(1..=100).contains(&asked.limit) {
        return Err(Problem::field("limit", "A number between 1 and 100 is wanted."));
    }
    let (actor, status) = (caller.identity.actor(), asked.status.map(Into::into));
    let page = app.bookings.of_party(actor, party, status, asked.after, asked.limit).await?;
    let page = page.ok_or_else(|| Problem::new(Code::Forbidden, words::NOT_YOURS))?;
    Ok(Json(BookingList { bookings: page.bookings.iter().map(BookingBody::of).collect(), next: page.next.map(|id| id.to_string()) }))
}

/// All bookings of a client
///
/// For that client and admins.
#[utoipa::path(
    get,
    path = "/booking/client/{id}",
    operation_id = "bookings_of_client",
    tag = "bookings",
    security(("token" = [])),
    params(("id" = inline(Ulid), Path, description = "The client's id."), PageOf),
    responses((status = 200, description = "A page of them.", body = BookingList), Always, WithToken, OfOne)
)]
pub(super) async fn of_client(
    State(app): State<AppState>,
    caller: Caller,
    At(id): At<UserId>,
    Asked(asked): Asked<PageOf>,
) -> Result<Json<BookingList>, Problem> {
    page(&app, &caller, Party::Client(id), asked).await
}

/// All bookings of a coach's time
///
/// For that coach and admins.
#[utoipa::path(
    get,
    path = "/booking/coach/{id}",
    operation_id = "bookings_of_coach",
    tag = "bookings",
    security(("token" = [])),
    params(("id" = inline(Ulid), Path, description = "The coach's id."), PageOf),
    responses((status = 200, description = "A page of them.", body = BookingList), Always, WithToken, OfOne)
)]
pub(super) async fn of_coach(
    State(app): State<AppState>,
    caller: Caller,
    At(id): At<UserId>,
    Asked(asked): Asked<PageOf>,
) -> Result<Json<BookingList>, Problem> {
    page(&app, &caller, Party::Coach(id), asked).await
}
