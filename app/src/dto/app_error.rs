use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};
use wellmet::model::FieldErrors;

/// What a server function may answer instead of its result. No more is told to a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// What was sent is wrong, field by field.
    #[error("{0}")]
    Invalid(FieldErrors),
    /// There is no such thing, or none for the person who asks.
    #[error("This does not exist any more.")]
    NotFound,
    /// It is for someone else, or nobody is signed in.
    #[error("Please sign in again.")]
    Forbidden,
    /// Too many attempts.
    #[error("Too many attempts. Try again in a while.")]
    TooMany,
    /// Worth trying again soon.
    #[error("Wellmet cannot reach its data at the moment. Try again in a few seconds.")]
    Unavailable,
    /// Our fault; the log knows more.
    #[error("Something went wrong on our side.")]
    Internal,
    /// Browser and server did not understand each other: no connection, or the page is older than the server.
    #[error("The connection failed. Reload the page and try again.")]
    Transport,
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Transport
    }
}

#[cfg(feature = "ssr")]
impl From<wellmet::error::Internal> for AppError {
    fn from(error: wellmet::error::Internal) -> Self {
        tracing::error!(target: "http", cause = %error.cause(), "a server function failed");
        if error.unavailable { Self::Unavailable } else { Self::Internal }
    }
}
