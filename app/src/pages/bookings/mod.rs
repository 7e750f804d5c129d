//! Bookings as their parties see them: the mentee's list, one booking, calling it off, moving it.

mod cancel;
mod detail;
mod detail_view;
mod in_calendar;
mod list;
mod money;
mod pay;
mod reschedule;
mod status;

use axum::{Router, routing::get};

use crate::server::AppState;

pub use in_calendar::drift_question;
pub use status::{place_words, status_chip};

/// `/bookings/...`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/bookings", get(list::show))
        .route("/bookings/{id}", get(detail::show))
        .route("/bookings/{id}/cancel", get(cancel::ask).post(cancel::cancel))
        .route("/bookings/{id}/pay", get(pay::ask).post(pay::go))
        .route("/bookings/{id}/paid", get(pay::paid))
        .route("/bookings/{id}/move", get(reschedule::ask).post(reschedule::reschedule))
}
