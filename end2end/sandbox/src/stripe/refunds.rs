//! Refunds: money back, which may take its time and may fail after all.

use serde_json::json;

use super::LONG;
use super::call::Call;
use super::error::{Answer, Error};
use super::state::{Charge, Metadata, Method, Refund, RefundFate, Stripe, new_id};
use super::till::Till;
use crate::core::clock::plus;

/// `GET /v1/refunds/{id}`.
pub(super) fn retrieve(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["expand"])?;
    show(call, id)
}

fn show(call: &Call<'_>, id: &str) -> Answer {
    call.till.stripe.refund(id).map(Stripe::show_refund).ok_or_else(|| Error::missing("refund", id, "refund"))
}

/// `GET /v1/refunds`.
pub(super) fn list(call: &mut Call<'_>, _: &str) -> Answer {
    call.only_list(&["charge", "payment_intent"])?;
    let (charge, intent) = (call.params.text("charge", LONG)?, call.params.text("payment_intent", LONG)?);
    let wanted =
        |refund: &&Refund| charge.is_none_or(|charge| refund.charge == charge) && intent.is_none_or(|intent| refund.intent == intent);
    let shown = call.till.stripe.refunds.iter().filter(wanted).map(Stripe::show_refund).collect();
    call.page("refund", "/v1/refunds", shown)
}

/// `POST /v1/refunds`.
pub(super) fn create(call: &mut Call<'_>, _: &str) -> Answer {
    let params = &call.params;
    params.only(&["amount", "charge", "expand", "metadata", "payment_intent", "reason"])?;
    let asked = params.at_least("amount", 1)?;
    let reason = params.choice("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let metadata = params.metadata()?;
    let (charge, intent) = (params.text("charge", LONG)?, params.text("payment_intent", LONG)?);
    let charge = match (charge, intent) {
        (Some(_), Some(_)) => {
            return Err(Error::request("You may only specify one of these parameters: charge, payment_intent."));
        }
        (None, None) => {
            let words = "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(Error::request(words).code("parameter_missing"));
        }
        (Some(id), None) => call.till.stripe.charge(id).ok_or_else(|| Error::missing("charge", id, "charge"))?,
        (None, Some(id)) => of_intent(call.till.stripe, id)?,
    };
    let charge = refundable(charge)?.clone();
    let left = charge.amount - charge.refunded;
    if left == 0 {
        return Err(Error::refused(format!("Charge {} has already been refunded.", charge.id)).code("charge_already_refunded"));
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        let (wanted, left) = (money(amount, &charge.currency), money(left, &charge.currency));
        return Err(
            Error::refused(format!("Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})")).about("amount")
        );
    }
    let id = give_back(&mut call.till, &charge, amount, reason, metadata);
    show(call, &id)
}

/// An amount with two places, as refusals word it.
fn money(amount: i64, currency: &str) -> String {
    format!("{}.{:02} {}", amount / 100, amount % 100, currency.to_uppercase())
}

fn of_intent<'a>(stripe: &'a Stripe, id: &str) -> Result<&'a Charge, Error> {
    let intent = stripe.intent(id).ok_or_else(|| Error::missing("payment_intent", id, "payment_intent"))?;
    let charge = intent.charge.as_deref().and_then(|id| stripe.charge(id)).filter(|charge| charge.status == "succeeded");
    charge.ok_or_else(|| {
        Error::refused(format!("This PaymentIntent ({id}) does not have a successful charge to refund."))
            .with("payment_intent", Stripe::show_intent(intent))
    })
}

fn refundable(charge: &Charge) -> Result<&Charge, Error> {
    if charge.status != "succeeded" {
        return Err(Error::refused(format!("Charge {} has not succeeded; it cannot be refunded.", charge.id)));
    }
    // Released holds come first: nothing of them was ever captured.
    if !charge.captured && charge.refunded == 0 {
        let words = "You cannot refund a charge which is uncaptured on a PaymentIntent. Instead, cancel the PaymentIntent directly.";
        return Err(Error::refused(words));
    }
    Ok(charge)
}

fn refund(charge: &Charge, amount: i64, reason: Option<&'static str>, till: &Till<'_>) -> Refund {
    Refund {
        id: new_id("re"),
        charge: charge.id.clone(),
        intent: charge.intent.clone(),
        created: till.now,
        amount,
        currency: charge.currency.clone(),
        status: "succeeded",
        reason,
        pending_reason: None,
        failure_reason: None,
        metadata: Metadata::new(),
        transaction: None,
        failure_transaction: None,
        method: charge.method,
        next: None,
    }
}

fn add(till: &mut Till<'_>, refund: Refund) -> String {
    let id = refund.id.clone();
    if let Some(charge) = till.stripe.charge_mut(&refund.charge) {
        charge.refunded += refund.amount;
    }
    till.stripe.refunds.push(refund);
    till.tell_refund("refund.created", &id, None);
    id
}

/// A held amount goes back to the customer: no money moved, but it reads as a refund. The charge's own event is the caller's.
pub(super) fn release(till: &mut Till<'_>, charge: &str, amount: i64, reason: Option<&'static str>) {
    let Some(charge) = till.stripe.charge(charge).cloned() else { return };
    let refund = refund(&charge, amount, reason, till);
    add(till, refund);
}

fn give_back(till: &mut Till<'_>, charge: &Charge, amount: i64, reason: Option<&'static str>, metadata: Metadata) -> String {
    let later = plus(till.now, till.stripe.switches.refund_delay);
    let mut refund = Refund { metadata, ..refund(charge, amount, reason, till) };
    match (till.stripe.switches.refunds, charge.method) {
        (RefundFate::Usual, Method::Card) => {}
        (RefundFate::Usual, Method::Debit) | (RefundFate::PendingThenSucceeded, _) => refund.next = Some((later, "succeeded")),
        (RefundFate::PendingThenFailed | RefundFate::SucceededThenFailed, _) => refund.next = Some((later, "failed")),
    }
    if refund.next.is_some() && till.stripe.switches.refunds != RefundFate::SucceededThenFailed {
        refund.status = "pending";
        refund.pending_reason = Some("processing");
    } else {
        let transaction =
            till.move_money("refund", &refund.id, -amount, &charge.currency, Some(format!("REFUND FOR CHARGE {}", charge.id)));
        refund.transaction = Some(transaction);
    }
    let before = till.before_refund(&charge.id);
    let id = add(till, refund);
    till.tell_charge("charge.refunded", &charge.id, Some(before));
    id
}

/// A refund becomes `succeeded`, `failed` or `canceled`. What fails is the account's again.
pub(super) fn change(till: &mut Till<'_>, id: &str, status: &'static str, reason: Option<String>) {
    let Some(before) = till.stripe.refund(id).cloned() else { return };
    let (amount, currency) = (before.amount, before.currency.clone());
    let failed = status == "failed";
    let words = Some(format!("REFUND {id}"));
    let transaction = match (status, &before.transaction) {
        ("succeeded", None) => Some(till.move_money("refund", id, -amount, &currency, words)),
        ("failed" | "canceled", Some(_)) => Some(till.move_money("refund_failure", id, amount, &currency, words)),
        _ => None,
    };
    if let Some(refund) = till.stripe.refund_mut(id) {
        refund.next = None;
        refund.status = status;
        refund.pending_reason = None;
        if failed {
            refund.failure_reason = Some(reason.unwrap_or_else(|| "expired_or_canceled_card".to_owned()));
        }
        match status {
            "succeeded" => refund.transaction = transaction.or(refund.transaction.take()),
            _ => refund.failure_transaction = transaction,
        }
    }
    if status != "succeeded"
        && let Some(charge) = till.stripe.charge_mut(&before.charge)
    {
        charge.refunded -= amount;
    }
    let previous = json!({ "status": before.status });
    till.tell_refund("refund.updated", id, Some(previous.clone()));
    till.tell_refund("charge.refund.updated", id, Some(previous));
    if failed {
        till.tell_refund("refund.failed", id, None);
    }
}
