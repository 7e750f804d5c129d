//! Payments: read, listed, captured, cancelled. Only Checkout makes them here.

use serde_json::json;

use super::call::Call;
use super::error::{Answer, Error};
use super::refunds;
use super::state::{Intent, Stripe};

const CANCELABLE: &str = "requires_payment_method, requires_capture, requires_confirmation, requires_action, processing";

fn find(call: &Call<'_>, id: &str) -> Result<Intent, Error> {
    call.till.stripe.intent(id).cloned().ok_or_else(|| Error::missing("payment_intent", id, "intent"))
}

fn unexpected(intent: &Intent, words: String) -> Error {
    Error::refused(words).code("payment_intent_unexpected_state").with("payment_intent", Stripe::show_intent(intent))
}

/// `GET /v1/payment_intents/{id}`.
pub(super) fn retrieve(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["expand"])?;
    Ok(Stripe::show_intent(&find(call, id)?))
}

/// `GET /v1/payment_intents`.
pub(super) fn list(call: &mut Call<'_>, _: &str) -> Answer {
    call.only_list(&[])?;
    let shown = call.till.stripe.intents.iter().map(Stripe::show_intent).collect();
    call.page("payment_intent", "/v1/payment_intents", shown)
}

/// `POST /v1/payment_intents/{id}/capture`. What is not captured goes back to the customer.
pub(super) fn capture(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["amount_to_capture", "expand"])?;
    let asked = call.params.at_least("amount_to_capture", 1)?;
    let intent = find(call, id)?;
    let status = intent.status;
    if status == "succeeded" {
        let words = "This PaymentIntent could not be captured because it has already been captured.";
        return Err(unexpected(&intent, words.to_owned()));
    }
    let Some(charge) = intent.charge.clone().filter(|_| status == "requires_capture") else {
        return Err(unexpected(
            &intent,
            format!(
                "This PaymentIntent could not be captured because it has a status of {status}. Only a PaymentIntent with one of the \
                 following statuses may be captured: requires_capture."
            ),
        ));
    };
    let amount = asked.unwrap_or(intent.capturable);
    if amount > intent.capturable {
        let words = format!("The amount_to_capture is greater than the amount that can be captured ({}).", intent.capturable);
        return Err(Error::refused(words).code("amount_too_large").about("amount_to_capture"));
    }
    if intent.spoilt {
        let words = "The charge cannot be captured as the authorization has expired.";
        let error = Error::card("capture_charge_authorization_expired", words).with("charge", charge);
        return Err(error.with("payment_intent", Stripe::show_intent(&intent)));
    }
    take(call, &intent, &charge, amount);
    Ok(Stripe::show_intent(&find(call, id)?))
}

fn take(call: &mut Call<'_>, intent: &Intent, charge: &str, amount: i64) {
    let till = &mut call.till;
    if let Some(charge) = till.stripe.charge_mut(charge) {
        charge.captured = true;
        charge.captured_amount = amount;
    }
    till.settle_charge(charge);
    if amount < intent.amount {
        refunds::release(till, charge, intent.amount - amount, None);
    }
    if let Some(intent) = till.stripe.intent_mut(&intent.id) {
        intent.status = "succeeded";
        intent.capturable = 0;
        intent.received = amount;
    }
    let previous = json!({ "amount_captured": 0, "balance_transaction": null, "captured": false });
    till.tell_charge("charge.captured", charge, Some(previous));
    till.tell_intent("payment_intent.succeeded", &intent.id);
}

/// `POST /v1/payment_intents/{id}/cancel`. Before money is held, a payment of Checkout ends with its session only.
pub(super) fn cancel(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["cancellation_reason", "expand"])?;
    let reasons = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"];
    let reason = call.params.choice("cancellation_reason", &reasons)?;
    let intent = find(call, id)?;
    if matches!(intent.status, "succeeded" | "canceled") {
        let words = format!(
            "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the following statuses may \
             be canceled: {CANCELABLE}.",
            intent.status
        );
        return Err(unexpected(&intent, words));
    }
    let Some(charge) = intent.charge.clone().filter(|_| intent.status == "requires_capture") else {
        let words = "You cannot cancel this PaymentIntent because it belongs to a Checkout Session. Expire the Checkout Session instead.";
        return Err(unexpected(&intent, words.to_owned()));
    };
    let till = &mut call.till;
    let before = till.before_refund(&charge);
    refunds::release(till, &charge, intent.amount, reason.filter(|reason| *reason != "abandoned"));
    till.tell_charge("charge.refunded", &charge, Some(before));
    till.cancel_intent(id, reason);
    Ok(Stripe::show_intent(&find(call, id)?))
}
