use reqwest::Method;
use serde_json::{Value, json};

use crate::stripe_support::{Desk, Form, desk, form, held, hour, id, told};

async fn intent(desk: &Desk, of: &Value) -> Value {
    desk.read(&format!("/payment_intents/{}", id(of))).await
}

fn capture(of: &Value) -> String {
    format!("/payment_intents/{}/capture", id(of))
}

fn cancel(of: &Value) -> String {
    format!("/payment_intents/{}/cancel", id(of))
}

fn back(of: &Value, more: &[(&str, &str)]) -> Form {
    [form(&[("payment_intent", id(of))]), form(more)].concat()
}

#[tokio::test]
async fn held_money_is_captured_whole() {
    let desk = desk().await;
    let held = desk.paid(&held(), "card").await;
    assert_eq!(
        (&held["status"], &held["amount_capturable"], &held["amount_received"]),
        (&json!("requires_capture"), &json!(2500), &json!(0))
    );
    let charge = desk.charge(&held).await;
    let before = charge["payment_method_details"]["card"]["capture_before"].as_i64().unwrap();
    assert_eq!(before - charge["created"].as_i64().unwrap(), 7 * 24 * 3600);
    assert_eq!((&charge["captured"], &charge["balance_transaction"], &charge["paid"]), (&json!(false), &Value::Null, &json!(true)));
    let session = desk.read(&format!("/checkout/sessions?payment_intent={}", id(&held))).await["data"][0].clone();
    assert_eq!((&session["status"], &session["payment_status"]), (&json!("complete"), &json!("unpaid")), "held is not paid");
    let taken = desk.done(&capture(&held), &Form::new()).await;
    assert_eq!((&taken["status"], &taken["amount_received"], &taken["amount_capturable"]), (&json!("succeeded"), &json!(2500), &json!(0)));
    let charge = desk.charge(&taken).await;
    assert_eq!((&charge["captured"], &charge["amount_captured"], &charge["amount_refunded"]), (&json!(true), &json!(2500), &json!(0)));
    assert!(charge["balance_transaction"].is_string());
    let session = desk.read(&format!("/checkout/sessions/{}", id(&session))).await;
    assert_eq!(session["payment_status"], "paid");
    let expected = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "checkout.session.completed",
        "charge.captured",
        "payment_intent.succeeded",
    ];
    assert_eq!(desk.kinds().await, expected);
    let (status, error) = desk.post(&capture(&held), &Form::new()).await;
    assert_eq!((status.as_u16(), told(&error, "code")), (400, "payment_intent_unexpected_state"));
    assert_eq!((&error["error"]["payment_intent"]["id"], told(&error, "type")), (&held["id"], "invalid_request_error"));
    assert_eq!(desk.refused(&cancel(&held), &Form::new()).await.2, "payment_intent_unexpected_state");
    desk.advance(8 * 24 * 3600).await;
    assert_eq!(intent(&desk, &held).await["status"], "succeeded", "what is captured does not run out");
}

#[tokio::test]
async fn the_rest_of_a_partial_capture_reads_as_a_refund() {
    let desk = desk().await;
    let held = desk.paid(&held(), "card").await;
    for (amount, code) in [("2501", "amount_too_large"), ("0", "parameter_invalid_integer"), ("all", "parameter_invalid_integer")] {
        let refused = desk.refused(&capture(&held), &form(&[("amount_to_capture", amount)])).await;
        assert_eq!((refused.0, refused.2.as_str(), refused.3.as_str()), (400, code, "amount_to_capture"));
    }
    assert_eq!(desk.refused(&capture(&held), &form(&[("final_capture", "true")])).await.2, "parameter_unknown");
    let taken = desk.done(&capture(&held), &form(&[("amount_to_capture", "1000")])).await;
    assert_eq!((&taken["status"], &taken["amount"], &taken["amount_received"]), (&json!("succeeded"), &json!(2500), &json!(1000)));
    let charge = desk.charge(&taken).await;
    assert_eq!((&charge["amount_captured"], &charge["amount_refunded"], &charge["refunded"]), (&json!(1000), &json!(1500), &json!(false)));
    assert_eq!(
        (&charge["refunds"]["data"][0]["amount"], &charge["refunds"]["data"][0]["balance_transaction"]),
        (&json!(1500), &Value::Null)
    );
    let money = desk.read(&format!("/balance_transactions/{}", charge["balance_transaction"].as_str().unwrap())).await;
    assert_eq!((&money["amount"], &money["fee"]), (&json!(1000), &json!(59)));
    assert_eq!(desk.refused("/refunds", &back(&taken, &[("amount", "1001")])).await.3, "amount");
    assert_eq!(desk.done("/refunds", &back(&taken, &[])).await["amount"], 1000);
}

#[tokio::test]
async fn held_money_goes_back_by_cancelling() {
    let desk = desk().await;
    let held = desk.paid(&held(), "card").await;
    let refused = desk.refused("/refunds", &back(&held, &[])).await;
    assert_eq!(refused.0, 400, "what is only held is cancelled, not refunded");
    assert_eq!(desk.refused(&cancel(&held), &form(&[("cancellation_reason", "bored")])).await.3, "cancellation_reason");
    let over = desk.done(&cancel(&held), &form(&[("cancellation_reason", "requested_by_customer")])).await;
    assert_eq!((&over["status"], &over["cancellation_reason"]), (&json!("canceled"), &json!("requested_by_customer")));
    assert!(over["canceled_at"].is_i64() && over["amount_capturable"] == 0);
    let charge = desk.charge(&over).await;
    assert_eq!((&charge["captured"], &charge["refunded"], &charge["amount_refunded"]), (&json!(false), &json!(true), &json!(2500)));
    assert_eq!(desk.kinds().await[4..], ["refund.created", "charge.refunded", "payment_intent.canceled"]);
    assert_eq!(desk.refused(&cancel(&held), &Form::new()).await.2, "payment_intent_unexpected_state");
    assert_eq!(desk.refused(&capture(&held), &Form::new()).await.2, "payment_intent_unexpected_state");
    assert_eq!(desk.refused("/refunds", &back(&held, &[])).await.2, "charge_already_refunded");
}

#[tokio::test]
async fn a_hold_runs_out_after_seven_days() {
    let desk = desk().await;
    let held = desk.paid(&held(), "card").await;
    desk.advance(7 * 24 * 3600 - 20).await;
    assert_eq!(intent(&desk, &held).await["status"], "requires_capture");
    desk.advance(21).await;
    let over = intent(&desk, &held).await;
    assert_eq!((&over["status"], &over["cancellation_reason"]), (&json!("canceled"), &json!("automatic")));
    assert_eq!(desk.kinds().await[4..], ["refund.created", "charge.expired", "payment_intent.canceled"]);
    let charge = desk.charge(&over).await;
    assert_eq!(charge["refunds"]["data"][0]["reason"], "expired_uncaptured_charge");
    let (_, error) = desk.post(&capture(&held), &Form::new()).await;
    assert!(told(&error, "message").contains("has a status of canceled"), "{error}");
}

#[tokio::test]
async fn a_bank_that_let_go_answers_402_at_the_capture() {
    let desk = desk().await;
    let held = desk.paid(&held(), "card").await;
    desk.control(Method::POST, &format!("/payment_intents/{}/spoil", id(&held)), Value::Null).await;
    let (status, error) = desk.post(&capture(&held), &Form::new()).await;
    assert_eq!((status.as_u16(), told(&error, "type")), (402, "card_error"));
    assert_eq!(told(&error, "code"), "capture_charge_authorization_expired");
    assert_eq!(error["error"]["charge"], held["latest_charge"]);
    assert_eq!(intent(&desk, &held).await["status"], "requires_capture");
}

#[tokio::test]
async fn money_goes_back_in_parts_until_nothing_is_left() {
    let desk = desk().await;
    let paid = desk.paid(&hour(), "card").await;
    let first =
        desk.done("/refunds", &back(&paid, &[("amount", "1000"), ("reason", "requested_by_customer"), ("metadata[why]", "ill")])).await;
    assert_eq!((&first["status"], &first["amount"], &first["currency"]), (&json!("succeeded"), &json!(1000), &json!("eur")));
    assert_eq!((&first["payment_intent"], &first["charge"]), (&paid["id"], &paid["latest_charge"]));
    assert_eq!((&first["reason"], &first["metadata"]), (&json!("requested_by_customer"), &json!({ "why": "ill" })));
    let money = desk.read(&format!("/balance_transactions/{}", first["balance_transaction"].as_str().unwrap())).await;
    assert_eq!((&money["amount"], &money["fee"], &money["type"]), (&json!(-1000), &json!(0), &json!("refund")));
    let charge = desk.charge(&paid).await;
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(false), &json!(1000)));
    let (status, error) = desk.post("/refunds", &back(&paid, &[("amount", "1501")])).await;
    assert_eq!((status.as_u16(), told(&error, "param"), &error["error"]["code"]), (400, "amount", &Value::Null));
    let words = "Refund amount (15.01 EUR) is greater than unrefunded amount on charge (15.00 EUR)";
    assert_eq!(told(&error, "message"), words);
    let rest = desk.done("/refunds", &form(&[("charge", charge["id"].as_str().unwrap())])).await;
    assert_eq!(rest["amount"], 1500);
    assert_eq!(desk.charge(&paid).await["refunded"], true);
    let refused = desk.refused("/refunds", &back(&paid, &[])).await;
    assert_eq!(refused, (400, "invalid_request_error".to_owned(), "charge_already_refunded".to_owned(), String::new()));
    assert_eq!(desk.kinds().await[5..], ["refund.created", "charge.refunded", "refund.created", "charge.refunded"]);
    let event = &desk.read("/events?type=charge.refunded").await["data"][1];
    assert_eq!(
        (&event["data"]["object"]["amount_refunded"], &event["data"]["previous_attributes"]["amount_refunded"]),
        (&json!(1000), &json!(0))
    );
    let list = desk.read(&format!("/refunds?payment_intent={}", id(&paid))).await;
    assert_eq!(list["data"], json!([rest, first]));
    assert_eq!(desk.read("/refunds?charge=ch_other").await["data"], json!([]));
    assert_eq!(desk.read(&format!("/refunds/{}", id(&first))).await, first);
}

#[tokio::test]
async fn wrong_refunds_are_refused() {
    let desk = desk().await;
    let paid = desk.paid(&hour(), "card").await;
    let both = back(&paid, &[("charge", paid["latest_charge"].as_str().unwrap())]);
    assert_eq!(desk.refused("/refunds", &both).await.0, 400);
    assert_eq!(desk.refused("/refunds", &Form::new()).await.2, "parameter_missing");
    for (name, value, code) in [
        ("amount", "0", "parameter_invalid_integer"),
        ("amount", "-5", "parameter_invalid_integer"),
        ("amount", "5.00", "parameter_invalid_integer"),
        ("reason", "sorry", ""),
        ("refund_application_fee", "true", "parameter_unknown"),
    ] {
        let refused = desk.refused("/refunds", &back(&paid, &[(name, value)])).await;
        assert_eq!((refused.0, refused.2.as_str(), refused.3.as_str()), (400, code, name));
    }
    let session = desk.session(&hour()).await;
    desk.pay(id(&session), "declined_card").await;
    let tried = desk.read(&format!("/checkout/sessions/{}", id(&session))).await["payment_intent"].clone();
    let (status, error) = desk.post("/refunds", &form(&[("payment_intent", tried.as_str().unwrap())])).await;
    assert_eq!(status, 400);
    assert!(told(&error, "message").contains("does not have a successful charge to refund"), "{error}");
    let failed = desk.read(&format!("/payment_intents/{}", tried.as_str().unwrap())).await["latest_charge"].clone();
    assert_eq!(desk.refused("/refunds", &form(&[("charge", failed.as_str().unwrap())])).await.0, 400);
    assert_eq!(desk.read("/refunds").await["data"], json!([]));
}

#[tokio::test]
async fn a_refund_can_be_pending_and_fail_after_all() {
    let desk = desk().await;
    for (fate, at_first, at_last, kinds) in [
        ("pending_then_succeeded", "pending", "succeeded", vec!["refund.updated", "charge.refund.updated"]),
        ("pending_then_failed", "pending", "failed", vec!["refund.updated", "charge.refund.updated", "refund.failed"]),
        ("succeeded_then_failed", "succeeded", "failed", vec!["refund.updated", "charge.refund.updated", "refund.failed"]),
    ] {
        desk.control(Method::PATCH, "/switches", json!({ "refunds": fate, "refund_delay": 3600 })).await;
        let paid = desk.paid(&hour(), "card").await;
        let refund = desk.done("/refunds", &back(&paid, &[])).await;
        assert_eq!((refund["status"].as_str().unwrap(), refund["pending_reason"] == "processing"), (at_first, at_first == "pending"));
        assert_eq!(refund["balance_transaction"].is_null(), at_first == "pending");
        assert_eq!(desk.charge(&paid).await["refunded"], true, "what is on its way counts");
        let before = desk.kinds().await.len();
        desk.advance(3601).await;
        let then = desk.read(&format!("/refunds/{}", id(&refund))).await;
        assert_eq!(then["status"], at_last);
        assert_eq!(desk.kinds().await[before..], kinds);
        let charge = desk.charge(&paid).await;
        let failed = at_last == "failed";
        assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(!failed), &json!(if failed { 0 } else { 2500 })));
        assert_eq!(then["failure_reason"].is_string(), failed);
        assert_eq!(then["failure_balance_transaction"].is_string(), fate == "succeeded_then_failed");
        if failed {
            desk.control(Method::PATCH, "/switches", json!({ "refunds": "usual" })).await;
            assert_eq!(desk.done("/refunds", &back(&paid, &[])).await["status"], "succeeded", "what failed can be tried again");
        }
    }
}

#[tokio::test]
async fn refunds_of_debits_take_their_time_and_tests_can_fail_any() {
    let desk = desk().await;
    let session = desk.session(&hour()).await;
    desk.pay(id(&session), "debit").await;
    desk.advance(31).await;
    let paid = desk.read(&format!("/checkout/sessions/{}?expand[]=payment_intent", id(&session))).await["payment_intent"].clone();
    let refund = desk.done("/refunds", &back(&paid, &[("amount", "500")])).await;
    assert_eq!(refund["status"], "pending");
    let path = format!("/refunds/{}", id(&refund));
    let failed = desk.control(Method::PATCH, &path, json!({ "status": "failed", "reason": "lost_or_stolen_card" })).await;
    assert_eq!((&failed["status"], &failed["failure_reason"]), (&json!("failed"), &json!("lost_or_stolen_card")));
    assert_eq!(desk.read(&path).await, failed);
    desk.advance(3600).await;
    assert_eq!(desk.read(&path).await["status"], "failed", "a failure is final");
    let url = desk.0.sandbox.url(&format!("/_control/stripe{path}"));
    assert_eq!(desk.0.client.patch(url).json(&json!({ "status": "succeeded" })).send().await.unwrap().status(), 400);
}
