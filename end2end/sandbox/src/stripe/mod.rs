//! Stripe, as far as a booking site needs it: Checkout Sessions with their page, payments, charges, refunds, events and webhooks. Below
//! `/stripe`, where `/stripe/v1/...` is the API and `/stripe/c/pay/{session}` the checkout page. It is there only when asked for.
//!
//! Requests, answers and events have the shape of one pinned API version. Where Stripe's words are known from public threads they are
//! Stripe's; its fees are invented. Known traits that a client must bear are here on purpose: a payment comes into being with the first
//! attempt to pay, money that is held leaves a complete session `unpaid`, the fee is known only after the payment succeeded, a cancelled hold
//! and the rest of a partial capture read as refunds, a refund can fail after it succeeded, events come twice, late, in any order or never.

mod api;
mod call;
pub(crate) mod control;
mod error;
mod events;
mod expand;
mod idempotency;
mod intents;
mod list;
mod page;
mod params;
mod pay;
mod post;
mod read;
mod refunds;
mod sessions;
mod shown;
mod state;
mod tick;
mod till;

use axum::Router;
use axum::routing::{any, get};

use crate::core::config::{STRIPE_WEBHOOK_SECRET, StripeConfig};
use crate::core::state::App;
use post::Endpoint;
pub(crate) use post::postman;
pub(crate) use state::Stripe;
use state::new_id;

/// The API version that the sandbox speaks.
pub(crate) const VERSION: &str = "2026-10-28.endive";
/// The longest text where nothing else is said, in characters.
const LONG: usize = 5000;

/// An endpoint for every event.
fn endpoint(url: &str) -> Endpoint {
    Endpoint {
        id: new_id("we"),
        url: url.to_owned(),
        secret: STRIPE_WEBHOOK_SECRET.to_owned(),
        previous: None,
        events: vec!["*".to_owned()],
        disabled: false,
    }
}

impl Stripe {
    /// As it starts, with the endpoints of `config`.
    pub(crate) fn configured(config: Option<&StripeConfig>) -> Self {
        let urls = config.into_iter().flat_map(|config| &config.webhook_urls);
        Self { endpoints: urls.map(|url| endpoint(url)).collect(), ..Self::default() }
    }
}

/// Whether `url` can be told of events: it is one of this machine.
pub(crate) fn can_be_told(url: &str) -> bool {
    post::is_local(url)
}

/// The routes below `/stripe`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/c/pay/{session}", get(page::show).post(page::answer)).route("/v1/{*path}", any(api::api)).fallback(api::api)
}
