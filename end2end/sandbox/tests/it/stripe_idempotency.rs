use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::stripe_support::{and, desk, form, held, hour, id, told};
use crate::support::body;

const SESSIONS: &str = "/checkout/sessions";

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_is_done_once() {
    let desk = desk().await;
    let first = desk.keyed(SESSIONS, &hour(), "booking-1").await;
    assert_eq!((header(&first, "idempotency-key"), header(&first, "idempotent-replayed")), ("booking-1", ""));
    let request = header(&first, "request-id").to_owned();
    let made = body(first).await.1;
    let mut turned = hour();
    turned.reverse();
    let second = desk.keyed(SESSIONS, &turned, "booking-1").await;
    assert_eq!((header(&second, "idempotent-replayed"), header(&second, "original-request")), ("true", request.as_str()));
    assert_ne!(header(&second, "request-id"), request);
    assert_eq!(body(second).await.1, made);
    assert_eq!(desk.read(SESSIONS).await["data"].as_array().unwrap().len(), 1);
    desk.pay(id(&made), "card").await;
    assert_eq!(body(desk.keyed(SESSIONS, &hour(), "booking-1").await).await.1, made, "as it was, not as it is");
    assert_ne!(body(desk.keyed(SESSIONS, &hour(), "booking-2").await).await.1["id"], made["id"]);
}

#[tokio::test]
async fn a_key_belongs_to_its_parameters_and_its_endpoint() {
    let desk = desk().await;
    let made = body(desk.keyed(SESSIONS, &hour(), "mine").await).await.1;
    let other = and(hour(), "client_reference_id", "booking-2");
    let expire = format!("{SESSIONS}/{}/expire", id(&made));
    for (path, form) in [(SESSIONS, &other), (expire.as_str(), &form(&[]))] {
        let response = desk.keyed(path, form, "mine").await;
        assert_eq!(header(&response, "idempotent-replayed"), "");
        let (status, error) = body(response).await;
        assert_eq!((status.as_u16(), told(&error, "type")), (400, "idempotency_error"), "{error}");
        assert!(told(&error, "message").contains("Try using a key other than 'mine'"), "{error}");
    }
    assert_eq!(desk.read(&format!("{SESSIONS}/{}", id(&made))).await["status"], "open");
    assert_eq!(desk.keyed(SESSIONS, &hour(), &"k".repeat(255)).await.status(), 200);
    for wrong in ["k".repeat(256), String::new()] {
        assert_eq!(desk.keyed(SESSIONS, &hour(), &wrong).await.status(), 400);
    }
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day() {
    let desk = desk().await;
    let made = body(desk.keyed(SESSIONS, &hour(), "daily").await).await.1;
    desk.advance(24 * 3600 - 20).await;
    assert_eq!(body(desk.keyed(SESSIONS, &hour(), "daily").await).await.1["id"], made["id"]);
    desk.advance(21).await;
    assert_ne!(body(desk.keyed(SESSIONS, &hour(), "daily").await).await.1["id"], made["id"]);
}

#[tokio::test]
async fn what_never_began_is_not_kept_and_what_began_is() {
    let desk = desk().await;
    let wrong = and(hour(), "mode", "rent");
    assert_eq!(desk.keyed(SESSIONS, &wrong, "again").await.status(), 400);
    assert_eq!(desk.keyed(SESSIONS, &hour(), "again").await.status(), 200, "a validation error does not use the key up");
    let held = desk.paid(&held(), "card").await;
    let capture = format!("/payment_intents/{}/capture", id(&held));
    let refund = form(&[("payment_intent", id(&held))]);
    let (status, first) = body(desk.keyed("/refunds", &refund, "refund").await).await;
    assert_eq!(status, 400);
    desk.done(&capture, &form(&[])).await;
    let response = desk.keyed("/refunds", &refund, "refund").await;
    assert_eq!(header(&response, "idempotent-replayed"), "true");
    assert_eq!(body(response).await, (status, first), "a refusal is kept, though the request would be right by now");
    assert_eq!(desk.keyed("/refunds", &refund, "another").await.status(), 200);
}

#[tokio::test]
async fn a_key_in_use_is_409_and_the_work_is_done_once() {
    let desk = desk().await;
    desk.control(Method::PATCH, "/switches", json!({ "work_ms": 1000 })).await;
    let form = hour();
    let tries = futures::future::join_all((0..4).map(|_| desk.keyed(SESSIONS, &form, "race"))).await;
    let mut statuses: Vec<u16> = tries.iter().map(|response| response.status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    for response in tries {
        if response.status() == 409 {
            assert_eq!(header(&response, "stripe-should-retry"), "true");
            let error = body(response).await.1;
            assert_eq!(told(&error, "code"), "idempotency_key_in_use");
        }
    }
    assert_eq!(header(&desk.keyed(SESSIONS, &form, "race").await, "idempotent-replayed"), "true");
    assert_eq!(desk.read(SESSIONS).await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn internal_errors_are_kept_like_any_outcome() {
    let desk = desk().await;
    for (when, made) in [("before_work", 0), ("after_work", 1)] {
        desk.0.control(Method::POST, "/reset", Value::Null).await;
        desk.control(Method::PATCH, "/switches", json!({ "internal_error": when })).await;
        for replayed in ["", "true"] {
            let response = desk.keyed(SESSIONS, &hour(), "unlucky").await;
            assert_eq!((response.status().as_u16(), header(&response, "idempotent-replayed")), (500, replayed));
            assert_eq!(header(&response, "stripe-should-retry"), "false");
            assert_eq!(told(&body(response).await.1, "type"), "api_error");
        }
        assert_eq!(desk.read(SESSIONS).await["data"].as_array().unwrap().len(), made, "{when}");
    }
}

#[tokio::test]
async fn a_lost_answer_can_be_had_again_and_reads_take_no_keys() {
    let desk = desk().await;
    let fault =
        json!({ "provider": "stripe", "match": { "method": "POST", "path_prefix": "/v1/refunds" }, "fault": { "kind": "after_effect" } });
    let paid = desk.paid(&hour(), "card").await;
    desk.0.control(Method::POST, "/faults", fault).await;
    let refund = form(&[("payment_intent", id(&paid))]);
    let lost = desk.request(Method::POST, "/refunds").header("Idempotency-Key", "r").form(&refund).send().await;
    assert!(lost.is_err());
    let again = desk.keyed("/refunds", &refund, "r").await;
    assert_eq!((again.status().as_u16(), header(&again, "idempotent-replayed")), (200, "true"));
    assert_eq!(body(again).await.1["amount"], 2500);
    let read = desk.request(Method::GET, "/refunds").header("Idempotency-Key", "r").send().await.unwrap();
    assert_eq!((read.status().as_u16(), header(&read, "idempotent-replayed")), (200, ""));
}

#[tokio::test]
async fn the_work_is_finished_even_when_the_client_hangs_up() {
    let desk = desk().await;
    desk.control(Method::PATCH, "/switches", json!({ "work_ms": 900 })).await;
    let impatient = desk.request(Method::POST, SESSIONS).header("Idempotency-Key", "gone").form(&hour());
    assert!(impatient.timeout(std::time::Duration::from_millis(300)).send().await.unwrap_err().is_timeout());
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    let again = desk.keyed(SESSIONS, &hour(), "gone").await;
    assert_eq!((again.status().as_u16(), header(&again, "idempotent-replayed")), (200, "true"));
}

#[tokio::test]
async fn the_usual_faults_strike_here_too() {
    let desk = desk().await;
    let fault = async |fault: Value| {
        desk.0.control(Method::POST, "/faults", json!({ "provider": "stripe", "match": { "path_prefix": "/v1" }, "fault": fault })).await;
    };
    fault(json!({ "kind": "status", "status": 429, "retry_after": 3 })).await;
    let response = desk.keyed(SESSIONS, &hour(), "k").await;
    assert_eq!(header(&response, "retry-after"), "3");
    assert_eq!(told(&body(response).await.1, "code"), "rate_limit");
    fault(json!({ "kind": "status", "status": 500 })).await;
    let response = desk.keyed(SESSIONS, &hour(), "k").await;
    assert!(header(&response, "request-id").starts_with("req_"));
    assert_eq!(told(&body(response).await.1, "type"), "api_error");
    fault(json!({ "kind": "hang", "ms": 60_000 })).await;
    let slow = desk.request(Method::GET, "/events").timeout(std::time::Duration::from_millis(100)).send().await;
    assert!(slow.unwrap_err().is_timeout());
    fault(json!({ "kind": "close" })).await;
    assert!(desk.request(Method::GET, "/events").send().await.is_err());
    fault(json!({ "kind": "slow_drip", "ms": 1 })).await;
    assert_eq!(desk.read(SESSIONS).await["data"], json!([]), "none of them did any work");
    fault(json!({ "kind": "malformed_json" })).await;
    assert!(desk.get(SESSIONS).await.1.is_string());
    assert_eq!(desk.keyed(SESSIONS, &hour(), "k").await.status(), 200, "none of them used the key up");
}
