use reqwest::{Method, StatusCode};
use sandbox::Provider::Google;
use serde_json::{Value, json};

use crate::support::{Bed, MAYA, bed, body, reason};

const EVENTS: &str = "/google/calendar/v3/calendars/primary/events";
const OWNED: &str = "https://www.googleapis.com/auth/calendar.events.owned";
const SYNC: &str = "https://www.googleapis.com/auth/calendar.events.freebusy";
const TEAM: &str = "/google/calendar/v3/calendars/maya-team@group.calendar.google.example/events";

fn event(more: Value) -> Value {
    let mut event = json!({ "summary": "Coaching", "start": { "dateTime": "2027-03-01T10:00:00+01:00" }, "end": { "dateTime": "2027-03-01T10:00:00Z" } });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn insert(bed: &Bed, token: &str, query: &str, more: Value) -> (StatusCode, Value) {
    bed.send(Method::POST, &format!("{EVENTS}{query}"), token, event(more)).await
}

fn pair((status, answer): (StatusCode, Value)) -> (u16, String) {
    (status.as_u16(), reason(&answer).to_owned())
}

#[tokio::test]
async fn an_id_is_taken_once_even_after_deletion() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, OWNED).await;
    let id = "0123456789abcdef0123456789abcdef";
    let (status, made) = insert(&bed, &token, "", json!({ "id": id })).await;
    assert_eq!((status.as_u16(), made["id"].as_str(), made["status"].as_str()), (200, Some(id), Some("confirmed")));
    assert_eq!(made["start"]["dateTime"], "2027-03-01T10:00:00+01:00");
    assert_eq!(pair(insert(&bed, &token, "", json!({ "id": id })).await), (409, "duplicate".into()));
    let one = format!("{EVENTS}/{id}");
    let delete = || bed.call(Method::DELETE, &one, &token).send();
    assert_eq!(delete().await.unwrap().status(), 204);
    let (status, gone) = body(delete().await.unwrap()).await;
    assert_eq!((status.as_u16(), reason(&gone)), (410, "deleted"));
    assert_eq!(pair(insert(&bed, &token, "", json!({ "id": id })).await), (409, "duplicate".into()));
    assert_eq!(bed.get(&one, &token).await.1["status"], "cancelled");
    assert_eq!(bed.send(Method::PATCH, &one, &token, json!({ "summary": "x" })).await.0, 403);
    assert_eq!(bed.call(Method::DELETE, &format!("{EVENTS}/neverwas"), &token).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn wrong_events_are_refused() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, OWNED).await;
    let cases = [
        json!({ "id": "abcd" }),
        json!({ "id": "not-base32hex" }),
        json!({ "id": "zzzzzz" }),
        json!({ "id": "ABCDEF" }),
        json!({ "id": "abcde", "iCalUID": "x@y" }),
        json!({ "start": { "date": "2027-03-01" } }),
        json!({ "start": { "date": "2027-03-01", "dateTime": "2027-03-01T10:00:00Z" } }),
        json!({ "start": { "dateTime": "2027-03-01T10:00:00" } }),
        json!({ "start": { "dateTime": "2027-03-01T12:00:00Z" } }),
        json!({ "end": null }),
        json!({ "sumary": "typo" }),
        json!({ "transparency": "see-through" }),
        json!({ "extendedProperties": { "private": { "number": 1 } } }),
        json!({ "attendees": ["a@example.org"] }),
    ];
    for more in cases {
        assert_eq!(insert(&bed, &token, "", more.clone()).await.0, 400, "{more}");
    }
    for query in ["?sendUpdate=none", "?sendUpdates=nobody", "?conferenceDataVersion=2"] {
        assert_eq!(insert(&bed, &token, query, json!({})).await.0, 400, "{query}");
    }
    let text = bed.call(Method::POST, EVENTS, &token).body(event(json!({})).to_string()).send().await.unwrap();
    assert_eq!(text.status(), 400, "a body without a content type");
}

#[tokio::test]
async fn scopes_and_roles_decide_who_may_what() {
    let bed = bed().await;
    let owned = bed.grant(Google, MAYA, OWNED).await;
    let times = bed.grant(Google, MAYA, SYNC).await;
    let all = bed.grant(Google, MAYA, "https://www.googleapis.com/auth/calendar.events").await;
    let none = bed.grant(Google, MAYA, "https://www.googleapis.com/auth/calendar.freebusy").await;
    assert_eq!(pair(bed.get(EVENTS, &none).await), (403, "insufficientPermissions".into()));
    assert_eq!(pair(insert(&bed, &times, "", json!({})).await), (403, "insufficientPermissions".into()));
    assert_eq!(pair(bed.get(TEAM, &owned).await), (403, "insufficientPermissions".into()));
    assert_eq!(pair(bed.send(Method::POST, TEAM, &all, event(json!({}))).await), (403, "requiredAccessLevel".into()));
    assert_eq!(bed.get(&EVENTS.replace("primary", "nobody@x.example"), &owned).await.0, 404);
    let (_, seen) = bed.get(EVENTS, &times).await;
    assert!(seen["items"].as_array().unwrap().iter().all(|item| item.get("summary").is_none() && item.get("start").is_some()));
    let (_, seen) = bed.get(EVENTS, &owned).await;
    assert!(seen["items"].as_array().unwrap().iter().any(|item| item["summary"] == "Quarterly review"));
}

#[tokio::test]
async fn meet_links_are_pending_first() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, OWNED).await;
    let meet = |id: &str| json!({ "conferenceData": { "createRequest": { "requestId": id, "conferenceSolutionKey": { "type": "hangoutsMeet" } } } });
    let (_, ignored) = insert(&bed, &token, "", meet("a")).await;
    assert!(ignored["conferenceData"].is_null(), "conferenceDataVersion was not sent");
    let (status, made) = insert(&bed, &token, "?conferenceDataVersion=1", meet("a")).await;
    assert_eq!(status, 200);
    assert_eq!(made["conferenceData"]["createRequest"]["status"]["statusCode"], "pending");
    assert!(made["hangoutLink"].is_null());
    let (_, ready) = bed.get(&format!("{EVENTS}/{}", made["id"].as_str().unwrap()), &token).await;
    assert_eq!(ready["conferenceData"]["createRequest"]["status"]["statusCode"], "success");
    assert_eq!(ready["conferenceData"]["entryPoints"][0]["uri"], ready["hangoutLink"]);
    let (_, repeated) = insert(&bed, &token, "?conferenceDataVersion=1", meet("a")).await;
    assert!(repeated["conferenceData"].is_null(), "a repeated request id is ignored");
    bed.control(Method::PATCH, "/switches", json!({ "meet_delay_ms": 60_000, "meet_fails": true })).await;
    let (_, slow) = insert(&bed, &token, "?conferenceDataVersion=1", meet("b")).await;
    let path = format!("{EVENTS}/{}", slow["id"].as_str().unwrap());
    let state = |value: Value| value["conferenceData"]["createRequest"]["status"]["statusCode"].clone();
    assert_eq!(state(bed.get(&path, &token).await.1), "pending");
    bed.control(Method::POST, "/clock", json!({ "advance": 61 })).await;
    assert_eq!(state(bed.get(&path, &token).await.1), "failure");
    bed.control(Method::PATCH, "/calendars", json!({ "provider": "google", "account": MAYA, "meetings": false })).await;
    assert_eq!(insert(&bed, &token, "?conferenceDataVersion=1", meet("c")).await.0, 400);
}

#[tokio::test]
async fn extended_properties_are_kept_within_limits_and_searchable() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, OWNED).await;
    let long = "k".repeat(45);
    let private = json!({ "booking": "b1", "cut": "v".repeat(2000), long.clone(): "dropped" });
    let (_, made) = insert(&bed, &token, "", json!({ "extendedProperties": { "private": private } })).await;
    let kept = &made["extendedProperties"]["private"];
    assert_eq!((&kept["booking"], kept["cut"].as_str().unwrap().len(), kept.get(&long)), (&json!("b1"), 1024, None));
    let (_, found) = bed.get(&format!("{EVENTS}?privateExtendedProperty=booking%3Db1"), &token).await;
    assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][0]["id"]), (1, &made["id"]));
    let many: serde_json::Map<String, Value> = (0..301).map(|index| (format!("k{index}"), json!("v"))).collect();
    assert_eq!(insert(&bed, &token, "", json!({ "extendedProperties": { "private": many } })).await.0, 400);
}

#[tokio::test]
async fn patch_merges_put_replaces_and_if_match_guards() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, OWNED).await;
    let (_, made) = insert(&bed, &token, "", json!({ "location": "Room 1", "description": "d" })).await;
    let one = format!("{EVENTS}/{}", made["id"].as_str().unwrap());
    let patch = |tag: String, what: Value| bed.call(Method::PATCH, &one, &token).header("if-match", tag).json(&what).send();
    let (status, changed) =
        body(patch(made["etag"].as_str().unwrap().into(), json!({ "summary": "Moved", "description": null })).await.unwrap()).await;
    assert_eq!((status.as_u16(), &changed["location"], &changed["description"]), (200, &json!("Room 1"), &Value::Null));
    assert_ne!(changed["etag"], made["etag"]);
    let (status, stale) = body(patch(made["etag"].as_str().unwrap().into(), json!({ "summary": "x" })).await.unwrap()).await;
    assert_eq!((status.as_u16(), reason(&stale)), (412, "conditionNotMet"));
    assert_eq!(bed.send(Method::PUT, &one, &token, json!({ "summary": "no times" })).await.0, 400);
    let (status, replaced) = bed.send(Method::PUT, &one, &token, event(json!({ "summary": "New" }))).await;
    assert_eq!((status.as_u16(), &replaced["summary"], &replaced["location"]), (200, &json!("New"), &Value::Null));
    let stale = bed.call(Method::DELETE, &one, &token).header("if-match", made["etag"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(stale.status(), 412);
}

#[tokio::test]
async fn lists_expand_series_within_a_window_and_page() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, OWNED).await;
    let series = json!({ "start": { "dateTime": "2027-03-22T09:00:00", "timeZone": "Europe/Stockholm" }, "end": { "dateTime": "2027-03-22T10:00:00", "timeZone": "Europe/Stockholm" },
                         "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"], "summary": "Series", "id": "series0" });
    assert_eq!(insert(&bed, &token, "", series).await.0, 200);
    let window = "timeMin=2027-03-20T00:00:00Z&timeMax=2027-04-01T00:00:00Z&q=series";
    let (_, whole) = bed.get(&format!("{EVENTS}?{window}"), &token).await;
    assert_eq!(whole["items"][0]["recurrence"], json!(["RRULE:FREQ=WEEKLY;COUNT=3"]));
    let (_, first) = bed.get(&format!("{EVENTS}?{window}&singleEvents=true&orderBy=startTime&maxResults=1"), &token).await;
    assert_eq!(first["items"][0]["id"], "series0_20270322T080000Z");
    let next = first["nextPageToken"].as_str().unwrap();
    let (_, second) =
        bed.get(&format!("{EVENTS}?{window}&singleEvents=true&orderBy=startTime&maxResults=1&pageToken={next}"), &token).await;
    assert_eq!((&second["items"][0]["id"], &second["nextPageToken"]), (&json!("series0_20270329T070000Z"), &Value::Null));
    assert_eq!(bed.get(&format!("{EVENTS}?orderBy=startTime"), &token).await.0, 400);
    let one = format!("{EVENTS}/series0_20270329T070000Z");
    assert_eq!(bed.get(&one, &token).await.1["recurringEventId"], "series0");
    assert_eq!(bed.call(Method::DELETE, &one, &token).send().await.unwrap().status(), 204);
    assert_eq!(bed.call(Method::DELETE, &one, &token).send().await.unwrap().status(), 410);
    let (_, left) = bed.get(&format!("{EVENTS}?{window}&singleEvents=true"), &token).await;
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn sync_tokens_tell_changes_and_grow_old() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, OWNED).await;
    let (_, full) = bed.get(&format!("{EVENTS}?singleEvents=true&timeMin=2027-02-01T00:00:00Z&timeMax=2027-04-01T00:00:00Z"), &token).await;
    let sync = full["nextSyncToken"].as_str().unwrap().to_owned();
    let changes = |sync: &str| format!("{EVENTS}?singleEvents=true&syncToken={sync}");
    let (_, nothing) = bed.get(&changes(&sync), &token).await;
    assert_eq!(nothing["items"], json!([]));
    let (_, made) = insert(&bed, &token, "", json!({})).await;
    let id = made["id"].as_str().unwrap();
    let (_, one) = bed.get(&changes(&sync), &token).await;
    assert_eq!((one["items"].as_array().unwrap().len(), &one["items"][0]["id"]), (1, &made["id"]));
    bed.control(Method::DELETE, "/events", json!({ "provider": "google", "account": MAYA, "id": id })).await;
    let (_, gone) = bed.get(&changes(one["nextSyncToken"].as_str().unwrap()), &token).await;
    assert_eq!((&gone["items"][0]["id"], &gone["items"][0]["status"]), (&made["id"], &json!("cancelled")));
    for with in [
        "timeMin=2027-01-01T00:00:00Z",
        "q=x",
        "orderBy=updated",
        "privateExtendedProperty=a%3Db",
        "updatedMin=2027-01-01T00:00:00Z",
        "iCalUID=x",
    ] {
        assert_eq!(bed.get(&format!("{}&{with}", changes(&sync)), &token).await.0, 400, "{with}");
    }
    assert_eq!(bed.get(&format!("{EVENTS}?syncToken={sync}"), &token).await.0, 400, "singleEvents must stay");
    bed.control(Method::POST, "/sync/expire", json!({ "provider": "google", "account": MAYA })).await;
    assert_eq!(pair(bed.get(&changes(&sync), &token).await), (410, "fullSyncRequired".into()));
    assert_eq!(bed.get(&changes("made-up"), &token).await.0, 400);
}
