//! What is kept of a calendar's busy time. Every function runs in the transaction of one read, after the coach is
//! locked; who calls works out the standing anew at its end.

use std::collections::HashSet;

use serde_json::json;

use super::{
    pieces::{digest, pieces},
    window::mark,
};
use crate::{
    integrations::health::HealthReason,
    model::{CalendarId, Instant, UserId},
    store::{StoreError, Tx, sql, sql_for},
    time::Interval,
};

/// Which calendar was read, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) calendar: CalendarId,
    pub(super) coach: UserId,
    /// For which time.
    pub(super) window: Interval,
    /// When the provider was asked: what it says is true for then at least.
    pub(super) asked_at: Instant,
}

/// What is stored of a calendar, if a reading may replace it: it is still there and was not read later.
struct Kept {
    digest: Option<String>,
    pieces: i64,
    covers_until: Option<Instant>,
}

async fn kept(tx: &mut Tx, reading: &Reading) -> Result<Option<Kept>, StoreError> {
    let row = sql("SELECT busy_digest, covers_until, (SELECT COUNT(*) FROM calendar_busy WHERE calendar_id = $1) AS pieces
         FROM integration_calendars WHERE id = $1 AND (read_at IS NULL OR read_at <= $2)");
    let row = row.bind(reading.calendar).bind(reading.asked_at).optional(tx).await?;
    row.map(|row| Ok(Kept { digest: row.get("busy_digest")?, pieces: row.get("pieces")?, covers_until: row.get("covers_until")? }))
        .transpose()
}

/// Stores that the calendar is busy at `spans` and at no other time of the window. Gives whether that is news.
pub(super) async fn replace(tx: &mut Tx, reading: &Reading, spans: &[Interval], sync_state: Option<&str>) -> Result<bool, StoreError> {
    let Some(kept) = kept(tx, reading).await? else { return Ok(false) };
    let pieces = pieces(spans, reading.window);
    let digest = digest(&pieces);
    // The number is asked too, should the pieces have been cleared away without the digest.
    let news = kept.digest.as_ref() != Some(&digest) || usize::try_from(kept.pieces).ok() != Some(pieces.len());
    if news {
        write(tx, reading, &pieces).await?;
    }
    let read = sql("UPDATE integration_calendars
         SET read_at = $2, problem = NULL, sync_state = $3, busy_digest = $4, covers_until = $5 WHERE id = $1");
    read.bind(reading.calendar)
        .bind(reading.asked_at)
        .bind(sync_state.map(|state| mark(reading.window, state)))
        .bind(digest)
        .bind(reading.window.end)
        .run(tx)
        .await?;
    Ok(news || kept.covers_until != Some(reading.window.end))
}

/// Stores that the calendar is as at its last read, whose mark the provider was shown.
pub(super) async fn confirm(tx: &mut Tx, reading: &Reading) -> Result<(), StoreError> {
    let read = sql("UPDATE integration_calendars SET read_at = $2, problem = NULL WHERE id = $1 AND (read_at IS NULL OR read_at <= $2)");
    read.bind(reading.calendar).bind(reading.asked_at).run(tx).await.map(drop)
}

/// Stores that the calendar cannot be read. What was known stays, with its age.
pub(super) async fn unknown(tx: &mut Tx, calendar: CalendarId, asked_at: Instant, problem: HealthReason) -> Result<(), StoreError> {
    let note = sql("UPDATE integration_calendars SET problem = $2 WHERE id = $1 AND (read_at IS NULL OR read_at <= $3)");
    note.bind(calendar).bind(problem.as_str()).bind(asked_at).run(tx).await.map(drop)
}

/// Notes that what is taken of the coach's time has changed, for everyone who remembers it.
pub(super) async fn tell(tx: &mut Tx, coach: UserId) -> Result<(), StoreError> {
    sql("UPDATE coaches SET claims_revision = claims_revision + 1 WHERE user_id = $1").bind(coach).run(tx).await.map(drop)
}

/// Writes the difference between what is stored and `pieces`: however full a calendar is, one more event is one row.
async fn write(tx: &mut Tx, reading: &Reading, pieces: &[Interval]) -> Result<(), StoreError> {
    let rows = sql("SELECT starts_at, ends_at FROM calendar_busy WHERE calendar_id = $1").bind(reading.calendar).all(&mut *tx).await?;
    let mut stored = HashSet::with_capacity(rows.len());
    for row in &rows {
        stored.insert(Interval { start: row.get("starts_at")?, end: row.get("ends_at")? });
    }
    let added: Vec<_> = pieces.iter().filter(|piece| !stored.remove(*piece)).map(|piece| [piece.start, piece.end]).collect();
    if !stored.is_empty() {
        let gone: Vec<_> = stored.iter().map(|piece| piece.start).collect();
        let delete = sql_for(
            "DELETE FROM calendar_busy WHERE calendar_id = $1 AND starts_at IN (SELECT value FROM json_each($2))",
            "DELETE FROM calendar_busy WHERE calendar_id = $1
             AND starts_at IN (SELECT value::bigint FROM jsonb_array_elements_text($2::jsonb))",
        );
        delete.bind(reading.calendar).bind(json!(gone).to_string()).run(&mut *tx).await?;
    }
    if !added.is_empty() {
        let insert = sql_for(
            "INSERT INTO calendar_busy (calendar_id, coach_id, starts_at, ends_at)
             SELECT $1, $2, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($3)",
            "INSERT INTO calendar_busy (calendar_id, coach_id, starts_at, ends_at)
             SELECT $1, $2, (value ->> 0)::bigint, (value ->> 1)::bigint FROM jsonb_array_elements($3::jsonb)",
        );
        insert.bind(reading.calendar).bind(reading.coach).bind(json!(added).to_string()).run(tx).await?;
    }
    Ok(())
}
