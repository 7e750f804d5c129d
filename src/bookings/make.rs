//! A new booking, its claim and the first row of its history, in one round trip to the database: a coach (on SQLite,
//! everyone) waits for the transaction that this is in.

use crate::{
    accounts::MenteeActor,
    coaches::{CoachOffer, SessionType, TimeMark},
    error::Internal,
    model::{BookingId, BookingStatus, ClaimId, Instant, PaymentId, PaymentStep},
    store::{Row, Statement, StoreError, Tx, Writer, sql_for},
    time::{Ids, Interval, Secret},
};

use super::{
    book::{BookError, answer_by, pay_by},
    events::{BookingChange, EventId},
    hold::Held,
    view::Booking,
};

/// Everything a new booking is made of.
pub(super) struct Agreed<'a> {
    pub(super) offer: &'a CoachOffer,
    pub(super) kind: &'a SessionType,
    /// Whether it waits for the coach.
    pub(super) asks: bool,
    /// Whether its price is collected here: then it waits for that first.
    pub(super) collects: bool,
    pub(super) held: &'a Held,
    pub(super) session: Interval,
    pub(super) notes: String,
    pub(super) mentee: MenteeActor,
    /// What the form was sent with: its hash is the key of idempotency.
    pub(super) secret: &'a Secret,
    pub(super) now: Instant,
}

macro_rules! insert_booking {
    ($if:literal) => {
        concat!(
            "INSERT INTO bookings (id, coach_id, client_id, session_type_id, status, starts_at, ends_at, buffer_before_minutes,
            buffer_after_minutes, title, notes, client_time_zone, notice_minutes, price_minor, currency, place_kind,
            place_value, answer_by, submit_key, created_at, updated_at, late_refund_percent, no_show_percent, payment)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20, $27, $28, $29 ",
            $if
        )
    };
}
// The hold's claim, if it still stands, becomes the booking's, so that the time is not free for an instant in between.
macro_rules! turn_claim {
    ($if:literal) => {
        concat!(
            "UPDATE claims SET kind = 'booking', booking_id = $1, hold_id = NULL, expires_at = NULL, starts_at = $23, ends_at = $24
             WHERE hold_id = $21 ",
            $if
        )
    };
}
macro_rules! insert_claim {
    ($unless:literal, $if:literal) => {
        concat!(
            "INSERT INTO claims (id, coach_id, kind, starts_at, ends_at, booking_id)
             SELECT $22, $2, 'booking', $23, $24, $1 WHERE NOT EXISTS (",
            $unless,
            ") ",
            $if
        )
    };
}
macro_rules! insert_event {
    ($if:literal) => {
        concat!(
            "INSERT INTO booking_events (id, booking_id, at, actor_id, actor_role, what, why, status, starts_at, sequence)
             SELECT $25, $1, $20, $3, 'client', $26, '', $5, $6, 0 ",
            $if
        )
    };
}
// What is to be paid, if anything is: `$30` is null otherwise.
macro_rules! insert_payment {
    ($if:literal) => {
        concat!(
            "INSERT INTO payments (id, booking_id, coach_id, client_id, amount_minor, currency, capture, open_until, check_at, created_at,
                updated_at)
             SELECT $30, $1, $2, $3, $14, $15, $31, $18, $18, $20, $20 WHERE $30 IS NOT NULL ",
            $if
        )
    };
}

const MAKE: Statement = sql_for(
    concat!(
        insert_booking!(""),
        ";",
        turn_claim!(""),
        ";",
        insert_claim!("SELECT 1 FROM claims WHERE booking_id = $1", ""),
        ";",
        insert_event!(""),
        ";",
        insert_payment!(""),
        "; SELECT name, email FROM users WHERE id = $3"
    ),
    concat!(
        "WITH booking AS (",
        insert_booking!(""),
        "), turned AS (",
        turn_claim!(""),
        " RETURNING id), claimed AS (",
        insert_claim!("SELECT 1 FROM turned", ""),
        "), noted AS (",
        insert_event!(""),
        "), paying AS (",
        insert_payment!(""),
        ") SELECT name, email FROM users WHERE id = $3"
    ),
);

// The coach as they were when the decision's input was read.
macro_rules! unchanged {
    () => {
        "user_id = $2 AND revision = $32 AND claims_revision = $33
         AND calendars_known_at IS NOT DISTINCT FROM $34 AND calendars_known_until IS NOT DISTINCT FROM $35"
    };
}

// On SQLite the transaction is alone from its beginning: the booking is inserted if the coach is unchanged, the rest if
// the booking is there. On PostgreSQL whoever raises the coach's number is alone from then on; the rest follows if
// that did not have to be waited for too long.
const MAKE_UNLESS_CHANGED: Statement = sql_for(
    concat!(
        insert_booking!("FROM coaches WHERE "),
        unchanged!(),
        "; UPDATE coaches SET claims_revision = claims_revision + 1 WHERE user_id = $2 AND EXISTS (SELECT 1 FROM bookings WHERE id = $1);",
        turn_claim!("AND EXISTS (SELECT 1 FROM bookings WHERE id = $1)"),
        ";",
        insert_claim!("SELECT 1 FROM claims WHERE booking_id = $1", "AND EXISTS (SELECT 1 FROM bookings WHERE id = $1)"),
        ";",
        insert_event!("WHERE EXISTS (SELECT 1 FROM bookings WHERE id = $1)"),
        ";",
        insert_payment!("AND EXISTS (SELECT 1 FROM bookings WHERE id = $1)"),
        "; SELECT name, email FROM users WHERE id = $3 AND EXISTS (SELECT 1 FROM bookings WHERE id = $1)"
    ),
    concat!(
        "WITH locked AS (UPDATE coaches SET claims_revision = claims_revision + 1 WHERE ",
        unchanged!(),
        " RETURNING 1),
        alone AS MATERIALIZED (SELECT 1 FROM locked WHERE clock_timestamp() - statement_timestamp() < interval '2 seconds'),
        booking AS (",
        insert_booking!("WHERE EXISTS (SELECT 1 FROM alone)"),
        "), turned AS (",
        turn_claim!("AND EXISTS (SELECT 1 FROM alone)"),
        " RETURNING id), claimed AS (",
        insert_claim!("SELECT 1 FROM turned", "AND EXISTS (SELECT 1 FROM alone)"),
        "), noted AS (",
        insert_event!("WHERE EXISTS (SELECT 1 FROM alone)"),
        "), paying AS (",
        insert_payment!("AND EXISTS (SELECT 1 FROM alone)"),
        ") SELECT name, email FROM users WHERE id = $3 AND EXISTS (SELECT 1 FROM alone)"
    ),
);

impl Agreed<'_> {
    const fn status(&self) -> BookingStatus {
        if self.asks || self.collects { BookingStatus::Pending } else { BookingStatus::Confirmed }
    }

    const fn change(&self) -> BookingChange {
        match (self.collects, self.asks) {
            (true, _) => BookingChange::Reserved,
            (false, true) => BookingChange::Requested,
            (false, false) => BookingChange::Booked,
        }
    }

    fn answer_by(&self) -> Option<Instant> {
        if self.collects {
            return Some(pay_by(self.now, self.session.start));
        }
        self.asks.then(|| answer_by(self.now, self.session.start))
    }

    const fn payment(&self) -> PaymentStep {
        if self.collects { PaymentStep::Awaited } else { PaymentStep::None }
    }

    /// Binds what the row of `bookings` holds: `$1` to `$20`.
    fn bind(&self, statement: Statement, id: BookingId) -> Statement {
        let (kind, rules) = (self.kind, self.kind.rules);
        statement
            .bind(id)
            .bind(self.offer.coach_id)
            .bind(self.mentee.id())
            .bind(kind.id)
            .bind(self.status().as_str())
            .bind(self.session.start)
            .bind(self.session.end)
            .bind(rules.buffer_before_minutes)
            .bind(rules.buffer_after_minutes)
            .bind(&kind.name)
            .bind(&self.notes)
            .bind(self.held.zone.name())
            .bind(rules.notice_minutes)
            .bind(kind.price.minor)
            .bind(kind.price.currency)
            .bind(kind.place.kind.as_str())
            .bind(&kind.place.value)
            .bind(self.answer_by())
            .bind(self.secret.hash())
            .bind(self.now)
    }

    /// Binds all that is written: `$1` to `$31`.
    fn all(&self, statement: Statement, Fresh(id, claim, event, payment): &Fresh) -> Statement {
        let rules = self.kind.rules;
        let span = self.session.padded(rules.buffer_before_minutes, rules.buffer_after_minutes);
        let statement = self.bind(statement, *id).bind(self.held.id).bind(*claim).bind(span.start).bind(span.end);
        let statement = statement.bind(*event).bind(self.change().as_str());
        let refund = self.kind.refund;
        let statement = statement.bind(refund.late_refund_percent).bind(refund.no_show_percent).bind(self.payment().as_str());
        statement.bind(*payment).bind(if self.asks { "manual" } else { "automatic" })
    }

    /// The booking as its pages show it; `client` has the mentee's name and address.
    fn booking(self, id: BookingId, client: &Row) -> Result<Booking, StoreError> {
        let (offer, kind) = (self.offer, self.kind);
        Ok(Booking {
            id,
            coach_id: offer.coach_id,
            coach_name: offer.name.clone(),
            coach_slug: offer.slug.clone(),
            coach_zone: offer.zone.clone(),
            client_id: self.mentee.id(),
            client_name: client.get("name")?,
            client_email: client.get("email")?,
            session_type_id: kind.id,
            status: self.status(),
            starts_at: self.session.start,
            ends_at: self.session.end,
            buffers: (kind.rules.buffer_before_minutes, kind.rules.buffer_after_minutes),
            sequence: 0,
            title: kind.name.clone(),
            client_zone: self.held.zone.clone(),
            notice_minutes: kind.rules.notice_minutes,
            price: kind.price,
            refund: kind.refund,
            payment: self.payment(),
            place: kind.place.clone(),
            provider_link: None,
            answer_by: self.answer_by(),
            created_at: self.now,
            updated_at: self.now,
            notes: self.notes,
        })
    }
}

/// The ids of a new booking, its claim, the first row of its history and its payment, should it have one.
struct Fresh(BookingId, ClaimId, EventId, Option<PaymentId>);

impl Fresh {
    fn of(ids: &dyn Ids, agreed: &Agreed<'_>) -> Self {
        let now = agreed.now;
        Self(ids.id(now), ids.id(now), ids.id(now), agreed.collects.then(|| ids.id(now)))
    }
}

/// Stores the booking, commits, and gives it as its pages show it.
///
/// # Errors
/// `Unavailable` when a claim is in the way, `Internal` also when the form made a booking before.
pub(super) async fn make(tx: Tx, ids: &dyn Ids, agreed: Agreed<'_>) -> Result<Booking, BookError> {
    let fresh = Fresh::of(ids, &agreed);
    let rows = agreed.all(MAKE, &fresh).commit(tx).await?;
    let client = rows.first().ok_or_else(|| Internal::new("a mentee vanished while booking"))?;
    Ok(agreed.booking(fresh.0, client)?)
}

/// As [`make`], if the coach's revisions are still those of the offer and of `mark`, by which it was decided. `None` when
/// they are not; then nothing was stored.
///
/// # Errors
/// As [`make`].
pub(super) async fn make_unless_changed(
    writer: Writer,
    ids: &dyn Ids,
    agreed: Agreed<'_>,
    mark: &TimeMark,
) -> Result<Option<Booking>, BookError> {
    let fresh = Fresh::of(ids, &agreed);
    let make = agreed.all(MAKE_UNLESS_CHANGED, &fresh).bind(agreed.offer.revision).bind(mark.revision);
    let rows = make.bind(mark.trust.known_at).bind(mark.trust.known_until).alone(writer).await?;
    match rows.first() {
        Some(client) => Ok(Some(agreed.booking(fresh.0, client)?)),
        None => Ok(None),
    }
}
