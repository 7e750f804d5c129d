use async_trait::async_trait;
use serde_json::json;

use super::Side;
use crate::{
    Deps,
    bookings::{BookingChange, Change},
    jobs::{self, JobKind, NewJob},
    model::{Role, UserId},
    notices::Consequence,
    store::{StoreError, Target, Tx, sql},
};

/// A mail for each person who is to learn of a change.
#[derive(Debug, Clone, Copy)]
pub struct BookingMails;

#[async_trait]
impl Consequence for BookingMails {
    async fn plan(&self, tx: &mut Tx, deps: &Deps, change: &Change) -> Result<(), StoreError> {
        let now = deps.clock.now();
        for side in Side::BOTH {
            if !wants(tx, change, side).await? {
                continue;
            }
            let (booking, to) = (change.booking.id, side.as_str());
            let job = NewJob {
                kind: JobKind::BookingMail,
                key: key(change.id.as_str(), side),
                lane: Some((format!("mail:{booking}:{to}"), change.ordinal)),
                coach_id: Some(change.booking.coach_id),
                booking_id: Some(booking),
                user_id: Some(person(change, side)),
                payload: json!({ "event": change.id, "to": to }),
                run_at: now,
            };
            jobs::enqueue(tx, &*deps.ids, now, job).await?;
        }
        Ok(())
    }
}

/// The key of the mail that tells `side` of the change `event`.
pub(super) fn key(event: &str, side: Side) -> String {
    format!("mail:{event}:{}", side.as_str())
}

fn person(change: &Change, side: Side) -> UserId {
    match side {
        Side::Client => change.booking.client_id,
        Side::Coach => change.booking.coach_id,
    }
}

/// Whether `side` is told. A mentee of everything; a coach of what they did to a request themselves only if a calendar has to learn of it,
/// since they answer many.
async fn wants(tx: &mut Tx, change: &Change, side: Side) -> Result<bool, StoreError> {
    let own_answer = side == Side::Coach && change.role == Some(Role::Coach);
    Ok(match change.what {
        BookingChange::Reserved | BookingChange::Completed | BookingChange::NoShow => false,
        BookingChange::Confirmed if own_answer => !only_written(tx, change).await?,
        BookingChange::Declined if own_answer => was_agreed(&mut *tx, change).await? && !only_written(tx, change).await?,
        _ => true,
    })
}

/// Whether the coach has the session in their calendar by its being written there, and by no invitation that was mailed before they
/// connected it: one that was mailed once is kept up, or it would stay in their calendar as it was.
pub(super) async fn only_written<'a>(on: impl Into<Target<'a>>, change: &Change) -> Result<bool, StoreError> {
    let mut on = on.into();
    if !receives_bookings(on.reborrow(), change.booking.coach_id).await? {
        return Ok(false);
    }
    let invited = sql("SELECT id FROM jobs WHERE booking_id = $1 AND kind = 'booking_mail' AND lane = $2 AND lane_no < $3
         AND payload LIKE '%\"invited\":true%' LIMIT 1");
    let lane = format!("mail:{}:{}", change.booking.id, Side::Coach.as_str());
    Ok(invited.bind(change.booking.id).bind(lane).bind(change.ordinal).optional(on).await?.is_none())
}

/// Whether bookings are written into a calendar of this coach.
pub(super) async fn receives_bookings(on: impl Into<Target<'_>>, coach: UserId) -> Result<bool, StoreError> {
    let row = sql("SELECT c.id FROM integration_calendars c JOIN calendar_integrations i ON i.id = c.integration_id
         WHERE c.coach_id = $1 AND c.receives_bookings = 1 AND i.can_write = 1 AND i.health <> 'disconnected'");
    Ok(row.bind(coach).optional(on).await?.is_some())
}

/// Whether the booking was agreed at some time before the change, and so in people's calendars.
pub(super) async fn was_agreed(on: impl Into<Target<'_>>, change: &Change) -> Result<bool, StoreError> {
    let row = sql("SELECT id FROM booking_events WHERE booking_id = $1 AND ordinal < $2 AND status = 'confirmed' LIMIT 1");
    Ok(row.bind(change.booking.id).bind(change.ordinal).optional(on).await?.is_some())
}
