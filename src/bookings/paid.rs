//! What a booking becomes when its payment is made, or is not to come any more. Only `payments` calls this: it knows, from whoever holds the
//! money, and writes what it knows in the same transaction.

use crate::{
    coaches::SessionType,
    error::Internal,
    model::{BookingId, BookingStatus, Ending, Instant, UserId},
    store::{StoreError, Target, Tx, sql},
};

use super::{
    Bookings,
    book::answer_by,
    claims, decide,
    events::{self, BookingChange, Entry},
    view::{self, Booking},
};

/// Why a booking ended that was not paid in time.
pub const PAID_TOO_LATE: &str = "It was not paid in time.";

/// What became of the payment that a booking waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collected {
    /// It is paid: the session is agreed.
    Paid,
    /// The money is held: the request goes to the coach.
    Held,
    /// It will not come: the time is free again, for this reason.
    Not(&'static str),
}

impl Bookings {
    /// The same, with prices collected here.
    pub fn with_payments(self) -> Self {
        Self { pays: true, ..self }
    }

    /// Whether the price of `kind` is collected here.
    pub fn collects(&self, kind: &SessionType) -> bool {
        self.pays && !kind.price.is_free()
    }

    /// Locks the coach and gives the booking as it stands, and when that was. `None` when there is no such booking.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn open(&self, tx: &mut Tx, coach: UserId, id: BookingId) -> Result<Option<(Booking, Instant)>, StoreError> {
        let Some((_, now)) = decide::open(tx, self, coach).await? else { return Ok(None) };
        Ok(view::find(tx, id).await?.map(|booking| (booking, now)))
    }

    /// Notes what became of the payment of `booking`, which was opened in `tx` and waits for it. One that does not (any more) stays as it is;
    /// gives whether it did.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn collected(&self, tx: &mut Tx, booking: &Booking, outcome: Collected, now: Instant) -> Result<bool, Internal> {
        if booking.status != BookingStatus::Pending || !booking.is_unpaid() {
            return Ok(false);
        }
        let (to, step, answer, change, why) = match outcome {
            Collected::Paid => (BookingStatus::Confirmed, "made", None, BookingChange::Booked, ""),
            Collected::Held => (BookingStatus::Pending, "made", Some(answer_by(now, booking.starts_at)), BookingChange::Requested, ""),
            Collected::Not(why) => (BookingStatus::Expired, "awaited", None, BookingChange::Expired, why),
        };
        sql("UPDATE bookings SET status = $2, payment = $3, answer_by = $4, updated_at = $5 WHERE id = $1")
            .bind(booking.id)
            .bind(to.as_str())
            .bind(step)
            .bind(answer)
            .bind(now)
            .run(tx)
            .await?;
        if !to.is_live() {
            claims::release_booking(tx, booking.id).await?;
        }
        let (starts_at, sequence) = (booking.starts_at, booking.sequence);
        let entry = Entry { booking: booking.id, actor: None, change, why, status: to, starts_at, sequence };
        events::record(tx, &*self.deps.ids, now, entry).await?;
        Ok(true)
    }

    /// Keeps the time of `booking`, which waits for its payment, until `until`.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn keep_until(&self, tx: &mut Tx, booking: &Booking, until: Instant) -> Result<(), StoreError> {
        let keep = sql("UPDATE bookings SET answer_by = $2 WHERE id = $1 AND status = 'pending' AND payment = 'awaited'");
        keep.bind(booking.id).bind(until).run(tx).await.map(drop)
    }
}

/// How `booking` came to stand where it does, as far as it matters for its money.
///
/// # Errors
/// What the database says.
pub(crate) async fn ending(on: impl Into<Target<'_>>, booking: &Booking) -> Result<Ending, StoreError> {
    match booking.status {
        BookingStatus::Pending | BookingStatus::Confirmed | BookingStatus::Completed => return Ok(Ending::TakesPlace),
        BookingStatus::NoShow => return Ok(Ending::NoShow),
        BookingStatus::Declined | BookingStatus::Expired => return Ok(Ending::NotByMentee),
        BookingStatus::Cancelled => {}
    }
    let row = sql("SELECT e.at, e.starts_at, e.actor_role, p.status AS before FROM booking_events e
         JOIN booking_events p ON p.booking_id = e.booking_id AND p.ordinal = e.ordinal - 1
         WHERE e.booking_id = $1 AND e.what = 'cancelled'");
    let row = row.bind(booking.id).one(on).await?;
    if row.get::<String>("actor_role")? != "client" {
        return Ok(Ending::NotByMentee);
    }
    let (starts_at, before): (Instant, String) = (row.get("starts_at")?, row.get("before")?);
    Ok(Ending::ByMentee {
        at: row.get("at")?,
        free_until: starts_at.plus_minutes(-i64::from(booking.notice_minutes)),
        agreed: before == BookingStatus::Confirmed.as_str(),
    })
}
