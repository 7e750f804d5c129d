//! A payment that is to be made: what Stripe says of it, and what the booking becomes by that.

use super::{
    AtStripe, Payments,
    checkout::Asked,
    ledger::{self, Moved},
    payment::{Payment, PaymentState},
    settle::{Round, Trouble, came_to_nothing, waits},
    stripe::{Intent, IntentStatus, Session, SessionStatus, StripeError},
};
use crate::{
    bookings::{Booking, Collected, PAID_TOO_LATE},
    error::Internal,
    model::{Currency, Instant},
    store::{StoreError, Tx, sql},
};

impl Payments {
    /// Finds out whether it was paid. Once its time is over, or nobody waits for it any more, its page is ended at Stripe first, and only then
    /// the time is free.
    pub(super) async fn collect(&self, account: &AtStripe, payment: &Payment, booking: &Booking) -> Result<Round, Trouble> {
        let now = self.inner.deps.clock.now();
        let wanted = waits(booking, now) && now < payment.open_until;
        let Some(id) = &payment.session_id else { return self.pageless(account, payment, booking, wanted).await };
        let mut session = account.stripe.session(id).await?;
        if session.status == SessionStatus::Open && !wanted {
            session = match account.stripe.expire_session(id, &payment.key("expire")).await {
                Ok(session) => session,
                // Somebody was quicker: it is paid, or over.
                Err(StripeError::Invalid { .. }) => account.stripe.session(id).await?,
                Err(error) => return Err(error.into()),
            };
        }
        match session.status {
            SessionStatus::Open => Ok(Round::Rest),
            SessionStatus::Expired => {
                self.end(payment, PaymentState::Released, Collected::Not(PAID_TOO_LATE), None).await?;
                Ok(Round::Again)
            }
            SessionStatus::Complete => self.completed(payment, &session).await,
        }
    }

    /// There is no page that is known of: nobody asked for one, or who asked did not live to note it.
    async fn pageless(&self, account: &AtStripe, payment: &Payment, booking: &Booking, wanted: bool) -> Result<Round, Trouble> {
        let asked = if payment.attempt == 0 { Asked::TooLate } else { self.page(account, payment, booking).await? };
        match asked {
            Asked::Page(session) => {
                self.keep_page(payment, &session).await?;
                Ok(Round::Again)
            }
            Asked::Refused => {
                self.refuse(payment).await?;
                Ok(Round::Again)
            }
            Asked::TooLate | Asked::Stuck if wanted => Ok(Round::Rest),
            Asked::TooLate | Asked::Stuck => {
                self.end(payment, PaymentState::Released, Collected::Not(PAID_TOO_LATE), None).await?;
                Ok(Round::Again)
            }
        }
    }

    /// Somebody went through with it.
    async fn completed(&self, payment: &Payment, session: &Session) -> Result<Round, Trouble> {
        let Some(intent) = &session.payment_intent else { return Err(Trouble::Person("Stripe took a payment of nothing.")) };
        match intent.status {
            IntentStatus::Succeeded => self.paid(payment, intent).await,
            IntentStatus::RequiresCapture => self.authorized(payment, intent).await,
            status if came_to_nothing(status) => {
                let words = "The bank did not pay.";
                self.end(payment, PaymentState::Failed, Collected::Not("The payment failed."), Some(words)).await?;
                Ok(Round::Again)
            }
            _ => {
                self.processing(payment, intent).await?;
                Ok(Round::Rest)
            }
        }
    }

    /// Notes that it takes its time. The time is kept until the session would start.
    async fn processing(&self, payment: &Payment, intent: &Intent) -> Result<(), Internal> {
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        let Some((booking, now, payment)) = self.reload(&mut tx, payment).await? else { return Ok(()) };
        if !matches!(payment.state, PaymentState::Open | PaymentState::Processing) {
            return Ok(());
        }
        note(&mut tx, &payment, PaymentState::Processing, Some(intent), now).await?;
        if now >= booking.starts_at {
            self.inner.bookings.collected(&mut tx, &booking, Collected::Not(PAID_TOO_LATE), now).await?;
        } else {
            self.inner.bookings.keep_until(&mut tx, &booking, booking.starts_at).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Notes that the money is taken; with it the session is agreed, if it still waits for that.
    pub(super) async fn paid(&self, payment: &Payment, intent: &Intent) -> Result<Round, Trouble> {
        if intent.amount_received != super::stripe::amount(payment.price) {
            return Err(Trouble::Person("Stripe took another amount than was agreed."));
        }
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        let Some((booking, now, payment)) = self.reload(&mut tx, payment).await? else { return Ok(Round::Rest) };
        let moved = match payment.state {
            PaymentState::Open | PaymentState::Processing => Moved::Charge,
            PaymentState::Authorized => Moved::Capture,
            _ => return Ok(Round::Again),
        };
        note(&mut tx, &payment, PaymentState::Paid, Some(intent), now).await?;
        let (price, name) = (payment.price, payment.id.to_string());
        ledger::post(&mut tx, &*deps.ids, &payment, moved, (price.minor, price.currency), &name, now).await?;
        self.note_fee(&mut tx, &payment, intent, now).await?;
        let outcome = if now < booking.starts_at { Collected::Paid } else { Collected::Not(PAID_TOO_LATE) };
        self.inner.bookings.collected(&mut tx, &booking, outcome, now).await?;
        tx.commit().await?;
        Ok(Round::Again)
    }

    /// Notes that the money is held; with it the request goes to the coach, if it still waits for that.
    async fn authorized(&self, payment: &Payment, intent: &Intent) -> Result<Round, Trouble> {
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        let Some((booking, now, payment)) = self.reload(&mut tx, payment).await? else { return Ok(Round::Rest) };
        if !matches!(payment.state, PaymentState::Open | PaymentState::Processing) {
            return Ok(Round::Again);
        }
        note(&mut tx, &payment, PaymentState::Authorized, Some(intent), now).await?;
        let (price, name) = (payment.price, payment.id.to_string());
        ledger::post(&mut tx, &*deps.ids, &payment, Moved::Hold, (price.minor, price.currency), &name, now).await?;
        let outcome = if now < booking.starts_at { Collected::Held } else { Collected::Not(PAID_TOO_LATE) };
        self.inner.bookings.collected(&mut tx, &booking, outcome, now).await?;
        tx.commit().await?;
        Ok(Round::Again)
    }

    /// Notes that nothing was taken and nothing will be; the booking ends by that, if it still waits.
    pub(super) async fn end(&self, payment: &Payment, to: PaymentState, outcome: Collected, why: Option<&str>) -> Result<(), Internal> {
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        let Some((booking, now, found)) = self.reload(&mut tx, payment).await? else { return Ok(()) };
        // What was decided on must still be so: another page may have been asked for since.
        let same = found.state == payment.state && found.attempt == payment.attempt && found.session_id == payment.session_id;
        if !same {
            return Ok(());
        }
        note(&mut tx, &found, to, None, now).await?;
        sql("UPDATE payments SET problem = $2 WHERE id = $1").bind(found.id).bind(why).run(&mut tx).await?;
        if found.state == PaymentState::Authorized {
            let (price, name) = (found.price, found.id.to_string());
            ledger::post(&mut tx, &*deps.ids, &found, Moved::Release, (price.minor, price.currency), &name, now).await?;
        }
        self.inner.bookings.collected(&mut tx, &booking, outcome, now).await?;
        Ok(tx.commit().await?)
    }

    /// The booking and the payment as they stand under the coach's lock.
    pub(super) async fn reload(&self, tx: &mut Tx, payment: &Payment) -> Result<Option<(Booking, Instant, Payment)>, StoreError> {
        let Some((booking, now)) = self.inner.bookings.open(tx, payment.coach_id, payment.booking_id).await? else { return Ok(None) };
        Ok(Payment::load(tx, payment.id).await?.map(|payment| (booking, now, payment)))
    }

    /// Notes what Stripe keeps, once that is known.
    pub(super) async fn note_fee(&self, tx: &mut Tx, payment: &Payment, intent: &Intent, now: Instant) -> Result<(), StoreError> {
        let Some(fee) = intent.fee() else { return Ok(()) };
        let Some(currency) = Currency::parse(&fee.currency) else { return Ok(()) };
        sql("UPDATE payments SET fee_minor = $2 WHERE id = $1").bind(payment.id).bind(fee.fee).run(&mut *tx).await?;
        ledger::post(tx, &*self.inner.deps.ids, payment, Moved::Fee, (fee.fee, currency), payment.id.as_str(), now).await
    }
}

async fn note(tx: &mut Tx, payment: &Payment, to: PaymentState, intent: Option<&Intent>, now: Instant) -> Result<(), StoreError> {
    sql("UPDATE payments SET state = $2, intent_id = COALESCE($3, intent_id), updated_at = $4 WHERE id = $1")
        .bind(payment.id)
        .bind(to.as_str())
        .bind(intent.map(|intent| intent.id.as_str()))
        .bind(now)
        .run(tx)
        .await
        .map(drop)
}
