//! Who works on what: leases in the jobs' rows, so that several servers share the work.

use std::time::Duration;

use serde_json::json;

use super::{Job, Queue};
use crate::{
    model::Instant,
    store::{Row, Store, StoreError, sql, sql_for},
};

/// Longer than a handler may take: a lease ends by itself only when its server died.
pub(super) const LEASE: Duration = Duration::from_mins(2);

macro_rules! due {
    ($kinds:literal) => {
        concat!(
            "WITH held AS
            (SELECT COALESCE(coach_id, user_id, '') AS whose, COUNT(*) AS number FROM jobs
             WHERE lease_until > $3 AND state = 'waiting' AND kind IN ",
            $kinds,
            " GROUP BY COALESCE(coach_id, user_id, '')),
         due AS
            (SELECT j.id, j.run_at, COALESCE(h.number, 0)
                + ROW_NUMBER() OVER (PARTITION BY COALESCE(j.coach_id, j.user_id, '') ORDER BY j.run_at, j.id) AS turn
             FROM jobs j LEFT JOIN held h ON h.whose = COALESCE(j.coach_id, j.user_id, '')
             WHERE j.state = 'waiting' AND j.run_at <= $3 AND (j.lease_until IS NULL OR j.lease_until <= $3) AND j.kind IN ",
            $kinds,
            " AND NOT EXISTS (SELECT 1 FROM jobs earlier WHERE earlier.lane = j.lane AND earlier.state = 'waiting'
                AND earlier.id <> j.id
                AND (earlier.lane_no < j.lane_no OR (earlier.lane_no = j.lane_no AND earlier.id < j.id) OR earlier.lease_until > $3))) "
        )
    };
}

/// Takes up to `most` due jobs of `queue` for `owner`. Everyone in turn: a coach's second job waits for the first one of every other
/// coach, and no coach has more than `each` under way. What is no coach's is the one's whom it is for, or else the site's.
pub(super) async fn take(store: &Store, owner: &str, queue: Queue, most: usize, each: u32, now: Instant) -> Result<Vec<Job>, StoreError> {
    let kinds = json!(queue.words()).to_string();
    let any = sql_for(
        "SELECT 1 AS due FROM jobs WHERE state = 'waiting' AND run_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
         AND kind IN (SELECT value FROM json_each($2)) LIMIT 1",
        "SELECT 1::bigint AS due FROM jobs WHERE state = 'waiting' AND run_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
         AND kind IN (SELECT jsonb_array_elements_text($2::jsonb)) LIMIT 1",
    );
    if any.bind(now).bind(kinds.clone()).optional(store).await?.is_none() {
        return Ok(Vec::new());
    }
    let take = sql_for(
        concat!(
            due!("(SELECT value FROM json_each($4))"),
            "UPDATE jobs SET lease_owner = $1, lease_until = $2, attempts = attempts + 1
             WHERE id IN (SELECT id FROM due WHERE turn <= $5 ORDER BY turn, run_at LIMIT $6) RETURNING *"
        ),
        // Another server may take the same rows at the same time: they are locked first, and those that it has are left out.
        concat!(
            due!("(SELECT jsonb_array_elements_text($4::jsonb))"),
            ", chosen AS MATERIALIZED (SELECT id FROM due WHERE turn <= $5 ORDER BY turn, run_at LIMIT $6),
               mine AS MATERIALIZED (SELECT id FROM jobs WHERE id IN (SELECT id FROM chosen) AND state = 'waiting'
                   AND (lease_until IS NULL OR lease_until <= $3) FOR UPDATE SKIP LOCKED)
             UPDATE jobs SET lease_owner = $1, lease_until = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM mine) RETURNING *"
        ),
    );
    let take = take.bind(owner).bind(now + LEASE).bind(now).bind(kinds).bind(each).bind(i64::try_from(most).unwrap_or(i64::MAX));
    let mut tx = store.begin().await?;
    let rows = take.all(&mut tx).await?;
    tx.commit().await?;
    Ok(rows.iter().filter_map(readable).collect())
}

/// A job that cannot be read, written by a newer program perhaps, must not keep the others from being done.
fn readable(row: &Row) -> Option<Job> {
    Job::of_row(row).inspect_err(|error| tracing::error!(target: "jobs", %error, "a job cannot be read")).ok()
}

/// Gives back every lease of `owner`; what was begun is begun again by whoever comes next.
pub(super) async fn give_back(store: &Store, owner: &str) -> Result<u64, StoreError> {
    let mut tx = store.begin().await?;
    let give = sql("UPDATE jobs SET lease_owner = NULL, lease_until = NULL, attempts = attempts - 1
         WHERE lease_owner = $1 AND state = 'waiting' AND lease_until IS NOT NULL");
    let given = give.bind(owner).run(&mut tx).await?;
    tx.commit().await?;
    Ok(given)
}
