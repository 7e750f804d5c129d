//! What the endpoints for bookings say when they refuse.

use wellmet::{
    bookings::{BookError, RescheduleError, SetStatusError, Unavailable},
    coaches::{CoachOffer, SessionType},
    model::{BookingStatus, Instant, SessionTypeId},
};

use crate::api::{codes::Code, problem::Problem};

/// Said to who is a party of another booking, or of none.
pub(super) const NOT_YOURS: &str = "Unauthorized to view this booking";
/// The history and the client's mail have a reason where a coach or an admin calls off or moves, as on the site.
pub(super) const NO_REASON: &str = "No reason was given.";
/// The longest reason, in characters.
pub(super) const REASON_MAX: usize = 500;

/// There is no such booking for whoever asks.
pub(super) fn no_booking() -> Problem {
    Problem::new(Code::NotFound, "There is no such booking.")
}

/// Whoever is to be booked is nobody who can be.
pub(super) fn invalid_coach() -> Problem {
    let mut problem = Problem::field("coach_id", "Invalid coach");
    if let Problem::Told(body) = &mut problem {
        "Invalid coach".clone_into(&mut body.detail);
    }
    problem
}

/// The reason as it is handed on: `given`, or that there is none where one is needed.
pub(super) fn reason(given: Option<&str>, needed: bool) -> &str {
    let given = given.map(str::trim).filter(|given| !given.is_empty());
    given.unwrap_or(if needed { NO_REASON } else { "" })
}

/// The active session type `id` of the coach, which takes `minutes` if that is given; without an id the first that does; without both the first.
///
/// # Errors
/// A problem that names the field, and the lengths there are.
pub(super) fn session_type(offer: &CoachOffer, id: Option<SessionTypeId>, minutes: Option<u32>) -> Result<&SessionType, Problem> {
    let mut active = offer.session_types.iter().filter(|kind| kind.active);
    let fits = |kind: &SessionType| minutes.is_none_or(|minutes| kind.rules.duration_minutes == minutes);
    if let Some(id) = id {
        let kind = active.find(|kind| kind.id == id);
        let kind = kind.ok_or_else(|| Problem::field("session_type_id", "This coach has no such session type that can be booked."))?;
        let takes = || Problem::field("duration_minutes", format!("This session type takes {} minutes.", kind.rules.duration_minutes));
        return if fits(kind) { Ok(kind) } else { Err(takes()) };
    }
    active.find(|kind| fits(kind)).ok_or_else(|| {
        let active = offer.session_types.iter().filter(|kind| kind.active);
        let mut lengths: Vec<_> = active.map(|kind| kind.rules.duration_minutes).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let lengths: Vec<_> = lengths.iter().map(u32::to_string).collect();
        Problem::field(
            "duration_minutes",
            match &lengths[..] {
                [] => "This coach has no session type that can be booked.".to_owned(),
                [one] => format!("This coach has sessions of {one} minutes."),
                [all @ .., last] => format!("This coach has sessions of {} or {last} minutes.", all.join(", ")),
            },
        )
    })
}

fn unavailable(unavailable: &Unavailable) -> Problem {
    Problem::slot_unavailable("Time slot is not available", &unavailable.alternatives)
}

fn wrong_state(status: BookingStatus) -> Problem {
    let word = match status {
        BookingStatus::Pending => "waits for the coach",
        BookingStatus::Confirmed => "is confirmed",
        BookingStatus::Completed => "is completed",
        BookingStatus::NoShow => "was missed",
        BookingStatus::Declined => "was declined",
        BookingStatus::Expired => "has expired",
        BookingStatus::Cancelled => "is cancelled",
    };
    Problem::new(Code::WrongState, format!("The booking {word}."))
}

fn too_late(since: Instant) -> Problem {
    Problem::new(Code::TooLate, format!("Clients could do this until {}.", since.to_rfc3339()))
}

fn started() -> Problem {
    Problem::new(Code::TooLate, "The session has started.")
}

impl From<BookError> for Problem {
    fn from(error: BookError) -> Self {
        match error {
            BookError::NotFound => invalid_coach(),
            BookError::Unavailable(why) => unavailable(&why),
            BookError::Changed => Self::new(Code::Conflict, "The session type changed in this instant. Look at it again."),
            BookError::Invalid(errors) => errors.into(),
            BookError::Internal(error) => error.into(),
        }
    }
}

impl From<RescheduleError> for Problem {
    fn from(error: RescheduleError) -> Self {
        match error {
            RescheduleError::NotFound => no_booking(),
            RescheduleError::WrongStatus(status) => wrong_state(status),
            RescheduleError::Past => started(),
            RescheduleError::TooLate(since) => too_late(since),
            RescheduleError::Unavailable(why) => unavailable(&why),
            RescheduleError::Invalid(errors) => errors.into(),
            RescheduleError::Internal(error) => error.into(),
        }
    }
}

impl From<SetStatusError> for Problem {
    fn from(error: SetStatusError) -> Self {
        match error {
            SetStatusError::NotFound => no_booking(),
            SetStatusError::Forbidden => Self::new(Code::Forbidden, "Clients may only cancel."),
            SetStatusError::WrongStatus(status) => wrong_state(status),
            SetStatusError::Past => started(),
            SetStatusError::TooLate(since) => too_late(since),
            SetStatusError::NotYet(from) => Self::new(Code::WrongState, format!("The session starts only at {}.", from.to_rfc3339())),
            SetStatusError::Invalid(errors) => errors.into(),
            SetStatusError::Internal(error) => error.into(),
        }
    }
}
