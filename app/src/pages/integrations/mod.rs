//! A coach's calendars: the tab of the settings that shows them, and everything it posts to.
//!
//! Connecting leads to a provider's consent page and back. A form may not lead to another site (the content policy says so,
//! for redirects too), so what is posted answers with a page that leads there by itself and has a link.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod add;
mod agree;
mod callback;
mod connect;
mod drafts;
mod manage;
mod policy;
mod row;
mod show;
mod tab;

pub(crate) use agree::ask as ask_to_connect;
use axum::{
    Router,
    routing::{get, post},
};
pub(crate) use callback::Decision;
pub(super) use show::Integrations;
pub(super) use tab::IntegrationsTab;

use crate::server::AppState;

/// Where the tab is.
const TAB: &str = "/dashboard/settings?tab=integrations";

/// What the tab posts to, and where consent pages lead back to.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/dashboard/settings/integrations/connect", post(connect::connect))
        .route("/dashboard/settings/integrations/caldav", get(drafts::ask_caldav).post(drafts::caldav))
        .route("/dashboard/settings/integrations/feed", get(drafts::ask_feed).post(drafts::feed))
        .route("/dashboard/settings/integrations/policy", post(policy::set))
        .route("/dashboard/settings/integrations/{id}/calendars", post(manage::choose))
        .route("/dashboard/settings/integrations/{id}/test", post(manage::test))
        .route("/dashboard/settings/integrations/{id}/disconnect", get(manage::ask_disconnect).post(manage::disconnect))
        .route("/integrations/{provider}/callback", get(callback::callback).post(callback::answered))
}
