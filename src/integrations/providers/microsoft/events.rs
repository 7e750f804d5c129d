//! Bookings as events (Graph v1.0). Graph chooses the ids; an event is found again by a property of our own that says which booking and
//! attempt it is for, and `transactionId` keeps a try that overtakes that search from making a second one. Nobody is invited: Outlook
//! would write to attendees by itself.
//!
//! Teams writes how to join into the event's text, and a text without that ends the meeting ("Update event" in Graph's reference). So
//! the text of an event that is an online meeting is left as it is.

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Access, CallError, Instant, Microsoft, error::of_account, page::preferring, wire::Event};
use crate::integrations::{
    http::Reply,
    providers::{
        EventCalendar, EventDraft, EventKey, EventRef, EventState, EventWriter, WriteError,
        writing::{matching, wanted},
    },
};

/// The property that says what an event is for: a set of properties of our own, and its name in it.
pub(super) const TAG: &str = "String {5f6d1c3a-8b1e-4c58-9a3e-6f0f4b7c2d91} Name WellmetBooking";
/// The one kind of online meeting that has a link for anybody.
const TEAMS: &str = "teamsForBusiness";
/// What is read of an event.
const FIELDS: &str = "id,start,end,isCancelled,isOnlineMeeting,onlineMeeting";

/// The value of [`TAG`], and the transaction: 26 letters and digits, then the attempt.
fn tag_of(key: EventKey) -> String {
    format!("{}.{}", key.booking, key.attempt)
}

/// Graph's `dateTimeTimeZone`: no offset, the zone beside it.
fn moment(at: Instant) -> Value {
    json!({ "dateTime": at.to_rfc3339().trim_end_matches('Z'), "timeZone": "UTC" })
}

/// What an event is to be. What the coach may set for themselves (reminders, categories, how it shows) is left out.
fn body(draft: &EventDraft) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("subject".to_owned(), draft.summary.clone().into());
    body.insert("start".to_owned(), moment(draft.start));
    body.insert("end".to_owned(), moment(draft.end));
    body
}

/// What says more about it. An online meeting has its own text and place.
fn words(draft: &EventDraft) -> [(String, Value); 2] {
    let text = json!({ "contentType": "text", "content": draft.description });
    [("body".to_owned(), text), ("location".to_owned(), json!({ "displayName": draft.location }))]
}

/// What makes it a meeting.
fn meeting() -> [(String, Value); 2] {
    [("isOnlineMeeting".to_owned(), true.into()), ("onlineMeetingProvider".to_owned(), TEAMS.into())]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Providers {
    #[serde(default)]
    allowed_online_meeting_providers: Vec<String>,
}

#[derive(Deserialize)]
struct Body {
    error: Problem,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
}

/// What a refusal to write means. Graph has the same words for a missing permission and for a calendar that may only be read (any
/// more); the permission is known to be there or not.
fn refusal(with: &Access<'_>, reply: &Reply) -> CallError {
    match of_account(reply) {
        CallError::MissingScope if with.integration.can_write => CallError::NotOurs,
        error => error,
    }
}

/// A refusal because the transaction made another event, or one that is not there any more.
fn is_spent(reply: &Reply) -> bool {
    let code = reply.json::<Body>().map(|body| body.error.code);
    reply.status == StatusCode::CONFLICT || code.is_ok_and(|code| code == "ErrorDuplicateTransactionId")
}

impl Microsoft {
    async fn send(&self, with: &Access<'_>, request: RequestBuilder) -> Result<Reply, CallError> {
        self.oauth.http.send(preferring(request).bearer_auth(with.secret.expose())).await
    }

    /// The event of `key`, by our property; the provider's ids are not needed.
    async fn search(&self, with: &Access<'_>, calendar: &EventCalendar, key: EventKey) -> Result<Option<Event>, CallError> {
        let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{TAG}' and ep/value eq '{}')", tag_of(key));
        let query = [("$filter", filter.as_str()), ("$select", FIELDS)];
        let first = self.address(&["me", "calendars", &calendar.external_id, "events"], &query)?;
        // A search may have empty pages before the one with the event.
        let found: Vec<Event> = self.pages(with, first, of_account).await?;
        Ok(found.into_iter().find(|event| !event.is_cancelled()))
    }

    /// The event `at` as it is; `None` when it is not there, or cancelled.
    async fn get(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<Option<Event>, CallError> {
        let Some(id) = &at.external_id else { return self.search(with, calendar, at.key).await };
        let url = self.address(&["me", "calendars", &calendar.external_id, "events", id], &[("$select", FIELDS)])?;
        let reply = self.send(with, self.oauth.http.client().get(url)).await?;
        match reply.status.as_u16() {
            200 => Ok(Some(reply.json::<Event>()?).filter(|event| !event.is_cancelled())),
            404 | 410 => Ok(None),
            _ => Err(of_account(&reply)),
        }
    }

    async fn patch(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        (id, etag): (&str, Option<&str>),
        change: &Map<String, Value>,
    ) -> Result<Event, WriteError> {
        let url = self.address(&["me", "calendars", &calendar.external_id, "events", id], &[])?;
        let reply = self.send(with, matching(self.oauth.http.client().request(Method::PATCH, url).json(change), etag)).await?;
        match reply.status.as_u16() {
            200 => Ok(reply.json()?),
            404 | 410 => Err(WriteError::Deleted),
            412 => Err(WriteError::Changed),
            _ => Err(refusal(with, &reply).into()),
        }
    }

    /// Brings `event` up to `draft` if its state is still `etag`.
    async fn bring_up(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        (event, etag): (&Event, Option<&str>),
        draft: &EventDraft,
    ) -> Result<EventState, WriteError> {
        let mut change = body(draft);
        if !event.is_meeting() {
            change.extend(words(draft));
            if self.makes_meetings(with, calendar, draft).await? {
                change.extend(meeting());
            }
        }
        let event = self.patch(with, calendar, (event.id(), etag), &change).await?;
        Ok(wanted(event.state()?, draft))
    }

    /// Whether a meeting is wanted that the calendar can have: others ignore the wish.
    async fn makes_meetings(&self, with: &Access<'_>, calendar: &EventCalendar, draft: &EventDraft) -> Result<bool, CallError> {
        if !draft.wants_link {
            return Ok(false);
        }
        let url = self.address(&["me", "calendars", &calendar.external_id], &[("$select", "allowedOnlineMeetingProviders")])?;
        let reply = self.send(with, self.oauth.http.client().get(url)).await?;
        if !reply.status.is_success() {
            return Err(of_account(&reply));
        }
        Ok(reply.json::<Providers>()?.allowed_online_meeting_providers.iter().any(|provider| provider == TEAMS))
    }
}

#[async_trait]
impl EventWriter for Microsoft {
    async fn create(&self, with: &Access<'_>, calendar: &EventCalendar, event: &EventDraft) -> Result<EventState, WriteError> {
        let deleted_meanwhile = |error| if error == WriteError::Deleted { WriteError::IdSpent } else { error };
        if let Some(found) = self.search(with, calendar, event.key).await? {
            return self.bring_up(with, calendar, (&found, None), event).await.map_err(deleted_meanwhile);
        }
        let mut body = body(event);
        body.extend(words(event));
        body.insert("transactionId".to_owned(), format!("wellmet.{}", tag_of(event.key)).into());
        body.insert("singleValueExtendedProperties".to_owned(), json!([{ "id": TAG, "value": tag_of(event.key) }]));
        if self.makes_meetings(with, calendar, event).await? {
            body.extend(meeting());
        }
        let url = self.address(&["me", "calendars", &calendar.external_id, "events"], &[])?;
        let reply = self.send(with, self.oauth.http.client().post(url).json(&body)).await?;
        if is_spent(&reply) {
            // Made between our search and now, or made and deleted.
            let found = self.search(with, calendar, event.key).await?.ok_or(WriteError::IdSpent)?;
            return self.bring_up(with, calendar, (&found, None), event).await.map_err(deleted_meanwhile);
        }
        if !reply.status.is_success() {
            return Err(refusal(with, &reply).into());
        }
        let made: Event = reply.json()?;
        if made.is_cancelled() {
            return Err(WriteError::IdSpent);
        }
        let state = made.state()?;
        if (state.start, state.end) == (event.start, event.end) {
            return Ok(wanted(state, event));
        }
        // The transaction gave an event of an earlier try.
        self.bring_up(with, calendar, (&made, None), event).await.map_err(deleted_meanwhile)
    }

    async fn update(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        at: &EventRef,
        event: &EventDraft,
    ) -> Result<EventState, WriteError> {
        let found = self.get(with, calendar, at).await?.ok_or(WriteError::Deleted)?;
        self.bring_up(with, calendar, (&found, at.etag.as_deref()), event).await
    }

    async fn remove(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<(), WriteError> {
        let id = match &at.external_id {
            Some(id) => id.clone(),
            None => match self.search(with, calendar, at.key).await? {
                Some(found) => found.id().to_owned(),
                None => return Ok(()),
            },
        };
        let url = self.address(&["me", "calendars", &calendar.external_id, "events", &id], &[])?;
        let reply = self.send(with, matching(self.oauth.http.client().delete(url), at.etag.as_deref())).await?;
        match reply.status.as_u16() {
            200 | 204 | 404 | 410 => Ok(()),
            412 => Err(WriteError::Changed),
            _ => Err(refusal(with, &reply).into()),
        }
    }

    async fn look(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<Option<EventState>, CallError> {
        self.get(with, calendar, at).await?.map(|event| event.state()).transpose()
    }
}
