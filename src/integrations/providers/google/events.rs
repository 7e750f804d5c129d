//! Bookings as events (Calendar API v3, `events`). The id of an event is chosen here and follows from the booking and the attempt, so a
//! second try of the same event meets the first one as a 409 and looks at it. Nobody is invited: the mentee has our own mail.

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::{Access, CallError, Google, error::meaning, meet, wire::Event};
use crate::integrations::{
    http::Reply,
    providers::{
        EventCalendar, EventDraft, EventKey, EventLink, EventRef, EventState, EventWriter, WriteError,
        writing::{matching, wanted},
    },
};

/// The digits of ULIDs and those of Google's ids, by value (Crockford's base 32 and RFC 4648's base32hex).
const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE32HEX: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
/// Names among an event's private properties; of at most 44 characters, or Google drops them.
pub(super) const BOOKING: &str = "wellmetBooking";
pub(super) const ATTEMPT: &str = "wellmetAttempt";

/// Google's id of an event: the booking's 26 digits, then the attempt. Ids of deleted events stay taken.
pub(super) fn id_of(key: EventKey) -> String {
    let digit = |character: char| CROCKFORD.find(character).and_then(|value| BASE32HEX.get(value)).map(|digit| char::from(*digit));
    let booking: String = key.booking.as_str().chars().filter_map(digit).collect();
    format!("{booking}{}", key.attempt)
}

/// The event's address part: what was stored of it, or what it must be.
fn id_at(at: &EventRef) -> String {
    at.external_id.clone().unwrap_or_else(|| id_of(at.key))
}

/// What an event is to be. What the coach may set for themselves (reminders, colour, guests) is left out when it is changed.
fn body(draft: &EventDraft) -> Map<String, Value> {
    let zone = draft.zone.name();
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    put("summary", draft.summary.clone().into());
    // Google reads markup in descriptions. A bracket with a space after it begins none.
    put("description", draft.description.replace('<', "< ").into());
    put("location", draft.location.clone().into());
    put("start", json!({ "dateTime": draft.start.to_rfc3339(), "timeZone": zone }));
    put("end", json!({ "dateTime": draft.end.to_rfc3339(), "timeZone": zone }));
    put("source", json!({ "title": "Wellmet", "url": draft.page }));
    let private = json!({ BOOKING: draft.key.booking.as_str(), ATTEMPT: draft.key.attempt.to_string() });
    put("extendedProperties", json!({ "private": private }));
    body
}

impl Google {
    fn events_url(&self, calendar: &EventCalendar, id: Option<&str>, query: &[(&str, &str)]) -> Result<Url, CallError> {
        let mut url = Url::parse(&self.api_url).map_err(|_| CallError::Refused(0))?;
        url.path_segments_mut()
            .map_err(|()| CallError::Refused(0))?
            .pop_if_empty()
            .extend(["calendar", "v3", "calendars", &calendar.external_id, "events"])
            .extend(id);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    async fn send(&self, with: &Access<'_>, request: RequestBuilder) -> Result<Reply, CallError> {
        self.oauth.http.send(request.bearer_auth(with.secret.expose())).await
    }

    /// The event `id` as it is; `None` when it is not there, or cancelled: Google keeps deleted events as cancelled ones.
    async fn get(&self, with: &Access<'_>, calendar: &EventCalendar, id: &str) -> Result<Option<Event>, CallError> {
        let url = self.events_url(calendar, Some(id), &[])?;
        let reply = self.send(with, self.oauth.http.client().get(url)).await?;
        match reply.status.as_u16() {
            200 => Ok(Some(reply.json::<Event>()?).filter(|event| !event.is_cancelled())),
            404 | 410 => Ok(None),
            _ => Err(meaning(&reply)),
        }
    }

    /// Changes the event `id` as `change` says.
    async fn patch(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        (id, etag): (&str, Option<&str>),
        change: &Map<String, Value>,
    ) -> Result<Event, WriteError> {
        let url = self.events_url(calendar, Some(id), &[("conferenceDataVersion", "1"), ("sendUpdates", "none")])?;
        let request = matching(self.oauth.http.client().request(Method::PATCH, url).json(change), etag);
        let reply = self.send(with, request).await?;
        match reply.status.as_u16() {
            200 => {
                let event: Event = reply.json()?;
                if event.is_cancelled() { Err(WriteError::Deleted) } else { Ok(event) }
            }
            404 | 410 => Err(WriteError::Deleted),
            412 => Err(WriteError::Changed),
            // Deleted events have been seen to be refused so.
            403 if meaning(&reply) == CallError::Refused(403) => match self.get(with, calendar, id).await? {
                None => Err(WriteError::Deleted),
                Some(_) => Err(CallError::Refused(403).into()),
            },
            _ => Err(meaning(&reply).into()),
        }
    }

    /// Brings the event up to `draft`, and asks for its meeting link if it has none.
    async fn bring_up(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        at: (&str, Option<&str>),
        draft: &EventDraft,
    ) -> Result<EventState, WriteError> {
        let event = self.patch(with, calendar, at, &body(draft)).await?;
        let state = event.state()?;
        if !draft.wants_link || !matches!(state.link, EventLink::Unwanted | EventLink::Impossible) {
            return Ok(wanted(state, draft));
        }
        // One more try with each change of the booking: Google ignores a request that it knows.
        let Some(conference) = self.conference(with, calendar, draft).await? else { return Ok(wanted(state, draft)) };
        let change = Map::from_iter([("conferenceData".to_owned(), conference)]);
        let event = self.patch(with, calendar, (at.0, state.etag.as_deref()), &change).await;
        match event {
            Ok(event) => Ok(wanted(event.state()?, draft)),
            // The times stand; the link is for the next look.
            Err(WriteError::Changed) => Ok(wanted(state, draft)),
            Err(error) => Err(error),
        }
    }

    /// The request for a meeting link; `None` when none is wanted or the calendar makes none.
    async fn conference(&self, with: &Access<'_>, calendar: &EventCalendar, draft: &EventDraft) -> Result<Option<Value>, CallError> {
        if !draft.wants_link {
            return Ok(None);
        }
        let mut url = Url::parse(&self.api_url).map_err(|_| CallError::Refused(0))?;
        url.path_segments_mut().map_err(|()| CallError::Refused(0))?.pop_if_empty().extend([
            "calendar",
            "v3",
            "users",
            "me",
            "calendarList",
            &calendar.external_id,
        ]);
        let entry: Entry = match self.ask(with, self.oauth.http.client().get(url)).await {
            // Not in the coach's list any more: whether it can be written shows when it is.
            Err(CallError::Gone) => return Ok(None),
            other => other?,
        };
        let makes =
            entry.conference_properties.is_some_and(|known| known.allowed_conference_solution_types.iter().any(|kind| kind == meet::KIND));
        Ok(makes.then(|| meet::request(&format!("{}s{}", id_of(draft.key), draft.sequence))))
    }
}

/// An entry of the calendar list, as far as meeting links go.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    conference_properties: Option<Properties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(default)]
    allowed_conference_solution_types: Vec<String>,
}

#[async_trait]
impl EventWriter for Google {
    async fn create(&self, with: &Access<'_>, calendar: &EventCalendar, event: &EventDraft) -> Result<EventState, WriteError> {
        let id = id_of(event.key);
        let mut body = body(event);
        body.insert("id".to_owned(), id.clone().into());
        body.insert("reminders".to_owned(), json!({ "useDefault": true }));
        if let Some(conference) = self.conference(with, calendar, event).await? {
            body.insert("conferenceData".to_owned(), conference);
        }
        let url = self.events_url(calendar, None, &[("conferenceDataVersion", "1"), ("sendUpdates", "none")])?;
        let reply = self.send(with, self.oauth.http.client().post(url).json(&body)).await?;
        if reply.status.is_success() {
            return Ok(wanted(reply.json::<Event>()?.state()?, event));
        }
        if reply.status != StatusCode::CONFLICT {
            return Err(meaning(&reply).into());
        }
        // Made by an earlier try, or the id of something that is deleted, or not ours.
        match self.get(with, calendar, &id).await? {
            Some(found) if found.is_of(event.key) => match self.bring_up(with, calendar, (&id, None), event).await {
                Err(WriteError::Deleted) => Err(WriteError::IdSpent),
                other => other,
            },
            _ => Err(WriteError::IdSpent),
        }
    }

    async fn update(
        &self,
        with: &Access<'_>,
        calendar: &EventCalendar,
        at: &EventRef,
        event: &EventDraft,
    ) -> Result<EventState, WriteError> {
        self.bring_up(with, calendar, (&id_at(at), at.etag.as_deref()), event).await
    }

    async fn remove(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<(), WriteError> {
        let url = self.events_url(calendar, Some(&id_at(at)), &[("sendUpdates", "none")])?;
        let reply = self.send(with, matching(self.oauth.http.client().delete(url), at.etag.as_deref())).await?;
        match reply.status.as_u16() {
            200 | 204 | 404 | 410 => Ok(()),
            412 => Err(WriteError::Changed),
            _ => Err(meaning(&reply).into()),
        }
    }

    async fn look(&self, with: &Access<'_>, calendar: &EventCalendar, at: &EventRef) -> Result<Option<EventState>, CallError> {
        self.get(with, calendar, &id_at(at)).await?.map(|event| event.state()).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_the_letters_that_google_takes_and_differ() {
        let key = |booking: &str, attempt| EventKey { booking: booking.parse().unwrap(), attempt };
        let first = id_of(key("01ARZ3NDEKTSV4RRFFQ69G5FAV", 1));
        assert_eq!(first, "01aov3ldejqpr4ooffn69g5far1");
        let all = "0123456789ABCDEFGHJKMNPQRS";
        let other = id_of(key(all, 12));
        for id in [&first, &other] {
            assert!(id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'v').contains(&byte)) && id.len() > 26, "{id}");
        }
        assert_ne!(id_of(key(all, 1)), id_of(key(all, 2)));
        assert_ne!(id_of(key("0000000000000000000000TVWX", 1)), id_of(key("0000000000000000000000TVWY", 1)));
    }
}
