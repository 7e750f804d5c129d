//! What admins see: people, bookings, the installation.

mod bookings;
mod jobs;
mod overview;
mod users;
mod webhooks;

use axum::{Router, routing::get};
use leptos::prelude::*;

use crate::server::AppState;

/// `/admin` and what is below.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/users", get(users::list))
        .route("/admin/users/{id}", get(users::ask).post(users::set_active))
        .route("/admin/bookings", get(bookings::list))
        .route("/admin/jobs", get(jobs::show))
        .route("/admin/webhooks", get(webhooks::list))
}

/// The tabs above every page of an admin.
#[component]
fn AdminTabs(
    /// The path of the page.
    here: &'static str,
) -> impl IntoView {
    let links = [
        ("/admin", "Overview"),
        ("/admin/users", "People"),
        ("/admin/bookings", "Bookings"),
        ("/admin/jobs", "Jobs"),
        ("/admin/webhooks", "Webhooks"),
    ];
    let links = links.map(|(path, words)| view! { <a href=path aria-current=(path == here).then_some("page")>{words}</a> });
    view! { <nav class="tabs" aria-label="Admin">{links}</nav> }
}
