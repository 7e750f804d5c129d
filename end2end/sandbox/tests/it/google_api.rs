use reqwest::Method;
use sandbox::Provider::Google;
use serde_json::{Value, json};

use crate::support::{Bed, MAYA, bed, reason};

const SCOPES: &str = "https://www.googleapis.com/auth/calendar.freebusy https://www.googleapis.com/auth/calendar.calendarlist.readonly";
const LIST: &str = "/google/calendar/v3/users/me/calendarList";
const FREE_BUSY: &str = "/google/calendar/v3/freeBusy";

async fn add(bed: &Bed, calendar: &str, start: &str, end: &str, more: Value) {
    let mut event = json!({ "provider": "google", "account": "new@google.example", "calendar": calendar, "start": start, "end": end });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bed.control(Method::POST, "/events", event).await;
}

/// An account with an empty calendar in Berlin, and a token.
async fn fresh(bed: &Bed) -> String {
    bed.control(Method::POST, "/accounts", json!({ "provider": "google", "email": "new@google.example", "zone": "Europe/Berlin" })).await;
    bed.grant(Google, "new@google.example", SCOPES).await
}

fn asked(from: &str, to: &str, ids: &[&str]) -> Value {
    json!({ "timeMin": from, "timeMax": to, "items": ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() })
}

#[tokio::test]
async fn no_token_and_wrong_tokens_are_401() {
    let bed = bed().await;
    let response = bed.client.get(bed.sandbox.url(LIST)).send().await.unwrap();
    let (status, error) = crate::support::body(response).await;
    assert_eq!((status.as_u16(), reason(&error)), (401, "required"));
    for token in ["made-up", "", &bed.grant(sandbox::Provider::Microsoft, "maya@microsoft.example", "Calendars.Read").await] {
        assert_eq!(bed.get(LIST, token).await.0, 401, "{token}");
    }
}

#[tokio::test]
async fn the_calendar_list_has_pages_roles_and_a_sync_token() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    let (status, first) = bed.get(&format!("{LIST}?maxResults=2"), &token).await;
    assert_eq!((status.as_u16(), first["items"].as_array().unwrap().len()), (200, 2));
    assert_eq!((&first["items"][0]["primary"], &first["items"][0]["accessRole"]), (&json!(true), &json!("owner")));
    assert!(first["nextSyncToken"].is_null());
    let next = first["nextPageToken"].as_str().unwrap();
    let (_, second) = bed.get(&format!("{LIST}?maxResults=2&pageToken={next}"), &token).await;
    assert_eq!((&second["items"][0]["accessRole"], second["items"].as_array().unwrap().len()), (&json!("reader"), 1));
    assert_eq!(bed.get(&format!("{LIST}?maxResults=1&pageToken={next}"), &token).await.0, 400);
    let sync = second["nextSyncToken"].as_str().unwrap();
    let (_, unchanged) = bed.get(&format!("{LIST}?syncToken={sync}"), &token).await;
    assert_eq!(unchanged["items"], json!([]));
    assert_eq!(bed.get(&format!("{LIST}?syncToken={sync}&minAccessRole=owner"), &token).await.0, 400);
    let (_, owned) = bed.get(&format!("{LIST}?minAccessRole=owner"), &token).await;
    assert_eq!(owned["items"].as_array().unwrap().len(), 2);
    bed.control(Method::PATCH, "/calendars", json!({ "provider": "google", "account": MAYA, "calendar": "primary", "hidden": true })).await;
    assert_eq!(bed.get(LIST, &token).await.1["items"].as_array().unwrap().len(), 2);
    assert_eq!(bed.get(&format!("{LIST}?showHidden=true"), &token).await.1["items"].as_array().unwrap().len(), 3);
    let team = "maya-team@group.calendar.google.example";
    bed.control(Method::DELETE, "/calendars", json!({ "provider": "google", "account": MAYA, "calendar": team })).await;
    let (status, error) = bed.get(&format!("{LIST}?syncToken={sync}"), &token).await;
    assert_eq!((status.as_u16(), reason(&error)), (410, "fullSyncRequired"));
}

#[tokio::test]
async fn unknown_and_wrong_parameters_are_400() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    for query in
        ["maxResult=3", "maxResults=0", "maxResults=many", "minAccessRole=boss", "showHidden=yes", "alt=media", "maxResults=1&maxResults=2"]
    {
        let (status, error) = bed.get(&format!("{LIST}?{query}"), &token).await;
        assert_eq!((status.as_u16(), reason(&error)), (400, "invalidParameter"), "{query}");
    }
    let (status, _) = bed.send(Method::POST, FREE_BUSY, &token, json!({ "timeMin": "2027-01-01T00:00:00Z", "timemax": "x" })).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn free_busy_merges_and_leaves_out_what_is_free() {
    let bed = bed().await;
    let token = fresh(&bed).await;
    add(&bed, "primary", "2027-03-01T09:00:00Z", "2027-03-01T10:00:00Z", json!({})).await;
    add(&bed, "primary", "2027-03-01T09:30:00Z", "2027-03-01T11:00:00Z", json!({ "tentative": true })).await;
    add(&bed, "primary", "2027-03-01T12:00:00Z", "2027-03-01T13:00:00Z", json!({ "show": "free" })).await;
    add(&bed, "primary", "2027-03-01T14:00:00Z", "2027-03-01T15:00:00Z", json!({ "cancelled": true })).await;
    add(&bed, "primary", "2027-03-02", "2027-03-03", json!({})).await;
    // Weekly at nine in Berlin, over the change to summer time on 28 March.
    add(&bed, "primary", "2027-03-22T08:00:00Z", "2027-03-22T08:30:00Z", json!({ "rule": "FREQ=WEEKLY;COUNT=2", "zone": "Europe/Berlin" }))
        .await;
    let (status, answer) =
        bed.send(Method::POST, FREE_BUSY, &token, asked("2027-03-01T10:30:00+01:00", "2027-04-01T00:00:00Z", &["primary"])).await;
    assert_eq!(status, 200);
    let busy = json!([
        { "start": "2027-03-01T09:30:00Z", "end": "2027-03-01T11:00:00Z" },
        { "start": "2027-03-01T23:00:00Z", "end": "2027-03-02T23:00:00Z" },
        { "start": "2027-03-22T08:00:00Z", "end": "2027-03-22T08:30:00Z" },
        { "start": "2027-03-29T07:00:00Z", "end": "2027-03-29T07:30:00Z" },
    ]);
    assert_eq!(answer["calendars"]["primary"]["busy"], busy);
}

#[tokio::test]
async fn free_busy_reports_calendars_one_by_one() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    let private = "maya-private@group.calendar.google.example";
    bed.control(
        Method::PATCH,
        "/calendars",
        json!({ "provider": "google", "account": MAYA, "calendar": private, "busy_error": "internalError" }),
    )
    .await;
    let mut ids = vec![MAYA.to_owned(), private.to_owned(), "denise@google.example".to_owned()];
    ids.extend((0..48).map(|index| format!("c{index}")));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let (status, answer) = bed.send(Method::POST, FREE_BUSY, &token, asked("2027-01-01T00:00:00Z", "2027-01-08T00:00:00Z", &ids)).await;
    assert_eq!(status, 200);
    let error = |id: &str| answer["calendars"][id]["errors"][0]["reason"].clone();
    assert!(answer["calendars"][MAYA]["errors"].is_null());
    assert_eq!(error(private), "internalError");
    assert_eq!(error("denise@google.example"), "notFound");
    assert_eq!((error("c46"), error("c47")), (json!("notFound"), json!("tooManyCalendarsRequested")));
}

#[tokio::test]
async fn free_busy_checks_the_range() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    let cases = [
        ("2027-01-01T00:00:00Z", "2027-04-01T00:00:00Z", 200, ""),
        ("2027-01-01T00:00:00Z", "2027-04-01T00:00:01Z", 400, "timeRangeTooLong"),
        ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 400, "timeRangeEmpty"),
        ("2027-01-01T00:00:00", "2027-01-02T00:00:00Z", 400, "badRequest"),
        ("2027-01-01", "2027-01-02T00:00:00Z", 400, "badRequest"),
    ];
    for (from, to, status, why) in cases {
        let (answered, answer) = bed.send(Method::POST, FREE_BUSY, &token, asked(from, to, &["primary"])).await;
        assert_eq!((answered.as_u16(), reason(&answer)), (status, why), "{from} {to}");
    }
}

#[tokio::test]
async fn one_calendar_says_whether_it_has_meetings() {
    let bed = bed().await;
    let list = "/google/calendar/v3/users/me/calendarList";
    let token = bed.grant(Google, MAYA, "https://www.googleapis.com/auth/calendar.calendarlist.readonly").await;
    let kinds =
        async || bed.get(&format!("{list}/{MAYA}"), &token).await.1["conferenceProperties"]["allowedConferenceSolutionTypes"].clone();
    assert_eq!(kinds().await, json!(["hangoutsMeet"]));
    bed.control(Method::PATCH, "/calendars", json!({ "provider": "google", "account": MAYA, "meetings": false })).await;
    assert_eq!(kinds().await, json!([]));
    assert_eq!(bed.get(&format!("{list}/nobody@x.example"), &token).await.0, 404);
    let other = bed.grant(Google, MAYA, "https://www.googleapis.com/auth/calendar.freebusy").await;
    assert_eq!(bed.get(&format!("{list}/{MAYA}"), &other).await.0, 403);
}
