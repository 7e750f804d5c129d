//! What was written for a booking, and where.

use crate::{
    integrations::{
        Integration,
        providers::{EventCalendar, EventKey, EventRef, EventState},
    },
    model::{BookingId, CalendarId, Instant, IntegrationId, UserId},
    store::{Row, StoreError, Target, Tx, sql},
};

/// How far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordState {
    /// It may have been made: whoever made it did not live to say so.
    Writing,
    /// It is there, or was when it was looked at last.
    Present,
    /// It was taken away, or never got there.
    Removed,
    /// The coach deleted it and wants it so, until the session itself changes.
    Left,
}

impl RecordState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Writing => "writing",
            Self::Present => "present",
            Self::Removed => "removed",
            Self::Left => "left",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Writing, Self::Present, Self::Removed, Self::Left].into_iter().find(|state| state.as_str() == word)
    }
}

/// The event of a booking, as it was written last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) booking: BookingId,
    pub(super) coach: UserId,
    pub(super) integration: IntegrationId,
    pub(super) calendar: CalendarId,
    pub(super) state: RecordState,
    pub(super) attempt: u32,
    pub(super) external_id: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) start: Instant,
    pub(super) end: Instant,
    /// The change of the booking that was written last.
    pub(super) ordinal: i64,
    /// Whether the coach is being asked about what was found in the calendar.
    pub(super) drifted: bool,
    /// When it was written last.
    pub(super) updated_at: Instant,
}

/// The calendar that receives a coach's bookings, and its account.
#[derive(Debug, Clone)]
pub(super) struct CalendarOf {
    pub(super) id: CalendarId,
    pub(super) integration: Integration,
    pub(super) calendar: EventCalendar,
}

macro_rules! select_calendar {
    ($condition:literal) => {
        concat!(
            "SELECT i.*, c.id AS calendar_id, c.external_id AS calendar_external, c.external_kind AS calendar_kind,
                    c.credential_ref AS calendar_credential
             FROM integration_calendars c JOIN calendar_integrations i ON i.id = c.integration_id WHERE ",
            $condition
        )
    };
}

impl CalendarOf {
    /// The one that `coach` chose; `None` when none is chosen, or its account is disconnected.
    pub(super) async fn chosen(on: impl Into<Target<'_>>, coach: UserId) -> Result<Option<Self>, StoreError> {
        let row = sql(select_calendar!("c.coach_id = $1 AND c.receives_bookings = 1 AND i.can_write = 1 AND i.health <> 'disconnected'"));
        row.bind(coach).optional(on).await?.as_ref().map(Self::of_row).transpose()
    }

    /// The one that `record` is in; `None` when its account is disconnected.
    pub(super) async fn of(on: impl Into<Target<'_>>, record: &Record) -> Result<Option<Self>, StoreError> {
        let row = sql(select_calendar!("c.id = $1 AND i.coach_id = $2 AND i.health <> 'disconnected'"));
        row.bind(record.calendar).bind(record.coach).optional(on).await?.as_ref().map(Self::of_row).transpose()
    }

    fn of_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("calendar_id")?,
            integration: Integration::of_row(row)?,
            calendar: EventCalendar {
                external_id: row.get("calendar_external")?,
                external_kind: row.get("calendar_kind")?,
                credential_ref: row.get("calendar_credential")?,
            },
        })
    }
}

impl Record {
    pub(super) async fn load(on: impl Into<Target<'_>>, booking: BookingId) -> Result<Option<Self>, StoreError> {
        let row = sql("SELECT * FROM booking_calendar_events WHERE booking_id = $1").bind(booking).optional(on).await?;
        row.as_ref().map(Self::of_row).transpose()
    }

    fn of_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            booking: row.get("booking_id")?,
            coach: row.get("coach_id")?,
            integration: row.get("integration_id")?,
            calendar: row.get("calendar_id")?,
            state: row.parse("state", RecordState::parse)?,
            attempt: row.get("attempt")?,
            external_id: row.get("external_id")?,
            etag: row.get("etag")?,
            start: row.get("starts_at")?,
            end: row.get("ends_at")?,
            ordinal: row.get("ordinal")?,
            drifted: row.get::<Option<String>>("drift")?.is_some(),
            updated_at: row.get("updated_at")?,
        })
    }

    /// Names the event, for the provider.
    pub(super) fn event_ref(&self) -> EventRef {
        let key = EventKey { booking: self.booking, attempt: self.attempt };
        EventRef { key, external_id: self.external_id.clone(), etag: self.etag.clone() }
    }

    /// Stores that an event is about to be made in `into`, as attempt `attempt`: before the provider is asked.
    pub(super) async fn begin(
        tx: &mut Tx,
        booking: &crate::bookings::Booking,
        into: &CalendarOf,
        attempt: u32,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let begin = sql("INSERT INTO booking_calendar_events
                (booking_id, coach_id, integration_id, calendar_id, state, attempt, starts_at, ends_at, ordinal, updated_at)
             VALUES ($1, $2, $3, $4, 'writing', $5, $6, $7, 0, $8)
             ON CONFLICT (booking_id) DO UPDATE SET integration_id = $3, calendar_id = $4, state = 'writing', attempt = $5, external_id = NULL,
                etag = NULL, starts_at = $6, ends_at = $7, ordinal = 0, drift = NULL, drift_at = NULL, drift_starts_at = NULL,
                drift_ends_at = NULL, check_at = NULL, updated_at = $8 RETURNING *");
        let begin = begin.bind(booking.id).bind(booking.coach_id).bind(into.integration.id).bind(into.id).bind(attempt);
        Self::of_row(&begin.bind(booking.starts_at).bind(booking.ends_at).bind(now).one(tx).await?)
    }

    /// Stores that the event is in the calendar as `state`, by the change `ordinal`, to be looked at again at `check_at`.
    pub(super) async fn written(
        &self,
        tx: &mut Tx,
        state: &EventState,
        ordinal: i64,
        check_at: Instant,
        now: Instant,
    ) -> Result<(), StoreError> {
        let write = sql("UPDATE booking_calendar_events SET state = 'present', external_id = $2, etag = $3, starts_at = $4, ends_at = $5,
                ordinal = $6, drift = NULL, drift_at = NULL, drift_starts_at = NULL, drift_ends_at = NULL, check_at = $7, updated_at = $8
             WHERE booking_id = $1 AND attempt = $9 AND ordinal <= $6");
        let write = write.bind(self.booking).bind(&state.external_id).bind(state.etag.as_deref()).bind(state.start).bind(state.end);
        write.bind(ordinal).bind(check_at).bind(now).bind(self.attempt).run(tx).await.map(drop)
    }

    /// Stores that there is no event any more.
    pub(super) async fn removed(&self, tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
        let remove = sql("UPDATE booking_calendar_events SET state = 'removed', drift = NULL, drift_at = NULL, drift_starts_at = NULL,
                drift_ends_at = NULL, check_at = NULL, updated_at = $2 WHERE booking_id = $1");
        remove.bind(self.booking).bind(now).run(tx).await.map(drop)
    }
}
