//! Booking without waiting for a lock, when nothing changes in between: one statement reads, one writes.
//!
//! The decision is as strong as one made under the lock (`decide`). Everything that it reads is named by the coach's row:
//!
//! - the offer (hours, zone, session types, whether the account is active) by `revision`;
//! - claims, the bookings that count towards caps, and the calendars' busy time by `claims_revision`: whoever changes one
//!   raises it in the same transaction;
//! - what the calendars are worth by `calendars_known_at` and `calendars_known_until`, which a read that finds nothing new
//!   moves alone; what the coach wants when they are not known by `claims_revision` again;
//! - the hold's row never changes.
//!
//! The coach's row is read in the first statement, everything else with it or later. The second statement locks the row and
//! writes only if all four are what they were: then nobody committed a change since, and what was read is what a
//! decision under the lock would have read. A change that came before the reads and after the row only makes them newer than
//! their numbers, and the numbers differ.
//!
//! The clock is read when the connection to write on is at hand, right before the second statement is sent; if that has to
//! wait for the lock for more than two seconds, PostgreSQL drops it. (On SQLite nobody else writes while a connection is
//! had, but for another process; that is waited for as long as `store` says.) So a time whose notice runs out meanwhile is
//! not booked much later. And as every earlier decision was committed before the reads, histories still tell what
//! happened in order.
//!
//! On SQLite a transaction that finds the writer idle locks at once: reading first would cost it as many trips. Where others
//! write, reading needs no turn, and the turn is then short.
//!
//! Whatever else is the case (a change, a refusal, a hold in the way that ended and has to be swept) is decided under the
//! lock, once: only there refusals are given.

use crate::{
    accounts::MenteeActor,
    integrations::{busy::Freshness, standing::Standing},
    time::Secret,
};

use super::{
    Bookings,
    book::{BookError, BookRequest, wanted},
    decide::Unlocked,
    make::{self, Agreed},
    open_held::{Seen, see_held},
    view::Booking,
};

/// Books what the hold of `secret` is about, if that can be had and nothing about the coach changes meanwhile. `None` when it
/// has to be decided under the lock; then nothing was stored.
///
/// # Errors
/// As [`make::make`].
pub(super) async fn book(
    bookings: &Bookings,
    mentee: MenteeActor,
    secret: &Secret,
    request: &BookRequest,
    freshness: Freshness,
) -> Result<Option<Booking>, BookError> {
    let deps = &bookings.deps;
    let Some(Seen { held, offer, mark, near }) = see_held(bookings, secret, request.start).await? else { return Ok(None) };
    let Ok((kind, mut wish)) = wanted(&offer, &held, request, Standing::Known) else { return Ok(None) };
    let read = Unlocked::read(&deps.store, &offer, &wish, &mark.trust, near).await?;
    let writer = deps.store.writer().await?;
    let now = deps.clock.now();
    wish.standing = freshness.standing(&mark.trust, now);
    let Some(session) = read.judge(&offer, &wish, now) else { return Ok(None) };
    let asks = kind.approval_required || wish.standing.asks_the_coach();
    let collects = bookings.collects(kind);
    let agreed = Agreed { offer: &offer, kind, asks, collects, held: &held, session, notes: request.notes.clone(), mentee, secret, now };
    make::make_unless_changed(writer, &*deps.ids, agreed, &mark).await
}
