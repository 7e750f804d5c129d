use std::time::{Duration, Instant};

use reqwest::Method;
use sandbox::Provider::Google;
use serde_json::{Value, json};

use crate::support::{Bed, MAYA, bed, body};

const LIST: &str = "/google/calendar/v3/users/me/calendarList";
const SCOPES: &str =
    "openid https://www.googleapis.com/auth/calendar.calendarlist.readonly https://www.googleapis.com/auth/calendar.events.owned";

async fn fault(bed: &Bed, fault: Value, more: Value) {
    let mut rule = json!({ "provider": "google", "fault": fault });
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bed.control(Method::POST, "/faults", rule).await;
}

#[tokio::test]
async fn a_status_strikes_as_often_as_asked_and_says_when_to_come_back() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    fault(&bed, json!({ "kind": "status", "status": 429, "retry_after": 7 }), json!({ "times": 2 })).await;
    for _ in 0..2 {
        let response = bed.call(Method::GET, LIST, &token).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    }
    assert_eq!(bed.get(LIST, &token).await.0, 200);
    fault(&bed, json!({ "kind": "status", "status": 498, "body": { "mine": 1 } }), json!({})).await;
    let (status, answer) = bed.get(LIST, &token).await;
    assert_eq!((status.as_u16(), answer), (498, json!({ "mine": 1 })));
    fault(&bed, json!({ "kind": "status", "status": 502, "body": "<html>bad gateway" }), json!({})).await;
    assert_eq!(bed.get(LIST, &token).await.1, json!("<html>bad gateway"));
}

#[tokio::test]
async fn faults_match_method_path_and_account_and_are_cleared() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    let other = bed.grant(Google, "tomas@google.example", SCOPES).await;
    let never = json!({ "kind": "status", "status": 500 });
    fault(&bed, never.clone(), json!({ "match": { "method": "POST" }, "times": "forever" })).await;
    fault(&bed, never.clone(), json!({ "match": { "path_prefix": "/token" }, "times": "forever" })).await;
    fault(&bed, never.clone(), json!({ "probability": 0.0, "times": "forever" })).await;
    fault(&bed, never, json!({ "match": { "account": MAYA }, "times": "forever" })).await;
    assert_eq!(bed.get(LIST, &token).await.0, 500);
    assert_eq!(bed.get(LIST, &token).await.0, 500);
    assert_eq!(bed.get(LIST, &other).await.0, 200);
    let listed = bed.control(Method::GET, "/faults", Value::Null).await;
    assert_eq!(listed["faults"].as_array().unwrap().len(), 4);
    bed.control(Method::DELETE, &format!("/faults/{}", listed["faults"][3]["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(bed.get(LIST, &token).await.0, 200);
    assert_eq!(bed.control(Method::DELETE, "/faults", Value::Null).await["cleared"], 3);
}

#[tokio::test]
async fn connections_close_hang_and_dawdle() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    let call = || bed.call(Method::GET, LIST, &token);
    fault(&bed, json!({ "kind": "close" }), json!({})).await;
    assert!(call().send().await.is_err());
    fault(&bed, json!({ "kind": "hang", "ms": 60_000 }), json!({})).await;
    assert!(call().timeout(Duration::from_millis(200)).send().await.unwrap_err().is_timeout());
    fault(&bed, json!({ "kind": "latency", "ms": 150 }), json!({})).await;
    #[expect(clippy::disallowed_methods, reason = "a latency is measured on the machine's clock")]
    let begin = Instant::now();
    assert_eq!(call().send().await.unwrap().status(), 200);
    assert!(begin.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn bodies_are_cut_spoilt_or_dripped() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    let call = || bed.call(Method::GET, LIST, &token);
    let whole = call().send().await.unwrap().text().await.unwrap();
    fault(&bed, json!({ "kind": "cut_body" }), json!({})).await;
    let response = call().send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.is_err());
    fault(&bed, json!({ "kind": "malformed_json" }), json!({})).await;
    let (status, answer) = body(call().send().await.unwrap()).await;
    assert!(status == 200 && answer.is_string());
    fault(&bed, json!({ "kind": "slow_drip", "ms": 1 }), json!({})).await;
    assert_eq!(call().send().await.unwrap().text().await.unwrap(), whole);
    fault(&bed, json!({ "kind": "slow_drip", "ms": 50 }), json!({})).await;
    let slow = call().timeout(Duration::from_millis(300)).send().await.unwrap();
    assert!(slow.text().await.is_err());
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_work_is_done() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    fault(&bed, json!({ "kind": "after_effect" }), json!({ "match": { "method": "POST" } })).await;
    let events = "/google/calendar/v3/calendars/primary/events";
    let event = json!({ "id": "lost0", "start": { "date": "2027-01-01" }, "end": { "date": "2027-01-02" } });
    assert!(bed.call(Method::POST, events, &token).json(&event).send().await.is_err());
    assert_eq!(bed.send(Method::POST, events, &token, event).await.0, 409);
    assert_eq!(bed.get(&format!("{events}/lost0"), &token).await.0, 200);
}

#[tokio::test]
async fn every_request_is_written_down_with_whose_token_it_carried() {
    let bed = bed().await;
    let tokens = bed.sign_in(Google, MAYA, SCOPES).await;
    bed.control(Method::DELETE, "/requests", Value::Null).await;
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    bed.get(&format!("{LIST}?maxResults=5"), access).await;
    bed.token(Google, &Bed::refresh(Google, refresh)).await;
    fault(&bed, json!({ "kind": "close" }), json!({})).await;
    assert!(bed.call(Method::GET, LIST, access).send().await.is_err());
    let log = bed.control(Method::GET, &format!("/requests?provider=google&account={MAYA}"), Value::Null).await;
    let log = log["requests"].as_array().unwrap().clone();
    assert_eq!(log.iter().map(|entry| entry["status"].as_u64()).collect::<Vec<_>>(), [Some(200), Some(200), None]);
    assert_eq!(
        (&log[0]["query"], &log[1]["grant_type"], &log[2]["fault"]),
        (&json!("maxResults=5"), &json!("refresh_token"), &json!("close"))
    );
    assert!(log.iter().all(|entry| entry["client_id"] == "wellmet-sandbox-google"));
    let owner = bed.control(Method::POST, "/tokens/owner", json!({ "token": access })).await;
    assert!(log[0]["token"] == owner["token"] && log[0]["token"] == log[2]["token"] && log[1]["token"].is_null());
    let text = format!("{log:?}");
    assert!(!text.contains(access) && !text.contains(refresh));
    let refreshes = bed.control(Method::GET, "/requests?grant_type=refresh_token", Value::Null).await;
    assert_eq!(refreshes["requests"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let bed = bed().await;
    let token = bed.grant(Google, MAYA, SCOPES).await;
    bed.control(Method::POST, "/clock", json!({ "advance": 1000 })).await;
    fault(&bed, json!({ "kind": "close" }), json!({ "times": "forever" })).await;
    bed.control(Method::POST, "/reset", Value::Null).await;
    assert_eq!(bed.get(LIST, &token).await.0, 401);
    let health = bed.control(Method::GET, "/health", Value::Null).await;
    assert_eq!(health["status"], "ok");
}

#[tokio::test]
async fn it_stops_when_dropped() {
    let Bed { sandbox, client } = bed().await;
    let url = sandbox.url("/_control/health");
    assert!(client.get(&url).send().await.is_ok());
    drop(sandbox);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(client.get(&url).send().await.is_err());
}
