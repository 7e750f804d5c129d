//! The audit trail: every change of a booking leaves a row.

use crate::{
    accounts::Actor,
    error::Internal,
    model::{BookingId, BookingStatus, Id, Instant, Role, UserId},
    store::{Row, StoreError, Tx, sql},
    time::Ids,
};

use super::Bookings;

/// What happened to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingChange {
    /// Chosen, and to be paid before anybody else is told.
    Reserved,
    /// Made, and agreed at once.
    Booked,
    /// Made, waiting for the coach.
    Requested,
    /// The coach confirmed.
    Confirmed,
    /// The coach said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// Moved to another time.
    Moved,
    /// Called off.
    Cancelled,
    /// Took place.
    Completed,
    /// The mentee did not come.
    NoShow,
}

impl BookingChange {
    /// Every change.
    pub const ALL: [Self; 10] = [
        Self::Reserved,
        Self::Booked,
        Self::Requested,
        Self::Confirmed,
        Self::Declined,
        Self::Expired,
        Self::Moved,
        Self::Cancelled,
        Self::Completed,
        Self::NoShow,
    ];

    /// Those that people and other systems are told of: what is not paid yet is the mentee's own affair.
    pub const TOLD: [Self; 9] = [
        Self::Booked,
        Self::Requested,
        Self::Confirmed,
        Self::Declined,
        Self::Expired,
        Self::Moved,
        Self::Cancelled,
        Self::Completed,
        Self::NoShow,
    ];

    /// The change of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.as_str() == word)
    }

    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Booked => "booked",
            Self::Requested => "requested",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
        }
    }
}

/// One row of a booking's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingEvent {
    /// When.
    pub at: Instant,
    /// What.
    pub change: BookingChange,
    /// Who, by role; `None` is the program itself.
    pub role: Option<Role>,
    /// Who, by name; `None` is the program itself.
    pub name: Option<String>,
    /// The reason given, if any.
    pub why: String,
    /// Where the booking started from then on.
    pub starts_at: Instant,
}

#[doc(hidden)]
pub enum EventKind {}
/// The id of one change of a booking.
pub type EventId = Id<EventKind>;

/// What is written down about a change.
pub(super) struct Entry<'a> {
    pub(super) booking: BookingId,
    /// `None`: the program itself.
    pub(super) actor: Option<Actor>,
    pub(super) change: BookingChange,
    pub(super) why: &'a str,
    pub(super) status: BookingStatus,
    pub(super) starts_at: Instant,
    pub(super) sequence: i64,
}

/// Adds the row, in the transaction of the change.
pub(super) async fn record(tx: &mut Tx, ids: &dyn Ids, now: Instant, entry: Entry<'_>) -> Result<(), StoreError> {
    sql("INSERT INTO booking_events (id, booking_id, at, actor_id, actor_role, what, why, status, starts_at, sequence, ordinal)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, COALESCE(MAX(ordinal), 0) + 1 FROM booking_events WHERE booking_id = $2")
    .bind(ids.id::<EventKind>(now))
    .bind(entry.booking)
    .bind(now)
    .bind(entry.actor.map(Actor::id))
    .bind(entry.actor.map_or("system", |actor| actor.role().as_str()))
    .bind(entry.change.as_str())
    .bind(entry.why)
    .bind(entry.status.as_str())
    .bind(entry.starts_at)
    .bind(entry.sequence)
    .run(tx)
    .await
    .map(drop)
}

impl Bookings {
    /// The history of a booking, oldest first; empty when `actor` may not see it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn history(&self, actor: impl Into<Actor>, booking: BookingId) -> Result<Vec<BookingEvent>, Internal> {
        if self.booking(actor, booking).await?.is_none() {
            return Ok(Vec::new());
        }
        let rows = sql("SELECT e.at, e.what, e.why, e.actor_id, e.actor_role, e.starts_at, u.name FROM booking_events e
             LEFT JOIN users u ON u.id = e.actor_id WHERE e.booking_id = $1 ORDER BY e.ordinal")
        .bind(booking)
        .all(&self.deps.store)
        .await?;
        Ok(rows.iter().map(event_of).collect::<Result<_, _>>()?)
    }
}

fn event_of(row: &Row) -> Result<BookingEvent, StoreError> {
    let actor: Option<UserId> = row.get("actor_id")?;
    let role: String = row.get("actor_role")?;
    Ok(BookingEvent {
        at: row.get("at")?,
        change: row.parse("what", BookingChange::parse)?,
        role: actor.and_then(|_| Role::parse(&role)),
        name: row.get("name")?,
        why: row.get("why")?,
        starts_at: row.get("starts_at")?,
    })
}
