//! Microsoft: identity platform v2.0 and Graph v1.0 below `/microsoft`.

mod authorize;
mod calendars;
mod call;
mod delta;
mod error;
mod events;
mod fields;
mod shown;
mod token;
mod view;
mod zones;

use axum::Router;
use axum::routing::{get, post};

use crate::core::consent;
use crate::core::state::App;

/// The routes below `/microsoft`.
pub(crate) fn routes() -> Router<App> {
    let calendars = "/v1.0/me/calendars";
    let one = || get(events::get).patch(events::patch).delete(events::delete);
    Router::new()
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::authorize))
        .route("/{tenant}/oauth2/v2.0/token", post(token::token))
        .route("/consent", post(consent::answer))
        .route("/v1.0/me", get(calendars::me))
        .route(calendars, get(calendars::list))
        .route(&format!("{calendars}/{{calendar}}"), get(calendars::get))
        .route(&format!("{calendars}/{{calendar}}/calendarView"), get(view::view))
        .route(&format!("{calendars}/{{calendar}}/calendarView/delta"), get(delta::delta))
        .route(&format!("{calendars}/{{calendar}}/events"), get(events::list).post(events::create))
        .route(&format!("{calendars}/{{calendar}}/events/{{event}}"), one())
        .route("/v1.0/me/events/{event}", one())
        .fallback(error::no_such_path)
}
