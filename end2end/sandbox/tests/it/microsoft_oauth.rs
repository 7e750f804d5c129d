use base64::Engine as _;
use reqwest::Method;
use sandbox::Provider::Microsoft;
use serde_json::{Value, json};

use crate::support::{Bed, bed, with};

const MAYA: &str = "maya@microsoft.example";
const SCOPE: &str = "openid email profile offline_access User.Read Calendars.ReadWrite";

fn claims(tokens: &Value) -> Value {
    let part = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_person_consents_and_the_site_gets_tokens() {
    let bed = bed().await;
    let tokens = bed.sign_in(Microsoft, MAYA, SCOPE).await;
    assert_eq!((&tokens["expires_in"], &tokens["token_type"]), (&json!(3600), &json!("Bearer")));
    assert!(
        tokens["scope"].as_str().unwrap().contains("Calendars.ReadWrite") && !tokens["scope"].as_str().unwrap().contains("offline_access")
    );
    let claims = claims(&tokens);
    assert_eq!((&claims["preferred_username"], &claims["email"], &claims["nonce"]), (&json!(MAYA), &json!(MAYA), &json!("n0nce")));
    assert_ne!(claims["sub"], claims["oid"]);
    let (status, me) = bed.get("/microsoft/v1.0/me", tokens["access_token"].as_str().unwrap()).await;
    assert_eq!((status.as_u16(), &me["id"], &me["mail"]), (200, &claims["oid"], &json!(MAYA)));
    let personal = self::claims(&bed.sign_in(Microsoft, "ananya@microsoft.example", SCOPE).await);
    assert_eq!(personal["tid"], "9188040d-6c67-4c5b-b112-36a304b66dad");
    assert_ne!(claims["tid"], personal["tid"]);
}

#[tokio::test]
async fn tokens_come_only_as_asked_for() {
    let bed = bed().await;
    let tokens = bed.sign_in(Microsoft, MAYA, "Calendars.Read").await;
    assert!(tokens["refresh_token"].is_null() && tokens["id_token"].is_null());
    let (status, error) = bed.get("/microsoft/v1.0/me", tokens["access_token"].as_str().unwrap()).await;
    assert_eq!((status.as_u16(), &error["error"]["code"]), (403, &json!("ErrorAccessDenied")));
}

#[tokio::test]
async fn a_refusal_comes_back() {
    let bed = bed().await;
    let page = bed.authorize(Microsoft, &Bed::ask(Microsoft, SCOPE)).await.text().await.unwrap();
    assert!(page.contains("Sandbox: this stands in for Microsoft") && page.contains("Have full access to your calendars"));
    let back = bed.answer(Microsoft, &page, MAYA, &[], "refuse").await;
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "st a&te"));
    assert!(back["error_description"].starts_with("AADSTS65004:"));
}

#[tokio::test]
async fn wrong_authorization_requests_are_told_to_whom_they_concern() {
    let bed = bed().await;
    let ask = || Bed::ask(Microsoft, SCOPE);
    for (pairs, code) in [
        (with(ask(), "client_id", "someone"), "AADSTS700016"),
        (with(ask(), "redirect_uri", "http://127.0.0.1:3001/integrations/microsoft/callback"), "AADSTS50011"),
        (with(ask(), "redirect_uri", "http://localhost:3000/Integrations/microsoft/callback"), "AADSTS50011"),
    ] {
        let response = bed.authorize(Microsoft, &pairs).await;
        assert_eq!(response.status(), 400);
        assert!(response.text().await.unwrap().contains(code), "{code}");
    }
    let any_port = with(ask(), "redirect_uri", "http://localhost:8123/integrations/microsoft/callback");
    assert_eq!(bed.authorize(Microsoft, &any_port).await.status(), 200);
    for (pairs, error) in [
        (with(ask(), "response_type", "token"), "error=unsupported_response_type"),
        (with(ask(), "scope", "openid Mail.Read"), "error=invalid_scope"),
        (with(ask(), "scope", ""), "error=invalid_request"),
        (with(ask(), "prompt", "none"), "error=interaction_required"),
        (with(ask(), "response_mode", "fragment"), "error=invalid_request"),
        (with(ask(), "access_type", "offline"), "error=invalid_request"),
    ] {
        let response = bed.authorize(Microsoft, &pairs).await;
        assert!(response.headers()["location"].to_str().unwrap().contains(error), "{error}");
    }
    let tenant = bed.client.get(bed.sandbox.url("/microsoft/contoso/oauth2/v2.0/authorize")).query(&ask()).send().await.unwrap();
    assert_eq!(tenant.status(), 400);
}

#[tokio::test]
async fn wrong_exchanges_are_refused_with_numbers() {
    let bed = bed().await;
    let cases = [
        ("code_verifier", "", 400, "invalid_grant", 501_481),
        ("code_verifier", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 400, "invalid_grant", 501_481),
        ("redirect_uri", "http://localhost:3000/integrations/microsoft/callback", 401, "invalid_client", 500_112),
        ("client_secret", "wrong", 401, "invalid_client", 7_000_215),
        ("client_secret", "", 401, "invalid_client", 7_000_218),
        ("client_id", "nobody", 400, "unauthorized_client", 700_016),
        ("code", "nothing", 400, "invalid_grant", 70_000),
        ("grant_type", "password", 400, "unsupported_grant_type", 70_003),
        ("grant_type", "", 400, "invalid_request", 900_144),
        ("scope", "Mail.Read", 400, "invalid_scope", 70_011),
        ("scope", "Calendars.Read", 400, "invalid_grant", 65_001),
    ];
    for (name, value, status, error, number) in cases {
        let code = bed.code(Microsoft, MAYA, &Bed::ask(Microsoft, SCOPE)).await;
        let (answered, answer) = bed.token(Microsoft, &with(Bed::exchange(Microsoft, &code), name, value)).await;
        assert_eq!(
            (answered.as_u16(), answer["error"].as_str(), &answer["error_codes"]),
            (status, Some(error), &json!([number])),
            "{name}={value}"
        );
        assert!(answer["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{number}: ")));
    }
    let code = bed.code(Microsoft, MAYA, &Bed::ask(Microsoft, SCOPE)).await;
    assert_eq!(bed.token(Microsoft, &Bed::exchange(Microsoft, &code)).await.0, 200);
    assert_eq!(bed.token(Microsoft, &Bed::exchange(Microsoft, &code)).await.1["error_codes"], json!([54_005]));
    let late = bed.code(Microsoft, MAYA, &Bed::ask(Microsoft, SCOPE)).await;
    bed.control(Method::POST, "/clock", json!({ "advance": 600 })).await;
    assert_eq!(bed.token(Microsoft, &Bed::exchange(Microsoft, &late)).await.1["error_codes"], json!([70_008]));
}

#[tokio::test]
async fn refresh_tokens_rotate_and_old_ones_die_only_when_told_so() {
    let bed = bed().await;
    let first = bed.sign_in(Microsoft, MAYA, SCOPE).await["refresh_token"].as_str().unwrap().to_owned();
    let refresh = async |token: &str| bed.token(Microsoft, &Bed::refresh(Microsoft, token)).await;
    let (status, second) = refresh(&first).await;
    assert_eq!(status, 200);
    assert_ne!(second["refresh_token"], json!(first));
    assert_eq!(refresh(&first).await.0, 200, "the old one still works");
    bed.control(Method::PATCH, "/switches", json!({ "strict_rotation": true })).await;
    let second = second["refresh_token"].as_str().unwrap();
    let (_, third) = refresh(second).await;
    let (status, error) = refresh(second).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_grant")));
    bed.control(Method::POST, "/grants/revoke", json!({ "provider": "microsoft", "account": MAYA })).await;
    let (_, error) = refresh(third["refresh_token"].as_str().unwrap()).await;
    assert_eq!((&error["error"], &error["error_codes"]), (&json!("invalid_grant"), &json!([50_173])));
}

#[tokio::test]
async fn a_rotated_token_can_be_lost_on_the_way() {
    let bed = bed().await;
    let first = bed.sign_in(Microsoft, MAYA, SCOPE).await["refresh_token"].as_str().unwrap().to_owned();
    bed.control(Method::PATCH, "/switches", json!({ "strict_rotation": true })).await;
    let lost = json!({ "provider": "microsoft", "match": { "account": MAYA, "path_prefix": "/common/oauth2/v2.0/token" }, "fault": { "kind": "after_effect" } });
    bed.control(Method::POST, "/faults", lost).await;
    let form = Bed::refresh(Microsoft, &first);
    assert!(bed.client.post(bed.sandbox.url(Bed::token_path(Microsoft))).form(&form).send().await.is_err());
    assert_eq!(bed.token(Microsoft, &form).await.1["error"], "invalid_grant");
    let log = bed.control(Method::GET, "/requests?provider=microsoft&grant_type=refresh_token", Value::Null).await;
    assert_eq!((&log["requests"][0]["fault"], &log["requests"][1]["account"]), (&json!("after_effect"), &json!(MAYA)));
}
