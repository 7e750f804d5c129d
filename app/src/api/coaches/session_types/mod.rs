//! A coach's own session types, `/coaches/me/session-types/...`.

mod archive;
mod change;
mod create;
mod list;
mod one;
mod sent;

use utoipa_axum::{router::OpenApiRouter, routes};
use wellmet::coaches::{MAX_SESSION_TYPES, SessionTypeError};

use crate::{
    api::{codes::Code, problem::Problem},
    server::AppState,
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::get, create::post)).routes(routes!(one::get, change::patch, archive::delete))
}

/// Said of an id that names none of the coach's, or one that was archived.
fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no such session type of yours.")
}

impl From<SessionTypeError> for Problem {
    fn from(error: SessionTypeError) -> Self {
        match error {
            SessionTypeError::Invalid(errors) => sent::renamed(errors).into(),
            SessionTypeError::Full => {
                Self::new(Code::Conflict, format!("You have {MAX_SESSION_TYPES} session types, which is all that fit. Archive one first."))
            }
            SessionTypeError::NotFound => unknown(),
            SessionTypeError::Internal(error) => error.into(),
        }
    }
}
