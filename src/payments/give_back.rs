//! Money that is to go back: how much follows from how the booking ended and from what was agreed; each decision is written before Stripe is
//! asked, and carried out until it has arrived.

use super::{
    AtStripe, Payments,
    ledger::{self, Moved},
    payment::{Payment, RefundRow, RefundState},
    settle::{Round, Trouble},
    stripe::{Refund, RefundStatus, StripeError},
};
use crate::{
    bookings::{self, Booking},
    error::Internal,
    model::{Instant, Price, RefundId},
    store::sql,
};

/// A refund that did not arrive is tried again after so many minutes, doubling up to a day.
const FIRST_PAUSE_MINUTES: i64 = 5;

impl Payments {
    pub(super) async fn give_back(&self, account: &AtStripe, payment: &Payment, booking: &Booking) -> Result<Round, Trouble> {
        let Some(intent) = &payment.intent_id else { return Err(Trouble::Person("It is not known at Stripe what was paid.")) };
        if payment.fee_minor.is_none() {
            self.learn_fee(account, payment, intent).await?;
        }
        self.decide(payment, booking).await?;
        for refund in RefundRow::of(&self.inner.deps.store, payment.id).await? {
            self.carry_out(account, payment, intent, refund).await?;
        }
        Ok(Round::Rest)
    }

    /// Asks what Stripe keeps.
    async fn learn_fee(&self, account: &AtStripe, payment: &Payment, intent: &str) -> Result<(), Trouble> {
        let intent = account.stripe.intent(intent).await?;
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        self.note_fee(&mut tx, payment, &intent, deps.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Writes what is to go back beyond what was decided already.
    async fn decide(&self, payment: &Payment, booking: &Booking) -> Result<(), Internal> {
        let deps = &self.inner.deps;
        if due(self, payment, booking).await? <= 0 {
            return Ok(());
        }
        let mut tx = deps.store.begin().await?;
        let Some((booking, now, payment)) = self.reload(&mut tx, payment).await? else { return Ok(()) };
        let decided: i64 = RefundRow::of(&mut tx, payment.id).await?.iter().map(|refund| refund.amount_minor).sum();
        let ending = bookings::ending(&mut tx, &booking).await?;
        let amount = booking.refund.refund_for(payment.price.minor, ending) - decided;
        if amount <= 0 {
            return Ok(());
        }
        let id: RefundId = deps.ids.id(now);
        let insert = sql("INSERT INTO refunds (id, payment_id, amount_minor, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)");
        insert.bind(id).bind(payment.id).bind(amount).bind(now).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Asks Stripe for `refund`, or how it stands.
    async fn carry_out(&self, account: &AtStripe, payment: &Payment, intent: &str, refund: RefundRow) -> Result<(), Trouble> {
        let refund = self.tried_anew(refund).await?;
        let found = match &refund.stripe_id {
            Some(id) => account.stripe.refund_at(id).await?,
            None => self.request(account, payment, intent, &refund).await?,
        };
        let state = match found.status {
            RefundStatus::Succeeded => RefundState::Succeeded,
            RefundStatus::Failed | RefundStatus::Canceled => RefundState::Failed,
            RefundStatus::Pending | RefundStatus::RequiresAction | RefundStatus::Unknown => RefundState::Pending,
        };
        self.note_refund(payment, &refund, &found, state).await?;
        match state {
            RefundState::Failed => Err(Trouble::NotYet(
                self.inner.deps.clock.now().plus_minutes(pause(refund.attempt)),
                "The bank sent a refund back. It is tried again.",
            )),
            _ => Ok(()),
        }
    }

    /// A refund that did not arrive is asked for anew, under another key, when its pause is over.
    async fn tried_anew(&self, mut refund: RefundRow) -> Result<RefundRow, Trouble> {
        if refund.state != RefundState::Failed {
            return Ok(refund);
        }
        let deps = &self.inner.deps;
        let (now, after) = (deps.clock.now(), refund.updated_at.plus_minutes(pause(refund.attempt)));
        if now < after {
            return Err(Trouble::NotYet(after, "The bank sent a refund back. It is tried again."));
        }
        let mut tx = deps.store.begin().await?;
        sql("UPDATE refunds SET attempt = attempt + 1, state = 'waiting', stripe_id = NULL, updated_at = $3
             WHERE id = $1 AND attempt = $2 AND state = 'failed'")
        .bind(refund.id)
        .bind(refund.attempt)
        .bind(now)
        .run(&mut tx)
        .await?;
        tx.commit().await?;
        (refund.attempt, refund.state, refund.stripe_id) = (refund.attempt + 1, RefundState::Waiting, None);
        Ok(refund)
    }

    async fn request(&self, account: &AtStripe, payment: &Payment, intent: &str, refund: &RefundRow) -> Result<Refund, Trouble> {
        let (key, price) = (refund.key(), Price { minor: refund.amount_minor, currency: payment.price.currency });
        match account.stripe.refund(intent, price, payment.id, refund.id, &key).await {
            Ok(found) => Ok(found),
            // A failure was kept under the key; it may have happened all the same.
            Err(error) if error.is_kept() => {
                if let Some(found) = account.stripe.refund_of(intent, refund.id, &key).await? {
                    return Ok(found);
                }
                self.another_attempt(refund).await?;
                Err(error.into())
            }
            Err(StripeError::Invalid { code: Some(code), .. }) if code == "charge_already_refunded" => {
                Err(Trouble::Person("Stripe has given all of it back already: somebody did so at Stripe."))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn another_attempt(&self, refund: &RefundRow) -> Result<(), Internal> {
        let mut tx = self.inner.deps.store.begin().await?;
        let raise = sql("UPDATE refunds SET attempt = attempt + 1 WHERE id = $1 AND attempt = $2 AND state = 'waiting'");
        raise.bind(refund.id).bind(refund.attempt).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Writes how a refund stands, and the money that moved by it.
    async fn note_refund(&self, payment: &Payment, refund: &RefundRow, found: &Refund, state: RefundState) -> Result<(), Internal> {
        if refund.state == state && refund.stripe_id.as_ref() == Some(&found.id) {
            return Ok(());
        }
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        let Some((_, now, payment)) = self.reload(&mut tx, payment).await? else { return Ok(()) };
        let before = RefundRow::of(&mut tx, payment.id).await?.into_iter().find(|row| row.id == refund.id && row.attempt == refund.attempt);
        // Somebody else has noted it, or tries anew already.
        let Some(before) = before.filter(|before| before.state != state || before.stripe_id.is_none()) else { return Ok(()) };
        sql("UPDATE refunds SET state = $2, stripe_id = $3, updated_at = $4 WHERE id = $1")
            .bind(refund.id)
            .bind(state.as_str())
            .bind(&found.id)
            .bind(now)
            .run(&mut tx)
            .await?;
        let money = (refund.amount_minor, payment.price.currency);
        let moved = match (before.state, state) {
            (_, RefundState::Succeeded) => Some(Moved::Refund),
            (RefundState::Succeeded, RefundState::Failed) => Some(Moved::RefundFailed),
            _ => None,
        };
        if let Some(moved) = moved {
            ledger::post(&mut tx, &*deps.ids, &payment, moved, money, &format!("{}:{}", refund.id, refund.attempt), now).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What is to go back beyond what was decided.
async fn due(payments: &Payments, payment: &Payment, booking: &Booking) -> Result<i64, Internal> {
    let store = &payments.inner.deps.store;
    let decided: i64 = RefundRow::of(store, payment.id).await?.iter().map(|refund| refund.amount_minor).sum();
    let ending = bookings::ending(store, booking).await?;
    Ok(booking.refund.refund_for(payment.price.minor, ending) - decided)
}

/// Minutes after the failure of attempt number `attempt` (from 1) until the next.
fn pause(attempt: u32) -> i64 {
    FIRST_PAUSE_MINUTES.saturating_mul(1 << attempt.saturating_sub(1).min(20)).min(24 * 60)
}

/// Since when a refund stands as it does.
pub(super) fn since(refunds: &[RefundRow]) -> Option<Instant> {
    refunds.iter().map(|refund| refund.updated_at).max()
}
