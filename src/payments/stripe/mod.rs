//! Stripe: what is asked of it, what it answers, and whether a webhook is its own. Knows nothing of bookings.

mod client;
mod error;
mod objects;
mod requests;
mod signature;

pub use client::Stripe;
pub use error::StripeError;
pub use objects::{Event, Intent, IntentStatus, Refund, RefundStatus, Session, SessionStatus};
pub use requests::NewSession;
pub(super) use requests::amount;
pub use signature::{SignatureError, verify};
