//! Meet links. They are made after the event: the answer that asks for one has `pending`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::integrations::providers::EventLink;

/// What Google calls its meetings among those that a calendar allows.
pub(super) const KIND: &str = "hangoutsMeet";

/// `conferenceData`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conference {
    create_request: Option<Request>,
    #[serde(default)]
    entry_points: Vec<Entry>,
}

#[derive(Deserialize)]
struct Request {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    status_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    entry_point_type: Option<String>,
    uri: Option<String>,
}

/// Asks for a link. `id` must not have been used before: a known one is ignored.
pub(super) fn request(id: &str) -> Value {
    json!({ "createRequest": { "requestId": id, "conferenceSolutionKey": { "type": KIND } } })
}

/// The link of an event; `Unwanted` when it has no conference at all.
pub(super) fn link(conference: Option<&Conference>, hangout: Option<&str>) -> EventLink {
    let video =
        conference.and_then(|conference| conference.entry_points.iter().find(|entry| entry.entry_point_type.as_deref() == Some("video")));
    let uri = video.and_then(|entry| entry.uri.as_deref()).or(hangout);
    // It is shown to mentees as it is.
    if let Some(uri) = uri.filter(|uri| uri.starts_with("https://")) {
        return EventLink::Made(uri.to_owned());
    }
    let Some(conference) = conference else { return EventLink::Unwanted };
    let status = conference.create_request.as_ref().and_then(|request| request.status.as_ref()?.status_code.as_deref());
    if status == Some("pending") { EventLink::Pending } else { EventLink::Impossible }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> EventLink {
        link(Some(&serde_json::from_str(text).unwrap()), None)
    }

    #[test]
    fn a_link_is_made_when_there_is_one() {
        let made = r#"{"createRequest":{"requestId":"a","status":{"statusCode":"success"}},
            "entryPoints":[{"entryPointType":"phone","uri":"tel:+1"},{"entryPointType":"video","uri":"https://meet.example/a"}]}"#;
        assert_eq!(of(made), EventLink::Made("https://meet.example/a".into()));
        assert_eq!(link(None, Some("https://meet.example/b")), EventLink::Made("https://meet.example/b".into()));
        assert_eq!(link(None, Some("javascript:alert(1)")), EventLink::Unwanted);
        assert_eq!(of(r#"{"createRequest":{"status":{"statusCode":"pending"}}}"#), EventLink::Pending);
        assert_eq!(of(r#"{"createRequest":{"status":{"statusCode":"failure"}}}"#), EventLink::Impossible);
        assert_eq!(of(r#"{"createRequest":{"status":{"statusCode":"success"}}}"#), EventLink::Impossible);
        assert_eq!(link(None, None), EventLink::Unwanted);
    }
}
