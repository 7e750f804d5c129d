//! From a chosen time to a booking: hold it, fill in the form, book.

mod choose;
mod form;
mod submit;
mod terms;
mod view;

use axum::{
    Router,
    routing::{get, post},
};

use crate::server::AppState;

/// `/book/...`. A hold is named by its secret: whoever has the address has the hold, nobody can guess it.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/book/{slug}/{kind}", get(choose::ask).post(choose::hold))
        .route("/book/h/{secret}", get(form::show).post(submit::submit))
        .route("/book/h/{secret}/release", post(choose::release))
}
