//! Bookings as objects of a calendar (RFC 4791, 5.3.2), by conditional requests alone: nothing is written over that was not looked at.
//!
//! The UID is the booking's, the file is named by booking and attempt. Neither organizer nor attendee is in it: a server that schedules
//! (RFC 6638) would write to people by itself. The coach's own reminders are kept. There are no meeting links. Times are in UTC and always both there: iCloud wants an end.

use async_trait::async_trait;

use super::{
    Caldav, CaldavError, CaldavProvider, call_error,
    client::Condition,
    object::{Object, Refusal, object_at, object_of, strong_etag},
};
use crate::integrations::{
    ical::write::{EventStatus, EventText, calendar_text},
    outcome::CallError,
    providers::{Access, EventCalendar, EventDraft, EventKey, EventLink, EventRef, EventState, EventWriter, WriteError},
    safe_fetch::{Address, Reply},
};

/// How often a try that meets somebody else's is made anew.
const TRIES: usize = 3;

/// A calendar and the way to it.
struct Place {
    client: Caldav,
    calendar: Address,
}

impl From<CaldavError> for WriteError {
    fn from(error: CaldavError) -> Self {
        Self::Call(call_error(error))
    }
}

/// The object's text, with the reminders of the one that it takes the place of.
fn text_with(draft: &EventDraft, reminders: &str) -> String {
    let text = text_of(draft);
    match text.rfind("END:VEVENT") {
        Some(end) => format!("{}{reminders}{}", &text[..end], &text[end..]),
        None => text,
    }
}

/// The object's text.
fn text_of(draft: &EventDraft) -> String {
    let uid = draft.key.uid();
    let event = EventText {
        uid: &uid,
        sequence: draft.sequence,
        stamp: draft.stamp,
        start: draft.start,
        end: draft.end,
        summary: &draft.summary,
        description: &draft.description,
        location: &draft.location,
        url: Some(&draft.page),
        status: EventStatus::Confirmed,
        organizer: None,
        attendee: None,
    };
    calendar_text(None, None, &[event])
}

const fn is_success(reply: &Reply) -> bool {
    matches!(reply.status, 200..=299)
}

/// What a refusal means that no lookup can mend.
fn refused(refusal: Refusal) -> WriteError {
    match refusal {
        Refusal::Condition => WriteError::Changed,
        // The booking is in another calendar of the account, where it was not put by us.
        Refusal::SameUid(_) => CallError::Refused(409).into(),
        Refusal::NoCalendar => CallError::Gone.into(),
        Refusal::Other(error) => error.into(),
    }
}

impl CaldavProvider {
    fn place(&self, with: &Access<'_>, calendar: &EventCalendar) -> Result<Place, CallError> {
        let address = self.fetch.address(&calendar.external_id).map_err(|_| CallError::AddressRefused)?;
        Ok(Place { client: self.client(with)?, calendar: address })
    }
}

impl Place {
    /// Where the object of `key` is put.
    fn file(&self, key: EventKey) -> Result<Address, CaldavError> {
        let name = format!("{}-{}.ics", key.booking.as_str().to_ascii_lowercase(), key.attempt);
        let path = format!("{}/{name}", self.calendar.path().trim_end_matches('/'));
        self.client.follow(&self.calendar, &path)
    }

    /// Where the object `at` is by what is stored of it, if that is known.
    fn stored(&self, at: &EventRef) -> Result<Option<Address>, CaldavError> {
        at.external_id.as_deref().map(|address| self.client.follow(&self.calendar, address)).transpose()
    }

    /// The object `at`, standing; `None` when it is not there.
    async fn find(&self, at: &EventRef) -> Result<Option<Object>, CaldavError> {
        let found = match self.stored(at)? {
            Some(address) => object_at(&self.client, &address).await?,
            None => match object_at(&self.client, &self.file(at.key)?).await? {
                Some(object) => Some(object),
                None => match object_of(&self.client, &self.calendar, &at.key.uid()).await {
                    // With the calendar went what was in it.
                    Err(CaldavError::Gone) => None,
                    other => other?,
                },
            },
        };
        Ok(found.filter(|object| !object.event.cancelled))
    }

    /// The state of what was just put at `address`. A server that keeps another text than it was given gives no mark with it (RFC 4791,
    /// 5.3.4), others give a weak one: then it is read.
    async fn written(&self, address: &Address, reply: &Reply, draft: &EventDraft) -> EventState {
        let etag = match strong_etag(reply) {
            Some(etag) => Some(etag),
            // It is written; without a mark the next change looks first.
            None => object_at(&self.client, address).await.ok().flatten().and_then(|object| object.etag),
        };
        let link = if draft.wants_link { EventLink::Impossible } else { EventLink::Unwanted };
        EventState { external_id: address.reveal().to_owned(), etag, start: draft.start, end: draft.end, link }
    }

    /// Writes `draft` over `object` if that is still as it was; `None` when it is not.
    async fn put_over(&self, object: &Object, draft: &EventDraft) -> Result<Option<EventState>, WriteError> {
        let text = text_with(draft, &object.event.reminders);
        let reply = self.client.put(&object.address, Condition::of(object.etag.as_deref()), &text).await?;
        if is_success(&reply) {
            return Ok(Some(self.written(&object.address, &reply, draft).await));
        }
        match Refusal::of(&reply) {
            Refusal::Condition | Refusal::NoCalendar => Ok(None),
            refusal => Err(refused(refusal)),
        }
    }

    /// What has the booking's UID, after the server said that something has.
    async fn holder(&self, href: Option<&str>, uid: &str) -> Result<Option<Object>, CaldavError> {
        let named = href.and_then(|href| self.client.follow(&self.calendar, href).ok());
        // One in another calendar of the account is the coach's doing, and not ours to change.
        let inside = named.filter(|address| address.path().starts_with(self.calendar.path()));
        if let Some(address) = inside
            && let Some(object) = object_at(&self.client, &address).await?
            && object.event.uid == uid
        {
            return Ok(Some(object));
        }
        object_of(&self.client, &self.calendar, uid).await
    }

    async fn create(&self, draft: &EventDraft) -> Result<EventState, WriteError> {
        let (file, uid) = (self.file(draft.key)?, draft.key.uid());
        for _ in 0..TRIES {
            let reply = self.client.put(&file, Condition::Nothing, &text_of(draft)).await?;
            if is_success(&reply) {
                return Ok(self.written(&file, &reply, draft).await);
            }
            let there = match Refusal::of(&reply) {
                Refusal::Condition => match object_at(&self.client, &file).await? {
                    Some(object) if object.event.uid == uid => object,
                    // The name is taken: by something else, or by something that may not be seen any more.
                    _ => return Err(WriteError::IdSpent),
                },
                Refusal::SameUid(href) => self.holder(href.as_deref(), &uid).await?.ok_or_else(|| refused(Refusal::SameUid(None)))?,
                refusal => return Err(refused(refusal)),
            };
            if let Some(state) = self.put_over(&there, draft).await? {
                return Ok(state);
            }
        }
        Err(WriteError::Changed)
    }

    /// What there is to say about `address` after a condition did not hold: a missing object meets none.
    async fn changed_or_deleted(&self, address: &Address) -> Result<WriteError, CaldavError> {
        let standing = object_at(&self.client, address).await?.is_some_and(|object| !object.event.cancelled);
        Ok(if standing { WriteError::Changed } else { WriteError::Deleted })
    }

    async fn update(&self, at: &EventRef, draft: &EventDraft) -> Result<EventState, WriteError> {
        // Looked at first: what the coach set for themselves is kept.
        let Object { address, etag, event } = self.find(at).await?.ok_or(WriteError::Deleted)?;
        let etag = at.etag.as_ref().or(etag.as_ref());
        let reply = self.client.put(&address, Condition::of(etag.map(String::as_str)), &text_with(draft, &event.reminders)).await?;
        if is_success(&reply) {
            return Ok(self.written(&address, &reply, draft).await);
        }
        match Refusal::of(&reply) {
            Refusal::Condition | Refusal::NoCalendar => Err(self.changed_or_deleted(&address).await?),
            refusal => Err(refused(refusal)),
        }
    }

    async fn remove(&self, at: &EventRef) -> Result<(), WriteError> {
        let address = match self.stored(at)? {
            Some(address) => address,
            None => match self.find(at).await? {
                Some(object) => object.address,
                None => return Ok(()),
            },
        };
        let reply = self.client.delete(&address, Condition::of(at.etag.as_deref())).await?;
        if is_success(&reply) || matches!(reply.status, 404 | 410) {
            return Ok(());
        }
        match Refusal::of(&reply) {
            Refusal::Condition if object_at(&self.client, &address).await?.is_none() => Ok(()),
            refusal => Err(refused(refusal)),
        }
    }
}

#[async_trait]
impl EventWriter for CaldavProvider {
    async fn create(&self, with: &Access<'_>, calendar: &EventCalendar, event: &EventDraft) -> Result<EventState, WriteError> {
        self.place(with, calendar)?.create(event).await
    }

    async fn update(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        at: &EventRef,
        event: &EventDraft,
    ) -> Result<EventState, WriteError> {
        self.place(with, calendar)?.update(at, event).await
    }

    async fn remove(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<(), WriteError> {
        self.place(with, calendar)?.remove(at).await
    }

    async fn look(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<Option<EventState>, CallError> {
        let found = self.place(with, calendar)?.find(at).await.map_err(call_error)?;
        Ok(found.map(|object| EventState {
            external_id: object.address.reveal().to_owned(),
            etag: object.etag,
            start: object.event.start,
            end: object.event.end,
            link: EventLink::Impossible,
        }))
    }
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
