use reqwest::{Method, StatusCode};
use sandbox::Provider::Microsoft;
use serde_json::{Value, json};

use crate::support::{Bed, bed, body};

const MAYA: &str = "maya@microsoft.example";
const PRIMARY: &str = "AQMkAGI2-maya-calendar-AAAA=";
const CALENDARS: &str = "/microsoft/v1.0/me/calendars";

fn path(tail: &str) -> String {
    format!("{CALENDARS}/{PRIMARY}/{tail}")
}

fn code((status, answer): &(StatusCode, Value)) -> (u16, &str) {
    (status.as_u16(), answer["error"]["code"].as_str().unwrap_or(""))
}

/// Empties Maya's calendar and puts known events into it; gives a token.
async fn known(bed: &Bed, scope: &str) -> String {
    let place = json!({ "provider": "microsoft", "account": MAYA, "calendar": PRIMARY });
    bed.control(Method::DELETE, "/calendars", place.clone()).await;
    bed.control(
        Method::POST,
        "/calendars",
        json!({ "provider": "microsoft", "account": MAYA, "calendar": PRIMARY, "zone": "Europe/Stockholm" }),
    )
    .await;
    for event in [
        json!({ "id": "busy", "start": "2027-01-05T09:00:00Z", "end": "2027-01-05T10:00:00Z" }),
        json!({ "id": "free", "start": "2027-01-05T11:00:00Z", "end": "2027-01-05T12:00:00Z", "show": "free" }),
        json!({ "id": "away", "start": "2027-01-05T13:00:00Z", "end": "2027-01-05T14:00:00Z", "show": "workingElsewhere" }),
        json!({ "id": "maybe", "start": "2027-01-05T14:00:00Z", "end": "2027-01-05T15:00:00Z", "show": "tentative" }),
        json!({ "id": "off", "start": "2027-01-05T15:00:00Z", "end": "2027-01-05T16:00:00Z", "cancelled": true }),
        json!({ "id": "day", "start": "2027-01-06", "end": "2027-01-07" }),
        json!({ "id": "series", "start": "2027-01-04T08:00:00Z", "end": "2027-01-04T08:15:00Z", "rule": "FREQ=DAILY;COUNT=4", "zone": "Europe/Stockholm" }),
    ] {
        let mut all = place.clone();
        all.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
        bed.control(Method::POST, "/events", all).await;
    }
    bed.grant(Microsoft, MAYA, scope).await
}

const WEEK: &str = "startDateTime=2027-01-04T00:00:00Z&endDateTime=2027-01-11T00:00:00Z";

#[tokio::test]
async fn calendars_have_pages_and_say_what_they_allow() {
    let bed = bed().await;
    let token = bed.grant(Microsoft, MAYA, "Calendars.ReadBasic").await;
    let (status, first) = bed.get(&format!("{CALENDARS}?$top=2"), &token).await;
    assert_eq!((status.as_u16(), first["value"].as_array().unwrap().len()), (200, 2));
    let primary = &first["value"][0];
    assert_eq!((&primary["isDefaultCalendar"], &primary["canEdit"]), (&json!(true), &json!(true)));
    assert_eq!(primary["allowedOnlineMeetingProviders"], json!(["teamsForBusiness"]));
    let next = first["@odata.nextLink"].as_str().unwrap();
    let (_, second) = body(bed.client.get(next).bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!((&second["value"][0]["canEdit"], &second["@odata.nextLink"]), (&json!(false), &Value::Null));
    let (_, chosen) = bed.get(&format!("{CALENDARS}?$select=name"), &token).await;
    assert!(chosen["value"][0]["name"].is_string() && chosen["value"][0]["canEdit"].is_null());
    assert_eq!(bed.get(&format!("{CALENDARS}?$select=nome"), &token).await.0, 400);
    assert_eq!(bed.get(&format!("{CALENDARS}?top=2"), &token).await.0, 400);
    let personal = bed.grant(Microsoft, "ananya@microsoft.example", "Calendars.Read").await;
    let (_, list) = bed.get(CALENDARS, &personal).await;
    assert_eq!(list["value"][0]["allowedOnlineMeetingProviders"], json!(["skypeForConsumer"]));
}

#[tokio::test]
async fn the_view_expands_and_says_how_events_show() {
    let bed = bed().await;
    let token = known(&bed, "Calendars.Read").await;
    let request = bed.call(Method::GET, &path(&format!("calendarView?{WEEK}&$top=50")), &token);
    let (status, answer) = body(request.header("prefer", "outlook.timezone=\"UTC\"").send().await.unwrap()).await;
    assert_eq!(status, 200);
    let all = answer["value"].as_array().unwrap();
    let find = |id: &str| all.iter().find(|event| event["id"] == id).unwrap();
    assert_eq!(find("busy")["start"], json!({ "dateTime": "2027-01-05T09:00:00.0000000", "timeZone": "UTC" }));
    assert_eq!([&find("free")["showAs"], &find("away")["showAs"], &find("maybe")["showAs"]], ["free", "workingElsewhere", "tentative"]);
    assert_eq!((&find("off")["isCancelled"], &find("busy")["isCancelled"]), (&json!(true), &json!(false)));
    assert_eq!((&find("day")["isAllDay"], &find("day")["end"]["dateTime"]), (&json!(true), &json!("2027-01-07T00:00:00.0000000")));
    let series: Vec<&Value> = all.iter().filter(|event| event["seriesMasterId"] == "series").collect();
    assert_eq!((series.len(), &series[0]["type"]), (4, &json!("occurrence")));
    let (_, local) = bed.get(&path(&format!("calendarView?{WEEK}&$top=50")), &token).await;
    let busy = local["value"].as_array().unwrap().iter().find(|event| event["id"] == "busy").unwrap().clone();
    assert_eq!(busy["start"], json!({ "dateTime": "2027-01-05T10:00:00.0000000", "timeZone": "W. Europe Standard Time" }));
}

#[tokio::test]
async fn the_view_checks_its_window() {
    let bed = bed().await;
    let token = known(&bed, "Calendars.Read").await;
    let view = async |query: &str| bed.get(&path(&format!("calendarView?{query}")), &token).await;
    assert_eq!(code(&view("startDateTime=2027-01-04T00:00:00Z").await), (400, "ErrorInvalidRequest"));
    assert_eq!(code(&view("startDateTime=2027-01-04T00:00:00Z&endDateTime=2032-01-03T00:00:00Z").await), (200, ""));
    assert_eq!(code(&view("startDateTime=2027-01-04T00:00:00Z&endDateTime=2032-01-03T00:00:01Z").await), (400, "ErrorInvalidRequest"));
    assert_eq!(code(&view("startDateTime=2027-01-04T00:00:00Z&endDateTime=2027-01-03T00:00:00Z").await), (400, "ErrorInvalidParameter"));
    assert_eq!(code(&view("startDateTime=today&endDateTime=2027-01-03T00:00:00Z").await), (400, "ErrorInvalidParameter"));
    assert_eq!(code(&view(&format!("{WEEK}&$filter=x")).await), (400, "ErrorInvalidRequest"));
    // An offset counts: ten in Stockholm is nine in UTC, when the busy hour begins; the free one has not begun at noon there.
    let (_, hour) = view("startDateTime=2027-01-05T10:00:00%2B01:00&endDateTime=2027-01-05T12:00:00%2B01:00").await;
    assert_eq!(hour["value"].as_array().unwrap().iter().map(|event| &event["id"]).collect::<Vec<_>>(), ["busy"]);
    let (_, first) = view(&format!("{WEEK}&$top=3&$select=subject,start")).await;
    let next = first["@odata.nextLink"].as_str().unwrap();
    let (_, second) = body(bed.client.get(next).bearer_auth(&token).send().await.unwrap()).await;
    assert!(second["value"][0]["showAs"].is_null() && second["value"][0]["start"].is_object());
    assert_ne!(first["value"][0]["id"], second["value"][0]["id"]);
    let response = bed
        .call(Method::GET, &path(&format!("calendarView?{WEEK}")), &token)
        .header("prefer", "outlook.timezone=\"Mars\"")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn tokens_and_scopes_are_checked() {
    let bed = bed().await;
    let basic = known(&bed, "Calendars.ReadBasic").await;
    let user = bed.grant(Microsoft, MAYA, "User.Read").await;
    let read = bed.grant(Microsoft, MAYA, "Calendars.Read").await;
    let write = bed.grant(Microsoft, MAYA, "Calendars.ReadWrite").await;
    assert_eq!(code(&bed.get(CALENDARS, &user).await), (403, "ErrorAccessDenied"));
    assert_eq!(code(&bed.get(CALENDARS, "made-up").await), (401, "InvalidAuthenticationToken"));
    let (_, event) = bed.get(&path("events/busy"), &basic).await;
    assert!(event["subject"].is_string() && event["body"].is_null());
    assert!(bed.get(&path("events/busy"), &read).await.1["body"].is_object());
    let event = json!({ "subject": "x", "start": { "dateTime": "2027-02-01T10:00:00", "timeZone": "UTC" }, "end": { "dateTime": "2027-02-01T11:00:00", "timeZone": "UTC" } });
    assert_eq!(code(&bed.send(Method::POST, &path("events"), &read, event.clone()).await), (403, "ErrorAccessDenied"));
    let team = format!("{CALENDARS}/AQMkAGI2-maya-team-AAAA=/events");
    assert_eq!(code(&bed.send(Method::POST, &team, &write, event.clone()).await), (403, "ErrorAccessDenied"));
    assert_eq!(code(&bed.send(Method::POST, &format!("{CALENDARS}/nothing/events"), &write, event).await), (404, "ErrorItemNotFound"));
    bed.control(Method::POST, "/tokens/expire", json!({ "provider": "microsoft" })).await;
    assert_eq!(code(&bed.get(CALENDARS, &read).await), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn events_are_made_once_changed_and_deleted() {
    let bed = bed().await;
    let token = known(&bed, "Calendars.ReadWrite").await;
    let event = json!({ "subject": "Coaching", "transactionId": "b1", "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
                        "start": { "dateTime": "2027-02-01T10:00:00.0000000", "timeZone": "W. Europe Standard Time" },
                        "end": { "dateTime": "2027-02-01T10:00:00", "timeZone": "UTC" } });
    let (status, made) = bed.send(Method::POST, &path("events"), &token, event.clone()).await;
    assert_eq!((status.as_u16(), &made["transactionId"], &made["isOnlineMeeting"]), (201, &json!("b1"), &json!(true)));
    assert!(made["onlineMeeting"]["joinUrl"].as_str().unwrap().starts_with("https://") && made["onlineMeetingUrl"].is_null());
    let (status, again) = bed.send(Method::POST, &path("events"), &token, event).await;
    assert_eq!((status.as_u16(), &again["id"]), (201, &made["id"]));
    let one = format!("/microsoft/v1.0/me/events/{}", made["id"].as_str().unwrap());
    let patch = |tag: &str, what: Value| bed.call(Method::PATCH, &one, &token).header("if-match", tag).json(&what).send();
    let (status, changed) =
        body(patch(made["@odata.etag"].as_str().unwrap(), json!({ "subject": "Moved", "isOnlineMeeting": false })).await.unwrap()).await;
    assert_eq!((status.as_u16(), &changed["subject"], &changed["isOnlineMeeting"]), (200, &json!("Moved"), &json!(true)));
    let stale = body(patch(made["@odata.etag"].as_str().unwrap(), json!({ "subject": "x" })).await.unwrap()).await;
    assert_eq!(stale.0, 412);
    assert_eq!(bed.send(Method::PATCH, &one, &token, json!({ "transactionId": "b2" })).await.0, 400);
    let delete = || bed.call(Method::DELETE, &one, &token).send();
    assert_eq!(delete().await.unwrap().status(), 204);
    assert_eq!(code(&body(delete().await.unwrap()).await), (404, "ErrorItemNotFound"));
    assert_eq!(bed.get(&one, &token).await.0, 404);
}

#[tokio::test]
async fn a_personal_account_gets_no_teams_link() {
    let bed = bed().await;
    let token = bed.grant(Microsoft, "ananya@microsoft.example", "Calendars.ReadWrite").await;
    let event = json!({ "subject": "x", "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
                        "start": { "dateTime": "2027-02-01T10:00:00", "timeZone": "UTC" }, "end": { "dateTime": "2027-02-01T11:00:00", "timeZone": "UTC" } });
    let (status, made) = bed.send(Method::POST, &format!("{CALENDARS}/AQMkAGI2-ananya-calendar-AAAA=/events"), &token, event).await;
    assert_eq!((status.as_u16(), &made["isOnlineMeeting"], &made["onlineMeeting"]), (201, &json!(false), &Value::Null));
}

#[tokio::test]
async fn wrong_events_are_refused() {
    let bed = bed().await;
    let token = known(&bed, "Calendars.ReadWrite").await;
    let time = |text: &str, zone: &str| json!({ "dateTime": text, "timeZone": zone });
    let (start, end) = (time("2027-02-01T10:00:00", "UTC"), time("2027-02-01T11:00:00", "UTC"));
    let cases = [
        json!({ "start": start }),
        json!({ "start": end, "end": start }),
        json!({ "start": time("2027-02-01T10:00:00+01:00", "UTC"), "end": end }),
        json!({ "start": time("2027-02-01T10:00:00", "Nowhere Standard Time"), "end": end }),
        json!({ "start": { "dateTime": "2027-02-01T10:00:00" }, "end": end }),
        json!({ "start": start, "end": end, "summary": "Google's word" }),
        json!({ "start": start, "end": end, "showAs": "Busy" }),
        json!({ "start": start, "end": end, "isAllDay": true }),
        json!({ "start": start, "end": end, "attendees": [{ "email": "x@example.org" }] }),
    ];
    for event in cases {
        assert_eq!(bed.send(Method::POST, &path("events"), &token, event.clone()).await.0, 400, "{event}");
    }
    let day = json!({ "start": time("2027-02-01T00:00:00", "UTC"), "end": time("2027-02-02T00:00:00", "UTC"), "isAllDay": true });
    assert_eq!(bed.send(Method::POST, &path("events"), &token, day).await.1["isAllDay"], json!(true));
}

#[tokio::test]
async fn delta_tells_changes_and_starts_over_when_too_old() {
    let bed = bed().await;
    let token = known(&bed, "Calendars.Read").await;
    let follow = async |link: &str| {
        body(bed.client.get(link).bearer_auth(&token).header("prefer", "odata.maxpagesize=6").send().await.unwrap()).await
    };
    for with in ["$select=id", "$filter=x", "$expand=x"] {
        assert_eq!(bed.get(&path(&format!("calendarView/delta?{WEEK}&{with}")), &token).await.0, 400, "{with}");
    }
    assert_eq!(bed.get(&path("calendarView/delta"), &token).await.0, 400);
    let (_, first) = follow(&bed.sandbox.url(&path(&format!("calendarView/delta?{WEEK}")))).await;
    assert_eq!(first["value"].as_array().unwrap().len(), 6);
    let (_, second) = follow(first["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!(second["value"].as_array().unwrap().len(), 4);
    let link = second["@odata.deltaLink"].as_str().unwrap();
    let place = json!({ "provider": "microsoft", "account": MAYA, "calendar": PRIMARY });
    let event = |more: Value| {
        let mut all = place.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    bed.control(Method::DELETE, "/events", event(json!({ "id": "busy" }))).await;
    bed.control(Method::PATCH, "/events", event(json!({ "id": "free", "start": "2028-01-05T11:00:00Z", "end": "2028-01-05T12:00:00Z" })))
        .await;
    bed.control(Method::PATCH, "/events", event(json!({ "id": "maybe", "summary": "Surely", "show": "busy" }))).await;
    let (_, changes) = follow(link).await;
    let changes_of = |id: &str| changes["value"].as_array().unwrap().iter().find(|event| event["id"] == id).unwrap().clone();
    assert_eq!(changes["value"].as_array().unwrap().len(), 3);
    assert_eq!(changes_of("busy")["@removed"], json!({ "reason": "deleted" }));
    assert_eq!(changes_of("free")["@removed"], json!({ "reason": "deleted" }));
    assert_eq!(changes_of("maybe")["subject"], "Surely");
    let (_, nothing) = follow(changes["@odata.deltaLink"].as_str().unwrap()).await;
    assert_eq!(nothing["value"], json!([]));
    bed.control(Method::POST, "/sync/expire", place).await;
    assert_eq!(code(&follow(link).await), (410, "syncStateNotFound"));
}

#[tokio::test]
async fn throttling_says_when_to_come_back() {
    let bed = bed().await;
    let token = bed.grant(Microsoft, MAYA, "Calendars.Read").await;
    bed.control(
        Method::POST,
        "/faults",
        json!({ "provider": "microsoft", "fault": { "kind": "status", "status": 429, "retry_after": 9 } }),
    )
    .await;
    let response = bed.call(Method::GET, CALENDARS, &token).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "9"));
    assert_eq!(code(&body(response).await), (429, "TooManyRequests"));
}

#[tokio::test]
async fn events_are_found_by_a_property_and_a_transaction_makes_one() {
    const TAG: &str = "String {00000000-1111-2222-3333-444444444444} Name Ours";
    let bed = bed().await;
    let token = known(&bed, "Calendars.ReadWrite").await;
    let filter = |value: &str| {
        let mut query = reqwest::Url::parse("http://x/").unwrap();
        query
            .query_pairs_mut()
            .append_pair("$filter", &format!("singleValueExtendedProperties/Any(ep: ep/id eq '{TAG}' and ep/value eq '{value}')"));
        path(&format!("events?{}", query.query().unwrap()))
    };
    let event = |start: &str| {
        json!({ "subject": "Coaching", "transactionId": "b1", "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
                "body": { "contentType": "text", "content": "Ours" }, "singleValueExtendedProperties": [{ "id": TAG, "value": "b1" }],
                "start": { "dateTime": start, "timeZone": "UTC" }, "end": { "dateTime": "2027-02-01T12:00:00", "timeZone": "UTC" } })
    };
    let (_, made) = bed.send(Method::POST, &path("events"), &token, event("2027-02-01T10:00:00")).await;
    assert!(made["singleValueExtendedProperties"].is_null(), "they are not shown");
    let found = |answer: Value| answer["value"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(found(bed.get(&filter("b1"), &token).await.1), [made["id"].clone()]);
    assert_eq!(found(bed.get(&filter("b2"), &token).await.1), Vec::<Value>::new());
    assert_eq!(bed.get(&path("events?$filter=subject%20eq%20'x'"), &token).await.0, 400);
    let mut wrong = event("2027-02-01T10:00:00");
    wrong["singleValueExtendedProperties"][0]["id"] = json!("Ours");
    assert_eq!(bed.send(Method::POST, &path("events"), &token, wrong).await.0, 400);
    let other = bed.send(Method::POST, &path("events"), &token, event("2027-02-01T11:00:00")).await;
    assert_eq!(code(&other), (409, "ErrorDuplicateTransactionId"));
    // A text that does not keep Teams' part ends the meeting.
    let one = format!("/microsoft/v1.0/me/events/{}", made["id"].as_str().unwrap());
    let link = made["onlineMeeting"]["joinUrl"].as_str().unwrap();
    assert!(made["body"]["content"].as_str().unwrap().contains(link));
    let text = |content: String| json!({ "body": { "contentType": "text", "content": content } });
    let (_, kept) = bed.send(Method::PATCH, &one, &token, text(format!("New, {link}"))).await;
    assert_eq!(kept["onlineMeeting"]["joinUrl"], link);
    let (_, lost) = bed.send(Method::PATCH, &one, &token, text("New".into())).await;
    assert_eq!((&lost["onlineMeeting"], &lost["isOnlineMeeting"]), (&Value::Null, &json!(false)));
    assert_eq!(bed.call(Method::DELETE, &one, &token).send().await.unwrap().status(), 204);
    assert_eq!(found(bed.get(&filter("b1"), &token).await.1), Vec::<Value>::new());
    let again = bed.send(Method::POST, &path("events"), &token, event("2027-02-01T10:00:00")).await;
    assert_eq!(code(&again), (409, "ErrorDuplicateTransactionId"), "of a deleted event as well");
}
