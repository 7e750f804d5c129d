//! What a coach lets people book.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod form;
mod handler;
mod view;

use axum::{
    Router,
    routing::{get, post},
};

use crate::server::AppState;

/// `/dashboard/session-types` and what is below.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/session-types", get(handler::list))
        .route("/dashboard/session-types/new", get(handler::begin).post(handler::create))
        .route("/dashboard/session-types/{id}", get(handler::edit).post(handler::update))
        .route("/dashboard/session-types/{id}/active", post(handler::set_active))
        .route("/dashboard/session-types/{id}/archive", get(handler::ask_archive).post(handler::archive))
}
