//! Stripe's objects as JSON, in the pinned version's shape.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::state::{Charge, Event, Intent, Line, Method, Phase, Refund, Session, Stripe, Transaction};
use crate::core::clock::plus;

/// Seconds until money of a charge can be paid out.
const AVAILABLE_AFTER: i64 = 2 * 24 * 3600;

fn seconds(at: Timestamp) -> i64 {
    at.as_second()
}

/// Members of a session that are always null here.
const SESSION_EMPTY: &[&str] = &[
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "integration_identifier",
    "invoice",
    "origin_context",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
];

/// Members of a charge that are always null here.
const CHARGE_EMPTY: &[&str] = &[
    "application",
    "application_fee",
    "application_fee_amount",
    "customer",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

/// Members of a payment that are always null here.
const INTENT_EMPTY: &[&str] = &[
    "application",
    "application_fee_amount",
    "automatic_payment_methods",
    "customer",
    "customer_account",
    "excluded_payment_method_types",
    "next_action",
    "on_behalf_of",
    "payment_method_configuration_details",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
];

fn leave_empty(object: &mut Value, names: &[&str]) {
    for name in names {
        object[*name] = Value::Null;
    }
}

/// A list of everything there is of `data`.
fn all(data: Vec<Value>, url: String) -> Value {
    json!({ "object": "list", "data": data, "has_more": false, "url": url })
}

fn person(email: Option<&String>) -> Value {
    let address = json!({ "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null });
    json!({ "address": address, "email": email, "name": null, "phone": null })
}

impl Stripe {
    /// `unpaid`, `paid` or `no_payment_required`. Money that is only held counts as unpaid.
    fn payment_status(&self, session: &Session) -> &'static str {
        let status = session.intent.as_deref().and_then(|id| self.intent(id)).map(|intent| intent.status);
        match (session.total(), status) {
            (0, _) => "no_payment_required",
            (_, Some("succeeded")) => "paid",
            _ => "unpaid",
        }
    }

    /// A session, on a sandbox at `base`.
    pub(super) fn show_session(&self, session: &Session, base: &str) -> Value {
        let total = session.total();
        let url = (session.status == Phase::Open).then(|| format!("{base}/stripe/c/pay/{}", session.id));
        let types = if session.capture == "manual" { json!(["card"]) } else { json!(["card", "sepa_debit"]) };
        let email = session.email.as_ref().or(session.customer_email.as_ref());
        let details = email.map(|_| {
            let mut details = person(email);
            details["business_name"] = Value::Null;
            details["individual_name"] = Value::Null;
            details["tax_exempt"] = "none".into();
            details["tax_ids"] = if session.status == Phase::Complete { json!([]) } else { Value::Null };
            details
        });
        let text = json!({ "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null });
        let mut shown = json!({
            "id": session.id, "object": "checkout.session", "adaptive_pricing": { "enabled": false }, "amount_subtotal": total,
            "amount_total": total, "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "cancel_url": session.cancel_url, "client_reference_id": session.client_reference_id, "created": seconds(session.created),
            "currency": session.currency, "custom_fields": [], "custom_text": text, "customer_creation": "if_required",
            "customer_details": details, "customer_email": session.customer_email, "discounts": [],
            "expires_at": seconds(session.expires),
            "invoice_creation": { "enabled": false, "invoice_data": { "account_tax_ids": null, "custom_fields": null, "description": null,
                "footer": null, "issuer": null, "metadata": {}, "rendering_options": null } },
            "livemode": false, "locale": session.locale, "metadata": session.metadata, "mode": "payment",
            "payment_intent": session.intent, "payment_method_collection": "if_required",
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } }, "payment_method_types": types,
            "payment_status": self.payment_status(session), "phone_number_collection": { "enabled": false }, "shipping_options": [],
            "status": session.status.word(), "submit_type": session.submit_type, "success_url": session.success_url,
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }, "ui_mode": "hosted_page", "url": url
        });
        leave_empty(&mut shown, SESSION_EMPTY);
        shown
    }

    /// A payment.
    pub(super) fn show_intent(intent: &Intent) -> Value {
        let (canceled, reason) = intent.canceled.map_or((None, None), |(at, reason)| (Some(seconds(at)), reason));
        let processing = (intent.status == "processing").then(|| json!({ "type": "sepa_debit" }));
        let types = if intent.capture == "manual" { json!(["card"]) } else { json!(["card", "sepa_debit"]) };
        let mut shown = json!({
            "id": intent.id, "object": "payment_intent", "amount": intent.amount, "amount_capturable": intent.capturable,
            "amount_details": { "tip": {} }, "amount_received": intent.received, "canceled_at": canceled, "cancellation_reason": reason,
            "capture_method": intent.capture, "client_secret": intent.secret, "confirmation_method": "automatic",
            "created": seconds(intent.created), "currency": intent.currency, "description": intent.description,
            "last_payment_error": intent.error, "latest_charge": intent.charge, "livemode": false, "metadata": intent.metadata,
            "payment_method": intent.method,
            "payment_method_options": { "card": { "installments": null, "mandate_options": null, "network": null,
                "request_three_d_secure": "automatic" } },
            "payment_method_types": types, "processing": processing, "receipt_email": intent.receipt_email, "status": intent.status
        });
        leave_empty(&mut shown, INTENT_EMPTY);
        shown
    }

    /// A charge, without its refunds.
    pub(super) fn show_charge(charge: &Charge) -> Value {
        let details = match charge.method {
            Method::Card => json!({ "type": "card", "card": {
                "amount_authorized": charge.amount, "authorization_code": null, "brand": "visa",
                    "capture_before": charge.capture_before.map(seconds),
                "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" }, "country": "US",
                "exp_month": 12, "exp_year": 2034, "extended_authorization": { "status": "disabled" }, "fingerprint": "sandboxCardPrint",
                "funding": "credit", "incremental_authorization": { "status": "unavailable" }, "installments": null,
                "last4": if charge.failure.is_some() { "0002" } else { "4242" }, "mandate": null,
                    "multicapture": { "status": "unavailable" },
                "network": "visa", "network_token": { "used": false }, "network_transaction_id": null,
                "overcapture": { "maximum_amount_capturable": charge.amount, "status": "unavailable" }, "regulated_status": "unregulated",
                "three_d_secure": null, "wallet": null } }),
            Method::Debit => json!({ "type": "sepa_debit", "sepa_debit": {
                "bank_code": "37040044", "branch_code": "", "country": "DE", "fingerprint": "sandboxBankPrint", "last4": "3000",
                    "mandate": null } }),
        };
        let (network, kind) = match charge.status {
            "failed" => ("declined_by_network", "issuer_declined"),
            _ => ("approved_by_network", "authorized"),
        };
        let mut billing = person(charge.email.as_ref());
        billing["tax_id"] = Value::Null;
        let mut shown = json!({
            "id": charge.id, "object": "charge", "amount": charge.amount, "amount_captured": charge.captured_amount,
            "amount_refunded": charge.refunded, "balance_transaction": charge.transaction, "billing_details": billing,
            "calculated_statement_descriptor": "WELLMET SANDBOX", "captured": charge.captured, "created": seconds(charge.created),
            "currency": charge.currency, "description": charge.description, "disputed": false,
            "failure_code": charge.failure.map(|(code, _)| code), "failure_message": charge.failure.map(|(_, words)| words),
            "fraud_details": {}, "livemode": false, "metadata": charge.metadata,
            "outcome": { "advice_code": null, "network_advice_code": null, "network_decline_code": null, "network_status": network,
                "reason": charge.failure.map(|_| "generic_decline"), "risk_level": "normal",
                "seller_message": "A payment of the sandbox.", "type": kind },
            "paid": charge.status == "succeeded", "payment_intent": charge.intent, "payment_method": charge.method_id,
            "payment_method_details": details, "receipt_email": charge.receipt_email, "refunded": charge.refunded >= charge.amount,
            "status": charge.status
        });
        leave_empty(&mut shown, CHARGE_EMPTY);
        shown
    }

    /// A refund. What only some refunds have is left out of the others, as Stripe does.
    pub(super) fn show_refund(refund: &Refund) -> Value {
        let destination = match refund.method {
            Method::Card => json!({ "type": "card", "card": { "reference_status": "pending", "reference_type": "acquirer_reference_number",
                "type": if refund.transaction.is_some() { "refund" } else { "reversal" } } }),
            Method::Debit => json!({ "type": "eu_bank_transfer", "eu_bank_transfer": { "reference": null, "reference_status": null } }),
        };
        let mut shown = json!({
            "id": refund.id, "object": "refund", "amount": refund.amount, "balance_transaction": refund.transaction,
            "charge": refund.charge, "created": seconds(refund.created), "currency": refund.currency, "customer": null,
            "customer_account": null, "destination_details": destination, "metadata": refund.metadata, "payment_intent": refund.intent,
            "payment_method": null, "reason": refund.reason, "receipt_number": null, "source_transfer_reversal": null,
            "status": refund.status, "transfer_reversal": null
        });
        if let Some(reason) = refund.pending_reason {
            shown["pending_reason"] = reason.into();
        }
        if let Some(reason) = &refund.failure_reason {
            shown["failure_reason"] = reason.clone().into();
            shown["failure_balance_transaction"] = json!(refund.failure_transaction);
        }
        shown
    }

    /// A movement of the balance, at `now`.
    pub(super) fn show_transaction(transaction: &Transaction, now: Timestamp) -> Value {
        let available = plus(transaction.created, if transaction.kind == "charge" { AVAILABLE_AFTER } else { 0 });
        let fees = json!([{ "amount": transaction.fee, "application": null, "currency": transaction.currency,
            "description": "Stripe processing fees", "type": "stripe_fee" }]);
        json!({
            "id": transaction.id, "object": "balance_transaction", "amount": transaction.amount, "available_on": seconds(available),
            "balance_type": "payments", "created": seconds(transaction.created), "currency": transaction.currency,
            "description": transaction.description, "exchange_rate": null, "fee": transaction.fee,
            "fee_details": if transaction.fee == 0 { json!([]) } else { fees }, "net": transaction.amount - transaction.fee,
            "reporting_category": transaction.kind, "source": transaction.source,
            "status": if available <= now { "available" } else { "pending" }, "type": transaction.kind
        })
    }

    /// An event.
    pub(super) fn show_event(&self, event: &Event) -> Value {
        let mut data = json!({ "object": event.object });
        if let Some(previous) = &event.previous {
            data["previous_attributes"] = previous.clone();
        }
        json!({
            "id": event.id, "object": "event", "api_version": super::VERSION, "created": seconds(event.created), "data": data,
            "livemode": false, "pending_webhooks": self.pending(&event.id),
            "request": { "id": event.cause.id, "idempotency_key": event.cause.key }, "type": event.kind
        })
    }

    /// The lines of a session.
    pub(super) fn show_lines(session: &Session) -> Vec<Value> {
        session.lines.iter().map(|line| show_line(line, session)).collect()
    }

    /// The lines of a session as the list that `expand` puts in it.
    pub(super) fn list_lines(session: &Session) -> Value {
        all(Self::show_lines(session), format!("/v1/checkout/sessions/{}/line_items", session.id))
    }

    /// The refunds of a charge as the list that `expand` puts in it, newest first.
    pub(super) fn list_refunds(&self, charge: &str) -> Value {
        let refunds = self.refunds.iter().rev().filter(|refund| refund.charge == charge).map(Self::show_refund);
        all(refunds.collect(), format!("/v1/charges/{charge}/refunds"))
    }
}

fn show_line(line: &Line, session: &Session) -> Value {
    let total = line.unit_amount.saturating_mul(line.quantity);
    let price = json!({
        "id": line.price, "object": "price", "active": false, "billing_scheme": "per_unit", "created": seconds(session.created),
        "currency": session.currency, "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {}, "nickname": null,
        "product": line.product, "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null,
        "type": "one_time", "unit_amount": line.unit_amount, "unit_amount_decimal": line.unit_amount.to_string()
    });
    json!({
        "id": line.id, "object": "item", "adjustable_quantity": null, "amount_discount": 0, "amount_subtotal": total, "amount_tax": 0,
        "amount_total": total, "currency": session.currency, "description": line.name, "metadata": {}, "price": price,
        "quantity": line.quantity
    })
}
