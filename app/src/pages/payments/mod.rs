//! A coach's payments: the list, what the accounts hold, and all of it as a file.

mod csv;
mod list;

use axum::{Router, routing::get};

use crate::server::AppState;

/// `/dashboard/payments`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/dashboard/payments", get(list::show)).route("/dashboard/payments/{year}", get(csv::file))
}
