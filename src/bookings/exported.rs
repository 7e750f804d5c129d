use std::collections::HashMap;

use serde_json::json;

use crate::{
    model::{BookingId, Instant, UserId},
    store::{Store, StoreError, sql, sql_for},
};

use super::view::{self, Booking, booking_of, select_bookings};

/// A booking and how many changes it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exported {
    pub(crate) booking: Booking,
    /// The ordinal of its latest change, from 1.
    pub(crate) ordinal: i64,
}

/// What a calendar of `person` has: the sessions that end at `since` or later, and those that were called off, declined or left
/// unanswered since. Soonest first, at most 2000.
///
/// # Errors
/// What the database says.
pub(crate) async fn exported(store: &Store, person: UserId, since: Instant) -> Result<Vec<Exported>, StoreError> {
    let found = sql(select_bookings!(
        "WHERE (b.client_id = $1 OR b.coach_id = $1) AND b.payment <> 'awaited'
           AND ((b.status IN ('pending', 'confirmed', 'completed', 'no_show') AND b.ends_at >= $2)
             OR (b.status IN ('cancelled', 'declined', 'expired') AND b.updated_at >= $2))
         ORDER BY b.starts_at, b.id LIMIT 2000"
    ));
    let rows = found.bind(person).bind(since).all(store).await?;
    let bookings = rows.iter().map(booking_of).collect::<Result<Vec<_>, _>>()?;
    counted(store, bookings).await
}

/// The booking `id` with its changes counted, whoever asks.
///
/// # Errors
/// What the database says.
pub(crate) async fn exported_one(store: &Store, id: BookingId) -> Result<Option<Exported>, StoreError> {
    let Some(booking) = view::find(store, id).await? else { return Ok(None) };
    Ok(counted(store, vec![booking]).await?.pop())
}

async fn counted(store: &Store, bookings: Vec<Booking>) -> Result<Vec<Exported>, StoreError> {
    let ids: Vec<&str> = bookings.iter().map(|booking| booking.id.as_str()).collect();
    let count = sql_for(
        "SELECT booking_id, MAX(ordinal) AS ordinal FROM booking_events WHERE booking_id IN (SELECT value FROM json_each($1))
         GROUP BY booking_id",
        "SELECT booking_id, MAX(ordinal) AS ordinal FROM booking_events
         WHERE booking_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) GROUP BY booking_id",
    );
    let rows = count.bind(json!(ids).to_string()).all(store).await?;
    let counts = rows.iter().map(|row| Ok((row.get("booking_id")?, row.get("ordinal")?)));
    let counts: HashMap<BookingId, i64> = counts.collect::<Result<_, StoreError>>()?;
    let ordinal = |booking: &Booking| counts.get(&booking.id).copied().unwrap_or(1);
    Ok(bookings.into_iter().map(|booking| Exported { ordinal: ordinal(&booking), booking }).collect())
}
