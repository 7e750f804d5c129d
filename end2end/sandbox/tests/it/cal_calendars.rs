//! Connected calendars, and when they are busy.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cal_support::{Cal, Managed, cal, message};
use crate::support::body;

const MAYA: &str = "maya@google.example";

fn busy(calendars: &[(i64, &str)]) -> String {
    let mut path = "/v2/calendars/busy-times?timeZone=Europe/Berlin&dateFrom=2030-01-07T09:00:00Z&dateTo=2030-01-07T10:00:00Z".to_owned();
    for (index, (credential, external)) in calendars.iter().enumerate() {
        let asked = |name: &str, value: &str| format!("&calendarsToLoad%5B{index}%5D%5B{name}%5D={value}");
        path = [path, asked("credentialId", &credential.to_string()), asked("externalId", external)].concat();
    }
    path
}

async fn entries(cal: &Cal, user: &Managed) -> Vec<Value> {
    let (status, listed) = cal.get("/v2/calendars", &user.access).await;
    assert_eq!(status, 200, "{listed}");
    listed["data"]["connectedCalendars"].as_array().unwrap().clone()
}

async fn event(cal: &Cal, start: &str, end: &str) {
    let event = json!({ "provider": "google", "account": MAYA, "start": start, "end": end });
    cal.0.control(Method::POST, "/events", event).await;
}

#[tokio::test]
async fn the_list_says_what_cannot_be_read() {
    let cal = cal().await;
    let user = cal.managed("ada").await;
    assert_eq!(cal.get("/v2/calendars", &user.access).await.1["data"], json!({ "connectedCalendars": [] }));
    let (google, office) = (cal.link(&user, "google", MAYA).await, cal.link(&user, "office365", "maya@microsoft.example").await);
    let listed = entries(&cal, &user).await;
    assert_eq!(listed[0]["credentialId"], google);
    assert_eq!(
        (&listed[0]["integration"]["type"], &listed[1]["integration"]["type"]),
        (&json!("google_calendar"), &json!("office365_calendar"))
    );
    assert_eq!((&listed[0]["primary"]["externalId"], &listed[0]["primary"]["isSelected"]), (&json!(MAYA), &json!(true)));
    assert!(listed[0]["calendars"].as_array().unwrap().iter().any(|calendar| calendar["readOnly"] == true));
    assert_eq!(cal.get("/v2/calendars", &user.access).await.1["data"]["destinationCalendar"]["credentialId"], google);
    cal.0.control(Method::PATCH, &format!("/cal/credentials/{google}"), json!({ "invalid": true })).await;
    cal.0.control(Method::PATCH, &format!("/cal/credentials/{office}"), json!({ "unreadable": true })).await;
    let listed = entries(&cal, &user).await;
    for (entry, words) in listed.iter().zip(["Access token expired or revoked", "Could not get connected calendars"]) {
        assert_eq!(entry["error"]["message"], words);
        assert!(entry.get("calendars").is_none() && entry.get("primary").is_none());
    }
}

#[tokio::test]
async fn busy_times_spill_overlap_and_keep_quiet_about_revoked_ones() {
    let cal = cal().await;
    let user = cal.managed("ada").await;
    let number = cal.link(&user, "google", MAYA).await;
    event(&cal, "2030-01-06T22:30:00Z", "2030-01-06T23:00:00Z").await;
    event(&cal, "2030-01-07T09:15:00Z", "2030-01-07T09:45:00Z").await;
    event(&cal, "2030-01-07T09:30:00Z", "2030-01-07T10:30:00Z").await;
    event(&cal, "2030-01-07T23:00:00Z", "2030-01-07T23:30:00Z").await;
    event(&cal, "2030-01-08T00:30:00Z", "2030-01-08T01:00:00Z").await;
    let (status, times) = cal.get(&busy(&[(number, MAYA)]), &user.access).await;
    assert_eq!(status, 200, "{times}");
    let starts: Vec<_> = times["data"].as_array().unwrap().iter().map(|one| one["start"].as_str().unwrap().to_owned()).collect();
    for wanted in ["2030-01-06T22:30:00.000Z", "2030-01-07T09:15:00.000Z", "2030-01-07T09:30:00.000Z", "2030-01-07T23:00:00.000Z"] {
        assert!(starts.iter().any(|start| start == wanted), "{wanted} in {starts:?}");
    }
    assert!(!starts.iter().any(|start| start.starts_with("2030-01-08")), "{starts:?}");
    let elsewhere = cal.get(&busy(&[(number, "nowhere")]), &user.access).await;
    assert_eq!((elsewhere.0.as_u16(), &elsewhere.1["data"]), (200, &json!([])));
    // Revoked at Google: 200, and nothing.
    cal.0.control(Method::PATCH, &format!("/cal/credentials/{number}"), json!({ "invalid": true })).await;
    assert_eq!(cal.get(&busy(&[(number, MAYA)]), &user.access).await.1["data"], json!([]));
    cal.0.control(Method::PATCH, &format!("/cal/credentials/{number}"), json!({ "invalid": false, "unreadable": true })).await;
    let (status, answer) = cal.get(&busy(&[(number, MAYA)]), &user.access).await;
    assert_eq!((status.as_u16(), message(&answer)), (500, "Unable to fetch connected calendars events. Please try again later."));
}

#[tokio::test]
async fn busy_times_are_refused() {
    let cal = cal().await;
    let (ada, ben) = (cal.managed("ada").await, cal.managed("ben").await);
    let number = cal.link(&ada, "google", MAYA).await;
    let good = busy(&[(number, MAYA)]);
    assert_eq!(cal.get(&good, &ada.access).await.0, 200);
    let (status, answer) = cal.get(&good, &ben.access).await;
    assert_eq!((status.as_u16(), message(&answer)), (401, "These credentials do not belong to you"));
    let renumbered = cal.0.control(Method::POST, &format!("/cal/credentials/{number}/renumber"), json!({})).await["id"].as_i64().unwrap();
    assert_eq!(cal.get(&good, &ada.access).await.0, 401);
    assert_eq!(cal.get(&busy(&[(renumbered, MAYA)]), &ada.access).await.0, 200);
    let no_zone = busy(&[(renumbered, MAYA)]).replace("timeZone=Europe/Berlin&", "");
    assert_eq!(message(&cal.get(&no_zone, &ada.access).await.1), "Either timeZone or loggedInUsersTz must be provided");
    let good = busy(&[(renumbered, MAYA)]);
    let many: Vec<_> = (0..22).map(|_| (renumbered, MAYA)).collect();
    for wrong in [
        good.replace("dateFrom", "start"),
        good.replace("2030-01-07T10:00:00Z", "soon"),
        busy(&[]),
        good.replace("%5B0%5D%5BcredentialId%5D", "credentialId"),
        good.replace(&format!("={renumbered}&"), "=abc&"),
        busy(&many),
    ] {
        assert_eq!(cal.get(&wrong, &ada.access).await.0, 400, "{wrong}");
    }
}

/// Answers the consent page at `url` and follows the way back to `redir`.
async fn consent(cal: &Cal, url: &str, account: &str, decision: &str) -> String {
    let page = cal.0.client.get(url).send().await.unwrap().text().await.unwrap();
    let after = |start: &str| page.split(start).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [("request", after("name=\"request\" value=\"")), ("account", account.to_owned()), ("decision", decision.to_owned())];
    let mut answer = cal.0.client.post(cal.0.sandbox.url(&after("action=\""))).form(&form).send().await.unwrap();
    loop {
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let Some(to) = to else { return body(answer).await.1.to_string() };
        if to.starts_with("https://site.example") {
            return to;
        }
        answer = cal.0.client.get(to).send().await.unwrap();
    }
}

#[tokio::test]
async fn connecting_looks_the_same_whatever_the_answer() {
    let cal = cal().await;
    let user = cal.managed("ada").await;
    let redir = "https://site.example/back?state=x";
    for (calendar, account, count) in [("google", MAYA, 1), ("office365", "maya@microsoft.example", 2)] {
        let path = format!("/v2/calendars/{calendar}/connect");
        let connect = async || {
            let request = cal.bearer(Method::GET, &path, &user.access).query(&[("redir", redir), ("isDryRun", "false")]);
            let (status, answer) = cal.send(Method::GET, "/v2/calendars/{calendar}/connect", request).await;
            assert_eq!(status, 200, "{answer}");
            answer["data"]["authUrl"].as_str().unwrap().to_owned()
        };
        let url = connect().await;
        assert!(url.contains("accessToken"), "the token travels");
        assert_eq!(consent(&cal, &url, account, "refuse").await, redir);
        assert_eq!(entries(&cal, &user).await.len(), count - 1);
        assert_eq!(consent(&cal, &connect().await, account, "allow").await, redir);
        assert_eq!(entries(&cal, &user).await.len(), count);
        let check = format!("/v2/calendars/{calendar}/check");
        let checked = cal.send(Method::GET, "/v2/calendars/{calendar}/check", cal.bearer(Method::GET, &check, &user.access)).await;
        assert_eq!(checked.1, json!({ "status": "success" }));
    }
    // A token that is forced out of the way in between ends the connection.
    let request = cal.bearer(Method::GET, "/v2/calendars/google/connect", &user.access).query(&[("redir", redir)]);
    let answer = body(request.send().await.unwrap()).await.1;
    cal.force(user.id).await;
    let ended = consent(&cal, answer["data"]["authUrl"].as_str().unwrap(), "tomas@google.example", "allow").await;
    assert!(ended.contains("Invalid Access token."), "{ended}");
}

#[tokio::test]
async fn connecting_is_refused() {
    let cal = cal().await;
    let user = cal.managed("ada").await;
    for (path, status) in [("/v2/calendars/apple/connect", 400), ("/v2/calendars/google/connect?isDryRun=maybe", 400)] {
        assert_eq!(body(cal.bearer(Method::GET, path, &user.access).send().await.unwrap()).await.0, status, "{path}");
    }
    let check = async |calendar: &str| {
        let path = format!("/v2/calendars/{calendar}/check");
        body(cal.bearer(Method::GET, &path, &user.access).send().await.unwrap()).await
    };
    assert_eq!(message(&check("google").await.1), "Credentials for google_calendar not found.");
    let number = cal.link(&user, "google", MAYA).await;
    cal.0.control(Method::PATCH, &format!("/cal/credentials/{number}"), json!({ "unreadable": true })).await;
    let (status, answer) = check("google").await;
    assert_eq!((status.as_u16(), message(&answer)), (401, "Google Calendar not connected."));
    cal.0.control(Method::PATCH, &format!("/cal/credentials/{number}"), json!({ "invalid": true })).await;
    assert_eq!(message(&check("google").await.1), "Invalid google OAuth credentials.");
}

#[tokio::test]
async fn other_calendars_and_where_bookings_go() {
    let cal = cal().await;
    let (user, other) = (cal.managed("ada").await, cal.managed("ben").await);
    let send = async |method: Method, template: &str, path: &str, what: Value| {
        cal.send(method.clone(), template, cal.bearer(method, path, &user.access).json(&what)).await
    };
    let apple = "/v2/calendars/{calendar}/credentials";
    let sign_in = |password: &str| json!({ "username": "ada@icloud.example", "password": password });
    assert_eq!(send(Method::POST, apple, "/v2/calendars/apple/credentials", sign_in("wrong")).await.0, 400);
    assert_eq!(send(Method::POST, apple, "/v2/calendars/apple/credentials", sign_in("app-password")).await.0, 201);
    assert_eq!(send(Method::POST, apple, "/v2/calendars/apple/credentials", sign_in("another")).await.0, 201);
    assert_eq!(entries(&cal, &user).await.len(), 1, "the same user's password is overwritten");
    let feeds = "/v2/calendars/ics-feed/save";
    assert_eq!(send(Method::POST, feeds, feeds, json!({ "urls": ["https://feeds.example/a.html"] })).await.0, 400);
    let (status, saved) = send(Method::POST, feeds, feeds, json!({ "urls": ["https://feeds.example/a.ics"] })).await;
    assert_eq!(status, 201, "{saved}");
    let number = cal.link(&user, "google", MAYA).await;
    let destination = "/v2/destination-calendars";
    let target = |external: &str| json!({ "integration": "google_calendar", "externalId": external });
    assert_eq!(send(Method::PUT, destination, destination, target(MAYA)).await.0, 200);
    assert_eq!(send(Method::PUT, destination, destination, target("maya-team@group.calendar.google.example")).await.0, 404, "read only");
    let selected = "/v2/selected-calendars";
    let select = |credential: Value| json!({ "integration": "google_calendar", "externalId": "maya-private@group.calendar.google.example", "credentialId": credential });
    assert_eq!(send(Method::POST, selected, selected, select(json!(number.to_string()))).await.0, 400, "a number here");
    assert_eq!(send(Method::POST, selected, selected, select(json!(number))).await.0, 201);
    let unselect =
        format!("{selected}?integration=google_calendar&externalId=maya-private@group.calendar.google.example&credentialId={number}");
    assert_eq!(send(Method::DELETE, selected, &unselect, Value::Null).await.0, 200);
    assert_eq!(send(Method::DELETE, selected, &unselect, Value::Null).await.0, 404);
    let (disconnect, path) = ("/v2/calendars/{calendar}/disconnect", "/v2/calendars/google/disconnect");
    let strange = cal.bearer(Method::POST, path, &other.access).json(&json!({ "id": number }));
    assert_eq!(cal.send(Method::POST, disconnect, strange).await.0, 404);
    assert_eq!(send(Method::POST, disconnect, path, json!({ "id": number })).await.0, 200);
    assert_eq!(entries(&cal, &user).await.len(), 2);
}
