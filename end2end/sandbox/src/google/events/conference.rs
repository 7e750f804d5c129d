//! Meet links: asked for with the event, made a moment later.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::error::Error;
use crate::core::calendar::{Calendar, Event};
use crate::core::state::Switches;
use crate::core::tokens;

/// Where a meeting is kept among an event's details.
pub(super) const KEY: &str = "sandboxMeet";

/// Takes `conferenceData` from a body that was sent with `conferenceDataVersion=1`. `used` are the request ids used before: Google ignores
/// a request that repeats one.
pub(super) fn take(
    event: &mut Event,
    data: &Value,
    calendar: &Calendar,
    used: &[String],
    switches: &Switches,
    now: Timestamp,
) -> Result<(), Error> {
    if data.is_null() {
        event.details.remove(KEY);
        return Ok(());
    }
    let request = data.get("createRequest").ok_or_else(|| Error::bad("invalid", "The sandbox makes conferences by createRequest only."))?;
    let id = request.get("requestId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Error::bad("required", "Missing conference request id."))?;
    if used.iter().any(|known| known == id) {
        return Ok(());
    }
    let kind = request.pointer("/conferenceSolutionKey/type").and_then(Value::as_str);
    if kind != Some("hangoutsMeet") || !calendar.meetings {
        return Err(Error::bad("invalid", "Invalid conference type value."));
    }
    let letters: String = tokens::id().bytes().map(|byte| char::from(b'a' + byte % 26)).collect();
    let ready = now.as_millisecond().saturating_add(switches.meet_delay_ms);
    let code = format!("{}-{}-{}", &letters[..3], &letters[3..7], &letters[7..10]);
    event.details.insert(KEY.into(), json!({ "requestId": id, "code": code, "ready": ready, "fails": switches.meet_fails }));
    Ok(())
}

/// The request id of an event's meeting.
pub(super) fn request_id(event: &Event) -> Option<String> {
    event.details.get(KEY)?.get("requestId")?.as_str().map(str::to_owned)
}

/// Adds the conference to an event as shown. It is pending until its time has come.
pub(super) fn show(event: &Event, now: Timestamp, shown: &mut Map<String, Value>) {
    let Some(meet) = event.details.get(KEY) else { return };
    let request = |status: &str| json!({ "requestId": meet["requestId"], "conferenceSolutionKey": { "type": "hangoutsMeet" }, "status": { "statusCode": status } });
    let data = if meet["ready"].as_i64().is_some_and(|ready| now.as_millisecond() < ready) {
        json!({ "createRequest": request("pending") })
    } else if meet["fails"] == json!(true) {
        json!({ "createRequest": request("failure") })
    } else {
        let code = meet["code"].as_str().unwrap_or("");
        let link = format!("https://meet.google.example/{code}");
        shown.insert("hangoutLink".into(), link.clone().into());
        json!({
            "createRequest": request("success"),
            "conferenceId": code,
            "conferenceSolution": { "key": { "type": "hangoutsMeet" }, "name": "Google Meet" },
            "entryPoints": [{ "entryPointType": "video", "uri": link, "label": format!("meet.google.example/{code}") }],
        })
    };
    shown.insert("conferenceData".into(), data);
}

/// The conference in the answer to the request that asked for it: always pending.
pub(super) fn just_asked(shown: &mut Value, event: &Event, before: Option<&str>) {
    let asked = request_id(event).filter(|id| before != Some(id.as_str()));
    if let (Some(id), Some(shown)) = (asked, shown.as_object_mut()) {
        shown.remove("hangoutLink");
        let request =
            json!({ "requestId": id, "conferenceSolutionKey": { "type": "hangoutsMeet" }, "status": { "statusCode": "pending" } });
        shown.insert("conferenceData".into(), json!({ "createRequest": request }));
    }
}
