//! Settings: what everyone has (name, zone, password) and what coaches have beside it (their page).

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod account;
mod coach_page;
mod feed;
mod show;
mod tokens;
mod view;

use axum::{
    Router,
    routing::{get, post},
};

pub use show::render_integrations;

use crate::server::AppState;

/// `/settings` for mentees and admins, `/dashboard/settings` for coaches, and what both post to.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/settings", get(show::everyone))
        .route("/dashboard/settings", get(show::coach))
        .route("/settings/account", post(account::update))
        .route("/settings/password", post(account::change_password))
        .route("/settings/sign-out-others", post(account::sign_out_others))
        .route("/settings/calendar-feed", post(feed::renew))
        .route("/settings/calendar-feed/off", post(feed::switch_off))
        .route("/settings/tokens", post(tokens::create))
        .route("/settings/tokens/{id}/revoke", get(tokens::ask_revoke).post(tokens::revoke))
        .route("/dashboard/settings/page", post(coach_page::update))
}
