use reqwest::Method;
use serde_json::{Value, json};

use crate::stripe_support::{Form, VERSION, desk, form, held, hour, id, told};

const CARD: [&str; 5] =
    ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed", "charge.updated"];

#[tokio::test]
async fn a_card_payment_tells_these_events_in_this_order() {
    let desk = desk().await;
    let paid = desk.paid(&hour(), "card").await;
    assert_eq!(desk.kinds().await, CARD);
    let events = desk.read("/events").await["data"].as_array().unwrap().clone();
    for event in &events {
        assert!(id(event).starts_with("evt_"));
        let facts = (&event["object"], &event["api_version"], &event["livemode"], &event["pending_webhooks"]);
        assert_eq!(facts, (&json!("event"), &json!(VERSION), &json!(false), &json!(0)));
        assert!(event["created"].is_i64());
    }
    let updated = &events[0]["data"];
    assert_eq!(updated["previous_attributes"], json!({ "balance_transaction": null }));
    let succeeded = &events[3]["data"]["object"];
    assert_eq!(succeeded["balance_transaction"], Value::Null, "the fee is known only after the payment succeeded");
    assert!(updated["object"]["balance_transaction"].is_string());
    assert_eq!(events[2]["data"]["object"]["status"], "succeeded");
    assert_eq!(events[4]["data"]["object"]["status"], "requires_payment_method", "an event shows the object as it was then");
    assert_eq!(
        (&events[1]["data"]["object"]["payment_intent"], &events[1]["data"]["object"]["payment_status"]),
        (&paid["id"], &json!("paid"))
    );
}

#[tokio::test]
async fn other_payments_tell_theirs() {
    for (form, with, expected) in [
        (
            held(),
            "card",
            vec!["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated", "checkout.session.completed"],
        ),
        (hour(), "declined_card", vec!["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]),
        (
            hour(),
            "debit",
            vec![
                "payment_intent.created",
                "charge.pending",
                "payment_intent.processing",
                "checkout.session.completed",
                "charge.succeeded",
                "payment_intent.succeeded",
                "checkout.session.async_payment_succeeded",
            ],
        ),
        (
            hour(),
            "failing_debit",
            vec![
                "payment_intent.created",
                "charge.pending",
                "payment_intent.processing",
                "checkout.session.completed",
                "charge.failed",
                "payment_intent.payment_failed",
                "checkout.session.async_payment_failed",
            ],
        ),
    ] {
        let desk = desk().await;
        let session = desk.session(&form).await;
        desk.pay(id(&session), with).await;
        desk.advance(31).await;
        assert_eq!(desk.kinds().await, expected, "{with}");
    }
}

#[tokio::test]
async fn an_event_names_the_request_that_caused_it() {
    let desk = desk().await;
    let paid = desk.paid(&hour(), "card").await;
    let refund = desk.keyed("/refunds", &form(&[("payment_intent", id(&paid))]), "refund-7").await;
    let request = refund.headers()["request-id"].to_str().unwrap().to_owned();
    let event = desk.read("/events?type=refund.created").await["data"][0].clone();
    assert_eq!(event["request"], json!({ "id": request, "idempotency_key": "refund-7" }));
    let paid = desk.read("/events?type=payment_intent.succeeded").await["data"][0].clone();
    assert_eq!(paid["request"], json!({ "id": null, "idempotency_key": null }), "a customer did that");
    assert_eq!(desk.read(&format!("/events/{}", id(&event))).await, event);
}

#[tokio::test]
async fn events_are_found_by_kind_and_kept_for_thirty_days() {
    let desk = desk().await;
    let paid = desk.paid(&hour(), "card").await;
    let refund: Form = form(&[("payment_intent", id(&paid))]);
    desk.done("/refunds", &refund).await;
    for (query, count) in [
        ("type=charge.refunded", 1),
        ("type=charge.*", 3),
        ("type=*", 7),
        ("type=charge", 0),
        ("types[]=charge.refunded&types[]=refund.created", 2),
        ("types[0]=charge.*", 0),
        ("delivery_success=true", 7),
        ("delivery_success=false", 0),
        ("created[gt]=9999999999", 0),
    ] {
        assert_eq!(desk.read(&format!("/events?limit=100&{query}")).await["data"].as_array().unwrap().len(), count, "{query}");
    }
    let many = (0..21).map(|index| format!("types[{index}]=charge.refunded")).collect::<Vec<_>>().join("&");
    for query in ["type=a&types[]=b", "delivery_success=maybe", "kind=x", &many] {
        assert_eq!(desk.get(&format!("/events?{query}")).await.0, 400, "{query}");
    }
    let page = desk.read("/events?limit=3").await;
    let next = desk.read(&format!("/events?limit=100&starting_after={}", id(&page["data"][2]))).await;
    assert_eq!((&page["has_more"], &next["has_more"], next["data"].as_array().unwrap().len()), (&json!(true), &json!(false), 4));
    let event = id(&page["data"][0]).to_owned();
    desk.advance(30 * 24 * 3600 + 1).await;
    let (status, error) = desk.get(&format!("/events/{event}")).await;
    assert_eq!((status.as_u16(), told(&error, "code")), (404, "resource_missing"));
    assert_eq!(desk.read("/events?type=charge.refunded").await["data"], json!([]));
}

#[tokio::test]
async fn time_brings_things_about_in_their_order() {
    let desk = desk().await;
    desk.control(Method::PATCH, "/switches", json!({ "debit_delay": 5 * 24 * 3600 })).await;
    let open = desk.session(&hour()).await;
    let debit = desk.session(&hour()).await;
    desk.pay(id(&debit), "debit").await;
    let later = desk.paid(&held(), "card").await;
    let before = desk.kinds().await.len();
    desk.advance(10 * 24 * 3600).await;
    assert_eq!(
        desk.kinds().await[before..],
        [
            "checkout.session.expired",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.async_payment_succeeded",
            "refund.created",
            "charge.expired",
            "payment_intent.canceled",
        ]
    );
    let events = desk.read("/events?limit=100").await["data"].as_array().unwrap().clone();
    let times: Vec<i64> = events.iter().rev().map(|event| event["created"].as_i64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(desk.read(&format!("/checkout/sessions/{}", id(&open))).await["status"], "expired");
    assert_eq!(desk.read(&format!("/payment_intents/{}", id(&later))).await["canceled_at"], json!(times.last().unwrap()));
}
