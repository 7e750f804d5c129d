//! The codes of problems: what programs go by.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident),* $(,)?) => {
        /// What kind of problem. A code always comes with the same status, and never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[$doc])* $name),*
        }

        impl Code {
            /// The status it comes with.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status),*
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON, or the request cannot be read at all.
    Malformed = BAD_REQUEST,
    /// A token is needed and none came.
    Unauthorized = UNAUTHORIZED,
    /// The token is unknown, expired or revoked.
    InvalidToken = UNAUTHORIZED,
    /// The address or the password is wrong.
    WrongCredentials = UNAUTHORIZED,
    /// Not for whoever asks.
    Forbidden = FORBIDDEN,
    /// The token may read only.
    ReadOnlyToken = FORBIDDEN,
    /// There is nothing here, or nothing for whoever asks.
    NotFound = NOT_FOUND,
    /// This address does not take this method; `Allow` names those that it takes.
    MethodNotAllowed = METHOD_NOT_ALLOWED,
    /// What `Accept` asks for cannot be given: answers are JSON.
    NotAcceptable = NOT_ACCEPTABLE,
    /// The body is to be JSON.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE,
    /// The body is too large.
    TooLarge = PAYLOAD_TOO_LARGE,
    /// A field is missing, unknown, or not as it should be; `errors` names it.
    InvalidField = UNPROCESSABLE_ENTITY,
    /// The `Idempotency-Key` came before with another request.
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY,
    /// The time is not to be had; `alternatives` are.
    SlotUnavailable = CONFLICT,
    /// The booking does not stand where this could be done to it.
    WrongState = CONFLICT,
    /// It is too late for whoever asks: the session's notice has begun.
    TooLate = CONFLICT,
    /// There is one of this name already, or it changed meanwhile.
    Conflict = CONFLICT,
    /// Only a confirmed booking can be done this to.
    NotConfirmed = CONFLICT,
    /// The coach has no calendar that receives bookings.
    NoCalendar = CONFLICT,
    /// The coach's bookings go into another kind of calendar.
    OtherCalendar = CONFLICT,
    /// The provider is not set up on this site.
    NotSetUp = CONFLICT,
    /// The provider refused, or what was handed in is not known to it.
    ProviderRefused = CONFLICT,
    /// The provider does not answer at the moment.
    ProviderUnavailable = BAD_GATEWAY,
    /// Too many requests; `Retry-After` says when to go on.
    TooManyRequests = TOO_MANY_REQUESTS,
    /// Our fault; `request_id` names the request in the log.
    Internal = INTERNAL_SERVER_ERROR,
    /// Worth trying again soon; `Retry-After` says when.
    Unavailable = SERVICE_UNAVAILABLE,
}
