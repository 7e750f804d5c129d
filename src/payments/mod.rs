//! Money for sessions: what is to be paid, what was, what goes back, and the ledger of it.
//!
//! Nothing here trusts that anything arrives. A payment is made to agree with what Stripe says and with where its booking stands by one
//! function that may be called at any time and any number of times (`settle`): after a change of the booking, when a webhook came, when the
//! mentee looks, and every few minutes as long as anything is open. A webhook only says where to look. What is asked of Stripe carries a key
//! that follows from our ids, so that asking twice does nothing twice; what Stripe did is written, with the booking and the ledger, in one
//! transaction under the coach's lock.
//!
//! The time is kept until Stripe has said that nobody can pay for it any more. Money that comes for a booking that is over goes back.

mod checkout;
mod collect;
mod give_back;
mod held;
mod hooks;
mod ledger;
mod list;
mod payment;
mod plan;
mod settle;
pub mod stripe;
mod view;

use std::sync::Arc;

pub use checkout::PayError;
pub use hooks::HookError;
pub use ledger::{Account, Balance};
pub use list::{LedgerLine, PaymentLine};
pub use payment::{Payment, PaymentState, RefundRow, RefundState};
pub use plan::{PaymentChecks, plan};
pub use view::{PaymentView, Preview};

use crate::{
    Deps,
    bookings::Bookings,
    config::{Hidden, PublicUrl, StripeConfig},
    integrations::http::Http,
};
use stripe::Stripe;

/// The payment service. Cheap to clone.
#[derive(Clone)]
pub struct Payments {
    inner: Arc<Inner>,
}

struct Inner {
    deps: Deps,
    bookings: Bookings,
    public_url: PublicUrl,
    /// `None`: prices are shown, and not collected here.
    account: Option<AtStripe>,
}

struct AtStripe {
    stripe: Stripe,
    secrets: Vec<Hidden>,
}

impl Payments {
    /// On `deps`, for the bookings of `bookings`, with the Stripe account of `config`, over `http`. Without one nothing is collected; what
    /// was can still be seen.
    pub fn new(deps: Deps, bookings: Bookings, config: Option<&StripeConfig>, http: Http, public_url: PublicUrl) -> Self {
        let account = config.map(|config| AtStripe { stripe: Stripe::new(http, config), secrets: config.webhook_secrets.clone() });
        Self { inner: Arc::new(Inner { deps, bookings, public_url, account }) }
    }

    /// Whether prices are collected here.
    pub fn is_on(&self) -> bool {
        self.inner.account.is_some()
    }
}
