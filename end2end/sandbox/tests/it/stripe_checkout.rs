use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stripe_support::{Desk, Form, and, desk, held, hour, id, told};

const SESSIONS: &str = "/checkout/sessions";

/// Opens the page of a session as a browser does.
async fn page(desk: &Desk, session: &Value) -> (StatusCode, String) {
    let response = desk.0.client.get(session["url"].as_str().unwrap()).send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

/// Sends the page's form; gives the status, where it leads, and the page.
async fn press(desk: &Desk, session: &Value, with: &str, email: &str) -> (u16, String, String) {
    let form = [("with", with), ("email", email)];
    let response = desk.0.client.post(session["url"].as_str().unwrap()).form(&form).send().await.unwrap();
    let target = response.headers().get("location").map(|target| target.to_str().unwrap().to_owned()).unwrap_or_default();
    (response.status().as_u16(), target, response.text().await.unwrap())
}

async fn again(desk: &Desk, session: &Value) -> Value {
    desk.read(&format!("{SESSIONS}/{}", id(session))).await
}

#[tokio::test]
async fn a_session_says_what_it_is() {
    let desk = desk().await;
    let form = and(and(hour(), "customer_email", "mentee@example.org"), "submit_type", "book");
    let session = desk.session(&form).await;
    assert!(id(&session).starts_with("cs_test_"));
    let expected = json!({
        "object": "checkout.session", "amount_total": 2500, "amount_subtotal": 2500, "currency": "eur", "status": "open",
        "payment_status": "unpaid", "payment_intent": null, "mode": "payment", "client_reference_id": "booking-1",
        "metadata": { "booking": "booking-1" }, "livemode": false, "submit_type": "book", "customer_email": "mentee@example.org",
        "success_url": "http://127.0.0.1:3000/paid?session={CHECKOUT_SESSION_ID}&x=1", "ui_mode": "hosted_page",
        "cancel_url": "http://127.0.0.1:3000/back",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&session[name], value, "{name}");
    }
    assert_eq!(session["expires_at"].as_i64().unwrap() - session["created"].as_i64().unwrap(), 24 * 3600);
    assert_eq!(again(&desk, &session).await, session);
    assert!(session.get("line_items").is_none());
    let two = and(hour(), "line_items[0][quantity]", "3");
    assert_eq!(desk.session(&two).await["amount_total"], 7500);
}

#[tokio::test]
async fn sessions_expire_between_half_an_hour_and_a_day() {
    let desk = desk().await;
    let now = desk.session(&hour()).await["created"].as_i64().unwrap();
    let at = |seconds: i64| and(hour(), "expires_at", &(now + seconds).to_string());
    for (seconds, words) in [(1790, "at least 30 minutes"), (-5, "at least 30 minutes"), (24 * 3600 + 60, "less than 24 hours")] {
        let (status, error) = desk.post(SESSIONS, &at(seconds)).await;
        assert_eq!((status.as_u16(), told(&error, "param")), (400, "expires_at"));
        assert!(told(&error, "message").contains(words), "{error}");
    }
    let session = desk.session(&at(31 * 60)).await;
    desk.advance(31 * 60 - 20).await;
    assert_eq!(again(&desk, &session).await["status"], "open");
    assert_eq!(page(&desk, &session).await.0, 200);
    desk.advance(21).await;
    let expired = again(&desk, &session).await;
    assert_eq!((&expired["status"], &expired["url"], &expired["payment_status"]), (&json!("expired"), &Value::Null, &json!("unpaid")));
    assert!(page(&desk, &session).await.1.contains("This page has expired"));
    assert!(press(&desk, &session, "card", "a@example.org").await.2.contains("This page has expired"));
    assert_eq!(desk.kinds().await, ["checkout.session.expired"]);
    assert_eq!(desk.read("/events").await["data"][0]["created"], expired["expires_at"], "told as of its instant");
    assert_eq!(desk.read("/events").await["data"][0]["request"], json!({ "id": null, "idempotency_key": null }));
}

#[tokio::test]
async fn the_page_shows_what_is_bought_and_takes_a_card() {
    let desk = desk().await;
    let session = desk.session(&hour()).await;
    let (status, html) = page(&desk, &session).await;
    assert_eq!(status, 200);
    for part in [
        "<html lang=\"en\">",
        "25.00 EUR",
        "An hour with Maya &lt;3",
        "<form method=\"post\">",
        "type=\"email\"",
        "<fieldset><legend>Pay with</legend>",
        "href=\"http://127.0.0.1:3000/back\"",
        ">Pay</button>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("<script"));
    let (status, target, _) = press(&desk, &session, "card", "mentee@example.org").await;
    assert_eq!((status, target), (303, format!("http://127.0.0.1:3000/paid?session={}&x=1", id(&session))));
    let paid = again(&desk, &session).await;
    assert_eq!((&paid["status"], &paid["payment_status"], &paid["url"]), (&json!("complete"), &json!("paid"), &Value::Null));
    assert_eq!((&paid["customer_details"]["email"], &paid["customer_email"]), (&json!("mentee@example.org"), &Value::Null));
    let intent = desk.read(&format!("/payment_intents/{}", paid["payment_intent"].as_str().unwrap())).await;
    assert_eq!((&intent["status"], &intent["amount_received"], &intent["amount"]), (&json!("succeeded"), &json!(2500), &json!(2500)));
    assert_eq!((&intent["metadata"], &intent["capture_method"]), (&json!({ "booking": "booking-1" }), &json!("automatic_async")));
    let charge = desk.charge(&intent).await;
    let facts = [&charge["captured"], &charge["paid"], &charge["refunded"], &charge["amount_captured"]];
    assert_eq!(facts, [&json!(true), &json!(true), &json!(false), &json!(2500)]);
    let money = desk.read(&format!("/balance_transactions/{}", charge["balance_transaction"].as_str().unwrap())).await;
    assert_eq!((&money["fee"], &money["net"], &money["status"]), (&json!(103), &json!(2397), &json!("pending")));
    assert!(page(&desk, &session).await.1.contains("all done here"));
    assert!(press(&desk, &session, "card", "mentee@example.org").await.2.contains("all done here"), "nobody pays twice");
    assert_eq!(desk.read("/charges").await["data"].as_array().unwrap().len(), 1);
    desk.advance(2 * 24 * 3600).await;
    assert_eq!(desk.read(&format!("/balance_transactions/{}", id(&money))).await["status"], "available");
}

#[tokio::test]
async fn session_metadata_is_not_that_of_the_payment() {
    let desk = desk().await;
    let intent = desk.paid(&and(hour(), "payment_intent_data", ""), "card").await;
    assert_eq!(intent["metadata"], json!({}));
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_for_another_try() {
    let desk = desk().await;
    let session = desk.session(&hour()).await;
    let (status, _, html) = press(&desk, &session, "declined_card", "mentee@example.org").await;
    assert_eq!(status, 422);
    assert!(html.contains("role=\"alert\">Your card was declined.<") && html.contains("value=\"mentee@example.org\""), "{html}");
    let open = again(&desk, &session).await;
    assert_eq!((&open["status"], &open["payment_status"]), (&json!("open"), &json!("unpaid")));
    let intent = desk.read(&format!("/payment_intents/{}", open["payment_intent"].as_str().unwrap())).await;
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(
        (&intent["last_payment_error"]["code"], &intent["last_payment_error"]["type"]),
        (&json!("card_declined"), &json!("card_error"))
    );
    assert_eq!(desk.charge(&intent).await["failure_code"], "card_declined");
    let refused = desk.refused(&format!("/payment_intents/{}/cancel", id(&intent)), &Form::new()).await;
    assert_eq!((refused.0, refused.2.as_str()), (400, "payment_intent_unexpected_state"), "Checkout's payments end with their session");
    assert_eq!(press(&desk, &session, "card", "mentee@example.org").await.0, 303);
    let after = desk.read(&format!("/payment_intents/{}", id(&intent))).await;
    assert_eq!((&after["status"], &after["last_payment_error"]), (&json!("succeeded"), &Value::Null));
    assert_eq!(desk.read(&format!("/charges?payment_intent={}", id(&intent))).await["data"].as_array().unwrap().len(), 2);
    let kinds = desk.kinds().await;
    assert_eq!(kinds[..3], ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]);
    assert_eq!(
        kinds[3..],
        ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed", "charge.updated"].map(str::to_owned)
    );
}

#[tokio::test]
async fn the_page_wants_an_address_and_a_way_to_pay() {
    let desk = desk().await;
    let session = desk.session(&hour()).await;
    for (with, email) in [("card", ""), ("card", "mentee"), ("gold", "a@example.org"), ("", "a@example.org")] {
        let (status, _, html) = press(&desk, &session, with, email).await;
        assert!(status == 422 && html.contains("role=\"alert\""), "{with} {email}");
    }
    assert_eq!(again(&desk, &session).await["payment_intent"], Value::Null);
    let known = desk.session(&and(hour(), "customer_email", "mentee@example.org")).await;
    assert!(page(&desk, &known).await.1.contains("value=\"mentee@example.org\" autocomplete=\"email\" required readonly"));
    press(&desk, &known, "card", "somebody.else@example.org").await;
    assert_eq!(again(&desk, &known).await["customer_details"]["email"], "mentee@example.org");
    let lost = desk.0.sandbox.url("/stripe/c/pay/cs_test_no");
    assert_eq!(desk.0.client.get(&lost).send().await.unwrap().status(), 404);
    assert_eq!(desk.0.client.post(&lost).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_debit_completes_the_session_and_ends_later() {
    let desk = desk().await;
    for (with, status, kind) in [
        ("debit", "succeeded", "checkout.session.async_payment_succeeded"),
        ("failing_debit", "requires_payment_method", "checkout.session.async_payment_failed"),
    ] {
        let session = desk.session(&hour()).await;
        assert_eq!(press(&desk, &session, with, "mentee@example.org").await.0, 303);
        let now = again(&desk, &session).await;
        assert_eq!((&now["status"], &now["payment_status"]), (&json!("complete"), &json!("unpaid")));
        let path = format!("/payment_intents/{}", now["payment_intent"].as_str().unwrap());
        assert_eq!(desk.read(&path).await["status"], "processing");
        let refund = vec![("payment_intent".to_owned(), now["payment_intent"].as_str().unwrap().to_owned())];
        assert_eq!(desk.refused("/refunds", &refund).await.0, 400);
        desk.advance(15).await;
        assert_eq!(desk.read(&path).await["status"], "processing");
        desk.advance(16).await;
        assert_eq!(desk.read(&path).await["status"], status);
        let then = again(&desk, &session).await;
        assert_eq!(then["payment_status"], if with == "debit" { "paid" } else { "unpaid" });
        assert_eq!(desk.kinds().await.last().unwrap(), kind);
        assert_eq!(desk.read("/events?limit=1").await["data"][0]["data"]["object"], then);
    }
}

#[tokio::test]
async fn held_money_takes_cards_only() {
    let desk = desk().await;
    let session = desk.session(&held()).await;
    let html = page(&desk, &session).await.1;
    assert!(html.contains("value=\"card\"") && !html.contains("debit"));
    assert_eq!(press(&desk, &session, "debit", "mentee@example.org").await.0, 422);
    assert_eq!(session["payment_method_types"], json!(["card"]));
}

#[tokio::test]
async fn a_session_without_a_price_is_complete_without_a_payment() {
    let desk = desk().await;
    let session = desk.session(&and(hour(), "line_items[0][price_data][unit_amount]", "0")).await;
    assert!(!page(&desk, &session).await.1.contains("Pay with"));
    assert_eq!(press(&desk, &session, "", "mentee@example.org").await.0, 303);
    let done = again(&desk, &session).await;
    assert_eq!((&done["payment_status"], &done["payment_intent"]), (&json!("no_payment_required"), &Value::Null));
}

#[tokio::test]
async fn a_session_is_paid_once_however_many_press() {
    let desk = desk().await;
    let session = desk.session(&hour()).await;
    let expire = format!("{SESSIONS}/{}/expire", id(&session));
    let presses = futures::future::join_all((0..6).map(|_| press(&desk, &session, "card", "mentee@example.org")));
    let (presses, (expired, _)) = futures::future::join(presses, desk.post(&expire, &Form::new())).await;
    let paid = presses.iter().filter(|(status, _, _)| *status == 303).count();
    assert_eq!(paid, usize::from(expired != 200), "either one payment or the expiry");
    assert_eq!(desk.read("/charges").await["data"].as_array().unwrap().len(), paid);
    let url = desk.0.sandbox.url(&format!("/_control/stripe/sessions/{}/pay", id(&session)));
    assert_eq!(desk.0.client.post(url).json(&json!({ "with": "card" })).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn only_open_sessions_can_be_expired() {
    let desk = desk().await;
    let open = desk.session(&hour()).await;
    let expire = |session: &Value| format!("{SESSIONS}/{}/expire", id(session));
    assert_eq!(desk.done(&expire(&open), &Form::new()).await["status"], "expired");
    let (status, error) = desk.post(&expire(&open), &Form::new()).await;
    assert_eq!(status, 400);
    assert!(told(&error, "message").ends_with("This Checkout Session has a status of `expired`."), "{error}");
    let paid = desk.session(&hour()).await;
    desk.pay(id(&paid), "card").await;
    let (_, error) = desk.post(&expire(&paid), &Form::new()).await;
    assert!(told(&error, "message").ends_with("This Checkout Session has a status of `complete`."), "{error}");
    let tried = desk.session(&hour()).await;
    assert_eq!(desk.pay(id(&tried), "declined_card").await["paid"], false);
    let over = desk.done(&expire(&tried), &Form::new()).await;
    let intent = desk.read(&format!("/payment_intents/{}", over["payment_intent"].as_str().unwrap())).await;
    assert_eq!((&intent["status"], &intent["cancellation_reason"]), (&json!("canceled"), &json!("expired")));
    let kinds = desk.kinds().await;
    assert_eq!(kinds[kinds.len() - 2..], ["payment_intent.canceled", "checkout.session.expired"]);
    let event = desk.read("/events?limit=1").await;
    assert!(event["data"][0]["request"]["id"].as_str().unwrap().starts_with("req_"), "an expiry by request names it");
}

#[tokio::test]
async fn sessions_are_listed_by_payment_and_status() {
    let desk = desk().await;
    let intent = desk.paid(&hour(), "card").await;
    desk.session(&hour()).await;
    let found = desk.read(&format!("{SESSIONS}?payment_intent={}", id(&intent))).await;
    assert_eq!((found["data"].as_array().unwrap().len(), &found["data"][0]["payment_intent"]), (1, &intent["id"]));
    for (status, count) in [("open", 1), ("complete", 1), ("expired", 0)] {
        assert_eq!(desk.read(&format!("{SESSIONS}?status={status}")).await["data"].as_array().unwrap().len(), count, "{status}");
    }
    desk.0.control(Method::POST, "/reset", Value::Null).await;
    assert_eq!(desk.read(SESSIONS).await["data"], json!([]));
}
