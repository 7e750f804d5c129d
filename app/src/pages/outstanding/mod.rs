//! What should have followed from a booking and did not: told in words to whom it concerns, with a way to try again.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod gather;
mod handler;
mod view;
mod words;

use axum::{
    Router,
    routing::{get, post},
};
pub(super) use gather::Outstanding;
pub(super) use view::OutstandingList;
pub(super) use words::kind_words;

use crate::server::AppState;

/// A coach's page, and "try again" for coaches and admins.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/outstanding", get(handler::show))
        .route("/dashboard/outstanding/{id}/again", post(handler::coach_again))
        .route("/admin/jobs/{id}/again", post(handler::admin_again))
}
