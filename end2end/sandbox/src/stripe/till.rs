//! Where everything that changes Stripe's objects happens, and the events are written.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::post::queue;
use super::state::{Cause, Event, Stripe, Transaction, new_id};

/// The objects, at an instant, for one cause.
#[derive(Debug)]
pub(super) struct Till<'a> {
    pub(super) stripe: &'a mut Stripe,
    /// `http://host:port` of the sandbox.
    pub(super) base: &'a str,
    pub(super) now: Timestamp,
    pub(super) cause: Cause,
    /// What happens together: its events can be delivered in reverse.
    burst: u64,
}

/// Stripe's fee, in minor units: an invented price list, 2.9 % and 30.
fn fee(amount: i64) -> i64 {
    (amount.saturating_mul(29) + 500) / 1000 + 30
}

impl<'a> Till<'a> {
    /// At `now`, for `cause`.
    pub(super) fn new(stripe: &'a mut Stripe, base: &'a str, now: Timestamp, cause: Cause) -> Self {
        let burst = stripe.events.len() as u64;
        Self { stripe, base, now, cause, burst }
    }

    /// Writes an event about `object`, and queues it for the endpoints.
    fn emit(&mut self, kind: &'static str, object: Value, previous: Option<Value>) {
        let event = Event { id: new_id("evt"), kind, created: self.now, object, previous, cause: self.cause.clone() };
        queue(self.stripe, &event, self.now, self.burst);
        self.stripe.events.push(event);
    }

    /// An event about a session.
    pub(super) fn tell_session(&mut self, kind: &'static str, id: &str) {
        let base = self.base;
        if let Some(object) = self.stripe.session(id).map(|session| self.stripe.show_session(session, base)) {
            self.emit(kind, object, None);
        }
    }

    /// An event about a payment.
    pub(super) fn tell_intent(&mut self, kind: &'static str, id: &str) {
        if let Some(object) = self.stripe.intent(id).map(Stripe::show_intent) {
            self.emit(kind, object, None);
        }
    }

    /// An event about a charge, with what was different before.
    pub(super) fn tell_charge(&mut self, kind: &'static str, id: &str, previous: Option<Value>) {
        if let Some(object) = self.stripe.charge(id).map(Stripe::show_charge) {
            self.emit(kind, object, previous);
        }
    }

    /// An event about a refund, with what was different before.
    pub(super) fn tell_refund(&mut self, kind: &'static str, id: &str, previous: Option<Value>) {
        if let Some(object) = self.stripe.refund(id).map(Stripe::show_refund) {
            self.emit(kind, object, previous);
        }
    }

    /// Moves money: `amount` is negative when it leaves. Only charges cost a fee. Gives the movement's id.
    pub(super) fn move_money(
        &mut self,
        kind: &'static str,
        source: &str,
        amount: i64,
        currency: &str,
        description: Option<String>,
    ) -> String {
        let id = new_id("txn");
        let fee = if kind == "charge" { fee(amount) } else { 0 };
        let (source, currency) = (source.to_owned(), currency.to_owned());
        self.stripe.transactions.push(Transaction { id: id.clone(), kind, source, created: self.now, amount, fee, currency, description });
        id
    }

    /// Enters a captured charge in the books.
    pub(super) fn settle_charge(&mut self, id: &str) {
        let Some(charge) = self.stripe.charge(id) else { return };
        let (amount, currency, description) = (charge.captured_amount, charge.currency.clone(), charge.description.clone());
        let transaction = self.move_money("charge", id, amount, &currency, description);
        if let Some(charge) = self.stripe.charge_mut(id) {
            charge.transaction = Some(transaction);
        }
    }

    /// The end of a payment that will not be made.
    pub(super) fn cancel_intent(&mut self, id: &str, reason: Option<&'static str>) {
        let now = self.now;
        let Some(intent) = self.stripe.intent_mut(id) else { return };
        intent.status = "canceled";
        intent.capturable = 0;
        intent.canceled = Some((now, reason));
        self.tell_intent("payment_intent.canceled", id);
    }

    /// What a charge's event calls previous, when `amount` is refunded now.
    pub(super) fn before_refund(&self, id: &str) -> Value {
        self.stripe.charge(id).map_or(Value::Null, |charge| json!({ "amount_refunded": charge.refunded, "refunded": false }))
    }
}
