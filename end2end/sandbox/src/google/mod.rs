//! Google: OAuth 2.0 and Calendar API v3 below `/google`.

mod authorize;
mod calendar_list;
mod call;
mod error;
mod events;
mod free_busy;
mod scopes;
mod token;
mod userinfo;

use axum::Router;
use axum::routing::{get, post};

use crate::core::consent;
use crate::core::state::App;

/// The routes below `/google`.
pub(crate) fn routes() -> Router<App> {
    let calendars = "/calendar/v3/calendars/{calendar}/events";
    Router::new()
        .route("/o/oauth2/v2/auth", get(authorize::authorize))
        .route("/consent", post(consent::answer))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .route("/v1/userinfo", get(userinfo::userinfo))
        .route("/calendar/v3/users/me/calendarList", get(calendar_list::list))
        .route("/calendar/v3/users/me/calendarList/{calendar}", get(calendar_list::get))
        .route("/calendar/v3/freeBusy", post(free_busy::query))
        .route(calendars, get(events::list::list).post(events::write::insert))
        .route(
            &format!("{calendars}/{{event}}"),
            get(events::single::get).patch(events::write::patch).put(events::write::update).delete(events::single::delete),
        )
        .fallback(error::no_such_path)
}
