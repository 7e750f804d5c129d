//! Stripe's objects, as far as they are read.

use std::collections::HashMap;

use serde::Deserialize;

/// Where a Checkout Session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Its page takes a payment.
    Open,
    /// Somebody went through with it; what became of the money, the intent tells.
    Complete,
    /// Over, unpaid.
    Expired,
}

/// A page on which to pay.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    /// `cs_...`.
    pub id: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// The page's address, while it is open.
    pub url: Option<String>,
    /// The payment, from the first attempt on.
    pub payment_intent: Option<Intent>,
    /// What the whole costs, in Stripe's smallest unit.
    pub amount_total: Option<i64>,
    /// In which currency, in lower case.
    pub currency: Option<String>,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Nothing was paid, or it failed.
    RequiresPaymentMethod,
    /// About to be tried.
    RequiresConfirmation,
    /// The customer has to do something more.
    RequiresAction,
    /// It takes its time.
    Processing,
    /// The money is held until it is captured.
    RequiresCapture,
    /// Over: nothing was taken.
    Canceled,
    /// The money is taken.
    Succeeded,
    /// What a later version of Stripe may say.
    #[serde(other)]
    Unknown,
}

/// A payment.
#[derive(Debug, Clone, Deserialize)]
pub struct Intent {
    /// `pi_...`.
    pub id: String,
    /// Where it stands.
    pub status: IntentStatus,
    /// What was taken, in Stripe's smallest unit.
    #[serde(default)]
    pub amount_received: i64,
    /// The latest attempt.
    pub latest_charge: Option<Charge>,
}

/// An attempt to take money.
#[derive(Debug, Clone, Deserialize)]
pub struct Charge {
    /// What it did to the account, once that is known.
    pub balance_transaction: Option<Transaction>,
}

/// What a charge did to the account.
#[derive(Debug, Clone, Deserialize)]
pub struct Transaction {
    /// What Stripe keeps, in the smallest unit of `currency`.
    pub fee: i64,
    /// The account's currency, in lower case.
    pub currency: String,
}

impl Intent {
    /// What Stripe keeps, once it is known.
    pub fn fee(&self) -> Option<&Transaction> {
        self.latest_charge.as_ref()?.balance_transaction.as_ref()
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// The customer has to do something first.
    RequiresAction,
    /// Done, though it may still come back.
    Succeeded,
    /// The money came back to the account.
    Failed,
    /// Called off.
    Canceled,
    /// What a later version of Stripe may say.
    #[serde(other)]
    Unknown,
}

/// Money that goes back.
#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    /// `re_...`.
    pub id: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// What we called it.
    #[serde(default)]
    pub metadata: HashMap<String, String>,
}

/// A list's first page.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

/// A webhook, as far as it is believed: which object it is about. How that stands is asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// `evt_...`.
    pub id: String,
    /// `checkout.session.completed`.
    #[serde(rename = "type")]
    pub kind: String,
    data: EventData,
}

#[derive(Debug, Clone, Deserialize)]
struct EventData {
    object: EventObject,
}

#[derive(Debug, Clone, Deserialize)]
struct EventObject {
    id: Option<String>,
    object: Option<String>,
    payment_intent: Option<String>,
    #[serde(default)]
    metadata: Option<HashMap<String, String>>,
}

impl Event {
    /// Reads the body of a webhook.
    ///
    /// # Errors
    /// When it is no event.
    pub fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    /// What we called the payment that it is about.
    pub fn payment(&self) -> Option<&str> {
        self.data.object.metadata.as_ref()?.get("payment").map(String::as_str)
    }

    /// The id of the session that it is about, if it is about one.
    pub fn session(&self) -> Option<&str> {
        let object = &self.data.object;
        object.id.as_deref().filter(|_| object.object.as_deref() == Some("checkout.session"))
    }

    /// The id of the intent that it is about or belongs to.
    pub fn intent(&self) -> Option<&str> {
        let object = &self.data.object;
        let own = object.id.as_deref().filter(|_| object.object.as_deref() == Some("payment_intent"));
        own.or(object.payment_intent.as_deref())
    }
}
