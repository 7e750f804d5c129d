//! One attempt to make the calendar what the booking is.

use async_trait::async_trait;

use super::{
    apply::{Applied, Apply, LINK_PATIENCE_MINUTES},
    record::{CalendarOf, Record, RecordState},
    wish::Wish,
};
use crate::{
    Deps,
    bookings::{self, Booking},
    config::PublicUrl,
    error::Internal,
    integrations::tokens::Tokens,
    jobs::{Handler, Job, Verdict},
    model::{BookingId, BookingStatus},
    store::{StoreError, Target, sql},
};

/// Writes bookings into calendars, and looks whether they are still there.
pub struct CalendarEvents {
    pub(super) tokens: Tokens,
    pub(super) public_url: PublicUrl,
}

impl CalendarEvents {
    /// Through `tokens`; events lead to the bookings' pages under `public_url`.
    pub const fn new(tokens: Tokens, public_url: PublicUrl) -> Self {
        Self { tokens, public_url }
    }

    pub(super) const fn deps(&self) -> &Deps {
        &self.tokens.deps
    }

    async fn settle(&self, booking: &Booking, ordinal: i64) -> Result<Verdict, Internal> {
        let now = self.deps().clock.now();
        let record = Record::load(&self.deps().store, booking.id).await?;
        if record.as_ref().is_some_and(|record| record.state == RecordState::Left && record.ordinal >= ordinal) {
            return Ok(Verdict::Moot("The coach deleted the event and wants it so.".to_owned()));
        }
        let there = record.filter(|record| matches!(record.state, RecordState::Writing | RecordState::Present));
        match (Wish::of(booking, now), there) {
            (Wish::Leave, _) => Ok(Verdict::Moot("The session is over.".to_owned())),
            (Wish::Absent | Wish::PresentIfAny, None) => Ok(Verdict::Done),
            (Wish::Absent, Some(record)) => self.take_away(&record).await,
            (Wish::Present, None) => self.make(booking, ordinal).await,
            (Wish::Present | Wish::PresentIfAny, Some(record)) => self.keep(booking, &record, ordinal).await,
        }
    }

    /// People have to meet whatever becomes of the calendar: when nobody makes a link, or nobody did for long enough, a room stands in.
    async fn link_in_any_case(&self, booking: &Booking, verdict: &Verdict) -> Result<(), Internal> {
        let late = self.deps().clock.now() >= booking.updated_at.plus_minutes(LINK_PATIENCE_MINUTES);
        let in_vain = match verdict {
            Verdict::Hopeless(_) | Verdict::Moot(_) => true,
            Verdict::Failed { .. } => late,
            Verdict::Done | Verdict::Later(..) => false,
        };
        if in_vain && booking.status == BookingStatus::Confirmed { self.settle_link(booking, None).await } else { Ok(()) }
    }

    async fn take_away(&self, record: &Record) -> Result<Verdict, Internal> {
        let Some(into) = CalendarOf::of(&self.deps().store, record).await? else {
            // It is taken away when the coach connects that calendar again.
            return Ok(Verdict::Moot("The calendar is disconnected: the event is still in it.".to_owned()));
        };
        match (Apply { events: self, into: &into }).remove(record).await? {
            Applied::Done(()) => {
                self.forget(record).await?;
                self.read_soon(&into).await?;
                Ok(Verdict::Done)
            }
            Applied::Not(verdict) => Ok(verdict),
        }
    }

    /// There is no event yet, or none any more.
    async fn make(&self, booking: &Booking, ordinal: i64) -> Result<Verdict, Internal> {
        let Some(into) = CalendarOf::chosen(&self.deps().store, booking.coach_id).await? else {
            // Nobody makes a link: people have to meet all the same.
            self.settle_link(booking, None).await?;
            return Ok(Verdict::Moot("No calendar receives bookings.".to_owned()));
        };
        let record = self.begin(booking, &into, None).await?;
        self.write(booking, record, &into, ordinal).await
    }

    /// There is an event, or may be.
    async fn keep(&self, booking: &Booking, record: &Record, ordinal: i64) -> Result<Verdict, Internal> {
        let Some(into) = CalendarOf::of(&self.deps().store, record).await? else {
            // The account is disconnected. If bookings go elsewhere now, so does this one.
            let elsewhere = CalendarOf::chosen(&self.deps().store, booking.coach_id).await?;
            let Some(into) = elsewhere else { return Ok(Verdict::Moot("The calendar is disconnected.".to_owned())) };
            let record = self.begin(booking, &into, Some(record)).await?;
            return self.write(booking, record, &into, ordinal).await;
        };
        if record.state == RecordState::Writing || record.ordinal < ordinal {
            return self.write(booking, record.clone(), &into, ordinal).await;
        }
        if booking.awaits_link() { self.look_for_link(booking, record, &into).await } else { Ok(Verdict::Done) }
    }

    async fn write(&self, booking: &Booking, mut record: Record, into: &CalendarOf, ordinal: i64) -> Result<Verdict, Internal> {
        let apply = Apply { events: self, into };
        // Ids that are spent are found out one by one; nobody deletes the same session's event often.
        for _ in 0..5 {
            let applied = match record.state {
                RecordState::Present => apply.update(booking, &record, ordinal).await?,
                RecordState::Writing | RecordState::Removed | RecordState::Left => apply.create(booking, &record, ordinal).await?,
            };
            match applied {
                Applied::Not(verdict) => return Ok(verdict),
                Applied::Done(Some(state)) => return self.written(booking, &record, into, &state, ordinal).await,
                Applied::Done(None) => record = self.begin(booking, into, Some(&record)).await?,
            }
        }
        Ok(Verdict::failed("The calendar takes none of the ids that were tried."))
    }

    async fn begin(&self, booking: &Booking, into: &CalendarOf, before: Option<&Record>) -> Result<Record, Internal> {
        let mut tx = self.deps().store.begin().await?;
        let before = match before {
            Some(record) => Some(record.attempt),
            None => Record::load(&mut tx, booking.id).await?.map(|record| record.attempt),
        };
        let record = Record::begin(&mut tx, booking, into, before.unwrap_or(0) + 1, self.deps().clock.now()).await?;
        tx.commit().await?;
        Ok(record)
    }
}

#[async_trait]
impl Handler for CalendarEvents {
    async fn run(&self, job: &Job) -> Result<Verdict, Internal> {
        let Some(id) = job.booking_id else { return Err(Internal::new("a job about no booking")) };
        let store = &self.deps().store;
        let Some(booking) = bookings::find(store, id).await? else { return Ok(Verdict::Moot("There is no such session.".to_owned())) };
        if job.payload["check"] == true {
            return self.check(&booking).await;
        }
        let ordinal = last_change(store, id).await?;
        let verdict = self.settle(&booking, ordinal).await?;
        self.link_in_any_case(&booking, &verdict).await?;
        Ok(verdict)
    }
}

/// The number of the booking's last change.
pub(super) async fn last_change(on: impl Into<Target<'_>>, booking: BookingId) -> Result<i64, StoreError> {
    let row = sql("SELECT COALESCE(MAX(ordinal), 0) AS last FROM booking_events WHERE booking_id = $1").bind(booking).one(on).await?;
    row.get("last")
}
