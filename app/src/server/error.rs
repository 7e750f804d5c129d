//! What goes wrong, as pages in words.

use std::{sync::Arc, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use wellmet::error::Internal;

use super::{LocalPath, see_other};

/// Why a handler has no page to show. Answer with it from anywhere; the error pages layer finds the words, so that
/// they are the same everywhere.
#[derive(Debug, Clone)]
pub enum PageError {
    /// Nobody is signed in: leads to the sign-in page and from there to `next`.
    SignInFirst {
        /// Where to go afterwards.
        next: LocalPath,
    },
    /// There is no such thing, or none for the person who asks. 404.
    NotFound,
    /// It is for someone else; the same for all strangers. 403.
    Forbidden,
    /// A form sent from another site. 403.
    CrossSite,
    /// The address does not take this method. 405.
    WrongMethod,
    /// What was sent cannot be read; a sentence that names the field. 400.
    Malformed(String),
    /// More was sent than fits. 413.
    TooLarge {
        /// What fits, in bytes.
        limit: usize,
    },
    /// A form whose fields are not the expected ones; a sentence that names the field. 422.
    Unprocessable(String),
    /// Too many attempts. 429.
    TooMany {
        /// Until it is worth trying again.
        retry_after: Duration,
    },
    /// The database is away or the server too slow; worth trying again soon. 503.
    Unavailable,
    /// Our fault. The cause goes to the log under the request's id; the page shows the id alone. 500.
    Internal(Arc<Internal>),
}

impl PageError {
    /// The status it is answered with.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst { .. } => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// When to try again, in seconds.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after } => Some(whole_seconds(*retry_after)),
            Self::Unavailable => Some(5),
            _ => None,
        }
    }

    /// A failure of our own, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Internal::new(cause).into()
    }
}

/// A wait as `Retry-After` wants it: whole seconds, never too few.
const fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + (wait.subsec_nanos() > 0) as u64
}

impl From<Internal> for PageError {
    fn from(error: Internal) -> Self {
        if error.unavailable {
            tracing::warn!(target: "http", cause = %error.cause(), "the database is unavailable");
            return Self::Unavailable;
        }
        Self::Internal(Arc::new(error))
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::SignInFirst { next } = &self {
            return see_other(&format!("/login?next={}", next.encoded()));
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
