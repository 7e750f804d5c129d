//! Live pages: streams of server-sent events that say that something has changed, and nothing else.
//!
//! An event has no data; its id is the [`Mark`] after the change, which a browser sends back when it reconnects. A stream ends by
//! itself after some minutes, so that a connection that nobody reads is not kept, and at once when the server stops.

use std::{convert::Infallible, pin::Pin, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::stream;
use serde::Deserialize;
use tokio::time::{Sleep, sleep, timeout};
use wellmet::{
    accounts::Identity,
    error::Internal,
    notices::{LiveError, Looking, Mark, Topic},
};

use super::{AppState, Client, PageError, PathOf, QueryOf, Viewer};
use crate::dto::LiveAt;

/// After so long without an event a comment is sent: whoever is in between keeps the connection, and one that is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// A stream ends after so long, and the browser begins another one.
const LONGEST: Duration = Duration::from_mins(10);
/// When it is worth trying again after a refusal.
const AGAIN: Duration = Duration::from_mins(1);

/// `/live/coach/{slug}` for anyone, `/live/me` for who is signed in.
pub fn routes() -> Router<AppState> {
    Router::new().route("/live/coach/{slug}", get(coach)).route("/live/me", get(me))
}

/// Where a page that shows `topic` listens, and how it stood. To be read before what the page shows.
///
/// # Errors
/// When the database cannot be read.
pub async fn live_at(app: &AppState, topic: Topic, path: &str) -> Result<Option<LiveAt>, Internal> {
    Ok(app.live.mark(topic).await?.map(|mark| LiveAt { path: path.to_owned(), mark: mark.to_string() }))
}

/// As [`live_at`], for the pages of whoever is signed in. Admins' pages are not live.
///
/// # Errors
/// As [`live_at`].
pub async fn live_at_mine(app: &AppState, viewer: &Identity) -> Result<Option<LiveAt>, Internal> {
    match own_topic(viewer) {
        Some(topic) => live_at(app, topic, "/live/me").await,
        None => Ok(None),
    }
}

#[derive(Debug, Deserialize)]
struct Query {
    /// The mark that the page was made with.
    since: Option<String>,
}

async fn coach(
    State(app): State<AppState>,
    Client(client): Client,
    PathOf(slug): PathOf<String>,
    QueryOf(query): QueryOf<Query>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let offer = app.offers.by_slug(&slug).await.map_err(Internal::from)?.ok_or(PageError::NotFound)?;
    let from = client.address_key().unwrap_or_else(|| "nowhere".to_owned());
    stream_of(&app, Topic::Coach(offer.coach_id), &from, known(&headers, query)).await
}

async fn me(
    State(app): State<AppState>,
    Client(client): Client,
    Viewer(viewer): Viewer,
    QueryOf(query): QueryOf<Query>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    // A page to sign in on is of no use to a script.
    let topic = viewer.as_ref().and_then(own_topic).ok_or(PageError::Forbidden)?;
    let from = client.address_key().unwrap_or_else(|| "nowhere".to_owned());
    stream_of(&app, topic, &from, known(&headers, query)).await
}

fn own_topic(viewer: &Identity) -> Option<Topic> {
    let coach = viewer.coach().map(|coach| Topic::Coach(coach.id()));
    coach.or_else(|| viewer.mentee().map(|mentee| Topic::Mentee(mentee.id())))
}

/// The mark of what the browser has: when it reconnects by itself the last event's, else the page's.
fn known(headers: &HeaderMap, query: Query) -> Option<String> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    last.map(str::to_owned).or(query.since)
}

async fn stream_of(app: &AppState, topic: Topic, from: &str, known: Option<String>) -> Result<Response, PageError> {
    let looking = app.live.look(topic, from).await.map_err(|error| match error {
        LiveError::NotFound => PageError::NotFound,
        LiveError::TooManyHere => PageError::TooMany { retry_after: AGAIN },
        LiveError::Full => PageError::Unavailable,
        LiveError::Internal(error) => error.into(),
    })?;
    let mut random = [0_u8; 1];
    app.deps.ids.fill(&mut random);
    // Not all at once, when a server that many listened to has been started anew.
    let retry = 2000 + 20 * u32::from(random[0]);
    let mut first = format!("retry: {retry}\nid: {}\n\n", looking.last());
    if known.is_some_and(|known| known != looking.last().as_str()) {
        first += &changed(looking.last());
    }
    let begun = Open { looking, first: Some(first), end: Box::pin(sleep(LONGEST)) };
    let frames = stream::unfold(begun, |mut open| async move { open.next().await.map(|frame| (Ok::<_, Infallible>(frame), open)) });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // What nginx needs to be told.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(frames)).into_response())
}

/// An event without data. Its field has to be there all the same, or browsers do not tell the page.
fn changed(mark: &Mark) -> String {
    format!("event: changed\nid: {mark}\ndata:\n\n")
}

struct Open {
    looking: Looking,
    first: Option<String>,
    end: Pin<Box<Sleep>>,
}

impl Open {
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        tokio::select! {
            () = &mut self.end => None,
            change = timeout(KEEP_ALIVE, self.looking.changed()) => match change {
                Ok(mark) => mark.as_ref().map(changed),
                Err(_) => Some(":\n\n".to_owned()),
            },
        }
    }
}
