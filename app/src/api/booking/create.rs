//! `POST /booking`: booking a time.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;
use wellmet::{
    accounts::{Identity, MenteeActor},
    bookings::{BookAt, Booking, Terms},
    limits::Limit,
    model::{SessionTypeId, UserId},
    time::Zone,
};

use super::{shape::BookingBody, words};
use crate::{
    api::{
        caller::Caller,
        codes::Code,
        idempotency::Once,
        moment::{Moment, check_text},
        number,
        problem::{Problem, ProblemBody},
        refusals::{Always, WithBody, WithToken},
        sent::Sent,
        shapes::{Time, Ulid, ZoneName},
    },
    server::AppState,
};

/// The longest note, in characters.
const NOTES_MAX: usize = 2000;

/// What to book.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBooking {
    /// Whose time.
    #[schema(value_type = Ulid)]
    coach_id: UserId,
    /// When the session is to start: the `start` of one of the coach's free times.
    #[schema(value_type = Time)]
    session_datetime: Moment,
    /// How long it takes, in minutes: the length of one of the coach's session types.
    #[schema(value_type = u32, minimum = 5, maximum = 720, example = 60)]
    #[serde(deserialize_with = "number::whole")]
    duration_minutes: u32,
    /// What the coach is to know; plain text, tabs and line ends are its only control characters.
    #[serde(default)]
    #[schema(
        max_length = 2000,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$",
        example = "Looking forward to discussing career transition"
    )]
    notes: Option<String>,
    /// Which session type, where the coach has several of that length; without it the first of them.
    #[serde(default)]
    #[schema(value_type = Option<Ulid>)]
    session_type_id: Option<SessionTypeId>,
    /// The zone that the client's mails and calendar show the time in; without it the client's own.
    #[serde(default)]
    #[schema(value_type = Option<ZoneName>)]
    time_zone: Option<String>,
}

/// A client. Others are told so in the seed's words.
pub(super) struct Booker(MenteeActor, Identity);

impl FromRequestParts<AppState> for Booker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let Caller { identity, .. } = Caller::from_request_parts(parts, app).await?;
        let mentee = identity.mentee().ok_or_else(|| Problem::new(Code::Forbidden, "Invalid client"))?;
        Ok(Self(mentee, identity))
    }
}

/// Book a time
///
/// The time is judged and taken in one transaction: what is answered is so. The booking is `confirmed`, or `pending` where the coach answers each request.
#[utoipa::path(
    post,
    path = "/booking",
    operation_id = "create_booking",
    tag = "bookings",
    security(("token" = [])),
    request_body = NewBooking,
    responses(
        (
            status = 201,
            description = "The booking.",
            body = BookingBody,
            headers(("Location" = String, description = "The booking's address.")),
            links(
                ("booking" = (operation_id = "booking", parameters(("id" = "$response.body#/id")))),
                ("reschedule_booking" = (operation_id = "reschedule_booking", parameters(("id" = "$response.body#/id")))),
                ("change_booking_status" = (operation_id = "change_booking_status", parameters(("id" = "$response.body#/id")))),
                ("cancel_booking" = (operation_id = "cancel_booking", parameters(("id" = "$response.body#/id"))))
            )
        ),
        (
            status = 409,
            description = "`slot_unavailable`: the time is not to be had, `alternatives` are. `conflict`: the session type changed in this instant.",
            body = ProblemBody,
            content_type = "application/problem+json"
        ),
        Always, WithToken, WithBody
    )
)]
pub(super) async fn post(
    State(app): State<AppState>,
    Booker(mentee, client): Booker,
    once: Once,
    Sent(wish): Sent<NewBooking>,
) -> Result<Response, Problem> {
    // It may be booked already, by a server that died before it could say so. What can be booked by now is nothing to that.
    if once.keyed
        && let Some(booking) = app.bookings.booked_by(&mentee, &once.secret).await?
    {
        return Ok(booked(&booking));
    }
    check_text("notes", wish.notes.as_deref(), NOTES_MAX)?;
    let zone = wish.time_zone.as_deref().unwrap_or_else(|| client.time_zone());
    let zone = Zone::parse(zone).ok_or_else(|| Problem::field("time_zone", "An IANA zone such as Europe/Berlin is wanted."))?;
    let coach = app.bookings.coach_now(wish.coach_id).await?.ok_or_else(words::invalid_coach)?;
    let kind = words::session_type(&coach.offer, wish.session_type_id, Some(wish.duration_minutes))?;
    let wish = BookAt {
        coach: wish.coach_id,
        session_type: kind.id,
        start: wish.session_datetime.0,
        zone,
        notes: wish.notes.unwrap_or_default(),
        terms: Terms::of(kind),
    };
    // The site's own way counts holds; here nothing is held.
    app.limits.check(Limit::BookingsPerAccount, mentee.id().as_str()).await?;
    let booking = app.bookings.book_at(&mentee, wish, &once.secret).await?;
    Ok(booked(&booking))
}

fn booked(booking: &Booking) -> Response {
    let location = [(header::LOCATION, format!("/api/booking/{}", booking.id))];
    (StatusCode::CREATED, location, Json(BookingBody::of(booking))).into_response()
}
