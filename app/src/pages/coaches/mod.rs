//! Finding a coach: the directory, and each coach's own page.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod card;
mod directory;
mod filters;
mod profile;
mod profile_view;
mod results;
mod search;
mod when;

use axum::{Router, routing::get};

use crate::server::AppState;

pub use card::{CoachCards, CoachView};
pub use filters::{Choice, Choices};
pub use search::Search;

/// `/coaches` and `/coaches/{slug}`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/coaches", get(directory::show)).route("/coaches/{slug}", get(profile::show))
}
