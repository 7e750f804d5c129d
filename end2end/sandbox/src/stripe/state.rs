//! What Stripe remembers: sessions, payments, refunds, events, and who is told of them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::idempotency::Kept;
use super::post::{Delivery, Endpoint, Manner};
use crate::core::tokens;

/// Texts that a client keeps with an object.
pub(super) type Metadata = BTreeMap<String, String>;

/// Everything of Stripe's that a reset forgets. Lists are in the order of making.
#[derive(Debug, Default)]
pub(crate) struct Stripe {
    pub(super) sessions: Vec<Session>,
    pub(super) intents: Vec<Intent>,
    pub(super) charges: Vec<Charge>,
    pub(super) refunds: Vec<Refund>,
    pub(super) transactions: Vec<Transaction>,
    pub(super) events: Vec<Event>,
    pub(super) keys: HashMap<String, Kept>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) manner: Manner,
    pub(super) switches: Switches,
}

/// Behaviour that control turns on and off.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Switches {
    /// Seconds until a debit succeeds or fails.
    pub(super) debit_delay: i64,
    /// What becomes of refunds.
    pub(super) refunds: RefundFate,
    /// Seconds until a refund changes.
    pub(super) refund_delay: i64,
    /// Milliseconds that a POST is at work, its idempotency key taken.
    pub(super) work_ms: u64,
    /// The next POST fails with 500 after its endpoint began.
    pub(super) internal_error: Option<When>,
}

/// When an internal error strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    /// Nothing was done.
    BeforeWork,
    /// Everything was done.
    AfterWork,
}

/// What becomes of refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundFate {
    /// They succeed at once; those of debits are pending first.
    #[default]
    Usual,
    /// Pending, later succeeded.
    PendingThenSucceeded,
    /// Pending, later failed.
    PendingThenFailed,
    /// Succeeded, later failed.
    SucceededThenFailed,
}

impl Default for Switches {
    fn default() -> Self {
        Self { debit_delay: 30, refunds: RefundFate::Usual, refund_delay: 30, work_ms: 0, internal_error: None }
    }
}

/// A line of a session.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) price: String,
    pub(super) product: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) unit_amount: i64,
    pub(super) quantity: i64,
}

/// What stands of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waiting for the customer.
    Open,
    /// The customer is done.
    Complete,
    /// Too late.
    Expired,
}

impl Phase {
    /// Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// A Checkout Session.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) status: Phase,
    pub(super) lines: Vec<Line>,
    pub(super) currency: String,
    pub(super) success_url: String,
    pub(super) cancel_url: Option<String>,
    pub(super) client_reference_id: Option<String>,
    pub(super) customer_email: Option<String>,
    pub(super) locale: Option<&'static str>,
    pub(super) submit_type: Option<&'static str>,
    pub(super) metadata: Metadata,
    /// What the payment takes over: `payment_intent_data`.
    pub(super) intent_metadata: Metadata,
    pub(super) description: Option<String>,
    pub(super) receipt_email: Option<String>,
    pub(super) capture: &'static str,
    /// The address that the customer gave.
    pub(super) email: Option<String>,
    pub(super) intent: Option<String>,
}

impl Session {
    /// What is to be paid, in minor units.
    pub(super) fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.unit_amount.saturating_mul(line.quantity)).fold(0, i64::saturating_add)
    }
}

/// A `PaymentIntent`.
#[derive(Debug, Clone)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) created: Timestamp,
    pub(super) amount: i64,
    pub(super) capturable: i64,
    pub(super) received: i64,
    pub(super) currency: String,
    pub(super) status: &'static str,
    pub(super) capture: &'static str,
    pub(super) metadata: Metadata,
    pub(super) description: Option<String>,
    pub(super) receipt_email: Option<String>,
    pub(super) charge: Option<String>,
    pub(super) method: Option<String>,
    pub(super) error: Option<Value>,
    pub(super) canceled: Option<(Timestamp, Option<&'static str>)>,
    /// The card's bank lets go of the hold before Stripe knows.
    pub(super) spoilt: bool,
}

/// How a charge was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// A card.
    Card,
    /// A debit from a bank account, which takes its time.
    Debit,
}

/// A Charge.
#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub(super) id: String,
    pub(super) intent: String,
    pub(super) created: Timestamp,
    pub(super) amount: i64,
    pub(super) captured_amount: i64,
    pub(super) refunded: i64,
    pub(super) currency: String,
    pub(super) status: &'static str,
    pub(super) captured: bool,
    pub(super) method: Method,
    pub(super) method_id: String,
    pub(super) email: Option<String>,
    pub(super) description: Option<String>,
    pub(super) receipt_email: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) transaction: Option<String>,
    pub(super) failure: Option<(&'static str, &'static str)>,
    /// When a debit ends, and whether well.
    pub(super) ends: Option<(Timestamp, bool)>,
    /// When the hold of a card ends.
    pub(super) capture_before: Option<Timestamp>,
}

/// A Refund.
#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) charge: String,
    pub(super) intent: String,
    pub(super) created: Timestamp,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) status: &'static str,
    pub(super) reason: Option<&'static str>,
    pub(super) pending_reason: Option<&'static str>,
    pub(super) failure_reason: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) transaction: Option<String>,
    pub(super) failure_transaction: Option<String>,
    pub(super) method: Method,
    /// When it changes, and to what.
    pub(super) next: Option<(Timestamp, &'static str)>,
}

/// A movement of the account's balance.
#[derive(Debug, Clone)]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) source: String,
    pub(super) created: Timestamp,
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) currency: String,
    pub(super) description: Option<String>,
}

/// An Event: what happened, with the object as it was then.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) created: Timestamp,
    pub(super) object: Value,
    pub(super) previous: Option<Value>,
    pub(super) cause: Cause,
}

/// The request behind an event; nothing when a customer or the clock was.
#[derive(Debug, Clone, Default)]
pub(super) struct Cause {
    pub(super) id: Option<String>,
    pub(super) key: Option<String>,
}

/// A new id: `prefix` and 24 characters.
pub(super) fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", &tokens::id()[..24])
}

impl Stripe {
    /// The session `id`.
    pub(super) fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }

    /// The session `id`, to change it.
    pub(super) fn session_mut(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.id == id)
    }

    /// The session whose payment is `intent`.
    pub(super) fn session_of(&self, intent: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.intent.as_deref() == Some(intent))
    }

    /// The payment `id`.
    pub(super) fn intent(&self, id: &str) -> Option<&Intent> {
        self.intents.iter().find(|intent| intent.id == id)
    }

    /// The payment `id`, to change it.
    pub(super) fn intent_mut(&mut self, id: &str) -> Option<&mut Intent> {
        self.intents.iter_mut().find(|intent| intent.id == id)
    }

    /// The charge `id`.
    pub(super) fn charge(&self, id: &str) -> Option<&Charge> {
        self.charges.iter().find(|charge| charge.id == id)
    }

    /// The charge `id`, to change it.
    pub(super) fn charge_mut(&mut self, id: &str) -> Option<&mut Charge> {
        self.charges.iter_mut().find(|charge| charge.id == id)
    }

    /// The refund `id`.
    pub(super) fn refund(&self, id: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == id)
    }

    /// The refund `id`, to change it.
    pub(super) fn refund_mut(&mut self, id: &str) -> Option<&mut Refund> {
        self.refunds.iter_mut().find(|refund| refund.id == id)
    }
}
