//! The list of connected calendars.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::json;

use super::{
    request::{Bearer, segment},
    wire::{Connected, Envelope, List},
};
use crate::integrations::{outcome::CallError, providers::RemoteCalendar};

/// What Cal.com lists for the token's user.
pub(super) async fn list(bearer: &Bearer<'_>) -> Result<Vec<Connected>, CallError> {
    let reply = bearer.send(bearer.request(Method::GET, "/v2/calendars")).await?;
    let list: Envelope<List> = reply.json()?;
    Ok(list.data.connected_calendars)
}

impl Connected {
    /// Why its calendars cannot be read, if Cal.com says so or lists none.
    pub(super) fn problem(&self) -> Option<CallError> {
        let message = match &self.error {
            Some(error) => error["message"].as_str().or(error.as_str()).unwrap_or_default(),
            None if self.calendars.as_ref().is_some_and(|calendars| !calendars.is_empty()) => return None,
            // Neither calendars nor a reason.
            None => return Some(CallError::CalendarNotConnected),
        };
        let passing = message.contains("Could not get");
        // "Could not get ..." may be an outage of the provider behind; "expired or revoked" and the like are final.
        Some(if passing { CallError::ProviderDown(502) } else { CallError::CalendarNotConnected })
    }

    /// The credential's number, as it is stored.
    pub(super) fn reference(&self) -> String {
        self.credential_id.to_string()
    }
}

/// The calendars of all credentials, each once. A credential that cannot be read stands as one without an
/// [`RemoteCalendar::external_id`].
pub(super) fn remote(list: &[Connected]) -> Vec<RemoteCalendar> {
    let mut found: Vec<RemoteCalendar> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for connected in list {
        let kind = &connected.integration.kind;
        let blank = RemoteCalendar {
            external_id: String::new(),
            external_kind: kind.clone(),
            credential_ref: Some(connected.reference()),
            name: String::new(),
            time_zone: None,
            primary: false,
            writable: false,
            problem: connected.problem(),
        };
        if blank.problem.is_some() {
            found.push(blank);
            continue;
        }
        for calendar in connected.calendars.iter().flatten().filter(|calendar| !calendar.external_id.is_empty()) {
            let remote = RemoteCalendar {
                external_id: calendar.external_id.clone(),
                name: calendar.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| calendar.external_id.clone()),
                primary: calendar.primary.unwrap_or(false),
                writable: !calendar.read_only.unwrap_or(true),
                ..blank.clone()
            };
            // A calendar shared between two accounts is listed by both: the one that may write is the better way to it.
            match places.get(calendar.external_id.as_str()) {
                Some(&place) if remote.writable && !found[place].writable => found[place] = remote,
                Some(_) => {}
                None => {
                    places.insert(&calendar.external_id, found.len());
                    found.push(remote);
                }
            }
        }
    }
    found
}

/// Disconnects every account behind the token's user.
pub(super) async fn disconnect_all(bearer: &Bearer<'_>) -> Result<(), CallError> {
    for connected in list(bearer).await? {
        // The path is `google`, `office365`, `apple`; Cal.com does not compare it with the credential.
        let path = connected.integration.kind.strip_suffix("_calendar").unwrap_or(&connected.integration.kind);
        let path = format!("/v2/calendars/{}/disconnect", segment(path));
        bearer.send(bearer.request(Method::POST, &path).json(&json!({ "id": connected.credential_id }))).await?;
    }
    Ok(())
}
