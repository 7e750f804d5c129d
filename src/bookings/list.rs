//! The bookings of a person.

use crate::{
    accounts::{Actor, CoachActor},
    error::Internal,
    model::{BookingId, Instant},
    store::{Row, Statement, StoreError, sql},
    time::Interval,
};

use super::{
    Bookings,
    view::{Booking, booking_of, select_bookings},
};

/// Which bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Live and not ended yet, soonest first.
    Upcoming,
    /// Everything else, latest first.
    Past,
    /// Requests that wait for the coach, oldest request first.
    Requests,
}

/// A page of bookings and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingPage {
    /// The bookings.
    pub bookings: Vec<Booking>,
    /// Hand this to the next call; `None` at the end.
    pub next: Option<(Instant, BookingId)>,
}

impl Bookings {
    /// The bookings of `actor` (an admin's: everyone's) in `scope`, after `after`, at most `limit` (1 to 100).
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(
        &self,
        actor: impl Into<Actor>,
        scope: Scope,
        after: Option<(Instant, BookingId)>,
        limit: u32,
    ) -> Result<BookingPage, Internal> {
        let (limit, actor) = (limit.clamp(1, 100), actor.into());
        let (client, coach) = match actor {
            Actor::Mentee(mentee) => (Some(mentee.id()), None),
            Actor::Coach(coach) => (None, Some(coach.id())),
            Actor::Admin(_) => (None, None),
        };
        let (after_at, after_id) = after.unzip();
        let statement = in_scope(scope).bind(client).bind(coach).bind(self.deps.clock.now()).bind(after_at).bind(after_id).bind(limit + 1);
        let rows = statement.all(&self.deps.store).await?;
        let mut bookings = collect(&rows)?;
        let more = bookings.len() > limit as usize;
        bookings.truncate(limit as usize);
        let next =
            bookings.last().filter(|_| more).map(|last| (if scope == Scope::Requests { last.created_at } else { last.starts_at }, last.id));
        Ok(BookingPage { bookings, next })
    }

    /// The coach's live and finished bookings that start in `range`, soonest first: what a calendar shows.
    ///
    /// # Errors
    /// What the database says.
    pub async fn calendar(&self, coach: &CoachActor, range: Interval) -> Result<Vec<Booking>, Internal> {
        let rows = sql(select_bookings!(
            "WHERE b.coach_id = $1 AND b.starts_at >= $2 AND b.starts_at < $3
               AND b.status IN ('pending', 'confirmed', 'completed', 'no_show') ORDER BY b.starts_at, b.id"
        ))
        .bind(coach.id())
        .bind(range.start)
        .bind(range.end)
        .all(&self.deps.store)
        .await?;
        Ok(collect(&rows)?)
    }

    /// The coach's confirmed bookings that have ended and wait for an outcome, latest first, at most 50.
    ///
    /// # Errors
    /// What the database says.
    pub async fn unfinished(&self, coach: &CoachActor) -> Result<Vec<Booking>, Internal> {
        let rows = sql(select_bookings!(
            "WHERE b.coach_id = $1 AND b.ends_at <= $2 AND b.status = 'confirmed' ORDER BY b.starts_at DESC, b.id LIMIT 50"
        ))
        .bind(coach.id())
        .bind(self.deps.clock.now())
        .all(&self.deps.store)
        .await?;
        Ok(collect(&rows)?)
    }
}

fn collect(rows: &[Row]) -> Result<Vec<Booking>, StoreError> {
    rows.iter().map(booking_of).collect()
}

/// `$1` client, `$2` coach (null: any), `$3` now, `$4` and `$5` after, `$6` limit.
const fn in_scope(scope: Scope) -> Statement {
    match scope {
        Scope::Upcoming => sql(select_bookings!(
            "WHERE ($1 IS NULL OR b.client_id = $1) AND ($2 IS NULL OR b.coach_id = $2)
               AND b.status IN ('pending', 'confirmed') AND b.ends_at > $3
               AND ($4 IS NULL OR b.starts_at > $4 OR (b.starts_at = $4 AND b.id > $5))
             ORDER BY b.starts_at, b.id LIMIT $6"
        )),
        Scope::Past => sql(select_bookings!(
            "WHERE ($1 IS NULL OR b.client_id = $1) AND ($2 IS NULL OR b.coach_id = $2)
               AND (b.status NOT IN ('pending', 'confirmed') OR b.ends_at <= $3)
               AND ($4 IS NULL OR b.starts_at < $4 OR (b.starts_at = $4 AND b.id < $5))
             ORDER BY b.starts_at DESC, b.id DESC LIMIT $6"
        )),
        Scope::Requests => sql(select_bookings!(
            "WHERE ($1 IS NULL OR b.client_id = $1) AND ($2 IS NULL OR b.coach_id = $2)
               AND b.status = 'pending' AND b.answer_by > $3 AND b.payment <> 'awaited'
               AND ($4 IS NULL OR b.created_at > $4 OR (b.created_at = $4 AND b.id > $5))
             ORDER BY b.created_at, b.id LIMIT $6"
        )),
    }
}
