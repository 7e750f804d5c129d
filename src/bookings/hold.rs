//! Holding a slot for ten minutes while a form is filled in.

use crate::{
    error::Internal,
    limits::{Limit, LimitError},
    model::{ClaimId, HoldId, Instant, SessionTypeId, UserId},
    store::{Row, StoreError, Target, Tx, sql, sql_for},
    time::{Interval, Secret, Zone},
};

use super::{
    Bookings,
    claims::{self, Owner},
    decide::{self, Locked, Unavailable, Wish},
};

/// How long a hold lasts, in minutes.
pub const HOLD_MINUTES: i64 = 10;

/// A hold's row is kept for a day after it ended, so that a form sent late still finds what it was about.
const KEEP_HOURS: i64 = 24;

/// What to hold.
#[derive(Debug, Clone)]
pub struct HoldRequest {
    /// Whose time.
    pub coach: UserId,
    /// For what.
    pub session_type: SessionTypeId,
    /// From when.
    pub start: Instant,
    /// The zone the mentee looks at it in.
    pub zone: Zone,
    /// The key of the address it comes from, for the limit; `None` where there is none to count by.
    pub from: Option<String>,
}

/// A hold, ended or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub(super) id: HoldId,
    /// Whose time.
    pub coach: UserId,
    /// For what.
    pub session_type: SessionTypeId,
    /// The session, without buffers.
    pub session: Interval,
    /// The zone the mentee looks at it in.
    pub zone: Zone,
    /// When the time is free again for others.
    pub expires_at: Instant,
}

/// Why nothing was held.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// No such coach or session type, or not bookable now.
    #[error("not on offer")]
    NotFound,
    /// The time is not to be had.
    #[error("not available")]
    Unavailable(Unavailable),
    /// Too many holds from one address.
    #[error("too many holds")]
    TooMany {
        /// Until the next may be tried.
        retry_after: std::time::Duration,
    },
    /// See [`Internal`].
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<LimitError> for HoldError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooMany { retry_after } => Self::TooMany { retry_after },
            LimitError::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<StoreError> for HoldError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overlap => Self::Unavailable(Unavailable::taken()),
            other => Self::Internal(other.into()),
        }
    }
}

impl Bookings {
    /// Holds a slot for [`HOLD_MINUTES`]. `previous` is the same visitor's earlier hold, which is let go of in the
    /// same transaction, so that going back and choosing again never finds one's own hold in the way; with another
    /// coach, right after.
    ///
    /// Gives the secret that whoever books must show; it is kept nowhere else.
    ///
    /// # Errors
    /// See [`HoldError`]; then nothing was stored and the earlier hold stands.
    pub async fn hold(&self, request: HoldRequest, previous: Option<&Secret>) -> Result<(Secret, Held), HoldError> {
        if let Some(from) = &request.from {
            self.limits.check(Limit::HoldsPerAddress, from).await?;
        }
        let mut tx = self.deps.store.begin().await?;
        let locked = decide::lock(&mut tx, self, request.coach).await?;
        let Locked { offer, trust, now } = locked.filter(|locked| locked.offer.active).ok_or(HoldError::NotFound)?;
        let rules = offer.session_type(request.session_type).filter(|kind| kind.active).ok_or(HoldError::NotFound)?.rules;
        if let Some(previous) = previous {
            let earlier = "DELETE FROM claims WHERE coach_id = $1 AND hold_id IN (SELECT id FROM holds WHERE secret_hash = $2)";
            sql(earlier).bind(request.coach).bind(previous.hash()).run(&mut tx).await?;
        }
        let HoldRequest { coach, session_type, start, .. } = request;
        let wish = Wish { coach, session_type, rules, start, own: None, standing: trust.at(now) };
        let session = decide::judge(&mut tx, &offer, &wish, now).await?.map_err(HoldError::Unavailable)?;
        let held = Held {
            id: self.deps.ids.id(now),
            coach: request.coach,
            session_type: request.session_type,
            session,
            zone: request.zone,
            expires_at: now.plus_minutes(HOLD_MINUTES),
        };
        let secret = self.deps.ids.secret();
        let span = session.padded(rules.buffer_before_minutes, rules.buffer_after_minutes);
        insert(&mut tx, &held, &secret, self.deps.ids.id(now), span, now).await?;
        tx.commit().await?;
        if let Some(previous) = previous
            && let Err(error) = self.release_elsewhere(previous, held.coach).await
        {
            // The new hold stands; the old one ends by itself.
            tracing::warn!(cause = %error.cause(), "an earlier hold with another coach was not let go of");
        }
        Ok((secret, held))
    }

    /// Lets go of a hold unless it is with `coach`.
    async fn release_elsewhere(&self, secret: &Secret, coach: UserId) -> Result<(), Internal> {
        match find(&self.deps.store, secret).await? {
            Some(held) if held.coach != coach => self.release(secret).await,
            _ => Ok(()),
        }
    }

    /// The hold that `secret` names, ended or not, for a day.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held(&self, secret: &Secret) -> Result<Option<Held>, Internal> {
        Ok(find(&self.deps.store, secret).await?)
    }

    /// Lets go of a hold before its time. Without effect on one that ended or was booked.
    ///
    /// # Errors
    /// What the database says.
    pub async fn release(&self, secret: &Secret) -> Result<(), Internal> {
        let Some(held) = find(&self.deps.store, secret).await? else { return Ok(()) };
        let mut tx = self.deps.store.begin().await?;
        // The coach first, as everyone: two who take coach and claim in different orders wait for each other for ever.
        decide::open(&mut tx, self, held.coach).await?;
        if sql("DELETE FROM claims WHERE hold_id = $1").bind(held.id).run(&mut tx).await? > 0 {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Deletes the rows of holds that ended more than a day ago. Gives how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_old_holds(&self) -> Result<u64, Internal> {
        let before = self.deps.clock.now().plus_minutes(-KEEP_HOURS * 60);
        // Claims go under the lock of their coach, as everywhere. Those that were in nobody's way are still there.
        let coaches = sql("SELECT DISTINCT coach_id FROM claims WHERE expires_at < $1").bind(before).all(&self.deps.store).await?;
        for row in coaches {
            let (mut tx, coach) = (self.deps.store.begin().await?, row.get("coach_id")?);
            decide::open(&mut tx, self, coach).await?;
            claims::sweep(&mut tx, coach, before).await?;
            tx.commit().await?;
        }
        let mut tx = self.deps.store.begin().await?;
        let gone = sql("DELETE FROM holds WHERE expires_at < $1").bind(before).run(&mut tx).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

impl Held {
    /// The owner of its claim.
    pub(super) const fn owner(&self) -> Owner {
        Owner::Hold(self.id)
    }
}

/// The hold of `secret`. Its row never changes, so it may be read before the coach is locked.
pub(super) async fn find(on: impl Into<Target<'_>>, secret: &Secret) -> Result<Option<Held>, StoreError> {
    let row = sql("SELECT * FROM holds WHERE secret_hash = $1").bind(secret.hash()).optional(on).await?;
    row.as_ref().map(held_of).transpose()
}

/// A hold from its row.
pub(super) fn held_of(row: &Row) -> Result<Held, StoreError> {
    Ok(Held {
        id: row.get("id")?,
        coach: row.get("coach_id")?,
        session_type: row.get("session_type_id")?,
        session: Interval { start: row.get("starts_at")?, end: row.get("ends_at")? },
        zone: row.parse("time_zone", Zone::parse)?,
        expires_at: row.get("expires_at")?,
    })
}

macro_rules! insert_hold {
    () => {
        "INSERT INTO holds (id, secret_hash, coach_id, session_type_id, starts_at, ends_at, time_zone, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
}
macro_rules! insert_claim {
    () => {
        "INSERT INTO claims (id, coach_id, kind, starts_at, ends_at, hold_id, expires_at) VALUES ($10, $3, 'hold', $11, $12, $1, $8)"
    };
}

/// Stores a hold with its claim on `span`, the session and its buffers.
async fn insert(tx: &mut Tx, held: &Held, secret: &Secret, claim: ClaimId, span: Interval, now: Instant) -> Result<(), StoreError> {
    sql_for(concat!(insert_hold!(), ";", insert_claim!()), concat!("WITH held AS (", insert_hold!(), ") ", insert_claim!()))
        .bind(held.id)
        .bind(secret.hash())
        .bind(held.coach)
        .bind(held.session_type)
        .bind(held.session.start)
        .bind(held.session.end)
        .bind(held.zone.name())
        .bind(held.expires_at)
        .bind(now)
        .bind(claim)
        .bind(span.start)
        .bind(span.end)
        .run(tx)
        .await
        .map(drop)
}
