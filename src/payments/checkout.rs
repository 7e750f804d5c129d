//! The page on which a mentee pays: made when it is wanted, found again however often it is asked for.

use std::time::Duration;

use super::{
    AtStripe, Payments,
    payment::{Payment, PaymentState},
    stripe::{NewSession, Session, StripeError},
};
use crate::{
    accounts::MenteeActor,
    bookings::{self, Booking, Collected},
    error::Internal,
    model::{BookingId, BookingStatus, Instant},
    store::{StoreError, sql},
};

/// A page is open for half an hour at least, by Stripe's clock; a minute is for clocks that differ.
const PAGE_MINUTES: i64 = 31;
/// What happens in a page's last minute is heard of a little later.
const MARGIN_MINUTES: i64 = 5;
/// So long after the booking was made a page is asked for that could not be had before.
const LATEST_MINUTES: i64 = 60;

/// How often Stripe is asked while somebody waits, and how long it is given to finish what it is at.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_millis(250);

/// Why there is no page to pay on.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// No such booking of this mentee, or none that is paid here.
    #[error("nothing to pay")]
    NotFound,
    /// It is paid already, or it is over: where the booking stands.
    #[error("not to be paid")]
    NotOpen(BookingStatus),
    /// Stripe does not take this payment; the booking is over.
    #[error("cannot be paid here")]
    Refused,
    /// Stripe could not be asked; worth trying again soon.
    #[error("the payment provider is away")]
    Away,
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for PayError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

/// What asking for a page came to.
pub(super) enum Asked {
    /// There it is.
    Page(Session),
    /// There is none and was none, since it is too late for the one that was to be.
    TooLate,
    /// There is none that anybody has, and there will be none under this key.
    Stuck,
    /// Stripe does not take such a payment.
    Refused,
}

impl Payments {
    /// The address at which `mentee` pays for `booking`. Stripe is asked outside of any transaction.
    ///
    /// # Errors
    /// See [`PayError`].
    pub async fn begin(&self, mentee: &MenteeActor, booking: BookingId) -> Result<String, PayError> {
        let account = self.inner.account.as_ref().ok_or(PayError::NotFound)?;
        let found = self.inner.bookings.booking(*mentee, booking).await?.ok_or(PayError::NotFound)?;
        if Payment::of_booking(&self.inner.deps.store, booking).await?.is_none() {
            return Err(PayError::NotFound);
        }
        let mut again = false;
        for _ in 0..TRIES {
            let payment = self.ask(&found, again).await?;
            if let Some(url) = payment.session_url.clone().filter(|_| payment.session_id.is_some()) {
                return Ok(url);
            }
            match self.page(account, &payment, &found).await {
                Ok(Asked::Page(session)) => {
                    if let Some(url) = self.keep_page(&payment, &session).await? {
                        return Ok(url);
                    }
                }
                Ok(Asked::TooLate | Asked::Stuck) => again = true,
                Ok(Asked::Refused) => {
                    self.refuse(&payment).await?;
                    return Err(PayError::Refused);
                }
                // Somebody pressed twice, or a second server is at it.
                Err(StripeError::InProgress) => tokio::time::sleep(PAUSE).await,
                // What was kept of it is told at the next try, and then there is another key.
                Err(StripeError::Down { status, .. }) => tracing::warn!(target: "payments", payment = %payment.id, status, "Stripe failed"),
                Err(error) => {
                    tracing::warn!(target: "payments", payment = %payment.id, %error, "no page to pay on");
                    return Err(PayError::Away);
                }
            }
        }
        Err(PayError::Away)
    }

    /// Notes that a page is asked for, and until when it is to be open; a second one only when `again`.
    async fn ask(&self, booking: &Booking, again: bool) -> Result<Payment, PayError> {
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        let (booking, now) = self.inner.bookings.open(&mut tx, booking.coach_id, booking.id).await?.ok_or(PayError::NotFound)?;
        let mut payment = Payment::of_booking(&mut tx, booking.id).await?.ok_or(PayError::NotFound)?;
        if payment.state != PaymentState::Open || booking.status != BookingStatus::Pending || !booking.is_unpaid() {
            return Err(PayError::NotOpen(booking.status));
        }
        let over = now >= booking.starts_at || now > payment.created_at.plus_minutes(LATEST_MINUTES);
        if payment.session_id.is_some() || (payment.attempt > 0 && !again) {
            return Ok(payment);
        }
        if over {
            return Err(PayError::NotOpen(booking.status));
        }
        let ends = Instant::from_millis(now.millis().div_euclid(1000) * 1000).plus_minutes(PAGE_MINUTES);
        let until = bookings::pay_by(now, booking.starts_at).max(ends.plus_minutes(MARGIN_MINUTES).min(booking.starts_at));
        payment.attempt += 1;
        (payment.session_expires_at, payment.open_until) = (Some(ends), until);
        sql("UPDATE payments SET attempt = $2, session_expires_at = $3, open_until = $4, check_at = $5, updated_at = $6 WHERE id = $1")
            .bind(payment.id)
            .bind(payment.attempt)
            .bind(ends)
            .bind(until)
            .bind(now.plus_minutes(5).min(until))
            .bind(now)
            .run(&mut tx)
            .await?;
        self.inner.bookings.keep_until(&mut tx, &booking, until).await?;
        tx.commit().await?;
        Ok(payment)
    }

    /// Asks Stripe for the page that was noted last, or for what became of it.
    pub(super) async fn page(&self, account: &AtStripe, payment: &Payment, booking: &Booking) -> Result<Asked, StripeError> {
        let Some(expires_at) = payment.session_expires_at else { return Ok(Asked::TooLate) };
        let at = |path: &str| self.inner.public_url.join(&format!("/bookings/{}{path}", payment.booking_id));
        let new = NewSession {
            name: format!("{} with {}", booking.title, booking.coach_name),
            price: payment.price,
            payment: payment.id,
            booking: payment.booking_id,
            held: payment.held,
            success_url: at("/paid?session={CHECKOUT_SESSION_ID}"),
            cancel_url: at(""),
            email: booking.client_email.clone(),
            expires_at,
        };
        match account.stripe.create_session(&new, &payment.page_key()).await {
            Ok(session) => Ok(Asked::Page(session)),
            Err(StripeError::Invalid { param: Some(param), .. }) if param == "expires_at" => Ok(Asked::TooLate),
            // Nobody was ever led to what may have been made under this key: its address is told when it is stored.
            Err(StripeError::KeyReused) => Ok(Asked::Stuck),
            Err(error) if error.is_kept() => Ok(Asked::Stuck),
            Err(error) if error.is_refusal() => {
                tracing::warn!(target: "payments", payment = %payment.id, %error, "Stripe does not take a payment");
                Ok(Asked::Refused)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps the page that was made, if none is kept yet; gives the address of the one that is.
    pub(super) async fn keep_page(&self, payment: &Payment, session: &Session) -> Result<Option<String>, StoreError> {
        let deps = &self.inner.deps;
        let mut tx = deps.store.begin().await?;
        let keep = sql("UPDATE payments SET session_id = $3, session_url = $4, updated_at = $5
             WHERE id = $1 AND attempt = $2 AND session_id IS NULL AND state = 'open'");
        let keep = keep.bind(payment.id).bind(payment.attempt).bind(&session.id).bind(session.url.as_deref()).bind(deps.clock.now());
        keep.run(&mut tx).await?;
        let kept = Payment::load(&mut tx, payment.id).await?;
        tx.commit().await?;
        Ok(kept.and_then(|kept| kept.session_url))
    }

    /// Ends a payment that Stripe does not take, and its booking.
    pub(super) async fn refuse(&self, payment: &Payment) -> Result<(), Internal> {
        let words = "Stripe does not take a payment of this amount or currency.";
        self.end(payment, PaymentState::Failed, Collected::Not("It could not be paid here."), Some(words)).await
    }
}
