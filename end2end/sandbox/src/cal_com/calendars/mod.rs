//! Connected calendars.

mod busy;
mod check;
mod choose;
mod connect;
mod credentials;
mod list;

use axum::Router;
use axum::routing::{get, post, put};

use super::answer::Failure;
use super::state::Kind;
use crate::core::state::App;
pub(super) use connect::consent;

/// The routes below `/v2`.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/calendars", get(list::list))
        .route("/calendars/busy-times", get(busy::busy))
        .route("/calendars/ics-feed/check", get(check::feed))
        .route("/calendars/ics-feed/save", post(credentials::feeds))
        .route("/calendars/{calendar}/connect", get(connect::connect))
        .route("/calendars/{calendar}/save", get(connect::save))
        .route("/gcal/oauth/save", get(connect::google_came_back))
        .route("/calendars/{calendar}/check", get(check::check))
        .route("/calendars/{calendar}/credentials", post(credentials::apple))
        .route("/calendars/{calendar}/disconnect", post(credentials::disconnect))
        .route("/destination-calendars", put(choose::destination))
        .route("/selected-calendars", post(choose::select).delete(choose::unselect))
}

/// The kind that a path names, among `allowed`.
fn kind(path: &str, allowed: &[Kind]) -> Result<Kind, Failure> {
    let named = match path {
        "google" => Some(Kind::Google),
        "office365" => Some(Kind::Office365),
        "apple" => Some(Kind::Apple),
        _ => None,
    };
    named
        .filter(|kind| allowed.contains(kind))
        .ok_or_else(|| Failure::bad("Invalid calendar type, available calendars are: google, office365, apple"))
}
