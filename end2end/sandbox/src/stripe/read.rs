//! Charges and the movements of the balance: read only.

use super::LONG;
use super::call::Call;
use super::error::{Answer, Error};
use super::state::Stripe;

/// `GET /v1/charges`.
pub(super) fn charges(call: &mut Call<'_>, _: &str) -> Answer {
    call.only_list(&["payment_intent"])?;
    let intent = call.params.text("payment_intent", LONG)?;
    let wanted = call.till.stripe.charges.iter().filter(|charge| intent.is_none_or(|intent| charge.intent == intent));
    call.page("charge", "/v1/charges", wanted.map(Stripe::show_charge).collect())
}

/// `GET /v1/charges/{id}`.
pub(super) fn charge(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["expand"])?;
    call.till.stripe.charge(id).map(Stripe::show_charge).ok_or_else(|| Error::missing("charge", id, "charge"))
}

/// `GET /v1/balance_transactions/{id}`.
pub(super) fn transaction(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["expand"])?;
    let found = call.till.stripe.transactions.iter().find(|transaction| transaction.id == id);
    let found = found.ok_or_else(|| Error::missing("balance transaction", id, "id"))?;
    Ok(Stripe::show_transaction(found, call.till.now))
}
