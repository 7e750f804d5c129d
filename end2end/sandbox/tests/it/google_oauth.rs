use base64::Engine as _;
use reqwest::Method;
use sandbox::Provider::Google;
use sandbox::{client_id, client_secret};
use serde_json::{Value, json};

use crate::support::{Bed, MAYA, bed, body, with};

const FREE_BUSY: &str = "https://www.googleapis.com/auth/calendar.freebusy";
const LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";

fn scope() -> String {
    format!("openid email {LIST} {FREE_BUSY}")
}

#[tokio::test]
async fn a_person_consents_and_the_site_gets_tokens() {
    let bed = bed().await;
    let page = bed.authorize(Google, &with(Bed::ask(Google, &scope()), "login_hint", "denise@google.example")).await.text().await.unwrap();
    assert!(page.contains("Sandbox: this stands in for Google"));
    assert!(page.contains("value=\"denise@google.example\" required checked"));
    assert!(page.contains("View your availability in your calendars"));
    let back =
        bed.answer(Google, &page, MAYA, &["openid", "https://www.googleapis.com/auth/userinfo.email", LIST, FREE_BUSY], "allow").await;
    assert_eq!(back["state"], "st a&te");
    let (status, tokens) = bed.token(Google, &Bed::exchange(Google, &back["code"])).await;
    assert_eq!(status, 200);
    assert_eq!(tokens["expires_in"], 3599);
    assert_eq!(tokens["token_type"], "Bearer");
    let granted = tokens["scope"].as_str().unwrap();
    assert!(granted.contains("https://www.googleapis.com/auth/userinfo.email") && granted.contains(FREE_BUSY));
    assert!(tokens["refresh_token"].is_string());
    let claims = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["iss"], "https://accounts.google.com");
    assert_eq!(claims["aud"], client_id(Google));
    assert_eq!(claims["email"], MAYA);
    assert_eq!(claims["nonce"], "n0nce");
    let access = tokens["access_token"].as_str().unwrap();
    let (status, who) = bed.get("/google/v1/userinfo", access).await;
    assert_eq!((status.as_u16(), &who["sub"], &who["email"]), (200, &claims["sub"], &json!(MAYA)));
}

#[tokio::test]
async fn refusal_comes_back_with_the_state_and_is_answered_once() {
    let bed = bed().await;
    let page = bed.authorize(Google, &Bed::ask(Google, &scope())).await.text().await.unwrap();
    let back = bed.answer(Google, &page, MAYA, &[], "refuse").await;
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "st a&te"));
    let request = page.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = [("request", request), ("account", MAYA), ("decision", "allow")];
    let again = bed.client.post(bed.sandbox.url("/google/consent")).form(&form).send().await.unwrap();
    assert_eq!(again.status(), 400);
}

#[tokio::test]
async fn an_unticked_scope_is_not_granted() {
    let bed = bed().await;
    let page = bed.authorize(Google, &Bed::ask(Google, &scope())).await.text().await.unwrap();
    let back = bed.answer(Google, &page, MAYA, &["openid", LIST], "allow").await;
    let (_, tokens) = bed.token(Google, &Bed::exchange(Google, &back["code"])).await;
    assert!(!tokens["scope"].as_str().unwrap().contains("freebusy"));
    let asked = json!({ "timeMin": "2027-01-01T00:00:00Z", "timeMax": "2027-01-02T00:00:00Z", "items": [{ "id": "primary" }] });
    let access = tokens["access_token"].as_str().unwrap();
    let (status, error) = bed.send(Method::POST, "/google/calendar/v3/freeBusy", access, asked).await;
    assert_eq!((status.as_u16(), crate::support::reason(&error)), (403, "insufficientPermissions"));
    assert_eq!(bed.get("/google/calendar/v3/users/me/calendarList", access).await.0, 200);
}

#[tokio::test]
async fn wrong_authorization_requests_are_never_redirected() {
    let bed = bed().await;
    let ask = || Bed::ask(Google, &scope());
    let cases = [
        (with(ask(), "client_id", "someone-else"), 401, "invalid_client"),
        (with(ask(), "redirect_uri", "http://127.0.0.1:3000/integrations/google/callback/"), 400, "redirect_uri_mismatch"),
        (with(ask(), "redirect_uri", "http://127.0.0.1:3000/integrations/Google/callback"), 400, "redirect_uri_mismatch"),
        (with(ask(), "response_type", "token"), 400, "unsupported_response_type"),
        (with(ask(), "scope", ""), 400, "invalid_request"),
        (with(ask(), "scope", "openid calendar.freebusy"), 400, "invalid_scope"),
        (with(ask(), "access_type", "off-line"), 400, "invalid_request"),
        (with(ask(), "prompt", "consent none"), 400, "invalid_request"),
        (with(ask(), "code_challenge", "short"), 400, "invalid_request"),
        (with(ask(), "code_challenge_method", ""), 400, "invalid_request"),
        (with(ask(), "code_challange", "x"), 400, "invalid_request"),
    ];
    for (pairs, status, error) in cases {
        let response = bed.authorize(Google, &pairs).await;
        assert_eq!(response.status(), status, "{error}: {pairs:?}");
        assert!(response.text().await.unwrap().contains(error), "{pairs:?}");
    }
    let response = bed.authorize(Google, &with(ask(), "prompt", "none")).await;
    assert!(response.headers()["location"].to_str().unwrap().contains("error=interaction_required"));
}

#[tokio::test]
async fn wrong_exchanges_are_refused() {
    let bed = bed().await;
    let cases = [
        ("code_verifier", "", 400, "invalid_grant"),
        ("code_verifier", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 400, "invalid_grant"),
        ("redirect_uri", "http://localhost:3000/integrations/google/callback", 400, "redirect_uri_mismatch"),
        ("client_secret", "wrong", 401, "invalid_client"),
        ("client_secret", "", 400, "invalid_request"),
        ("client_id", "nobody", 401, "invalid_client"),
        ("code", "nothing", 400, "invalid_grant"),
        ("grant_type", "password", 400, "unsupported_grant_type"),
        ("grant_type", "", 400, "invalid_request"),
    ];
    for (name, value, status, error) in cases {
        let code = bed.code(Google, MAYA, &Bed::ask(Google, &scope())).await;
        let (answered, answer) = bed.token(Google, &with(Bed::exchange(Google, &code), name, value)).await;
        assert_eq!((answered.as_u16(), answer["error"].as_str()), (status, Some(error)), "{name}={value}");
    }
    let code = bed.code(Google, MAYA, &Bed::ask(Google, &scope())).await;
    let fields: serde_json::Map<String, Value> =
        Bed::exchange(Google, &code).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let json = bed.client.post(bed.sandbox.url("/google/token")).json(&fields).send().await.unwrap();
    assert_eq!(body(json).await.1["error"], "invalid_request");
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let bed = bed().await;
    let ask = with(with(Bed::ask(Google, &scope()), "code_challenge", ""), "code_challenge_method", "");
    let code = bed.code(Google, MAYA, &ask).await;
    assert_eq!(bed.token(Google, &Bed::exchange(Google, &code)).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_works_once_and_for_ten_minutes() {
    let bed = bed().await;
    let code = bed.code(Google, MAYA, &Bed::ask(Google, &scope())).await;
    assert_eq!(bed.token(Google, &Bed::exchange(Google, &code)).await.0, 200);
    assert_eq!(bed.token(Google, &Bed::exchange(Google, &code)).await.1["error"], "invalid_grant");
    let late = bed.code(Google, MAYA, &Bed::ask(Google, &scope())).await;
    bed.control(Method::POST, "/clock", json!({ "advance": 601 })).await;
    assert_eq!(bed.token(Google, &Bed::exchange(Google, &late)).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn the_client_may_use_basic_authentication() {
    let bed = bed().await;
    let code = bed.code(Google, MAYA, &Bed::ask(Google, &scope())).await;
    let form = with(with(Bed::exchange(Google, &code), "client_id", ""), "client_secret", "");
    let request = bed.client.post(bed.sandbox.url("/google/token")).form(&form);
    let (status, tokens) = body(request.basic_auth(client_id(Google), Some(client_secret(Google))).send().await.unwrap()).await;
    assert_eq!(status, 200, "{tokens}");
}

#[tokio::test]
async fn a_refresh_token_comes_with_the_first_consent_only_unless_asked_for() {
    let bed = bed().await;
    let online = with(Bed::ask(Google, &scope()), "access_type", "");
    let code = bed.code(Google, "tomas@google.example", &online).await;
    assert!(bed.token(Google, &Bed::exchange(Google, &code)).await.1["refresh_token"].is_null());
    let plain = with(Bed::ask(Google, &scope()), "prompt", "");
    for first in [true, false] {
        let code = bed.code(Google, MAYA, &plain).await;
        let (_, tokens) = bed.token(Google, &Bed::exchange(Google, &code)).await;
        assert_eq!(tokens["refresh_token"].is_string(), first);
    }
    let tokens = bed.sign_in(Google, MAYA, &scope()).await;
    assert!(tokens["refresh_token"].is_string());
}

#[tokio::test]
async fn tokens_expire_refresh_and_die_with_the_grant() {
    let bed = bed().await;
    let tokens = bed.sign_in(Google, MAYA, &scope()).await;
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let list = "/google/calendar/v3/users/me/calendarList";
    assert_eq!(bed.get(list, access).await.0, 200);
    bed.control(Method::POST, "/clock", json!({ "advance": 3599 })).await;
    let (status, error) = bed.get(list, access).await;
    assert_eq!((status.as_u16(), crate::support::reason(&error)), (401, "authError"));
    let (status, fresh) = bed.token(Google, &Bed::refresh(Google, refresh)).await;
    assert_eq!(status, 200);
    assert!(fresh["refresh_token"].is_null(), "Google does not rotate");
    let access = fresh["access_token"].as_str().unwrap();
    assert_eq!(bed.get(list, access).await.0, 200);
    let wrong = with(Bed::refresh(Google, refresh), "client_secret", "wrong");
    assert_eq!(bed.token(Google, &wrong).await.1["error"], "invalid_client");
    let revoke = || bed.client.post(bed.sandbox.url("/google/revoke")).form(&[("token", refresh)]).send();
    assert_eq!(revoke().await.unwrap().status(), 200);
    assert_eq!(bed.get(list, access).await.0, 401);
    let (status, error) = bed.token(Google, &Bed::refresh(Google, refresh)).await;
    assert_eq!((status.as_u16(), &error["error"]), (400, &json!("invalid_grant")));
    assert_eq!(body(revoke().await.unwrap()).await.1["error"], "invalid_token");
}

#[tokio::test]
async fn control_expires_kills_and_revokes_for_one_account() {
    let bed = bed().await;
    let maya = bed.sign_in(Google, MAYA, &scope()).await;
    let tomas = bed.sign_in(Google, "tomas@google.example", &scope()).await;
    let list = "/google/calendar/v3/users/me/calendarList";
    let whose = json!({ "provider": "google", "account": MAYA });
    bed.control(Method::POST, "/tokens/expire", whose.clone()).await;
    assert_eq!(bed.get(list, maya["access_token"].as_str().unwrap()).await.0, 401);
    assert_eq!(bed.get(list, tomas["access_token"].as_str().unwrap()).await.0, 200);
    let refresh = maya["refresh_token"].as_str().unwrap();
    assert_eq!(bed.token(Google, &Bed::refresh(Google, refresh)).await.0, 200);
    bed.control(Method::POST, "/tokens/kill-refresh", whose.clone()).await;
    assert_eq!(bed.token(Google, &Bed::refresh(Google, refresh)).await.1["error"], "invalid_grant");
    bed.control(Method::POST, "/grants/revoke", json!({ "provider": "google" })).await;
    assert_eq!(bed.get(list, tomas["access_token"].as_str().unwrap()).await.0, 401);
    let owner = bed.control(Method::POST, "/tokens/owner", json!({ "token": refresh })).await;
    assert_eq!(owner["account"], MAYA);
}

#[tokio::test]
async fn a_redirect_uri_is_registered_by_control() {
    let bed = bed().await;
    let ask = with(Bed::ask(Google, &scope()), "redirect_uri", "http://127.0.0.1:4567/x");
    assert_eq!(bed.authorize(Google, &ask).await.status(), 400);
    bed.control(Method::POST, "/clients/google/redirect-uris", json!({ "uri": "http://127.0.0.1:4567/x" })).await;
    assert_eq!(bed.authorize(Google, &ask).await.status(), 200);
}

#[tokio::test]
async fn of_a_hundred_and_one_refresh_tokens_the_oldest_is_dead() {
    let bed = bed().await;
    let mut held = Vec::new();
    for _ in 0..101 {
        held.push(bed.sign_in(Google, MAYA, "openid").await["refresh_token"].as_str().unwrap().to_owned());
    }
    assert_eq!(bed.token(Google, &Bed::refresh(Google, &held[0])).await.1["error"], "invalid_grant");
    assert_eq!(bed.token(Google, &Bed::refresh(Google, &held[1])).await.0, 200);
}

#[tokio::test]
async fn earlier_grants_are_included_when_asked_for() {
    let bed = bed().await;
    bed.sign_in(Google, MAYA, LIST).await;
    let code = bed.code(Google, MAYA, &with(Bed::ask(Google, FREE_BUSY), "include_granted_scopes", "true")).await;
    let (_, tokens) = bed.token(Google, &Bed::exchange(Google, &code)).await;
    assert_eq!(tokens["scope"], format!("{LIST} {FREE_BUSY}"));
    assert_eq!(bed.sign_in(Google, MAYA, FREE_BUSY).await["scope"], FREE_BUSY);
}

#[tokio::test]
async fn a_client_is_registered_by_control() {
    let bed = bed().await;
    let other = json!({ "provider": "google", "id": "other", "secret": "s3cret", "redirect_uris": [crate::support::callback(Google)] });
    bed.control(Method::POST, "/clients", other).await;
    let code = bed.code(Google, MAYA, &with(Bed::ask(Google, &scope()), "client_id", "other")).await;
    let own = Bed::exchange(Google, &code);
    assert_eq!(bed.token(Google, &own).await.1["error"], "invalid_grant", "another client's code");
    let form = with(with(own, "client_id", "other"), "client_secret", "s3cret");
    let (status, tokens) = bed.token(Google, &form).await;
    assert_eq!(status, 200);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(bed.token(Google, &Bed::refresh(Google, refresh)).await.1["error"], "invalid_grant", "another client's refresh token");
}
