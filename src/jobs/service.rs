use serde_json::Value;

use crate::{
    Deps,
    accounts::Actor,
    error::Internal,
    model::{BookingId, Instant, JobId, UserId},
    store::{Row, StoreError, Target, sql},
};

use super::JobKind;

/// How long finished jobs are kept, in minutes.
const KEPT_MINUTES: i64 = 30 * 24 * 60;

/// What people do with jobs: see what is outstanding, and try again what was given up. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    deps: Deps,
}

/// A job as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// Whose turn it takes.
    pub coach_id: Option<UserId>,
    /// What it is about.
    pub booking_id: Option<BookingId>,
    /// Whom it is for.
    pub user_id: Option<UserId>,
    /// What the handler needs beyond that.
    pub payload: Value,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed.
    pub problem: Option<String>,
    /// When it is tried next; for what was given up, when it was due last.
    pub run_at: Instant,
    /// When it was written.
    pub created_at: Instant,
    /// Since when it is given up; `None` while it is tried by itself.
    pub given_up_at: Option<Instant>,
}

/// How many jobs of a kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Which kind.
    pub kind: JobKind,
    /// Due, or being worked on.
    pub due: u32,
    /// Planned for later.
    pub later: u32,
    /// Given up.
    pub given_up: u32,
    /// When the oldest that is due was written.
    pub oldest_due: Option<Instant>,
}

/// What should make whoever runs the site look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Given up: these wait for a person.
    pub given_up: u32,
    /// Due for longer than [`OVERDUE_MINUTES`] without being worked on.
    pub overdue: u32,
}

/// After so many minutes what is due and not done is overdue.
pub const OVERDUE_MINUTES: i64 = 10;

/// What "try again" found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// It is tried again at once.
    TriedAgain,
    /// It neither was given up nor waits after a failure (any more): somebody was quicker.
    Not,
    /// No such job for this person.
    NotFound,
}

impl Jobs {
    /// On the database of `deps`.
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }

    /// What failed and is outstanding: given up, or tried more than once. For a coach their own, for an admin everyone's, for a mentee
    /// nothing. The oldest first, at most 100.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outstanding(&self, actor: impl Into<Actor>) -> Result<Vec<JobView>, Internal> {
        let rows = match actor.into() {
            Actor::Mentee(_) => Vec::new(),
            Actor::Coach(coach) => {
                let own = sql("SELECT * FROM jobs WHERE coach_id = $1 AND (state = 'dead' OR (state = 'waiting' AND attempts > 0
                     AND problem IS NOT NULL)) ORDER BY created_at, id LIMIT 100");
                own.bind(coach.id()).all(&self.deps.store).await?
            }
            Actor::Admin(_) => {
                let every = sql("SELECT * FROM jobs WHERE state = 'dead' OR (state = 'waiting' AND attempts > 0 AND problem IS NOT NULL)
                     ORDER BY created_at, id LIMIT 100");
                every.all(&self.deps.store).await?
            }
        };
        Ok(rows.iter().map(view_of).collect::<Result<_, _>>()?)
    }

    /// How many jobs there are of each kind that has any, for admins.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tallies(&self, _admin: &crate::accounts::AdminActor) -> Result<Vec<Tally>, Internal> {
        let now = self.deps.clock.now();
        let rows = sql("SELECT kind, SUM(CASE WHEN state = 'waiting' AND run_at <= $1 THEN 1 ELSE 0 END) AS due,
                SUM(CASE WHEN state = 'waiting' AND run_at > $1 THEN 1 ELSE 0 END) AS later,
                SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS given_up,
                MIN(CASE WHEN state = 'waiting' AND run_at <= $1 THEN created_at END) AS oldest
             FROM jobs WHERE state IN ('waiting', 'dead') GROUP BY kind ORDER BY kind");
        let rows = rows.bind(now).all(&self.deps.store).await?;
        Ok(rows.iter().map(tally_of).collect::<Result<_, _>>()?)
    }

    /// Tries a job again that was given up, from its first attempt on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn try_again(&self, actor: impl Into<Actor>, id: JobId) -> Result<GivenUp, Internal> {
        let actor = actor.into();
        let mut tx = self.deps.store.begin().await?;
        let found = find(&mut tx, id).await?.filter(|job| match actor {
            Actor::Mentee(_) => false,
            Actor::Coach(coach) => job.coach_id == Some(coach.id()),
            Actor::Admin(_) => true,
        });
        if found.is_none() {
            return Ok(GivenUp::NotFound);
        }
        // What waits after a failure has had its tries so far; what was given up has all of them again.
        let again = sql("UPDATE jobs SET attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END, state = 'waiting', run_at = $2,
                problem = NULL, finished_at = NULL
             WHERE id = $1 AND (state = 'dead' OR (state = 'waiting' AND attempts > 0 AND problem IS NOT NULL AND run_at > $2
                AND (lease_until IS NULL OR lease_until <= $2)))");
        let changed = again.bind(id).bind(self.deps.clock.now()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(if changed == 1 { GivenUp::TriedAgain } else { GivenUp::Not })
    }

    /// What is given up, and what is overdue: then nobody works, or too slowly. What waits for an earlier one of its lane is not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn backlog(&self) -> Result<Backlog, Internal> {
        let count = sql("SELECT (SELECT COUNT(*) FROM jobs WHERE state = 'dead') AS given_up,
            (SELECT COUNT(*) FROM jobs j WHERE j.state = 'waiting' AND j.run_at < $1 AND NOT EXISTS (SELECT 1 FROM jobs earlier
                WHERE earlier.lane = j.lane AND earlier.state = 'waiting' AND earlier.lane_no < j.lane_no)) AS overdue");
        let row = count.bind(self.deps.clock.now().plus_minutes(-OVERDUE_MINUTES)).one(&self.deps.store).await?;
        Ok(Backlog { given_up: row.get("given_up")?, overdue: row.get("overdue")? })
    }

    /// Forgets what was finished a month ago. What was given up stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Internal> {
        let before = self.deps.clock.now().plus_minutes(-KEPT_MINUTES);
        let any = sql("SELECT id FROM jobs WHERE finished_at < $1 AND state IN ('done', 'cancelled') LIMIT 1");
        if any.bind(before).optional(&self.deps.store).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.deps.store.begin().await?;
        let gone = sql("DELETE FROM jobs WHERE finished_at < $1 AND state IN ('done', 'cancelled')
             AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id = jobs.booking_id AND b.ends_at > $1)")
        .bind(before)
        .run(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(gone)
    }
}

async fn find(on: impl Into<Target<'_>>, id: JobId) -> Result<Option<JobView>, StoreError> {
    sql("SELECT * FROM jobs WHERE id = $1").bind(id).optional(on).await?.as_ref().map(view_of).transpose()
}

fn view_of(row: &Row) -> Result<JobView, StoreError> {
    Ok(JobView {
        id: row.get("id")?,
        kind: row.parse("kind", JobKind::parse)?,
        coach_id: row.get("coach_id")?,
        booking_id: row.get("booking_id")?,
        user_id: row.get("user_id")?,
        payload: row.parse("payload", |text| serde_json::from_str(text).ok())?,
        attempts: row.get("attempts")?,
        problem: row.get("problem")?,
        run_at: row.get("run_at")?,
        created_at: row.get("created_at")?,
        given_up_at: row.get("finished_at")?,
    })
}

fn tally_of(row: &Row) -> Result<Tally, StoreError> {
    Ok(Tally {
        kind: row.parse("kind", JobKind::parse)?,
        due: row.get("due")?,
        later: row.get("later")?,
        given_up: row.get("given_up")?,
        oldest_due: row.get("oldest")?,
    })
}
