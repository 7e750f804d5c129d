//! The claims table: which intervals of a coach are taken.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::{
    availability::{Taken, TakenKind},
    model::{BookingId, HoldId, Instant, SessionTypeId, UserId},
    store::{Row, Store, StoreError, Target, Tx, sql},
    time::{Interval, Zone},
};

/// No claim is longer (12 hours of session and 4 of buffer on either side, model limits): how far before an
/// interval one can start that still reaches into it.
const LONGEST_MINUTES: i64 = 20 * 60;

/// Whose claim it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Booking(BookingId),
    Hold(HoldId),
}

/// A claim as read, with the instant a hold's ends.
pub(super) struct ClaimRow {
    pub(super) taken: Taken,
    pub(super) expires_at: Option<Instant>,
}

impl ClaimRow {
    /// Whether it holds its time at `now`: all do but holds that ended.
    pub(super) fn is_live(&self, now: Instant) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }
}

/// The claims of `coach` that touch `range`, except the one of `but`. Holds that ended are among them until somebody
/// sweeps.
pub(super) async fn around(
    on: impl Into<Target<'_>>,
    coach: UserId,
    range: Interval,
    but: Option<Owner>,
) -> Result<Vec<ClaimRow>, StoreError> {
    let (booking, hold) = match but {
        Some(Owner::Booking(id)) => (Some(id), None),
        Some(Owner::Hold(id)) => (None, Some(id)),
        None => (None, None),
    };
    let rows = sql("SELECT kind, starts_at, ends_at, expires_at FROM claims
         WHERE coach_id = $1 AND starts_at > $2 AND starts_at < $3 AND ends_at > $4
           AND (booking_id IS NULL OR $5 IS NULL OR booking_id <> $5)
           AND (hold_id IS NULL OR $6 IS NULL OR hold_id <> $6)
         ORDER BY starts_at")
    .bind(coach)
    .bind(range.start.plus_minutes(-LONGEST_MINUTES))
    .bind(range.end)
    .bind(range.start)
    .bind(booking)
    .bind(hold)
    .all(on)
    .await?;
    rows.iter().map(claim_of).collect()
}

fn claim_of(row: &Row) -> Result<ClaimRow, StoreError> {
    let kind = row.parse("kind", |word| match word {
        "booking" => Some(TakenKind::Booking),
        "hold" => Some(TakenKind::Hold),
        "block" => Some(TakenKind::Block),
        _ => None,
    })?;
    let span = Interval { start: row.get("starts_at")?, end: row.get("ends_at")? };
    Ok(ClaimRow { taken: Taken { span, kind }, expires_at: row.get("expires_at")? })
}

/// Removes the coach's holds that ended by themselves, in the transaction of whoever finds one in the way.
pub(super) async fn sweep(tx: &mut Tx, coach: UserId, now: Instant) -> Result<(), StoreError> {
    sql("DELETE FROM claims WHERE coach_id = $1 AND expires_at <= $2").bind(coach).bind(now).run(tx).await.map(drop)
}

/// Moves a booking's claim to `span`.
pub(super) async fn move_booking(tx: &mut Tx, booking: BookingId, span: Interval) -> Result<u64, StoreError> {
    sql("UPDATE claims SET starts_at = $2, ends_at = $3 WHERE booking_id = $1").bind(booking).bind(span.start).bind(span.end).run(tx).await
}

/// Frees a booking's time.
pub(super) async fn release_booking(tx: &mut Tx, booking: BookingId) -> Result<(), StoreError> {
    sql("DELETE FROM claims WHERE booking_id = $1").bind(booking).run(tx).await.map(drop)
}

/// The number that rises with every change to the coach's claims.
pub(super) async fn revision(store: &Store, coach: UserId) -> Result<i64, StoreError> {
    sql("SELECT claims_revision FROM coaches WHERE user_id = $1").bind(coach).one(store).await?.get("claims_revision")
}

/// How many live bookings of a session type the coach has on each of their dates, for the whole weeks around
/// `range`; `but` is not counted.
pub(super) async fn booked(
    on: impl Into<Target<'_>>,
    coach: UserId,
    session_type: SessionTypeId,
    zone: &Zone,
    range: Interval,
    but: Option<BookingId>,
) -> Result<BTreeMap<NaiveDate, u32>, StoreError> {
    let weeks = whole_weeks(zone, range);
    let rows = sql("SELECT starts_at FROM bookings
         WHERE coach_id = $1 AND starts_at >= $2 AND starts_at < $3 AND session_type_id = $4
           AND status IN ('pending', 'confirmed', 'completed', 'no_show') AND ($5 IS NULL OR id <> $5)")
    .bind(coach)
    .bind(weeks.start)
    .bind(weeks.end)
    .bind(session_type)
    .bind(but)
    .all(on)
    .await?;
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(zone.date_of(row.get("starts_at")?)).or_insert(0) += 1;
    }
    Ok(counts)
}

/// `range` grown to whole weeks, Monday to Sunday, of `zone`.
fn whole_weeks(zone: &Zone, range: Interval) -> Interval {
    let (first, last) = (zone.date_of(range.start), zone.date_of(range.end));
    let monday = |date: NaiveDate| date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday())));
    let start = monday(first).and_then(|date| zone.day(date)).map_or(range.start, |day| day.start);
    let end = monday(last).and_then(|date| date.checked_add_days(Days::new(6))).and_then(|date| zone.day(date));
    Interval { start, end: end.map_or(range.end, |day| day.end) }
}
