//! Sessions in people's own calendars: one as a file, and everyone's feed at an address that only they know.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use wellmet::{accounts::Actor, limits::LimitError, model::BookingId, notices::CalendarText, time::Secret};

use crate::server::{AppState, Client, PageError, PathOf, SignedIn};

/// `/bookings/{id}/calendar.ics` and `/feeds/{secret}.ics`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/bookings/{id}/calendar.ics", get(one)).route("/feeds/{file}", get(feed))
}

async fn one(State(app): State<AppState>, SignedIn(viewer): SignedIn, PathOf(id): PathOf<BookingId>) -> Result<Response, PageError> {
    let found = app.feeds.one(viewer.actor(), id).await?.ok_or(PageError::NotFound)?;
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH");
    let name = HeaderValue::from_static("attachment; filename=\"session.ics\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], found.text).into_response())
}

async fn feed(
    State(app): State<AppState>,
    Client(client): Client,
    PathOf(file): PathOf<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let secret = file.strip_suffix(".ics").and_then(Secret::from_untrusted).ok_or(PageError::NotFound)?;
    let found = app.feeds.read(&secret, client.address_key().as_deref()).await.map_err(|error| match error {
        LimitError::TooMany { retry_after } => PageError::TooMany { retry_after },
        LimitError::Internal(error) => error.into(),
    })?;
    let CalendarText { text, tag } = found.ok_or(PageError::NotFound)?;
    // Weak: the text is the same, its bytes may be compressed.
    let tag = format!("W/\"{tag}\"");
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|value| value.split(',')).any(|known| [tag.as_str(), "*"].contains(&known.trim()));
    let kept = [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300")),
        (header::ETAG, HeaderValue::try_from(tag).map_err(PageError::internal)?),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"))];
    Ok((kept, kind, text).into_response())
}

/// Whether `actor` has sessions of their own.
pub const fn has_sessions(actor: Actor) -> bool {
    !matches!(actor, Actor::Admin(_))
}
