//! How a booking begins: one statement that finds the hold, and what is taken around the time, with its coach locked or without.

use std::sync::Arc;

use crate::{
    availability::LONGEST_TAKEN_MINUTES,
    coaches::{CoachOffer, TimeMark},
    integrations::standing::CalendarTrust,
    model::Instant,
    store::{Statement, StoreError, Tx, sql, sql_for},
    time::Secret,
};

use super::{
    Bookings,
    claims::{self, ClaimRow, counted},
    hold::{self, Held},
};

/// A hold, its coach locked, and what stands around the time.
pub(super) struct Opened {
    pub(super) held: Held,
    pub(super) offer: Arc<CoachOffer>,
    /// When the lock was had.
    pub(super) now: Instant,
    /// What is known of the coach's calendars.
    pub(super) trust: CalendarTrust,
    /// What the session and its buffers touch, but for the hold's own claim; `None` when it has to be read again.
    pub(super) near: Option<Vec<ClaimRow>>,
}

// What the session type asks for around the wanted time, as `claims::around` would: `$2` is the wanted start, or null
// for the hold's own, and `$3` how long before an interval a claim can start that still reaches into it.
macro_rules! reach {
    ($hold:literal, $kind:literal) => {
        concat!(
            "COALESCE($2, ",
            $hold,
            ".starts_at) - ",
            $kind,
            ".buffer_before_minutes * 60000 AS reach_from,
             COALESCE($2, ",
            $hold,
            ".starts_at) + (",
            $kind,
            ".duration_minutes + ",
            $kind,
            ".buffer_after_minutes) * 60000 AS reach_until"
        )
    };
}
macro_rules! wish {
    () => {
        concat!(
            "SELECT h.id, h.coach_id, h.session_type_id, h.starts_at, h.ends_at, h.time_zone, h.expires_at,
                    c.revision, c.claims_revision, c.calendars_known_at, c.calendars_known_until, c.unknown_policy, c.unknown_keep_minutes, ",
            reach!("h", "t"),
            " FROM holds h JOIN coaches c ON c.user_id = h.coach_id JOIN session_types t ON t.id = h.session_type_id
             WHERE h.secret_hash = $1"
        )
    };
}
// As claims never overlap, the one that starts last before the time is the only earlier one that can reach into it.
macro_rules! near {
    () => {
        " LEFT JOIN claims k ON k.coach_id = w.coach_id AND k.starts_at < w.reach_until AND k.ends_at > w.reach_from
            AND k.starts_at >= COALESCE((SELECT MAX(p.starts_at) FROM claims p
                WHERE p.coach_id = w.coach_id AND p.starts_at <= w.reach_from), w.reach_from)
            AND (k.hold_id IS NULL OR k.hold_id <> w.id)"
    };
}
// And the calendars' busy time, as `claims::around` would.
macro_rules! near_busy {
    () => {
        concat!(
            " JOIN calendar_busy k ON k.coach_id = w.coach_id AND k.starts_at > w.reach_from - $3 AND k.starts_at < w.reach_until
                AND k.ends_at > w.reach_from AND k.calendar_id IN (",
            counted!("w.coach_id"),
            ")"
        )
    };
}
macro_rules! near_unread {
    () => {
        concat!(" JOIN integration_calendars k ON k.covers_until < w.reach_until AND k.id IN (", counted!("w.coach_id"), ")")
    };
}
macro_rules! columns {
    ($taken:literal, $of:literal) => {
        concat!(
            "SELECT w.id, w.coach_id, w.session_type_id, w.starts_at, w.ends_at, w.time_zone, w.expires_at, ",
            $taken,
            ", ",
            $of,
            ".revision AS locked_revision, ",
            $of,
            ".claims_revision AS locked_claims_revision, ",
            $of,
            ".calendars_known_at, ",
            $of,
            ".calendars_known_until, ",
            $of,
            ".unknown_policy, ",
            $of,
            ".unknown_keep_minutes, "
        )
    };
}
// One row for each claim, at least one in all.
macro_rules! claimed {
    ($of:literal, $stale:literal, $from:literal) => {
        concat!(
            columns!("k.kind AS taken_kind, k.starts_at AS taken_from, k.ends_at AS taken_until, k.expires_at AS taken_expires_at", $of),
            $stale,
            $from,
            near!()
        )
    };
}
// One row for each thing that is taken, at least one in all.
macro_rules! rows {
    ($of:literal, $stale:literal, $from:literal) => {
        concat!(
            claimed!($of, $stale, $from),
            " UNION ALL ",
            columns!("'busy', k.starts_at, k.ends_at, NULL", $of),
            $stale,
            $from,
            near_busy!(),
            " UNION ALL ",
            columns!("'busy', k.covers_until, w.reach_until, NULL", $of),
            $stale,
            $from,
            near_unread!()
        )
    };
}

/// Finds the hold of `secret`, locks its coach as [`super::decide::open`] does, and reads the claims around `start`, or the
/// hold's own time; then reads the clock. `None` when there is no such hold.
///
/// On PostgreSQL a statement sees what was committed when it began, which may be before it had the lock. It says
/// so: the coach's numbers that it saw are then not those that it locked, and what it read of claims is thrown away.
pub(super) async fn open_held(
    tx: &mut Tx,
    bookings: &Bookings,
    secret: &Secret,
    start: Option<Instant>,
) -> Result<Option<Opened>, StoreError> {
    let open = sql_for(
        concat!(
            "UPDATE coaches SET claims_revision = claims_revision + 1
             WHERE user_id = (SELECT coach_id FROM holds WHERE secret_hash = $1);
             WITH w AS (",
            wish!(),
            ") ",
            rows!("w", "0 AS stale", " FROM w")
        ),
        concat!(
            "WITH w AS MATERIALIZED (",
            wish!(),
            "), locked AS (
                 UPDATE coaches c SET claims_revision = c.claims_revision + 1 FROM w WHERE c.user_id = w.coach_id
                 RETURNING c.revision, c.claims_revision, c.calendars_known_at, c.calendars_known_until, c.unknown_policy,
                     c.unknown_keep_minutes) ",
            rows!(
                "locked",
                "(locked.revision <> w.revision OR locked.claims_revision <> w.claims_revision + 1)::int::bigint AS stale",
                " FROM w CROSS JOIN locked"
            )
        ),
    );
    let rows = bind(open, secret, start).bind(LONGEST_TAKEN_MINUTES * 60_000).all(&mut *tx).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let held = hold::held_of(row)?;
    let Some(offer) = bookings.offers.at(tx, held.coach, row.get("locked_revision")?).await? else { return Ok(None) };
    let near = if row.get("stale")? { None } else { Some(claims::joined(&rows)?) };
    Ok(Some(Opened { held, offer, trust: CalendarTrust::of_row(row)?, now: bookings.deps.clock.now(), near }))
}

/// A hold and what stands around the time, read without a lock.
pub(super) struct Seen {
    pub(super) held: Held,
    pub(super) offer: Arc<CoachOffer>,
    /// Which state of the coach's time this is.
    pub(super) mark: TimeMark,
    /// The claims that the session and its buffers touch, but for the hold's own.
    pub(super) near: Vec<ClaimRow>,
}

/// As [`open_held`], without locking anything. All of it is one statement's view, but for the offer, which may be newer than
/// its revision: the coach's is then higher. `None` when there is no such hold.
pub(super) async fn see_held(bookings: &Bookings, secret: &Secret, start: Option<Instant>) -> Result<Option<Seen>, StoreError> {
    let see = sql(concat!("WITH w AS MATERIALIZED (", wish!(), ") ", claimed!("w", "0 AS stale", " FROM w")));
    let rows = bind(see, secret, start).all(&bookings.deps.store).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let held = hold::held_of(row)?;
    let Some(offer) = bookings.offers.at(&bookings.deps.store, held.coach, row.get("locked_revision")?).await? else { return Ok(None) };
    let mark = TimeMark { revision: row.get("locked_claims_revision")?, trust: CalendarTrust::of_row(row)? };
    Ok(Some(Seen { held, offer, mark, near: claims::joined(&rows)? }))
}

fn bind(statement: Statement, secret: &Secret, start: Option<Instant>) -> Statement {
    // Far beyond every calendar nothing is on offer or taken, but the database would count over the edge of its numbers.
    let edge = Instant::from_millis(i64::MAX / 4);
    let start = start.map(|start| start.clamp(Instant::from_millis(-edge.millis()), edge));
    statement.bind(secret.hash()).bind(start)
}
