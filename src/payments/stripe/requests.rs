//! What is asked of Stripe.

use super::{
    Stripe, StripeError,
    client::Form,
    objects::{Intent, List, Refund, Session},
};
use crate::model::{BookingId, Instant, PaymentId, Price, RefundId};

/// What has to be read with a session to know all about its money.
const WITH_MONEY: (&str, &str) = ("expand[]", "payment_intent.latest_charge.balance_transaction");

/// A page on which to pay that is to be made.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// What is paid for; a line.
    pub name: String,
    /// The price.
    pub price: Price,
    /// The payment, by which webhooks name it.
    pub payment: PaymentId,
    /// Its booking.
    pub booking: BookingId,
    /// Whether the money is only held until it is captured.
    pub held: bool,
    /// Where the browser goes when it is paid.
    pub success_url: String,
    /// Where the browser goes when its owner thinks better of it.
    pub cancel_url: String,
    /// Whom Stripe writes to.
    pub email: String,
    /// When the page ends.
    pub expires_at: Instant,
}

/// The amount as Stripe counts it: two currencies without a smaller unit are counted in hundredths there all the same.
pub(in crate::payments) fn amount(price: Price) -> i64 {
    if matches!(price.currency.as_str(), "ISK" | "UGX") { price.minor.saturating_mul(100) } else { price.minor }
}

fn field(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

impl NewSession {
    fn form(&self) -> Form {
        let mut form = vec![
            field("mode", "payment"),
            field("submit_type", "book"),
            field("client_reference_id", self.booking),
            field("customer_email", &self.email),
            field("expires_at", self.expires_at.millis().div_euclid(1000)),
            field("success_url", &self.success_url),
            field("cancel_url", &self.cancel_url),
            field("line_items[0][quantity]", 1),
            field("line_items[0][price_data][currency]", self.price.currency.as_str().to_lowercase()),
            field("line_items[0][price_data][unit_amount]", amount(self.price)),
            field("line_items[0][price_data][product_data][name]", &self.name),
            field("metadata[payment]", self.payment),
            // A session's metadata is not its payment's.
            field("payment_intent_data[metadata][payment]", self.payment),
        ];
        if self.held {
            form.push(field("payment_intent_data[capture_method]", "manual"));
        }
        form
    }
}

impl Stripe {
    /// Makes a page on which to pay, or gives the one that was made under `key`.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn create_session(&self, new: &NewSession, key: &str) -> Result<Session, StripeError> {
        let mut form = new.form();
        form.push(field(WITH_MONEY.0, WITH_MONEY.1));
        self.post("checkout/sessions", &form, key).await
    }

    /// How a session stands, and its money.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn session(&self, id: &str) -> Result<Session, StripeError> {
        self.get(&format!("checkout/sessions/{id}"), &[WITH_MONEY]).await
    }

    /// How a payment stands.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn intent(&self, id: &str) -> Result<Intent, StripeError> {
        self.get(&format!("payment_intents/{id}"), &[("expand[]", "latest_charge.balance_transaction")]).await
    }

    /// Ends a session that is open.
    ///
    /// # Errors
    /// `Invalid` also when it is not open (any more).
    pub async fn expire_session(&self, id: &str, key: &str) -> Result<Session, StripeError> {
        self.post(&format!("checkout/sessions/{id}/expire"), &vec![field(WITH_MONEY.0, WITH_MONEY.1)], key).await
    }

    /// Takes the money that is held.
    ///
    /// # Errors
    /// `Invalid` or `Card` when it is not held (any more).
    pub async fn capture(&self, intent: &str, key: &str) -> Result<Intent, StripeError> {
        self.post(&format!("payment_intents/{intent}/capture"), &expanded(), key).await
    }

    /// Lets go of the money that is held.
    ///
    /// # Errors
    /// `Invalid` when it is not held (any more).
    pub async fn cancel(&self, intent: &str, key: &str) -> Result<Intent, StripeError> {
        self.post(&format!("payment_intents/{intent}/cancel"), &expanded(), key).await
    }

    /// Gives back a part of what was taken, or all of it.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn refund(&self, intent: &str, price: Price, payment: PaymentId, refund: RefundId, key: &str) -> Result<Refund, StripeError> {
        let form = vec![
            field("payment_intent", intent),
            field("amount", amount(price)),
            field("reason", "requested_by_customer"),
            field("metadata[payment]", payment),
            field("metadata[refund]", key_of(refund, key)),
        ];
        self.post("refunds", &form, key).await
    }

    /// How a refund stands.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn refund_at(&self, id: &str) -> Result<Refund, StripeError> {
        self.get(&format!("refunds/{id}"), &[]).await
    }

    /// The refund of `intent` that was asked for under `key`, if Stripe has it.
    ///
    /// # Errors
    /// See [`StripeError`].
    pub async fn refund_of(&self, intent: &str, refund: RefundId, key: &str) -> Result<Option<Refund>, StripeError> {
        let list: List<Refund> = self.get("refunds", &[("payment_intent", intent), ("limit", "100")]).await?;
        let name = key_of(refund, key);
        Ok(list.data.into_iter().find(|found| found.metadata.get("refund") == Some(&name)))
    }
}

/// What a refund is called at Stripe: by this it is found again, attempt by attempt.
fn key_of(refund: RefundId, key: &str) -> String {
    format!("{refund} {key}")
}

fn expanded() -> Form {
    vec![field("expand[]", "latest_charge.balance_transaction")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    #[test]
    fn amounts_are_counted_as_stripe_counts_them() {
        let of = |minor, code| amount(Price { minor, currency: Currency::parse(code).unwrap() });
        assert_eq!((of(9050, "EUR"), of(9000, "JPY"), of(9000, "ISK"), of(9000, "KWD")), (9050, 9000, 900_000, 9000));
    }

    #[test]
    fn a_session_is_asked_for_without_what_was_removed() {
        let id = |text: &str| format!("01ARZ3NDEKTSV4RRFFQ69G5FA{text}");
        let new = NewSession {
            name: "Career & crossroads".to_owned(),
            price: Price { minor: 9050, currency: Currency::EUR },
            payment: id("V").parse().unwrap(),
            booking: id("W").parse().unwrap(),
            held: true,
            success_url: "https://x.example/done?session={CHECKOUT_SESSION_ID}".to_owned(),
            cancel_url: "https://x.example/back".to_owned(),
            email: "ada@example.org".to_owned(),
            expires_at: Instant::from_millis(1_793_606_400_999),
        };
        let form = new.form();
        let value = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
        assert_eq!(value("expires_at"), Some("1793606400"));
        assert_eq!(value("line_items[0][price_data][currency]"), Some("eur"));
        assert_eq!(value("payment_intent_data[capture_method]"), Some("manual"));
        assert_eq!(value("payment_intent_data[metadata][payment]"), Some(id("V").as_str()));
        assert!(value("payment_method_types").is_none() && value("ui_mode").is_none());
    }
}
