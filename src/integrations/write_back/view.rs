//! Where a booking stands in the coach's calendar, for pages and programs.

use super::{
    WriteBack,
    handler::last_change,
    record::{CalendarOf, Record, RecordState},
};
use crate::{
    bookings::Booking,
    error::Internal,
    integrations::ProviderKind,
    model::{BookingStatus, Instant},
    store::{StoreError, sql},
};

/// Whether a session is in the coach's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InCalendar {
    /// No calendar receives bookings, or the session is nothing to write (any more).
    NotWanted,
    /// It is there as it is.
    Written,
    /// Not yet, or not as it is now.
    NotYet {
        /// Since when it is outstanding.
        since: Instant,
        /// Why the last try failed, if one did.
        problem: Option<String>,
        /// Whether it was given up.
        given_up: bool,
    },
}

/// The event of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEventView {
    /// Whether it is there.
    pub state: InCalendar,
    /// The provider's id of it.
    pub event_id: Option<String>,
}

impl WriteBack {
    /// Where `booking`, which the caller may see, stands in its coach's calendar.
    ///
    /// # Errors
    /// What the database says.
    pub async fn view(&self, booking: &Booking) -> Result<CalendarEventView, Internal> {
        let store = &self.deps.store;
        let record = Record::load(store, booking.id).await?;
        let last = last_change(store, booking.id).await?;
        let left = record.as_ref().is_some_and(|record| record.state == RecordState::Left && record.ordinal >= last);
        let record = record.filter(|record| record.state == RecordState::Present);
        let event_id = record.as_ref().and_then(|record| record.external_id.clone());
        let coming = booking.status == BookingStatus::Confirmed && booking.ends_at > self.deps.clock.now();
        if !coming || left {
            return Ok(CalendarEventView { state: InCalendar::NotWanted, event_id });
        }
        let state = match record {
            Some(record) if record.ordinal >= last => InCalendar::Written,
            record => {
                let wanted = record.is_some() || CalendarOf::chosen(store, booking.coach_id).await?.is_some();
                if wanted { self.outstanding(booking).await? } else { InCalendar::NotWanted }
            }
        };
        Ok(CalendarEventView { state, event_id })
    }

    /// Into which kind of calendar `booking`, which the caller may see, is written; `None` when its coach has chosen none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn receiving(&self, booking: &Booking) -> Result<Option<ProviderKind>, Internal> {
        let store = &self.deps.store;
        let written = match Record::load(store, booking.id).await?.filter(|record| record.state == RecordState::Present) {
            Some(record) => CalendarOf::of(store, &record).await?,
            None => None,
        };
        let into = match written {
            Some(into) => Some(into),
            None => CalendarOf::chosen(store, booking.coach_id).await?,
        };
        Ok(into.map(|into| into.integration.kind))
    }

    async fn outstanding(&self, booking: &Booking) -> Result<InCalendar, StoreError> {
        let job = sql(
            "SELECT created_at, problem, state FROM jobs WHERE booking_id = $1 AND kind = 'calendar_event' AND state IN ('waiting', 'dead')
             ORDER BY lane_no DESC, id DESC LIMIT 1",
        );
        let Some(job) = job.bind(booking.id).optional(&self.deps.store).await? else {
            return Ok(InCalendar::NotYet { since: booking.updated_at, problem: None, given_up: false });
        };
        let given_up = job.get::<String>("state")? == "dead";
        Ok(InCalendar::NotYet { since: job.get("created_at")?, problem: job.get("problem")?, given_up })
    }
}
