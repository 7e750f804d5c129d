//! A coach's day: what is on now, what waits for an answer, the week.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod answer;
mod calendar;
mod handler;
mod line;
mod sections;
mod view;
mod week;

use axum::{
    Router,
    routing::{get, post},
};

use crate::server::AppState;

/// `/dashboard` and the answers given there.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard", get(handler::show))
        .route("/dashboard/bookings/{id}/confirm", post(answer::confirm))
        .route("/dashboard/bookings/{id}/decline", get(answer::ask_decline).post(answer::decline))
        .route("/dashboard/bookings/{id}/calendar", post(calendar::decide))
        .route("/dashboard/bookings/{id}/completed", post(answer::completed))
        .route("/dashboard/bookings/{id}/no-show", post(answer::no_show))
}
