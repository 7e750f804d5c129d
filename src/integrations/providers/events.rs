//! Writing a booking into a calendar as one event.

use async_trait::async_trait;

use super::Access;
use crate::{
    integrations::outcome::CallError,
    model::{BookingId, Instant},
    time::Zone,
};

/// Which event: every id that a provider lets us choose follows from it, so that what was made by a try whose answer was lost is found
/// again and never made twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventKey {
    /// The booking it stands for.
    pub booking: BookingId,
    /// The how manieth event of this booking, from 1: ids of deleted events cannot be used again.
    pub attempt: u32,
}

impl EventKey {
    /// The UID of the booking, in calendars and invitations alike: the same for every attempt.
    pub fn uid(&self) -> String {
        uid_of(self.booking)
    }
}

/// The iCalendar UID of a booking, for life (RFC 5545, 3.8.4.7).
pub fn uid_of(booking: BookingId) -> String {
    format!("{}@wellmet", booking.as_str().to_ascii_lowercase())
}

/// The calendar that is written to; see [`super::RemoteCalendar`] for its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCalendar {
    /// The provider's id of it.
    pub external_id: String,
    /// What the provider calls its kind, where it has several.
    pub external_kind: String,
    /// Cal.com's credential id.
    pub credential_ref: Option<String>,
}

/// What the event is to be. It names no attendee: the mentee is invited by our own mail, and a provider would invite once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDraft {
    /// Which.
    pub key: EventKey,
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// The coach's zone, for providers that want one to show it in.
    pub zone: Zone,
    /// What the calendar shows.
    pub summary: String,
    /// Plain text, several lines.
    pub description: String,
    /// Where it is; may be empty, and a link.
    pub location: String,
    /// The booking's page on this site.
    pub page: String,
    /// Rises with every change of the booking.
    pub sequence: i64,
    /// When the booking last changed.
    pub stamp: Instant,
    /// Whether the provider is to make a meeting link.
    pub wants_link: bool,
    /// The mentee, for providers that have bookings of their own instead of events (Cal.com): name and mail address.
    pub mentee: (String, String),
}

/// The event that was written before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRef {
    /// Which.
    pub key: EventKey,
    /// The provider's id (CalDAV: its address); `None` when the answer that had it was lost.
    pub external_id: Option<String>,
    /// The provider's mark of its state when it was last written or seen.
    pub etag: Option<String>,
}

/// The meeting link of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventLink {
    /// None was wanted.
    Unwanted,
    /// The provider is still making it: look again.
    Pending,
    /// This one.
    Made(String),
    /// This calendar has none: a personal Microsoft account, a CalDAV server.
    Impossible,
}

/// An event as it is in the calendar now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventState {
    /// The provider's id of it.
    pub external_id: String,
    /// The provider's mark of its state, if it gives one that can be compared.
    pub etag: Option<String>,
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// Its meeting link.
    pub link: EventLink,
}

/// Why an event was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// What was to be changed is not there any more: the coach deleted it.
    #[error("the event is not in the calendar any more")]
    Deleted,
    /// The ids of this attempt belong to an event that was deleted: the next attempt has others.
    #[error("the event's id was used before")]
    IdSpent,
    /// It was changed since its mark was taken: look, and write again.
    #[error("the event was changed in the calendar")]
    Changed,
    /// The call as such.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// A provider that takes events.
#[async_trait]
pub trait EventWriter: Send + Sync {
    /// Makes the event. If an earlier try of the same key made it, gives that one, brought up to `event`.
    ///
    /// # Errors
    /// `IdSpent` or `Call`. After a `Call` that broke off it may have been made all the same: the same call again finds it.
    async fn create(&self, with: &Access<'_>, calendar: &EventCalendar, event: &EventDraft) -> Result<EventState, WriteError>;

    /// Brings the event `at` up to `event`, in place: its id and its meeting link stay.
    ///
    /// # Errors
    /// `Deleted`, `Changed` or `Call`.
    async fn update(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        at: &EventRef,
        event: &EventDraft,
    ) -> Result<EventState, WriteError>;

    /// Takes the event `at` away. One that is not there (any more) is away.
    ///
    /// # Errors
    /// `Changed` or `Call`.
    async fn remove(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<(), WriteError>;

    /// The event `at` as it is now; `None` when it is not there, or cancelled there.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn look(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<Option<EventState>, CallError>;
}
