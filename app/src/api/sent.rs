//! What is sent: strict JSON bodies, queries and paths. Whatever does not belong is refused, and named.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{codes::Code, problem::Problem};
use crate::server::{AppState, PageError};

/// A JSON body. Put `#[serde(deny_unknown_fields)]` on what it is.
#[derive(Debug, Clone, Copy)]
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Code::UnsupportedMediaType, "The body is to be application/json."));
        }
        read(&body(request, app).await?).map(Self)
    }
}

/// The whole body, as far as it fits.
pub(super) async fn body(request: Request, app: &AppState) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app).await.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::Page(PageError::TooLarge { limit: app.config.body_limit.unwrap_or(usize::MAX) }),
        _ => Problem::new(Code::Malformed, "The body ended too early."),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// Reads `body`; what does not fit is named by its path.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            let path = if path == "." { String::new() } else { path.replace('[', ".").replace(']', "") };
            about(path, &inner.to_string())
        } else {
            Problem::new(Code::Malformed, format!("The body is not JSON: {}", sentence(&inner.to_string())))
        }
    })?;
    json.end().map_err(|_| Problem::new(Code::Malformed, "The body goes on after its JSON value."))?;
    Ok(value)
}

/// What the reader says about `path`. Of a field that is missing it names what it would be in.
fn about(path: String, words: &str) -> Problem {
    let missing = words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(field) if path.is_empty() => Problem::field(field, "This is needed."),
        Some(field) => Problem::field(format!("{path}.{field}"), "This is needed."),
        None => Problem::field(path, sentence(words)),
    }
}

/// What the reader says as a sentence, cut to a length that a text of the sender's cannot blow up.
fn sentence(words: &str) -> String {
    let words: String = words.chars().filter(|char| !char.is_control()).take(240).collect();
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// The query. Put `#[serde(deny_unknown_fields)]` on what it is.
#[derive(Debug, Clone, Copy)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let reader = serde_html_form::Deserializer::from_bytes(query.as_bytes());
        serde_path_to_error::deserialize(reader).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let path = if path == "." { String::new() } else { path };
            about(path, &error.into_inner().to_string())
        })
    }
}

/// The ids and names in the path. What cannot be one names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(path)| Self(path)).map_err(|_| Problem::Page(PageError::NotFound))
    }
}
