//! Money that is held until the coach answers: taken when the session is agreed, let go of when it is not to be.

use super::{
    AtStripe, Payments,
    payment::{Payment, PaymentState},
    settle::{Round, Trouble, came_to_nothing},
    stripe::{Intent, IntentStatus, StripeError},
};
use crate::{
    bookings::{self, Booking, Collected},
    model::BookingStatus,
};

impl Payments {
    pub(super) async fn held(&self, account: &AtStripe, payment: &Payment, booking: &Booking) -> Result<Round, Trouble> {
        if booking.status == BookingStatus::Pending && !booking.is_unpaid() {
            return Ok(Round::Rest);
        }
        let Some(id) = &payment.intent_id else { return Err(Trouble::Person("It is not known at Stripe what is held.")) };
        let ending = bookings::ending(&self.inner.deps.store, booking).await?;
        let keep = payment.price.minor - booking.refund.refund_for(payment.price.minor, ending);
        let intent = account.stripe.intent(id).await?;
        let intent = match (intent.status, keep > 0) {
            (IntentStatus::RequiresCapture, true) => {
                self.after(account, id, account.stripe.capture(id, &payment.key("capture")).await).await?
            }
            (IntentStatus::RequiresCapture, false) => {
                self.after(account, id, account.stripe.cancel(id, &payment.key("cancel")).await).await?
            }
            _ => intent,
        };
        match intent.status {
            IntentStatus::Succeeded => self.paid(payment, &intent).await,
            status if came_to_nothing(status) && keep == 0 => {
                self.end(payment, PaymentState::Released, Collected::Not(""), None).await?;
                Ok(Round::Again)
            }
            // The bank does not hold it any more, or does not give it: the session is agreed, and not paid.
            _ if keep > 0 => {
                let words = "The bank let go of the money before it could be taken.";
                self.end(payment, PaymentState::Failed, Collected::Not(""), Some(words)).await?;
                Err(Trouble::Person("The bank let go of the money before it could be taken: the session is agreed, and not paid."))
            }
            _ => Err(Trouble::Person("Stripe does not let go of money that is held.")),
        }
    }

    /// What the intent is after something was asked of it: a refusal is looked into.
    async fn after(&self, account: &AtStripe, id: &str, asked: Result<Intent, StripeError>) -> Result<Intent, StripeError> {
        match asked {
            Ok(intent) => Ok(intent),
            Err(error) if error.is_refusal() => account.stripe.intent(id).await,
            Err(error) => Err(error),
        }
    }
}
