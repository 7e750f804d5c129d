//! When a payment is looked at.

use async_trait::async_trait;
use serde_json::json;

use super::payment::Payment;
use crate::{
    Deps,
    bookings::Booking,
    error::Internal,
    jobs::{self, JobKind, NewJob, Source},
    model::{BookingId, Instant, PaymentId, UserId},
    store::{StoreError, Tx, sql},
};

/// How many looks are planned in one transaction.
const AT_ONCE: u32 = 50;

/// Has the payment of `booking`, if it has one, made to agree with where the booking stands after its change `ordinal`.
///
/// # Errors
/// What the database says.
pub async fn plan(tx: &mut Tx, deps: &Deps, booking: &Booking, ordinal: i64, now: Instant) -> Result<(), StoreError> {
    if booking.payment == crate::model::PaymentStep::None {
        return Ok(());
    }
    let Some(payment) = Payment::of_booking(&mut *tx, booking.id).await? else { return Ok(()) };
    jobs::enqueue(tx, &*deps.ids, now, job(&payment.whose(), &format!("change:{ordinal}"), now)).await
}

/// Of which payment a job is.
pub(super) struct Whose {
    pub(super) payment: PaymentId,
    pub(super) booking: BookingId,
    pub(super) coach: UserId,
}

impl Payment {
    pub(super) const fn whose(&self) -> Whose {
        Whose { payment: self.id, booking: self.booking_id, coach: self.coach_id }
    }
}

/// The job of looking at a payment because of `why`, which names the occasion for ever.
pub(super) fn job(whose: &Whose, why: &str, run_at: Instant) -> NewJob {
    NewJob {
        kind: JobKind::Payment,
        key: format!("payment:{}:{why}", whose.payment),
        lane: None,
        coach_id: Some(whose.coach),
        booking_id: Some(whose.booking),
        user_id: None,
        payload: json!({ "payment": whose.payment }),
        run_at,
    }
}

/// Plans the looks at payments whose time for one has come: what no webhook told of is found so.
pub struct PaymentChecks {
    deps: Deps,
}

impl PaymentChecks {
    /// On the database of `deps`.
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[async_trait]
impl Source for PaymentChecks {
    async fn fill(&self) -> Result<usize, Internal> {
        let now = self.deps.clock.now();
        let due = sql("SELECT id, booking_id, coach_id, check_at FROM payments WHERE check_at IS NOT NULL AND check_at <= $1
             ORDER BY check_at LIMIT $2");
        let due = due.bind(now).bind(AT_ONCE).all(&self.deps.store).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let mut tx = self.deps.store.begin().await?;
        for row in &due {
            let whose = Whose { payment: row.get("id")?, booking: row.get("booking_id")?, coach: row.get("coach_id")? };
            let at: Instant = row.get("check_at")?;
            jobs::enqueue(&mut tx, &*self.deps.ids, now, job(&whose, &format!("look:{}", at.millis()), now)).await?;
            // The look itself plans the next one.
            let planned = sql("UPDATE payments SET check_at = NULL WHERE id = $1 AND check_at = $2");
            planned.bind(whose.payment).bind(at).run(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(due.len())
    }
}
