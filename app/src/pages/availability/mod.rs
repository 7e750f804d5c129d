//! A coach's hours: the week with its live preview, and the dates that differ from it.
//!
//! The editor is one plain form. Every button submits it by name (`action=add.monday`), so a change that is not saved
//! yet survives each of them; a script only spares the page load (`edit`).

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod date_form;
mod date_handler;
mod date_view;
mod edit;
mod form;
mod handler;
mod month;
mod preview;
mod preview_view;
mod view;

use axum::{Router, routing::get};

use crate::server::AppState;

pub use edit::edited;

/// `/dashboard/availability` and what is below.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/availability", get(handler::show).post(handler::submit))
        .route("/dashboard/availability/dates", get(date_handler::list))
        .route("/dashboard/availability/dates/{date}", get(date_handler::show).post(date_handler::submit))
        .route("/dashboard/availability/dates/{date}/remove", axum::routing::post(date_handler::remove))
}
