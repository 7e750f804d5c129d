use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use sandbox::{STRIPE_WEBHOOK_SECRET, StripeConfig};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::stripe_support::{Arrived, Desk, Ear, VERSION, desk, desk_with, ear, form, hour, id};

const CARD: [&str; 5] =
    ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed", "charge.updated"];

/// An ear that is told of everything.
async fn listening(answers: &[u16]) -> (Desk, Ear) {
    let ear = ear(answers).await;
    let desk = desk_with(StripeConfig { webhook_urls: vec![ear.url.clone()] }).await;
    (desk, ear)
}

fn kinds(arrived: &[Arrived]) -> Vec<String> {
    arrived.iter().map(Arrived::kind).collect()
}

fn signed(arrived: &Arrived, secret: &str) -> String {
    let time = arrived.signature.split(',').next().unwrap().strip_prefix("t=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(&arrived.body);
    mac.finalize().into_bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

async fn manner(desk: &Desk, manner: Value) {
    desk.control(Method::PATCH, "/post", manner).await;
}

/// Tells where a delivery of each kind stands.
async fn stands(desk: &Desk) -> Vec<(String, String, usize)> {
    let deliveries = desk.control(Method::GET, "/deliveries", Value::Null).await;
    let text = |delivery: &Value, name: &str| delivery[name].as_str().unwrap().to_owned();
    let list = deliveries["deliveries"].as_array().unwrap();
    list.iter().map(|delivery| (text(delivery, "kind"), text(delivery, "stand"), delivery["attempts"].as_array().unwrap().len())).collect()
}

#[tokio::test]
async fn every_event_arrives_signed() {
    let (desk, ear) = listening(&[]).await;
    desk.paid(&hour(), "card").await;
    let arrived = ear.hears(5).await;
    assert_eq!(kinds(&arrived), CARD);
    let now = arrived[0].event()["created"].as_i64().unwrap();
    for webhook in &arrived {
        let expected = format!("v1={}", signed(webhook, STRIPE_WEBHOOK_SECRET));
        let parts: Vec<&str> = webhook.signature.split(',').collect();
        assert_eq!((parts.len(), parts[1]), (2, expected.as_str()));
        let time: i64 = parts[0].strip_prefix("t=").unwrap().parse().unwrap();
        assert!((0..30).contains(&(time - now)));
        let event = webhook.event();
        assert_eq!((&event["api_version"], &event["pending_webhooks"]), (&json!(VERSION), &json!(1)));
        let mut read = desk.read(&format!("/events/{}", id(&event))).await;
        assert_eq!(read["pending_webhooks"], 0);
        read["pending_webhooks"] = json!(1);
        assert_eq!(read, event);
    }
    assert_eq!(desk.read("/events?delivery_success=true").await["data"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn the_clock_alone_brings_webhooks() {
    let (desk, ear) = listening(&[]).await;
    desk.session(&hour()).await;
    desk.advance(24 * 3600 + 1).await;
    assert_eq!(kinds(&ear.hears(1).await), ["checkout.session.expired"]);
}

#[tokio::test]
async fn deliveries_are_late() {
    let (desk, ear) = listening(&[]).await;
    manner(&desk, json!({ "delay": 120 })).await;
    let paid = desk.paid(&hour(), "card").await;
    ear.hears(0).await;
    assert_eq!(desk.read("/events?delivery_success=false").await["data"].as_array().unwrap().len(), 5);
    desk.advance(121).await;
    assert_eq!(kinds(&ear.hears(5).await), CARD);
    manner(&desk, json!({ "delay": 0 })).await;
    desk.done("/refunds", &form(&[("payment_intent", id(&paid))])).await;
    ear.hears(7).await;
}

#[tokio::test]
async fn deliveries_are_doubled() {
    let (desk, ear) = listening(&[]).await;
    manner(&desk, json!({ "copies": 2, "only": ["checkout.session.completed"] })).await;
    desk.paid(&hour(), "card").await;
    let arrived = ear.hears(7).await;
    let completed: Vec<&Arrived> = arrived.iter().filter(|webhook| webhook.kind() == "checkout.session.completed").collect();
    assert_eq!(completed.len(), 3);
    assert!(completed.iter().all(|webhook| webhook.event()["id"] == completed[0].event()["id"]));
}

#[tokio::test]
async fn deliveries_are_reversed() {
    let (desk, ear) = listening(&[]).await;
    manner(&desk, json!({ "reversed": true })).await;
    desk.paid(&hour(), "card").await;
    let mut arrived = kinds(&ear.hears(5).await);
    arrived.reverse();
    assert_eq!(arrived, CARD);
}

#[tokio::test]
async fn deliveries_are_lost() {
    let (desk, ear) = listening(&[]).await;
    manner(&desk, json!({ "lose": 1, "only": ["checkout.session.completed"] })).await;
    desk.paid(&hour(), "card").await;
    let arrived = kinds(&ear.hears(4).await);
    assert!(!arrived.contains(&"checkout.session.completed".to_owned()));
    desk.advance(24 * 3600).await;
    ear.hears(4).await;
    let lost = desk.read("/events?delivery_success=false").await["data"].clone();
    assert_eq!((lost.as_array().unwrap().len(), &lost[0]["type"]), (1, &json!("checkout.session.completed")), "it can be found by asking");
    desk.paid(&hour(), "card").await;
    ear.hears(9).await;
}

#[tokio::test]
async fn deliveries_are_held_and_sent_in_any_order() {
    let (desk, ear) = listening(&[]).await;
    manner(&desk, json!({ "held": true })).await;
    desk.paid(&hour(), "card").await;
    ear.hears(0).await;
    let events = desk.read("/events").await["data"].as_array().unwrap().clone();
    for (index, event) in [1, 4, 1].iter().zip(1..) {
        let sent = desk.control(Method::POST, &format!("/events/{}/send", id(&events[*index])), Value::Null).await;
        assert_eq!(sent["sent"], 1);
        ear.hears(event).await;
    }
    assert_eq!(kinds(&ear.so_far()), ["checkout.session.completed", "payment_intent.created", "checkout.session.completed"]);
    manner(&desk, json!({ "held": false })).await;
    assert_eq!(kinds(&ear.hears(8).await)[3..], CARD);
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_and_at_last_given_up() {
    let (desk, ear) = listening(&[500, 302, 404]).await;
    desk.control(Method::POST, "/endpoints", json!({ "url": "http://127.0.0.1:1/nobody", "events": ["charge.captured"] })).await;
    let session = desk.session(&hour()).await;
    desk.done(&format!("/checkout/sessions/{}/expire", id(&session)), &form(&[])).await;
    ear.hears(1).await;
    for (wait, count) in [(560, 1), (50, 2), (3601, 3), (10_801, 4)] {
        desk.advance(wait).await;
        ear.hears(count).await;
    }
    let arrived = ear.so_far();
    assert!(arrived.iter().all(|webhook| webhook.body == arrived[0].body
        && signed(webhook, STRIPE_WEBHOOK_SECRET) == webhook.signature[webhook.signature.len() - 64..]));
    assert_ne!(arrived[0].signature, arrived[1].signature, "each attempt is signed anew");
    assert_eq!(stands(&desk).await, [("checkout.session.expired".to_owned(), "delivered".to_owned(), 4)]);
    let (desk, ear) = listening(&[500, 500, 500, 500]).await;
    let session = desk.session(&hour()).await;
    desk.done(&format!("/checkout/sessions/{}/expire", id(&session)), &form(&[])).await;
    ear.hears(1).await;
    for (wait, count) in [(601, 2), (3601, 3), (10_801, 4), (100_000, 4)] {
        desk.advance(wait).await;
        ear.hears(count).await;
    }
    assert_eq!(stands(&desk).await, [("checkout.session.expired".to_owned(), "failed".to_owned(), 4)]);
}

#[tokio::test]
async fn an_endpoint_is_told_what_it_asked_for_with_its_own_secret() {
    let desk = desk().await;
    let ear = ear(&[]).await;
    let added =
        desk.control(Method::POST, "/endpoints", json!({ "url": ear.url, "secret": "whsec_mine", "events": ["charge.updated"] })).await;
    desk.paid(&hour(), "card").await;
    let first = ear.hears(1).await[0].clone();
    assert_eq!(
        (first.kind(), &first.signature[first.signature.len() - 64..]),
        ("charge.updated".to_owned(), signed(&first, "whsec_mine").as_str())
    );
    let path = format!("/endpoints/{}", id(&added));
    let rolled = desk.control(Method::POST, &format!("{path}/roll"), json!({ "keep": 600 })).await;
    desk.paid(&hour(), "card").await;
    let second = ear.hears(2).await[1].clone();
    let signatures: Vec<&str> = second.signature.split(',').skip(1).map(|part| part.strip_prefix("v1=").unwrap()).collect();
    assert_eq!(signatures, [signed(&second, rolled["secret"].as_str().unwrap()), signed(&second, "whsec_mine")]);
    desk.advance(601).await;
    desk.paid(&hour(), "card").await;
    let third = ear.hears(3).await[2].clone();
    assert_eq!(third.signature.split(',').count(), 2, "the old secret signs no more");
    desk.control(Method::PATCH, &path, json!({ "disabled": true })).await;
    desk.paid(&hour(), "card").await;
    ear.hears(3).await;
    desk.control(Method::DELETE, &path, Value::Null).await;
    assert_eq!(desk.control(Method::GET, "/endpoints", Value::Null).await["endpoints"], json!([]));
    let url = desk.0.sandbox.url("/_control/stripe/endpoints");
    for wrong in ["https://127.0.0.1/hook", "http://example.com/hook", "not an address"] {
        assert_eq!(desk.0.client.post(&url).json(&json!({ "url": wrong })).send().await.unwrap().status(), 400, "{wrong}");
    }
}
