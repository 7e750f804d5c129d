//! Cal.com's API v2, as far as calendars need it: managed users of a platform client, OAuth 2.0 for people's own accounts, connected
//! calendars, their busy times, and bookings. Below `/cal`, where `/cal/v2/...` is the API and `/cal/auth/oauth2/authorize` the consent page.
//!
//! What it answers follows the published description and, where that is wrong, what the public source does: client credentials win
//! over a bearer token, refresh tokens of managed users are single use, a revoked calendar is skipped in busy times without a word.

mod answer;
mod auth;
mod bookings;
mod calendars;
pub(crate) mod control;
mod keys;
mod limiter;
mod managed;
mod me;
mod oauth2;
mod state;
mod tokens;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, patch, post};

use crate::core::consent;
use crate::core::state::App;
pub(crate) use state::CalCom;

/// The routes below `/cal`.
pub(crate) fn routes(app: App) -> Router<App> {
    let api = Router::new()
        .route("/oauth-clients/{client}/users", get(managed::list).post(managed::create))
        .route("/oauth-clients/{client}/users/{user}", get(managed::show).patch(managed::update).delete(managed::delete))
        .route("/oauth-clients/{client}/users/{user}/force-refresh", post(keys::force_refresh))
        .route("/oauth/{client}/refresh", post(keys::refresh))
        .route("/auth/oauth2/token", post(oauth2::token))
        .route("/auth/oauth2/clients/{client}", get(oauth2::describe))
        .route("/me", patch(me::update).get(me::show))
        .merge(calendars::routes())
        .merge(bookings::routes())
        .fallback(answer::no_such_route)
        .method_not_allowed_fallback(answer::no_such_route)
        .layer(from_fn_with_state(app, limiter::limit));
    Router::new()
        .route("/auth/oauth2/authorize", get(oauth2::authorize))
        .route("/consent", post(consent::answer))
        .route("/provider/{calendar}/consent", get(calendars::consent))
        .nest("/v2", api)
}
