//! Making a payment agree with what Stripe says and where its booking stands.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    AtStripe, Payments,
    payment::{Payment, PaymentState, RefundRow, RefundState},
    stripe::{IntentStatus, StripeError},
};
use crate::{
    bookings::{self, Booking},
    error::Internal,
    jobs::{Handler, Job, Verdict},
    model::{BookingStatus, Instant, PaymentId},
    store::{StoreError, sql},
};

/// A payment goes through at most so many states in one go.
const ROUNDS: usize = 5;

/// Why a payment could not be made to agree.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Stripe did not do it.
    #[error(transparent)]
    Stripe(#[from] StripeError),
    /// Not yet, for nobody's fault.
    #[error("not yet")]
    NotYet(Instant, &'static str),
    /// A person has to see it.
    #[error("{0}")]
    Person(&'static str),
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

/// Whether there is more to do at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    /// Something has changed: look again.
    Again,
    /// Nothing is to be done now.
    Rest,
}

#[async_trait]
impl Handler for Payments {
    async fn run(&self, job: &Job) -> Result<Verdict, Internal> {
        let Some(account) = self.inner.account.as_ref() else {
            return Ok(Verdict::failed("This site has no Stripe account any more."));
        };
        let id: Option<PaymentId> = job.payload["payment"].as_str().and_then(|id| id.parse().ok());
        let Some(id) = id else { return Ok(Verdict::Hopeless("Which payment it is about cannot be read.".to_owned())) };
        match self.settle(account, id).await {
            Ok(()) => Ok(Verdict::Done),
            Err(Trouble::NotYet(at, why)) => self.not_yet(job, at, why).await,
            Err(Trouble::Person(why)) => Ok(Verdict::Hopeless(why.to_owned())),
            Err(Trouble::Internal(error)) => Err(error),
            Err(Trouble::Stripe(error)) => Ok(verdict(&error)),
        }
    }
}

impl Payments {
    /// Tries again at `at`, where people see it; one job does for all that found the same.
    async fn not_yet(&self, job: &Job, at: Instant, why: &str) -> Result<Verdict, Internal> {
        let deps = &self.inner.deps;
        // The eldest does it; should that one be through before it could see this, the next look finds it.
        let elder = sql("SELECT id FROM jobs WHERE booking_id = $1 AND kind = 'payment' AND state = 'waiting' AND id < $2 LIMIT 1");
        if elder.bind(job.booking_id).bind(job.id).optional(&deps.store).await?.is_some() {
            let mut tx = deps.store.begin().await?;
            sql("UPDATE payments SET check_at = $2 WHERE booking_id = $1").bind(job.booking_id).bind(at).run(&mut tx).await?;
            tx.commit().await?;
            return Ok(Verdict::Done);
        }
        let millis = u64::try_from(at.millis() - deps.clock.now().millis()).unwrap_or(0);
        Ok(Verdict::Failed { why: why.to_owned(), after: Some(Duration::from_millis(millis)) })
    }
}

/// What a failure of Stripe's means for a job.
fn verdict(error: &StripeError) -> Verdict {
    let why = match error {
        StripeError::KeyRejected => "Stripe does not accept this site's key.",
        StripeError::RateLimited(_) => "Stripe is asked too often.",
        StripeError::InProgress => "Stripe is still at it.",
        StripeError::Down { .. } | StripeError::BadAnswer(_) => "Stripe failed.",
        StripeError::Unreachable => "Stripe cannot be reached.",
        StripeError::TimedOut => "Stripe took too long.",
        StripeError::Card { .. } | StripeError::Invalid { .. } | StripeError::Missing | StripeError::KeyReused => {
            return Verdict::Hopeless(format!("{}.", sentence(error)));
        }
    };
    Verdict::Failed { why: why.to_owned(), after: error.retry_after() }
}

fn sentence(error: &StripeError) -> String {
    match error {
        StripeError::Invalid { code: Some(code), .. } | StripeError::Card { code: Some(code) } => format!("Stripe refused it ({code})"),
        StripeError::Missing => "Stripe does not know this payment".to_owned(),
        _ => "Stripe refused it".to_owned(),
    }
}

impl Payments {
    /// Does all there is to do about the payment `id` now, and plans the next look.
    pub(super) async fn settle(&self, account: &AtStripe, id: PaymentId) -> Result<(), Trouble> {
        let done = self.rounds(account, id).await;
        match &done {
            // Whoever tries again plans the next look.
            Err(Trouble::Stripe(error)) => {
                tracing::info!(target: "payments", payment = %id, %error, "not settled");
                if error.is_kept() {
                    self.turn(id).await?;
                }
            }
            Err(_) => {}
            Ok(()) => self.look_again(id).await?,
        }
        done
    }

    async fn rounds(&self, account: &AtStripe, id: PaymentId) -> Result<(), Trouble> {
        let store = &self.inner.deps.store;
        for _ in 0..ROUNDS {
            let Some(payment) = Payment::load(store, id).await? else { return Ok(()) };
            let Some(booking) = bookings::find(store, payment.booking_id).await? else { return Ok(()) };
            let round = match payment.state {
                PaymentState::Open | PaymentState::Processing => self.collect(account, &payment, &booking).await?,
                PaymentState::Authorized => self.held(account, &payment, &booking).await?,
                PaymentState::Paid => self.give_back(account, &payment, &booking).await?,
                PaymentState::Released | PaymentState::Failed => Round::Rest,
            };
            if round == Round::Rest {
                break;
            }
        }
        Ok(())
    }

    /// Asks under other keys from now on: an answer that failed was kept under the present ones.
    async fn turn(&self, id: PaymentId) -> Result<(), StoreError> {
        let mut tx = self.inner.deps.store.begin().await?;
        sql("UPDATE payments SET turn = turn + 1 WHERE id = $1").bind(id).run(&mut tx).await?;
        tx.commit().await
    }

    /// Plans the next look at a payment, if anything may change without anybody telling.
    async fn look_again(&self, id: PaymentId) -> Result<(), StoreError> {
        let deps = &self.inner.deps;
        let Some(payment) = Payment::load(&deps.store, id).await? else { return Ok(()) };
        let refunds = RefundRow::of(&deps.store, id).await?;
        let at = next_look(&payment, &refunds, deps.clock.now());
        let mut tx = deps.store.begin().await?;
        sql("UPDATE payments SET check_at = $2 WHERE id = $1 AND state = $3")
            .bind(id)
            .bind(at)
            .bind(payment.state.as_str())
            .run(&mut tx)
            .await?;
        tx.commit().await
    }
}

/// When to look again: every five minutes on the first day, every hour later. `None` when nothing changes by itself.
fn next_look(payment: &Payment, refunds: &[RefundRow], now: Instant) -> Option<Instant> {
    let often = if now < payment.created_at.plus_minutes(24 * 60) { 5 } else { 60 };
    match payment.state {
        PaymentState::Open if now < payment.open_until => {
            Some(if payment.attempt == 0 { payment.open_until } else { now.plus_minutes(often).min(payment.open_until) })
        }
        PaymentState::Open | PaymentState::Processing => Some(now.plus_minutes(often)),
        PaymentState::Paid => {
            let going_back = refunds.iter().any(|refund| refund.state != RefundState::Succeeded);
            // What Stripe keeps is known within minutes.
            let fee = payment.fee_minor.is_none() && now < payment.created_at.plus_minutes(7 * 24 * 60);
            (going_back || fee).then(|| now.plus_minutes(often))
        }
        PaymentState::Authorized | PaymentState::Released | PaymentState::Failed => None,
    }
}

/// Whether `booking` still waits for its payment at `now`.
pub(super) fn waits(booking: &Booking, now: Instant) -> bool {
    booking.status == BookingStatus::Pending && booking.is_unpaid() && now < booking.starts_at
}

/// Whether nothing was taken and nothing will be.
pub(super) const fn came_to_nothing(status: IntentStatus) -> bool {
    matches!(status, IntentStatus::Canceled | IntentStatus::RequiresPaymentMethod)
}
