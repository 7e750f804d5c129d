//! The claims table: which intervals of a coach are taken.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::{
    availability::{LONGEST_TAKEN_MINUTES, Taken, TakenKind},
    coaches::TimeMark,
    model::{BookingId, HoldId, Instant, SessionTypeId, UserId},
    store::{Row, Store, StoreError, Target, Tx, sql},
    time::{Interval, Zone},
};

/// Whose claim it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Booking(BookingId),
    Hold(HoldId),
}

/// A claim or a piece of busy time as read, with the instant a hold's ends.
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

/// The calendars of the coach `$coach` that count: text for a list of their ids.
macro_rules! counted {
    ($coach:literal) => {
        concat!(
            "SELECT c.id FROM calendar_integrations i JOIN integration_calendars c ON c.integration_id = i.id
             WHERE i.coach_id = ",
            $coach,
            " AND i.health <> 'disconnected' AND c.counts_busy = 1"
        )
    };
}
pub(super) use counted;

/// The claims of `coach` that touch `range`, except the one of `but`, and when the coach's calendars are busy in it. Holds
/// that ended are among them until somebody sweeps. Time for which a calendar was not read is not known to be free: it
/// counts as busy.
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
    let mut on = on.into();
    let own = own_event(on.reborrow(), booking).await?;
    let rows = sql(concat!(
        "SELECT kind AS taken_kind, starts_at AS taken_from, ends_at AS taken_until, expires_at AS taken_expires_at FROM claims
         WHERE coach_id = $1 AND starts_at > $2 AND starts_at < $3 AND ends_at > $4
           AND (booking_id IS NULL OR $5 IS NULL OR booking_id <> $5)
           AND (hold_id IS NULL OR $6 IS NULL OR hold_id <> $6)
         UNION ALL
         SELECT 'busy', starts_at, ends_at, NULL FROM calendar_busy
         WHERE coach_id = $1 AND starts_at > $2 AND starts_at < $3 AND ends_at > $4 AND calendar_id IN (",
        counted!("$1"),
        ") UNION ALL
         SELECT 'busy', covers_until, CAST($3 AS BIGINT), NULL FROM integration_calendars
         WHERE covers_until < $3 AND id IN (",
        counted!("$1"),
        ")"
    ))
    .bind(coach)
    .bind(range.start.plus_minutes(-LONGEST_TAKEN_MINUTES))
    .bind(range.end)
    .bind(range.start)
    .bind(booking)
    .bind(hold)
    .all(on)
    .await?;
    let rows = rows.iter().map(claim_of).collect::<Result<Vec<_>, _>>()?;
    Ok(own.into_iter().fold(rows, without))
}

/// When the booking `id` itself is in the coach's calendar: where it was written, and where the coach has moved the event since.
async fn own_event(on: Target<'_>, id: Option<BookingId>) -> Result<Vec<Interval>, StoreError> {
    let Some(id) = id else { return Ok(Vec::new()) };
    let row = sql("SELECT starts_at, ends_at, drift_starts_at, drift_ends_at FROM booking_calendar_events
         WHERE booking_id = $1 AND state <> 'removed'");
    let Some(row) = row.bind(id).optional(on).await? else { return Ok(Vec::new()) };
    let mut spans = vec![Interval { start: row.get("starts_at")?, end: row.get("ends_at")? }];
    let (start, end): (Option<Instant>, Option<Instant>) = (row.get("drift_starts_at")?, row.get("drift_ends_at")?);
    spans.extend(start.zip(end).map(|(start, end)| Interval { start, end }));
    Ok(spans)
}

/// `rows` without what is busy within `own`: a calendar says when it is busy, not with what, and a booking is not in its own way. Should
/// something else be there at the same time, then the session was in its way before.
fn without(rows: Vec<ClaimRow>, own: Interval) -> Vec<ClaimRow> {
    let mut left = Vec::with_capacity(rows.len());
    for row in rows {
        let span = row.taken.span;
        if row.taken.kind != TakenKind::Busy || !span.overlaps(own) {
            left.push(row);
            continue;
        }
        let (before, after) = (Interval { start: span.start, end: own.start }, Interval { start: own.end, end: span.end });
        for span in [before, after].into_iter().filter(|span| span.start < span.end) {
            left.push(ClaimRow { taken: Taken { span, kind: TakenKind::Busy }, expires_at: None });
        }
    }
    left
}

fn claim_of(row: &Row) -> Result<ClaimRow, StoreError> {
    let kind = row.parse("taken_kind", |word| match word {
        "booking" => Some(TakenKind::Booking),
        "hold" => Some(TakenKind::Hold),
        "block" => Some(TakenKind::Block),
        "busy" => Some(TakenKind::Busy),
        _ => None,
    })?;
    let span = Interval { start: row.get("taken_from")?, end: row.get("taken_until")? };
    Ok(ClaimRow { taken: Taken { span, kind }, expires_at: row.get("taken_expires_at")? })
}

/// The claims in rows that were joined to something else: a row without one has nulls in their place.
pub(super) fn joined(rows: &[Row]) -> Result<Vec<ClaimRow>, StoreError> {
    let mut claims = Vec::new();
    for row in rows {
        if row.get::<Option<String>>("taken_kind")?.is_some() {
            claims.push(claim_of(row)?);
        }
    }
    Ok(claims)
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

/// How far the coach's time is known.
pub(super) async fn mark(store: &Store, coach: UserId) -> Result<TimeMark, StoreError> {
    let row = sql("SELECT claims_revision, calendars_known_at, calendars_known_until, unknown_policy, unknown_keep_minutes
         FROM coaches WHERE user_id = $1");
    TimeMark::of_row(&row.bind(coach).one(store).await?)
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
