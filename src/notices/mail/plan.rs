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
        BookingChange::Completed | BookingChange::NoShow => false,
        BookingChange::Confirmed if own_answer => !receives_bookings(tx, change.booking.coach_id).await?,
        BookingChange::Declined if own_answer => {
            was_agreed(&mut *tx, change).await? && !receives_bookings(tx, change.booking.coach_id).await?
        }
        _ => true,
    })
}

/// Whether bookings are written into a calendar of this coach.
pub(super) async fn receives_bookings(on: impl Into<Target<'_>>, coach: UserId) -> Result<bool, StoreError> {
    let row = sql("SELECT id FROM integration_calendars WHERE coach_id = $1 AND receives_bookings = 1");
    Ok(row.bind(coach).optional(on).await?.is_some())
}

/// Whether the booking was agreed at some time before the change, and so in people's calendars.
pub(super) async fn was_agreed(on: impl Into<Target<'_>>, change: &Change) -> Result<bool, StoreError> {
    let row = sql("SELECT id FROM booking_events WHERE booking_id = $1 AND ordinal < $2 AND status = 'confirmed' LIMIT 1");
    Ok(row.bind(change.booking.id).bind(change.ordinal).optional(on).await?.is_some())
}
