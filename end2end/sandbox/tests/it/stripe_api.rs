use reqwest::Method;
use sandbox::{STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, Sandbox, SandboxConfig, StripeConfig};
use serde_json::{Value, json};

use crate::stripe_support::{Form, VERSION, and, desk, form, hour, id, told};
use crate::support::{bed, body};

const SESSIONS: &str = "/checkout/sessions";

#[tokio::test]
async fn without_being_asked_for_there_is_no_stripe() {
    let bed = bed().await;
    for path in ["/stripe/v1/events", "/stripe/c/pay/cs_1", "/_control/stripe/post"] {
        assert_eq!(bed.client.get(bed.sandbox.url(path)).send().await.unwrap().status(), 404, "{path}");
    }
    assert!(bed.sandbox.environment().iter().all(|(name, _)| !name.starts_with("STRIPE")));
    let desk = desk().await;
    let settings = desk.0.sandbox.environment();
    let setting = |name: &str| settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap();
    assert_eq!(setting("STRIPE_SECRET_KEY"), STRIPE_SECRET_KEY);
    assert_eq!(setting("STRIPE_WEBHOOK_SECRET"), STRIPE_WEBHOOK_SECRET);
    assert_eq!(setting("STRIPE_API_URL"), desk.0.sandbox.url("/stripe"));
    let calendars = bed.sandbox.environment().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let rest: Vec<String> = settings.into_iter().map(|(name, _)| name).filter(|name| !name.starts_with("STRIPE")).collect();
    assert_eq!(rest, calendars);
    let abroad = StripeConfig { webhook_urls: vec!["http://example.com/hook".to_owned()] };
    assert!(Sandbox::start(SandboxConfig { stripe: Some(abroad), ..SandboxConfig::default() }).await.is_err());
}

#[tokio::test]
async fn the_key_goes_by_bearer_or_basic_and_the_version_is_pinned() {
    let desk = desk().await;
    let url = desk.0.sandbox.url("/stripe/v1/events");
    let ask = || desk.0.client.get(&url).header("Stripe-Version", VERSION);
    let basic = ask().basic_auth(STRIPE_SECRET_KEY, Some("")).send().await.unwrap();
    assert_eq!(basic.status(), 200);
    assert!(basic.headers()["request-id"].to_str().unwrap().starts_with("req_"));
    assert_eq!(basic.headers()["stripe-version"], VERSION);
    for (request, status, code) in [
        (ask(), 401, ""),
        (ask().bearer_auth(""), 401, ""),
        (ask().bearer_auth("sk_test_another"), 401, ""),
        (ask().basic_auth("nobody", Some(STRIPE_SECRET_KEY)), 401, ""),
        (ask().bearer_auth("pk_test_public"), 403, "secret_key_required"),
    ] {
        let (answered, error) = body(request.send().await.unwrap()).await;
        assert_eq!((answered.as_u16(), told(&error, "code"), told(&error, "type")), (status, code, "invalid_request_error"));
        assert!(!error.to_string().contains("another"), "keys are not shown: {error}");
    }
    for version in [None, Some("2026-09-30.endive"), Some("2024-06-20")] {
        let request = desk.0.client.get(&url).bearer_auth(STRIPE_SECRET_KEY);
        let request = version.into_iter().fold(request, |request, version| request.header("Stripe-Version", version));
        assert_eq!(request.send().await.unwrap().status(), 400, "{version:?}");
    }
    let log = desk.0.control(Method::GET, "/requests?provider=stripe", Value::Null).await;
    assert!(!log.to_string().contains(STRIPE_SECRET_KEY), "the log tells fingerprints only");
    assert_eq!(log["requests"][0]["path"], "/stripe/v1/events");
}

#[tokio::test]
async fn unknown_paths_methods_and_bodies_are_refused() {
    let desk = desk().await;
    for (method, path) in [
        (Method::GET, "/customers"),
        (Method::POST, "/events"),
        (Method::DELETE, SESSIONS),
        (Method::POST, "/payment_intents"),
        (Method::GET, "/checkout/sessions/cs_1/expire"),
        (Method::GET, ""),
    ] {
        let (status, error) = body(desk.request(method, path).send().await.unwrap()).await;
        assert_eq!(status, 404, "{path}");
        assert!(told(&error, "message").starts_with("Unrecognized request URL ("), "{error}");
    }
    let json = desk.request(Method::POST, SESSIONS).json(&json!({ "mode": "payment" })).send().await.unwrap();
    let (status, error) = body(json).await;
    assert_eq!(status, 400);
    assert!(told(&error, "message").contains("application/x-www-form-urlencoded"));
    assert_eq!(desk.request(Method::GET, "/events").body("limit=1").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn every_wrong_parameter_of_a_session_is_named() {
    let desk = desk().await;
    let long = "x".repeat(201);
    let price = "line_items[0][price_data]";
    let cases: Vec<(Form, &str, &str)> = vec![
        (and(hour(), "payment_method_types[0]", "card"), "parameter_unknown", "payment_method_types"),
        (and(hour(), "payment_method_type", "card"), "parameter_unknown", "payment_method_type"),
        (and(hour(), "line_items[0][amount]", "5"), "parameter_unknown", "line_items[0][amount]"),
        (and(hour(), "line_items[0][price_data][unit]", "5"), "parameter_unknown", "line_items[0][price_data][unit]"),
        (and(hour(), "payment_intent_data[amount]", "5"), "parameter_unknown", "payment_intent_data[amount]"),
        (and(hour(), "mode", ""), "parameter_missing", "mode"),
        (and(hour(), "mode", "rent"), "", "mode"),
        (and(hour(), "mode", "subscription"), "", "mode"),
        (and(hour(), "ui_mode", "hosted"), "", "ui_mode"),
        (and(hour(), "line_items", ""), "parameter_missing", "line_items"),
        (and(and(hour(), "line_items", ""), "line_items", "one"), "", "line_items"),
        (and(hour(), "line_items[0][quantity]", ""), "parameter_missing", "line_items[0][quantity]"),
        (and(hour(), "line_items[0][quantity]", "0"), "parameter_invalid_integer", "line_items[0][quantity]"),
        (and(hour(), "line_items[0][quantity]", "one"), "parameter_invalid_integer", "line_items[0][quantity]"),
        (and(hour(), &format!("{price}[currency]"), "EUR"), "", "line_items[0][price_data][currency]"),
        (and(hour(), &format!("{price}[currency]"), "xyz"), "", "line_items[0][price_data][currency]"),
        (and(hour(), &format!("{price}[currency]"), ""), "parameter_missing", "line_items[0][price_data][currency]"),
        (and(hour(), &format!("{price}[unit_amount]"), "25.00"), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        (and(hour(), &format!("{price}[unit_amount]"), "-1"), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"),
        (and(hour(), &format!("{price}[unit_amount]"), "49"), "amount_too_small", ""),
        (and(hour(), &format!("{price}[unit_amount]"), "100000000"), "amount_too_large", ""),
        (and(hour(), &format!("{price}[product_data]"), ""), "parameter_missing", "line_items[0][price_data][product_data]"),
        (and(hour(), "success_url", ""), "parameter_missing", "success_url"),
        (and(hour(), "success_url", "/paid"), "url_invalid", "success_url"),
        (and(hour(), "cancel_url", "javascript:alert(1)"), "url_invalid", "cancel_url"),
        (and(hour(), "client_reference_id", &long), "", "client_reference_id"),
        (and(hour(), "customer_email", "nobody"), "email_invalid", "customer_email"),
        (and(hour(), "locale", "tlh"), "", "locale"),
        (and(hour(), "submit_type", "rent"), "", "submit_type"),
        (and(hour(), "metadata", "text"), "", "metadata"),
        (and(hour(), &format!("metadata[{}]", "k".repeat(41)), "v"), "", "metadata[kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk]"),
        (and(hour(), "metadata[long]", &"v".repeat(501)), "", "metadata[long]"),
        (and(hour(), "payment_intent_data[capture_method]", "later"), "", "payment_intent_data[capture_method]"),
        (and(hour(), "expand[0]", "customer"), "", "expand"),
        (and(hour(), "expand[0]", "a.b.c.d.e"), "", "expand"),
    ];
    for (form, code, param) in cases {
        let refused = desk.refused(SESSIONS, &form).await;
        assert_eq!(refused, (400, "invalid_request_error".to_owned(), code.to_owned(), param.to_owned()), "{form:?}");
    }
}

#[tokio::test]
async fn sessions_are_refused_for_what_several_parameters_say_together() {
    let desk = desk().await;
    let mut empty = and(hour(), "cancel_url", "");
    empty.push(("cancel_url".to_owned(), String::new()));
    assert_eq!(desk.refused(SESSIONS, &empty).await.2, "parameter_invalid_empty");
    let mut twice = hour();
    twice.push(("mode".to_owned(), "payment".to_owned()));
    assert_eq!(desk.refused(SESSIONS, &twice).await.3, "mode");
    let many: Form = (0..51).map(|index| (format!("metadata[k{index}]"), "v".to_owned())).chain(hour()).collect();
    assert_eq!(desk.refused(SESSIONS, &many).await.3, "metadata");
    let currencies = and(hour(), "line_items[1][quantity]", "1").into_iter().chain(form(&[
        ("line_items[1][price_data][currency]", "usd"),
        ("line_items[1][price_data][unit_amount]", "100"),
        ("line_items[1][price_data][product_data][name]", "Dollars"),
    ]));
    assert_eq!(desk.refused(SESSIONS, &currencies.collect()).await.3, "line_items");
    let (_, error) = desk.post(SESSIONS, &and(and(hour(), "zebra", "1"), "ape", "2")).await;
    assert_eq!(told(&error, "message"), "Received unknown parameters: ape, zebra");
    assert_eq!(told(&error, "doc_url"), "https://stripe.com/docs/error-codes/parameter-unknown");
    assert_eq!(desk.read(SESSIONS).await["data"], json!([]), "nothing was made");
}

#[tokio::test]
async fn what_is_not_there_is_404_with_its_name() {
    let desk = desk().await;
    for (path, param, words) in [
        ("/checkout/sessions/cs_no", "session", "No such checkout.session: 'cs_no'"),
        ("/checkout/sessions/cs_no/line_items", "session", "No such checkout.session: 'cs_no'"),
        ("/payment_intents/pi_no", "intent", "No such payment_intent: 'pi_no'"),
        ("/charges/ch_no", "charge", "No such charge: 'ch_no'"),
        ("/refunds/re_no", "refund", "No such refund: 're_no'"),
        ("/balance_transactions/txn_no", "id", "No such balance transaction: 'txn_no'"),
        ("/events/evt_no", "id", "No such event: 'evt_no'"),
    ] {
        let (status, error) = desk.get(path).await;
        let found = (status.as_u16(), told(&error, "code"), told(&error, "param"), told(&error, "message"));
        assert_eq!(found, (404, "resource_missing", param, words));
    }
    for (path, form) in [
        ("/checkout/sessions/cs_no/expire", form(&[])),
        ("/payment_intents/pi_no/capture", form(&[])),
        ("/payment_intents/pi_no/cancel", form(&[])),
        ("/refunds", form(&[("payment_intent", "pi_no")])),
        ("/refunds", form(&[("charge", "ch_no")])),
    ] {
        assert_eq!(desk.refused(path, &form).await.2, "resource_missing", "{path}");
    }
}

#[tokio::test]
async fn objects_are_expanded_where_they_can_be() {
    let desk = desk().await;
    let intent = desk.paid(&hour(), "card").await;
    assert!(intent["latest_charge"].is_string());
    let path = "payment_intents?expand[]=data.latest_charge.balance_transaction.source";
    let list = desk.read(&format!("/{path}")).await;
    let charge = &list["data"][0]["latest_charge"];
    assert_eq!((&charge["object"], &charge["balance_transaction"]["source"]["id"]), (&json!("charge"), &intent["latest_charge"]));
    let session = &desk.read(&format!("{SESSIONS}?expand[0]=data.line_items")).await["data"][0];
    assert_eq!(session["line_items"]["data"][0]["description"], "An hour with Maya <3");
    let lines = desk.read(&format!("{SESSIONS}/{}/line_items", id(session))).await;
    assert_eq!(lines["data"], session["line_items"]["data"]);
    assert_eq!(lines["data"][0]["price"]["unit_amount"], 2500);
    for wrong in ["data", "refunds", "status", "id"] {
        let (status, error) = desk.get(&format!("/payment_intents/{}?expand[]={wrong}", id(&intent))).await;
        assert_eq!((status.as_u16(), told(&error, "param")), (400, "expand"), "{wrong}");
    }
}

#[tokio::test]
async fn lists_have_pages_newest_first() {
    let desk = desk().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, id(&desk.session(&hour()).await).to_owned());
        desk.advance(10).await;
    }
    let ids = |list: &Value| list["data"].as_array().unwrap().iter().map(|object| id(object).to_owned()).collect::<Vec<_>>();
    let first = desk.read(&format!("{SESSIONS}?limit=2")).await;
    assert_eq!((ids(&first), &first["has_more"], &first["url"]), (made[..2].to_vec(), &json!(true), &json!("/v1/checkout/sessions")));
    let next = desk.read(&format!("{SESSIONS}?limit=2&starting_after={}", made[1])).await;
    assert_eq!((ids(&next), &next["has_more"]), (made[2..4].to_vec(), &json!(true)));
    let last = desk.read(&format!("{SESSIONS}?limit=2&starting_after={}", made[3])).await;
    assert_eq!((ids(&last), &last["has_more"]), (made[4..].to_vec(), &json!(false)));
    let back = desk.read(&format!("{SESSIONS}?limit=2&ending_before={}", made[3])).await;
    assert_eq!((ids(&back), &back["has_more"]), (made[1..3].to_vec(), &json!(true)));
    let third = desk.read(&format!("{SESSIONS}/{}", made[2])).await["created"].as_i64().unwrap();
    assert_eq!(ids(&desk.read(&format!("{SESSIONS}?created[gt]={third}")).await), made[..2]);
    assert_eq!(ids(&desk.read(&format!("{SESSIONS}?created[gte]={third}&created[lt]={}", third + 1)).await), made[2..3]);
    assert_eq!(ids(&desk.read(&format!("{SESSIONS}?created[lte]={third}")).await), made[2..]);
    assert_eq!(ids(&desk.read(&format!("{SESSIONS}?created={third}")).await), made[2..3]);
    for query in ["limit=0", "limit=101", "limit=ten", "page=2", "created[eq]=5", "starting_after=cs_no", "status=closed"] {
        assert!(desk.get(&format!("{SESSIONS}?{query}")).await.0.is_client_error(), "{query}");
    }
    let both = format!("{SESSIONS}?starting_after={}&ending_before={}", made[0], made[1]);
    assert_eq!(desk.get(&both).await.0, 400);
    desk.0.control(Method::PATCH, "/switches", json!({ "page_limit": 1 })).await;
    assert_eq!(ids(&desk.read(SESSIONS).await), made[..1]);
}
