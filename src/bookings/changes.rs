//! Changes of bookings, for whoever acts on them after the commit.

use crate::{
    model::{BookingId, BookingStatus, Instant, Role, UserId},
    store::{Row, StoreError, Target, Tx, sql, sql_for},
};

use super::{
    Booking,
    events::{BookingChange, EventId},
    view,
};

/// A change of a booking, as its audit row tells it, with the booking as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its own id.
    pub id: EventId,
    /// Which change of the booking it is, from 1: without gaps, in the order of the commits.
    pub ordinal: i64,
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub what: BookingChange,
    /// The reason given, if any.
    pub why: String,
    /// Who did it; `None` is the program itself.
    pub by: Option<UserId>,
    /// In which role.
    pub role: Option<Role>,
    /// Where the booking stood after it.
    pub status: BookingStatus,
    /// When the session started after it.
    pub starts_at: Instant,
    /// How often it had been moved after it.
    pub sequence: i64,
    /// When the session started before it, if that was another time.
    pub moved_from: Option<Instant>,
    /// The booking as it is now, which may be several changes later.
    pub booking: Booking,
}

impl Change {
    /// When the session ended after the change: its length never changes.
    pub fn ends_at(&self) -> Instant {
        self.starts_at.plus_minutes(i64::from(self.booking.duration_minutes()))
    }

    /// Whether nobody but the mentee is told of it: the booking was not paid then.
    pub fn is_quiet(&self) -> bool {
        self.what == BookingChange::Reserved || self.booking.is_unpaid()
    }

    /// The change `id`; `None` when there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find(on: impl Into<Target<'_>>, id: EventId) -> Result<Option<Self>, StoreError> {
        let mut on = on.into();
        let row =
            sql("SELECT e.*, (SELECT starts_at FROM booking_events p WHERE p.booking_id = e.booking_id AND p.ordinal = e.ordinal - 1)
             AS before FROM booking_events e WHERE e.id = $1");
        let Some(row) = row.bind(id).optional(on.reborrow()).await? else { return Ok(None) };
        let booking: BookingId = row.get("booking_id")?;
        let Some(booking) = view::find(on, booking).await? else { return Ok(None) };
        Ok(Some(change_of(&row, booking)?))
    }
}

fn change_of(row: &Row, booking: Booking) -> Result<Change, StoreError> {
    let role: String = row.get("actor_role")?;
    let (starts_at, before): (Instant, Option<Instant>) = (row.get("starts_at")?, row.get("before")?);
    Ok(Change {
        id: row.get("id")?,
        ordinal: row.get("ordinal")?,
        at: row.get("at")?,
        what: row.parse("what", BookingChange::parse)?,
        why: row.get("why")?,
        by: row.get("actor_id")?,
        role: Role::parse(&role),
        status: row.parse("status", |word| word.parse::<BookingStatus>().ok())?,
        starts_at,
        sequence: row.get("sequence")?,
        moved_from: before.filter(|before| *before != starts_at),
        booking,
    })
}

/// Up to `most` changes that nobody has acted on yet, marked as acted on in `tx`. Of one booking the first only: the next is given when
/// that has been committed. Those `aside` are left out, and so is what follows on them.
///
/// # Errors
/// What the database says.
pub(crate) async fn take_new(tx: &mut Tx, most: u32, aside: &[EventId]) -> Result<Vec<EventId>, StoreError> {
    // What another server is acting on is left to it, and so is what follows on it for the same booking.
    let take = sql_for(
        "UPDATE booking_events SET spread = 1 WHERE id IN (SELECT e.id FROM booking_events e WHERE e.spread = 0
             AND e.id NOT IN (SELECT value FROM json_each($2))
             AND NOT EXISTS (SELECT 1 FROM booking_events p WHERE p.booking_id = e.booking_id AND p.ordinal < e.ordinal AND p.spread = 0)
             ORDER BY e.at, e.ordinal LIMIT $1)
         RETURNING id",
        "WITH new AS MATERIALIZED (SELECT e.id FROM booking_events e WHERE e.spread = 0
             AND e.id NOT IN (SELECT jsonb_array_elements_text($2::jsonb))
             AND NOT EXISTS (SELECT 1 FROM booking_events p WHERE p.booking_id = e.booking_id AND p.ordinal < e.ordinal AND p.spread = 0)
             ORDER BY e.at, e.ordinal LIMIT $1 FOR UPDATE SKIP LOCKED)
         UPDATE booking_events SET spread = 1 WHERE id IN (SELECT id FROM new) RETURNING id",
    );
    let rows = take.bind(most).bind(serde_json::json!(aside).to_string()).all(&mut *tx).await?;
    rows.iter().map(|row| row.get("id")).collect()
}
