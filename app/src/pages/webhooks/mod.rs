//! Webhooks: a coach's own (a tab of the settings) and the site's (for admins). The pages are the same, at two addresses.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod delivery;
mod edit;
mod form;
mod keeping;
mod list;
mod manage;
mod secret;
mod show;
mod words;

use axum::{
    Router,
    routing::{get, post},
};
pub(super) use list::{HookList, Hooks};
use wellmet::notices::webhooks::{DeliveryId, Endpoint, Keeper};

use crate::server::AppState;

/// Both addresses of everything but the lists.
pub fn routes() -> Router<AppState> {
    [keeping::COACH, keeping::SITE].into_iter().fold(Router::new(), |router, base| {
        let one = format!("{base}/{{id}}");
        let delivery = format!("{one}/deliveries/{{delivery}}");
        router
            .route(&format!("{base}/new"), get(edit::ask).post(edit::create))
            .route(&one, get(show::show).post(edit::update))
            .route(&format!("{one}/secret"), get(secret::ask).post(secret::rotate))
            .route(&format!("{one}/remove"), get(manage::ask_remove).post(manage::remove))
            .route(&format!("{one}/test"), post(manage::test))
            .route(&delivery, get(delivery::show))
            .route(&format!("{delivery}/again"), post(delivery::again))
    })
}

/// The host of an endpoint, and the page about one of its deliveries.
pub(super) fn place_of(endpoint: &Endpoint, keeper: Keeper, delivery: DeliveryId) -> (String, String) {
    let base = if keeper.coach().is_some() { keeping::COACH } else { keeping::SITE };
    (words::host(endpoint), format!("{base}/{}/deliveries/{delivery}", endpoint.id))
}
