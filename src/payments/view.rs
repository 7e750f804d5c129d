//! Payments as people see them.

use super::{
    Payments,
    give_back::since,
    ledger::{self, Balance},
    payment::{Payment, PaymentState, RefundRow, RefundState},
};
use crate::{
    accounts::{Actor, CoachActor},
    bookings::Booking,
    error::Internal,
    model::{BookingStatus, Ending, Instant, PaymentStep, Price},
    store::sql,
};

/// The payment of a booking with what went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentView {
    /// The payment.
    pub payment: Payment,
    /// What goes back, or went; zero when nothing does.
    pub going_back: Price,
    /// What has arrived of it.
    pub gone_back: Price,
    /// Whether something of it did not arrive and is tried again.
    pub troubled: bool,
    /// Since when that is so.
    pub since: Option<Instant>,
}

/// What goes back if a booking is cancelled now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview {
    /// What was paid, or is held.
    pub paid: Price,
    /// What of it goes back.
    pub back: Price,
    /// Whether nothing was taken yet: then what is held is let go of.
    pub held: bool,
}

impl Payments {
    /// The payment of `booking`, which whoever asks may see; `None` when nothing is collected for it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of(&self, booking: &Booking) -> Result<Option<PaymentView>, Internal> {
        if booking.payment == PaymentStep::None {
            return Ok(None);
        }
        let store = &self.inner.deps.store;
        let Some(payment) = Payment::of_booking(store, booking.id).await? else { return Ok(None) };
        let refunds = RefundRow::of(store, payment.id).await?;
        let sum = |wanted: &dyn Fn(&RefundRow) -> bool| Price {
            minor: refunds.iter().filter(|refund| wanted(refund)).map(|refund| refund.amount_minor).sum(),
            currency: payment.price.currency,
        };
        Ok(Some(PaymentView {
            going_back: sum(&|_| true),
            gone_back: sum(&|refund| refund.state == RefundState::Succeeded),
            troubled: refunds.iter().any(|refund| refund.state == RefundState::Failed),
            since: since(&refunds),
            payment,
        }))
    }

    /// What goes back if `actor` cancels `booking` at `now`; `None` when nothing was paid here.
    ///
    /// # Errors
    /// What the database says.
    pub async fn preview(&self, actor: Actor, booking: &Booking, now: Instant) -> Result<Option<Preview>, Internal> {
        let Some(PaymentView { payment, .. }) = self.of(booking).await? else { return Ok(None) };
        if !matches!(payment.state, PaymentState::Paid | PaymentState::Authorized) {
            return Ok(None);
        }
        let ending = match actor {
            Actor::Mentee(_) => {
                Ending::ByMentee { at: now, free_until: booking.free_until(), agreed: booking.status == BookingStatus::Confirmed }
            }
            Actor::Coach(_) | Actor::Admin(_) => Ending::NotByMentee,
        };
        let minor = booking.refund.refund_for(payment.price.minor, ending);
        let back = Price { minor, currency: payment.price.currency };
        Ok(Some(Preview { paid: payment.price, back, held: payment.state == PaymentState::Authorized }))
    }

    /// Has the payment of `booking` looked at now, since somebody waits for it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look_soon(&self, booking: &Booking) -> Result<(), Internal> {
        let deps = &self.inner.deps;
        let now = deps.clock.now();
        let mut tx = deps.store.begin().await?;
        let look = sql("UPDATE payments SET check_at = $2 WHERE booking_id = $1 AND state IN ('open', 'processing')
             AND (check_at IS NULL OR check_at > $2)");
        look.bind(booking.id).bind(now).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// What each account of `coach` holds.
    ///
    /// # Errors
    /// What the database says.
    pub async fn balances(&self, coach: &CoachActor) -> Result<Vec<Balance>, Internal> {
        Ok(ledger::balances(&self.inner.deps.store, coach.id()).await?)
    }
}
