//! Event types, schedules and bookings.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::cal_support::{Cal, Managed, cal, message};
use crate::support::body;

const NINA: &str = "nina@google.example";
const SCHEDULES: &str = "2024-06-11";
const TYPES: &str = "2024-06-14";
const BOOKINGS: &str = "2024-08-13";

async fn send(cal: &Cal, user: &Managed, version: &str, path: &str, what: Value) -> (StatusCode, Value) {
    let method = if what.is_null() { Method::GET } else { Method::POST };
    let request = cal.bearer(method.clone(), path, &user.access).header("cal-api-version", version);
    let request = if what.is_null() { request } else { request.json(&what) };
    if version == SCHEDULES {
        // The description has the list of days as one of the days.
        return body(request.send().await.unwrap()).await;
    }
    let plain = path.split('?').next().unwrap();
    let parts: Vec<&str> = plain.split('/').collect();
    let template = match parts.as_slice() {
        [.., "bookings", _] => "/v2/bookings/{bookingUid}".to_owned(),
        [.., "bookings", _, what] => format!("/v2/bookings/{{bookingUid}}/{what}"),
        _ => plain.to_owned(),
    };
    cal.send(method, &template, request).await
}

/// A managed user with an empty calendar at Google and an event type that can always be booked; gives its number.
async fn bookable(cal: &Cal) -> (Managed, i64) {
    cal.0.control(Method::POST, "/accounts", json!({ "provider": "google", "email": NINA })).await;
    let user = cal.managed("nina").await;
    cal.link(&user, "google", NINA).await;
    let days = json!([{ "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"], "startTime": "00:00", "endTime": "23:59" }]);
    let schedule = json!({ "name": "Always", "timeZone": "UTC", "isDefault": false, "availability": days });
    let (status, made) = send(cal, &user, SCHEDULES, "/v2/schedules", schedule).await;
    assert_eq!(status, 201, "{made}");
    let listed = send(cal, &user, SCHEDULES, "/v2/schedules", Value::Null).await.1;
    assert_eq!(listed["data"][0]["id"], made["data"]["id"]);
    let kind = json!({ "title": "Session", "slug": "s-60", "lengthInMinutes": 60, "hidden": true, "scheduleId": made["data"]["id"],
        "locations": [{ "type": "attendeeDefined" }], "destinationCalendar": { "integration": "google_calendar", "externalId": NINA } });
    let (status, made) = send(cal, &user, TYPES, "/v2/event-types", kind.clone()).await;
    assert_eq!(status, 201, "{made}");
    let again = send(cal, &user, TYPES, "/v2/event-types", kind).await;
    assert_eq!((again.0.as_u16(), message(&again.1)), (400, "User already has an event type with this slug."));
    (user, made["data"]["id"].as_i64().unwrap())
}

fn booking(kind: i64, start: &str) -> Value {
    json!({ "start": start, "eventTypeId": kind, "attendee": { "name": "Lea", "email": "lea@example.org", "timeZone": "Europe/Madrid" },
            "location": { "type": "attendeeDefined", "location": "Room 5" }, "metadata": { "ours": "1" } })
}

async fn events(cal: &Cal) -> Vec<Value> {
    let all = cal.0.control(Method::GET, &format!("/events?provider=google&account={NINA}"), Value::Null).await;
    all["events"].as_array().unwrap().iter().filter(|event| event["removed"] == false).cloned().collect()
}

#[tokio::test]
async fn a_booking_is_made_moved_under_another_uid_and_cancelled_once() {
    let cal = cal().await;
    let (user, kind) = bookable(&cal).await;
    let (status, made) = send(&cal, &user, BOOKINGS, "/v2/bookings", booking(kind, "2030-01-05T03:00:00Z")).await;
    assert_eq!((status.as_u16(), &made["data"]["end"]), (201, &json!("2030-01-05T04:00:00.000Z")), "{made}");
    let event = events(&cal).await.remove(0);
    assert_eq!((&event["start"], &event["details"]["attendees"][0]["email"]), (&json!("2030-01-05T03:00:00Z"), &json!("lea@example.org")));
    let uid = made["data"]["uid"].as_str().unwrap();
    let (status, moved) =
        send(&cal, &user, BOOKINGS, &format!("/v2/bookings/{uid}/reschedule"), json!({ "start": "2030-01-05T03:30:00Z" })).await;
    assert_eq!((status.as_u16(), &moved["data"]["rescheduledFromUid"], &moved["data"]["metadata"]), (201, &json!(uid), &json!({})));
    let new = moved["data"]["uid"].as_str().unwrap();
    let old = send(&cal, &user, BOOKINGS, &format!("/v2/bookings/{uid}"), Value::Null).await.1;
    assert_eq!((&old["data"]["status"], &old["data"]["rescheduledToUid"]), (&json!("cancelled"), &json!(new)));
    let again = send(&cal, &user, BOOKINGS, &format!("/v2/bookings/{uid}/reschedule"), json!({ "start": "2030-01-05T05:00:00Z" })).await;
    assert!(again.0 == 400 && message(&again.1).contains(new), "{}", again.1);
    let after = events(&cal).await;
    assert_eq!((after.len(), &after[0]["id"], &after[0]["start"]), (1, &event["id"], &json!("2030-01-05T03:30:00Z")));
    let list = send(&cal, &user, BOOKINGS, &format!("/v2/bookings?eventTypeIds={kind}&sortCreated=desc&take=1"), Value::Null).await.1;
    assert_eq!((&list["data"][0]["uid"], &list["pagination"]["hasNextPage"]), (&json!(new), &json!(true)));
    let cancel = format!("/v2/bookings/{new}/cancel");
    assert_eq!(send(&cal, &user, BOOKINGS, &cancel, json!({ "cancellationReason": "ill" })).await.0, 200);
    assert_eq!(send(&cal, &user, BOOKINGS, &cancel, json!({})).await.0, 400);
    assert!(events(&cal).await.is_empty());
    let mails = cal.0.control(Method::GET, "/cal/mails", Value::Null).await["mails"].clone();
    let to: Vec<_> = mails.as_array().unwrap().iter().map(|mail| mail["to"].as_str().unwrap().to_owned()).collect();
    assert_eq!((to.len(), to.iter().filter(|to| *to == "lea@example.org").count()), (6, 3), "host and attendee are written to");
    cal.0.control(Method::PATCH, "/cal/mails", json!({ "enabled": false })).await;
    send(&cal, &user, BOOKINGS, "/v2/bookings", booking(kind, "2030-01-06T03:00:00Z")).await;
    assert_eq!(cal.0.control(Method::GET, "/cal/mails", Value::Null).await["mails"], mails);
}

#[tokio::test]
async fn what_cannot_be_booked_is_refused() {
    let cal = cal().await;
    let (user, kind) = bookable(&cal).await;
    let book = async |what: Value| send(&cal, &user, BOOKINGS, "/v2/bookings", what).await;
    assert_eq!(book(booking(kind, "2030-01-05T03:00:00Z")).await.0, 201);
    let theirs = json!({ "provider": "google", "account": NINA, "start": "2030-01-05T08:00:00Z", "end": "2030-01-05T09:00:00Z" });
    cal.0.control(Method::POST, "/events", theirs).await;
    for (start, words) in [
        ("2030-01-05T03:30:00Z", "User either already has booking at this time or is not available"),
        ("2030-01-05T08:30:00Z", "User either already has booking at this time or is not available"),
        ("2030-01-05T23:30:00Z", "User either already has booking at this time or is not available"),
        ("2020-01-05T03:00:00Z", "Attempting to book a meeting in the past."),
        ("2030-01-05T03:00:00+01:00", "Bad Request Exception"),
    ] {
        let (status, answer) = book(booking(kind, start)).await;
        assert_eq!((status.as_u16(), message(&answer)), (400, words), "{start}");
    }
    for (name, value) in [("location", json!({ "type": "phone", "phone": "+1" })), ("lengthInMinuts", json!(5)), ("attendee", json!({}))] {
        let mut what = booking(kind, "2030-01-07T03:00:00Z");
        what[name] = value;
        assert_eq!(book(what).await.0, 400, "{name}");
    }
    assert_eq!(book(booking(999, "2030-01-07T03:00:00Z")).await.0, 404);
    assert_eq!(send(&cal, &user, TYPES, "/v2/bookings", booking(kind, "2030-01-07T03:00:00Z")).await.0, 404, "the version of event types");
    assert_eq!(send(&cal, &user, BOOKINGS, "/v2/bookings/nobody", Value::Null).await.0, 404);
    // By the usual schedule, Monday to Friday from nine to five.
    let plain = json!({ "title": "x", "slug": "plain", "lengthInMinutes": 30 });
    let plain = send(&cal, &user, TYPES, "/v2/event-types", plain).await.1["data"]["id"].as_i64().unwrap();
    let mut what = booking(plain, "2030-01-05T10:00:00Z");
    what.as_object_mut().unwrap().remove("location");
    assert_eq!(book(what.clone()).await.0, 400, "a Saturday");
    what["start"] = json!("2030-01-07T10:00:00Z");
    assert_eq!(book(what).await.0, 201);
}
