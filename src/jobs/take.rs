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

/// What is due, a few jobs of everyone: whoever has any is found by skipping along the index from one to the next, so that neither
/// the number of jobs that are due nor whose they are makes this slow. `$3` now, `$5` jobs at once for one coach.
/// `$heads` takes the first jobs of each `t`: the engines spell that differently.
macro_rules! due {
    ($kinds:literal, $heads:literal, $end:literal) => {
        concat!(
            "WITH RECURSIVE
         kinds (kind) AS (",
            $kinds,
            "),
         turns (kind, whose) AS
            (SELECT k.kind, (SELECT j.whose FROM jobs j WHERE j.state = 'waiting' AND j.kind = k.kind ORDER BY j.whose LIMIT 1) FROM kinds k
             UNION ALL
             SELECT t.kind, (SELECT j.whose FROM jobs j WHERE j.state = 'waiting' AND j.kind = t.kind AND j.whose > t.whose
                 ORDER BY j.whose LIMIT 1)
             FROM turns t WHERE t.whose IS NOT NULL),
         held AS
            (SELECT whose, COUNT(*) AS number FROM jobs
             WHERE lease_until > $3 AND state = 'waiting' AND kind IN (SELECT kind FROM kinds) GROUP BY whose),
         next AS
            (",
            $heads,
            " FROM jobs d WHERE d.state = 'waiting' AND d.kind = t.kind AND d.whose = t.whose AND d.run_at <= $3
                    AND (d.lease_until IS NULL OR d.lease_until <= $3)
                    AND NOT EXISTS (SELECT 1 FROM jobs earlier WHERE earlier.lane = d.lane AND earlier.state = 'waiting'
                        AND earlier.id <> d.id AND (earlier.lane_no < d.lane_no
                            OR (earlier.lane_no = d.lane_no AND earlier.id < d.id) OR earlier.lease_until > $3))
                 ORDER BY d.run_at, d.id LIMIT $5)",
            $end,
            "),
         due AS
            (SELECT n.id, n.run_at, COALESCE(h.number, 0)
                + ROW_NUMBER() OVER (PARTITION BY n.whose ORDER BY n.run_at, n.id) AS turn
             FROM next n LEFT JOIN held h ON h.whose = n.whose) "
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
            due!("SELECT value FROM json_each($4)", "SELECT j.id, j.whose, j.run_at FROM turns t JOIN jobs j ON j.id IN (SELECT d.id", ""),
            "UPDATE jobs SET lease_owner = $1, lease_until = $2, attempts = attempts + 1
             WHERE id IN (SELECT id FROM due WHERE turn <= $5 ORDER BY turn, run_at LIMIT $6) RETURNING *"
        ),
        // Another server may take the same rows at the same time: they are locked first, and those that it has are left out.
        concat!(
            due!(
                "SELECT jsonb_array_elements_text($4::jsonb)",
                "SELECT n.id, n.whose, n.run_at FROM turns t CROSS JOIN LATERAL (SELECT d.id, d.whose, d.run_at",
                " n"
            ),
            ", chosen AS MATERIALIZED (SELECT id FROM due WHERE turn <= $5 ORDER BY turn, run_at LIMIT $6),
               mine AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM chosen)) AND state = 'waiting'
                   AND (lease_until IS NULL OR lease_until <= $3) FOR UPDATE SKIP LOCKED)
             UPDATE jobs SET lease_owner = $1, lease_until = $2, attempts = attempts + 1 WHERE id = ANY (ARRAY(SELECT id FROM mine)) RETURNING *"
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
