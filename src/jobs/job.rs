use serde_json::Value;

use super::JobKind;
use crate::{
    model::{BookingId, Instant, JobId, UserId},
    store::{Row, StoreError, Tx, sql},
    time::Ids,
};

/// A job to be written.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What is to be done.
    pub kind: JobKind,
    /// Names what is to be done, for ever: a second job of the same key is not written.
    pub key: String,
    /// In which lane and at which place of it, for work that has an order.
    pub lane: Option<(String, i64)>,
    /// Whose turn it takes, and who may see it and try it again.
    pub coach_id: Option<UserId>,
    /// What it is about.
    pub booking_id: Option<BookingId>,
    /// Whom it is for.
    pub user_id: Option<UserId>,
    /// What the handler needs beyond that; no secret.
    pub payload: Value,
    /// Not before this.
    pub run_at: Instant,
}

/// A job that is being worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// See [`NewJob::key`].
    pub key: String,
    /// See [`NewJob::coach_id`].
    pub coach_id: Option<UserId>,
    /// See [`NewJob::booking_id`].
    pub booking_id: Option<BookingId>,
    /// See [`NewJob::user_id`].
    pub user_id: Option<UserId>,
    /// See [`NewJob::payload`].
    pub payload: Value,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When it was written.
    pub created_at: Instant,
}

impl Job {
    pub(super) fn of_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            kind: row.parse("kind", JobKind::parse)?,
            key: row.get("key")?,
            coach_id: row.get("coach_id")?,
            booking_id: row.get("booking_id")?,
            user_id: row.get("user_id")?,
            payload: row.parse("payload", |text| serde_json::from_str(text).ok())?,
            attempt: row.get("attempts")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// Writes `job` in the transaction of what causes it, unless there is one of its key.
///
/// # Errors
/// What the database says.
pub async fn enqueue(tx: &mut Tx, ids: &dyn Ids, now: Instant, job: NewJob) -> Result<(), StoreError> {
    let id: JobId = ids.id(now);
    let (lane, lane_no) = job.lane.map_or((None, 0), |(lane, number)| (Some(lane), number));
    let insert = sql("INSERT INTO jobs (id, kind, key, lane, lane_no, coach_id, booking_id, user_id, payload, run_at, created_at, whose)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, COALESCE($6, $8, '')) ON CONFLICT (key) DO NOTHING");
    let insert = insert.bind(id).bind(job.kind.as_str()).bind(job.key).bind(lane).bind(lane_no).bind(job.coach_id);
    let insert = insert.bind(job.booking_id).bind(job.user_id).bind(job.payload.to_string()).bind(job.run_at).bind(now);
    insert.run(tx).await.map(drop)
}

/// Calls off the waiting jobs of `kind` whose key begins with `prefix` (without `%` and `_`): what they were for is over.
///
/// # Errors
/// What the database says.
pub async fn call_off(tx: &mut Tx, kind: JobKind, prefix: &str, now: Instant) -> Result<(), StoreError> {
    let cancel = sql("UPDATE jobs SET state = 'cancelled', finished_at = $3, lease_owner = NULL, lease_until = NULL
         WHERE kind = $1 AND state = 'waiting' AND key LIKE $2");
    cancel.bind(kind.as_str()).bind(format!("{prefix}%")).bind(now).run(tx).await.map(drop)
}

/// As [`call_off`], for the jobs of `kind` about `booking`, except those whose key begins with `keep`.
///
/// # Errors
/// What the database says.
pub async fn call_off_others(tx: &mut Tx, kind: JobKind, booking: BookingId, keep: &str, now: Instant) -> Result<(), StoreError> {
    let cancel = sql("UPDATE jobs SET state = 'cancelled', finished_at = $4, lease_owner = NULL, lease_until = NULL
         WHERE booking_id = $1 AND kind = $2 AND state = 'waiting' AND key NOT LIKE $3");
    cancel.bind(booking).bind(kind.as_str()).bind(format!("{keep}%")).bind(now).run(tx).await.map(drop)
}

/// Calls off the jobs of `kind`, waiting or given up, whose lane begins with `prefix` (without `%` and `_`).
///
/// # Errors
/// What the database says.
pub async fn call_off_lanes(tx: &mut Tx, kind: JobKind, prefix: &str, now: Instant) -> Result<(), StoreError> {
    let cancel = sql("UPDATE jobs SET state = 'cancelled', finished_at = $3, lease_owner = NULL, lease_until = NULL
         WHERE kind = $1 AND state IN ('waiting', 'dead') AND lane LIKE $2");
    cancel.bind(kind.as_str()).bind(format!("{prefix}%")).bind(now).run(tx).await.map(drop)
}
