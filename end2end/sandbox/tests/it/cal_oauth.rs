//! OAuth 2.0 for people's own accounts.

use reqwest::{Method, StatusCode};
use sandbox::{CAL_OAUTH_CLIENT, CAL_OAUTH_SECRET};
use serde_json::{Value, json};

use crate::cal_support::{Cal, cal, message};
use crate::support::{CHALLENGE, Pairs, VERIFIER, body, with};

const BACK: &str = "http://127.0.0.1:3000/integrations/cal_com_oauth/callback";

fn ask(scope: &str) -> Pairs {
    vec![
        ("client_id", CAL_OAUTH_CLIENT.to_owned()),
        ("redirect_uri", BACK.to_owned()),
        ("scope", scope.to_owned()),
        ("state", "s".to_owned()),
        ("code_challenge", CHALLENGE.to_owned()),
        ("code_challenge_method", "S256".to_owned()),
    ]
}

fn exchange(code: &str) -> Pairs {
    vec![
        ("client_id", CAL_OAUTH_CLIENT.to_owned()),
        ("client_secret", CAL_OAUTH_SECRET.to_owned()),
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", BACK.to_owned()),
        ("code_verifier", VERIFIER.to_owned()),
    ]
}

async fn page(cal: &Cal, ask: &Pairs) -> reqwest::Response {
    cal.0.client.get(cal.url("/auth/oauth2/authorize")).query(ask).send().await.unwrap()
}

async fn code(cal: &Cal, scope: &str) -> String {
    let page = page(cal, &ask(scope)).await.text().await.unwrap();
    let mut form = vec![("request", page.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap())];
    form.extend(page.split("name=\"scope\" value=\"").skip(1).map(|rest| ("scope", rest.split('"').next().unwrap())));
    form.extend([("account", "maya@cal.example"), ("decision", "allow")]);
    let answer = cal.0.client.post(cal.url("/consent")).form(&form).send().await.unwrap();
    let to = answer.headers()["location"].to_str().unwrap();
    assert!(to.starts_with(BACK), "{to}");
    to.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned()
}

async fn token(cal: &Cal, form: &Pairs) -> (StatusCode, Value) {
    let request = cal.0.client.post(cal.url("/v2/auth/oauth2/token")).form(form);
    cal.send(Method::POST, "/v2/auth/oauth2/token", request).await
}

#[tokio::test]
async fn consent_code_tokens() {
    let cal = cal().await;
    cal.managed("ada").await;
    let shown = page(&cal, &ask("APPS_READ,PROFILE_READ")).await.text().await.unwrap();
    assert!(shown.contains("maya@cal.example") && !shown.contains("ada+"), "managed users sign in nowhere");
    let code = code(&cal, "APPS_READ PROFILE_READ").await;
    let (status, tokens) = token(&cal, &exchange(&code)).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(
        (&tokens["expires_in"], &tokens["scope"], &tokens["token_type"]),
        (&json!(1800), &json!("APPS_READ PROFILE_READ"), &json!("bearer"))
    );
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(cal.get("/v2/me", access).await.1["data"]["email"], "maya@cal.example");
    assert_eq!(cal.get("/v2/calendars", access).await.0, 200);
    let write = cal.bearer(Method::PUT, "/v2/destination-calendars", access).json(&json!({}));
    let (status, answer) = body(write.send().await.unwrap()).await;
    assert!(status == 403 && message(&answer).contains("APPS_WRITE"), "{answer}");
    let refresh = json!({ "grant_type": "refresh_token", "client_id": CAL_OAUTH_CLIENT, "client_secret": CAL_OAUTH_SECRET,
        "refresh_token": tokens["refresh_token"] });
    for _ in 0..2 {
        // JSON will do as well, and a used refresh token lives on.
        let request = cal.0.client.post(cal.url("/v2/auth/oauth2/token")).json(&refresh);
        assert_eq!(cal.send(Method::POST, "/v2/auth/oauth2/token", request).await.0, 200);
    }
    cal.0.control(Method::POST, "/clock", json!({ "advance": 1801 })).await;
    assert_eq!(cal.get("/v2/calendars", access).await.0, 401, "never 498");
}

#[tokio::test]
async fn what_is_refused() {
    let cal = cal().await;
    for (name, value) in [("client_id", "x"), ("redirect_uri", "http://127.0.0.1:3000/elsewhere")] {
        let answer = page(&cal, &with(ask("APPS_READ"), name, value)).await;
        assert_eq!(answer.status(), 400, "shown, never sent back");
    }
    for wrong in [ask("APPS_READ NONSENSE"), ask(""), with(ask("APPS_READ"), "code_challenge_method", "plain")] {
        let answer = page(&cal, &wrong).await;
        assert!(answer.headers()["location"].to_str().unwrap().contains("error=invalid_request"), "{wrong:?}");
    }
    let good = exchange(&code(&cal, "APPS_READ").await);
    for (name, value, status, error) in [
        ("client_id", "x", 401, "invalid_client"),
        ("client_secret", "x", 401, "invalid_client"),
        ("grant_type", "password", 400, "invalid_request"),
        ("code", "x", 400, "invalid_grant"),
    ] {
        let (was, answer) = token(&cal, &with(good.clone(), name, value)).await;
        assert_eq!((was.as_u16(), answer["error"].as_str().unwrap()), (status, error), "{name}");
        assert!(answer.get("status").is_none(), "no envelope");
    }
    for (name, value) in [("redirect_uri", "x"), ("code_verifier", "x")] {
        let fresh = exchange(&code(&cal, "APPS_READ").await);
        let (was, answer) = token(&cal, &with(fresh, name, value)).await;
        assert_eq!((was.as_u16(), &answer["error"]), (400, &json!("invalid_grant")), "{name}");
    }
    assert_eq!(token(&cal, &good).await.0, 200);
    assert_eq!(token(&cal, &good).await.0, 400, "a code is good once");
}
