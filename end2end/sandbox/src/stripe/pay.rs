//! What a customer does on the checkout page, and what the clock does afterwards.

use serde_json::json;

use super::refunds;
use super::state::{Charge, Intent, Method, Phase, Session, new_id};
use super::till::Till;
use crate::core::clock::plus;
use crate::core::tokens;

/// Seconds that a card's bank holds money.
const HOLD: i64 = 7 * 24 * 3600;

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum With {
    /// A card whose bank agrees.
    Card,
    /// A card whose bank does not.
    DeclinedCard,
    /// A debit that goes through, later.
    Debit,
    /// A debit that comes back, later.
    FailingDebit,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Paid {
    /// The customer goes to this address.
    Done(String),
    /// The customer may try again; the bank's words.
    Declined(&'static str),
    /// The session is over, or does not take this way to pay.
    Refused(&'static str),
}

const DECLINED: &str = "Your card was declined.";
const RETURNED: &str = "The customer's bank account could not be debited.";

/// A customer with the address `email` pays the session `id`.
pub(super) fn pay(till: &mut Till<'_>, id: &str, with: With, email: &str) -> Paid {
    let Some(session) = till.stripe.session_mut(id).filter(|session| session.status == Phase::Open) else {
        return Paid::Refused("The session is not open.");
    };
    if session.capture == "manual" && matches!(with, With::Debit | With::FailingDebit) {
        return Paid::Refused("A debit cannot be held for later.");
    }
    session.email = Some(email.to_owned());
    let done = Paid::Done(session.success_url.replace("{CHECKOUT_SESSION_ID}", id));
    let session = session.clone();
    if session.total() == 0 {
        complete(till, id);
        return done;
    }
    let intent = begin(till, &session);
    match with {
        With::DeclinedCard => {
            decline(till, &session, &intent);
            return Paid::Declined(DECLINED);
        }
        With::Card if session.capture == "manual" => hold(till, &session, &intent),
        With::Card => take(till, &session, &intent),
        With::Debit | With::FailingDebit => debit(till, &session, &intent, with == With::Debit),
    }
    done
}

fn complete(till: &mut Till<'_>, id: &str) {
    if let Some(session) = till.stripe.session_mut(id) {
        session.status = Phase::Complete;
    }
    till.tell_session("checkout.session.completed", id);
}

/// The payment of a session: made at the first attempt to pay, not before.
fn begin(till: &mut Till<'_>, session: &Session) -> String {
    if let Some(id) = &session.intent {
        return id.clone();
    }
    let id = new_id("pi");
    till.stripe.intents.push(Intent {
        secret: format!("{id}_secret_{}", &tokens::id()[..24]),
        id: id.clone(),
        created: till.now,
        amount: session.total(),
        capturable: 0,
        received: 0,
        currency: session.currency.clone(),
        status: "requires_payment_method",
        capture: session.capture,
        metadata: session.intent_metadata.clone(),
        description: session.description.clone(),
        receipt_email: session.receipt_email.clone(),
        charge: None,
        method: None,
        error: None,
        canceled: None,
        spoilt: false,
    });
    if let Some(session) = till.stripe.session_mut(&session.id) {
        session.intent = Some(id.clone());
    }
    till.tell_intent("payment_intent.created", &id);
    id
}

/// A new charge of a payment, which has succeeded in full; callers take back what is not so.
fn charge(till: &mut Till<'_>, session: &Session, intent: &str, method: Method, adjust: impl FnOnce(&mut Charge)) -> String {
    let id = new_id(if method == Method::Card { "ch" } else { "py" });
    let mut charge = Charge {
        id: id.clone(),
        intent: intent.to_owned(),
        created: till.now,
        amount: session.total(),
        captured_amount: session.total(),
        refunded: 0,
        currency: session.currency.clone(),
        status: "succeeded",
        captured: true,
        method,
        method_id: new_id("pm"),
        email: session.email.clone(),
        description: session.description.clone(),
        receipt_email: session.receipt_email.clone(),
        metadata: session.intent_metadata.clone(),
        transaction: None,
        failure: None,
        ends: None,
        capture_before: None,
    };
    adjust(&mut charge);
    till.stripe.charges.push(charge);
    id
}

fn with_intent(till: &mut Till<'_>, id: &str, change: impl FnOnce(&mut Intent)) {
    if let Some(intent) = till.stripe.intent_mut(id) {
        change(intent);
    }
}

fn decline(till: &mut Till<'_>, session: &Session, intent: &str) {
    let id = charge(till, session, intent, Method::Card, |charge| {
        charge.status = "failed";
        charge.captured = false;
        charge.captured_amount = 0;
        charge.failure = Some(("card_declined", DECLINED));
    });
    fail(
        till,
        intent,
        &id,
        json!({ "charge": id, "code": "card_declined", "decline_code": "generic_decline",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined", "message": DECLINED, "type": "card_error" }),
    );
}

fn fail(till: &mut Till<'_>, intent: &str, charge: &str, error: serde_json::Value) {
    with_intent(till, intent, |intent| {
        intent.status = "requires_payment_method";
        intent.charge = Some(charge.to_owned());
        intent.method = None;
        intent.error = Some(error);
    });
    till.tell_charge("charge.failed", charge, None);
    till.tell_intent("payment_intent.payment_failed", intent);
}

/// The card's bank holds the money until it is captured.
fn hold(till: &mut Till<'_>, session: &Session, intent: &str) {
    let until = plus(till.now, HOLD);
    let id = charge(till, session, intent, Method::Card, |charge| {
        charge.captured = false;
        charge.captured_amount = 0;
        charge.capture_before = Some(until);
    });
    let method = till.stripe.charge(&id).map(|charge| charge.method_id.clone());
    with_intent(till, intent, |intent| {
        intent.status = "requires_capture";
        intent.capturable = intent.amount;
        intent.charge = Some(id.clone());
        intent.method = method;
        intent.error = None;
    });
    till.tell_charge("charge.succeeded", &id, None);
    till.tell_intent("payment_intent.amount_capturable_updated", intent);
    complete(till, &session.id);
}

/// The money is taken. With the usual capture method the fee is known a moment later.
fn take(till: &mut Till<'_>, session: &Session, intent: &str) {
    let later = session.capture == "automatic_async";
    let id = charge(till, session, intent, Method::Card, |_| {});
    if !later {
        till.settle_charge(&id);
    }
    succeed(till, intent, &id);
    complete(till, &session.id);
    if later {
        till.settle_charge(&id);
        till.tell_charge("charge.updated", &id, Some(json!({ "balance_transaction": null })));
    }
}

fn succeed(till: &mut Till<'_>, intent: &str, charge: &str) {
    let method = till.stripe.charge(charge).map(|charge| charge.method_id.clone());
    with_intent(till, intent, |intent| {
        intent.status = "succeeded";
        intent.received = intent.amount;
        intent.charge = Some(charge.to_owned());
        intent.method = method;
        intent.error = None;
    });
    till.tell_charge("charge.succeeded", charge, None);
    till.tell_intent("payment_intent.succeeded", intent);
}

fn debit(till: &mut Till<'_>, session: &Session, intent: &str, well: bool) {
    let ends = plus(till.now, till.stripe.switches.debit_delay);
    let id = charge(till, session, intent, Method::Debit, |charge| {
        charge.status = "pending";
        charge.ends = Some((ends, well));
    });
    let method = till.stripe.charge(&id).map(|charge| charge.method_id.clone());
    with_intent(till, intent, |intent| {
        intent.status = "processing";
        intent.charge = Some(id.clone());
        intent.method = method;
        intent.error = None;
    });
    till.tell_charge("charge.pending", &id, None);
    till.tell_intent("payment_intent.processing", intent);
    complete(till, &session.id);
}

/// A debit comes to its end.
pub(super) fn end_debit(till: &mut Till<'_>, id: &str, well: bool) {
    let Some(charge) = till.stripe.charge_mut(id) else { return };
    charge.ends = None;
    let intent = charge.intent.clone();
    let kind = if well {
        charge.status = "succeeded";
        till.settle_charge(id);
        succeed(till, &intent, id);
        "checkout.session.async_payment_succeeded"
    } else {
        charge.status = "failed";
        charge.captured = false;
        charge.captured_amount = 0;
        charge.failure = Some(("debit_not_authorized", RETURNED));
        let error =
            json!({ "charge": id, "code": "payment_method_provider_decline", "message": RETURNED, "type": "invalid_request_error" });
        fail(till, &intent, id, error);
        "checkout.session.async_payment_failed"
    };
    if let Some(session) = till.stripe.session_of(&intent).map(|session| session.id.clone()) {
        till.tell_session(kind, &session);
    }
}

/// A session is over before anybody paid.
pub(super) fn expire(till: &mut Till<'_>, id: &str) {
    let Some(session) = till.stripe.session_mut(id) else { return };
    session.status = Phase::Expired;
    if let Some(intent) = session.intent.clone() {
        till.cancel_intent(&intent, Some("expired"));
    }
    till.tell_session("checkout.session.expired", id);
}

/// Nobody captured what a card's bank held.
pub(super) fn end_hold(till: &mut Till<'_>, id: &str) {
    let Some(charge) = till.stripe.charge(id) else { return };
    let (intent, amount) = (charge.intent.clone(), charge.amount);
    refunds::release(till, id, amount, Some("expired_uncaptured_charge"));
    till.tell_charge("charge.expired", id, None);
    till.cancel_intent(&intent, Some("automatic"));
}
