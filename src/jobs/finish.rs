//! What an attempt came to is written where the lease is still held, and nowhere else.

use super::{Job, Verdict, kind::pause_after};
use crate::{
    model::Instant,
    store::{Store, StoreError, sql},
};

/// Writes `verdict` on `job`, which `owner` took. Gives whether it did: not when the lease ran out and someone else has it.
/// `spread` is random, from 0 to 1.
pub(super) async fn finish(store: &Store, owner: &str, job: &Job, verdict: Verdict, now: Instant, spread: f64) -> Result<bool, StoreError> {
    let (state, run_at, problem, counted) = match verdict {
        Verdict::Done => ("done", None, None, true),
        Verdict::Moot(why) => ("cancelled", None, Some(why), true),
        Verdict::Later(at, why) => ("waiting", Some(at), Some(why), false),
        Verdict::Hopeless(why) => ("dead", None, Some(why), true),
        Verdict::Failed { why, after } => match pause_after(job.attempt, spread) {
            Some(pause) => ("waiting", Some(now + pause.max(after.unwrap_or_default())), Some(why), true),
            None => ("dead", None, Some(why), true),
        },
    };
    if state == "dead" {
        tracing::warn!(target: "jobs", job = %job.id, kind = job.kind.as_str(), attempt = job.attempt, problem, "given up");
    }
    let write = sql("UPDATE jobs SET state = $3, run_at = COALESCE($4, run_at), problem = $5, attempts = attempts - $6, finished_at = $7,
            lease_owner = NULL, lease_until = NULL
         WHERE id = $1 AND lease_owner = $2 AND state = 'waiting' AND attempts = $8");
    let finished = (state != "waiting").then_some(now);
    let write =
        write.bind(job.id).bind(owner).bind(state).bind(run_at).bind(problem.as_deref()).bind(!counted).bind(finished).bind(job.attempt);
    let mut tx = store.begin().await?;
    let written = write.run(&mut tx).await?;
    tx.commit().await?;
    Ok(written == 1)
}
