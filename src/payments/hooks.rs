//! What Stripe tells by itself: believed if it is signed, remembered so that it counts once, and taken as a reason to look.

use super::{
    Payments,
    payment::Payment,
    plan,
    stripe::{Event, SignatureError, verify},
};
use crate::{
    error::Internal,
    jobs,
    model::PaymentId,
    store::{StoreError, Tx, sql},
};

/// Why a webhook was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Prices are not collected here.
    #[error("there is no Stripe account")]
    Off,
    /// It is not proved to be Stripe's.
    #[error(transparent)]
    Unsigned(#[from] SignatureError),
    /// It is signed and no event.
    #[error("not an event")]
    Unreadable,
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for HookError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Payments {
    /// Takes a webhook: `signature` is its header, `body` its bytes as they came. Whatever follows is a job. One that was taken before, and
    /// one that is not about a payment of this site, is taken and nothing follows.
    ///
    /// # Errors
    /// See [`HookError`].
    pub async fn receive(&self, signature: Option<&str>, body: &[u8]) -> Result<(), HookError> {
        let account = self.inner.account.as_ref().ok_or(HookError::Off)?;
        let deps = &self.inner.deps;
        let now = deps.clock.now();
        verify(&account.secrets, signature, body, now)?;
        let event = Event::read(body).map_err(|_| HookError::Unreadable)?;
        let mut tx = deps.store.begin().await?;
        let Some(payment) = about(&mut tx, &event).await? else { return Ok(()) };
        let note = sql("INSERT INTO stripe_events (id, kind, payment_id, received_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING");
        let new = note.bind(&event.id).bind(&event.kind).bind(payment.id).bind(now).run(&mut tx).await?;
        if new == 0 {
            return Ok(());
        }
        jobs::enqueue(&mut tx, &*deps.ids, now, plan::job(&payment.whose(), &format!("event:{}", event.id), now)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets webhooks that came more than forty days ago: Stripe sends none for longer than three. Gives how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep(&self) -> Result<u64, Internal> {
        let deps = &self.inner.deps;
        let before = deps.clock.now().plus_minutes(-40 * 24 * 60);
        let any = sql("SELECT id FROM stripe_events WHERE received_at < $1 LIMIT 1").bind(before);
        if any.optional(&deps.store).await?.is_none() {
            return Ok(0);
        }
        let mut tx = deps.store.begin().await?;
        let gone = sql("DELETE FROM stripe_events WHERE received_at < $1").bind(before).run(&mut tx).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// The payment that an event is about, by what we called it or by Stripe's own ids.
async fn about(tx: &mut Tx, event: &Event) -> Result<Option<Payment>, StoreError> {
    if let Some(id) = event.payment().and_then(|id| id.parse::<PaymentId>().ok()) {
        return Payment::load(tx, id).await;
    }
    let found = sql("SELECT id FROM payments WHERE session_id = $1 OR intent_id = $2");
    match found.bind(event.session()).bind(event.intent()).optional(&mut *tx).await? {
        Some(row) => Payment::load(tx, row.get("id")?).await,
        None => Ok(None),
    }
}
