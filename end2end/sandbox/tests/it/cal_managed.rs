//! Managed users, their tokens, and whose request a request is.

use std::collections::HashSet;

use reqwest::{Method, StatusCode};
use sandbox::{Provider, client_id, client_secret};
use serde_json::{Value, json};

use crate::cal_support::{Cal, cal, message};
use crate::support::body;

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().expect("a code")
}

#[tokio::test]
async fn a_user_is_made_once() {
    let cal = cal().await;
    let (status, made) = cal.create(json!({ "email": "ada@example.org", "name": "Ada", "unknown": 1 })).await;
    assert_eq!(status, 201);
    let user = &made["data"]["user"];
    assert_eq!(user["email"], "ada+wellmet-sandbox-cal@example.org");
    assert_eq!((&user["timeZone"], &user["defaultScheduleId"]), (&json!("Europe/London"), &Value::Null));
    let expires = made["data"]["accessTokenExpiresAt"].as_i64().unwrap();
    assert_eq!(expires % 60_000, 0, "cut to the minute");
    let (status, again) = cal.create(json!({ "email": "ada@example.org", "name": "Ada" })).await;
    assert_eq!((status, code(&again)), (StatusCode::CONFLICT, "ConflictException"));
    assert!(message(&again).ends_with(&format!("Existing user ID={}", user["id"])), "{again}");
    for wrong in [
        json!({ "email": "ada2@example.org" }),
        json!({ "email": "no", "name": "A" }),
        json!({ "email": "a@b.org", "name": "A", "timeZone": "Mars" }),
    ] {
        let (status, answer) = cal.create(wrong.clone()).await;
        assert_eq!((status, message(&answer)), (StatusCode::BAD_REQUEST, "Bad Request Exception"), "{wrong}");
        assert_eq!(answer["error"]["details"]["errors"][0]["target"], wrong, "it echoes what was sent");
    }
}

#[tokio::test]
async fn a_user_is_found_changed_and_deleted() {
    let cal = cal().await;
    let user = cal.managed("ada").await;
    cal.managed("ben").await;
    let path = Cal::users(&format!("/{}", user.id));
    let (of_one, all) = ("/v2/oauth-clients/{clientId}/users/{userId}", "/v2/oauth-clients/{clientId}/users");
    let list = |query: &str| cal.platform(Method::GET, &Cal::users(query));
    let (_, listed) = cal.send(Method::GET, all, list("?emails=ada@example.org")).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let (_, listed) = cal.send(Method::GET, all, list("?limit=1&offset=1")).await;
    assert_eq!(listed["data"][0]["name"], "ben");
    for query in ["?limit=0", "?limit=251", "?offset=251", "?emails=nobody"] {
        assert_eq!(cal.send(Method::GET, all, list(query)).await.0, 400, "{query}");
    }
    let change = cal.platform(Method::PATCH, &path).json(&json!({ "timeZone": "Asia/Kolkata", "email": "ada.l@example.org" }));
    let (_, changed) = cal.send(Method::PATCH, of_one, change).await;
    assert_eq!(
        (&changed["data"]["timeZone"], &changed["data"]["email"]),
        (&json!("Asia/Kolkata"), &json!("ada.l+wellmet-sandbox-cal@example.org"))
    );
    assert_eq!(cal.get("/v2/me", &user.access).await.1["data"]["timeZone"], "Asia/Kolkata");
    assert_eq!(cal.send(Method::GET, of_one, cal.platform(Method::GET, &Cal::users("/999"))).await.0, 404);
    assert_eq!(cal.send(Method::DELETE, of_one, cal.platform(Method::DELETE, &path)).await.0, 200);
    assert_eq!(cal.send(Method::GET, of_one, cal.platform(Method::GET, &path)).await.0, 404);
    assert_eq!(message(&cal.get("/v2/me", &user.access).await.1), "Invalid Access Token.");
}

#[tokio::test]
async fn who_is_asking() {
    let cal = cal().await;
    let user = cal.managed("ada").await;
    let path = Cal::users("");
    let (id, secret) = (client_id(Provider::Cal), client_secret(Provider::Cal));
    let send = async |request: reqwest::RequestBuilder| body(request.send().await.unwrap()).await;
    let bare = || cal.0.client.get(cal.url(&path));
    // The client in the path goes before the header's.
    assert_eq!(send(bare().header("x-cal-secret-key", &secret)).await.0, 200);
    let (status, answer) = send(bare().header("x-cal-client-id", &id)).await;
    assert!(status == 401 && message(&answer).starts_with("Only 'x-cal-client-id' header provided"), "{answer}");
    let (status, answer) = send(cal.0.client.get(cal.url("/v2/calendars")).header("x-cal-secret-key", &secret)).await;
    assert!(status == 401 && message(&answer).starts_with("Only 'x-cal-secret-key'"), "{answer}");
    let (status, answer) = send(bare().header("x-cal-secret-key", "wrong")).await;
    assert_eq!((status.as_u16(), message(&answer)), (401, "Invalid client secret"));
    let unknown = cal.0.client.get(cal.url("/v2/oauth-clients/nobody/users")).header("x-cal-secret-key", &secret);
    assert_eq!(message(&send(unknown).await.1), "Client with ID nobody not found");
    assert_eq!(send(bare().bearer_auth(&user.access)).await.0, 403);
    // All three headers: the client wins, and the request runs as the organisation's owner.
    let number = cal.link(&user, "google", "maya@google.example").await;
    let mixed = cal.platform(Method::GET, "/v2/calendars").bearer_auth(&user.access);
    assert_eq!(send(mixed).await.1["data"]["connectedCalendars"], json!([]));
    let times = format!(
        "/v2/calendars/busy-times?timeZone=UTC&dateFrom=2026-01-06&dateTo=2026-01-07&calendarsToLoad%5B0%5D%5BcredentialId%5D={number}&calendarsToLoad%5B0%5D%5BexternalId%5D=x"
    );
    let (status, answer) = send(cal.platform(Method::GET, &times).bearer_auth(&user.access)).await;
    assert_eq!((status.as_u16(), message(&answer)), (401, "These credentials do not belong to you"));
    let (status, answer) = send(cal.platform(Method::GET, "/v2/calendars/google/connect")).await;
    assert_eq!(status, 401, "client credentials connect nothing: {answer}");
}

#[tokio::test]
async fn refresh_tokens_are_single_use() {
    let cal = cal().await;
    let user = cal.managed("ada").await;
    let (status, fresh) = cal.refresh(&user.refresh).await;
    assert_eq!(status, 200, "{fresh}");
    assert_eq!(cal.get("/v2/me", &user.access).await.0, 200, "the old access token keeps its hour");
    let (status, again) = cal.refresh(&user.refresh).await;
    assert_eq!((status.as_u16(), message(&again)), (400, "Invalid refresh token"));
    assert_eq!(cal.refresh("").await.0, 400);
    let (status, forced) = cal.force(user.id).await;
    assert_eq!(status, 200);
    let second = fresh["data"]["accessToken"].as_str().unwrap();
    for dead in [user.access.as_str(), second] {
        assert_eq!(message(&cal.get("/v2/me", dead).await.1), "Invalid Access Token.");
    }
    assert_eq!(cal.refresh(fresh["data"]["refreshToken"].as_str().unwrap()).await.0, 400);
    assert_eq!(cal.get("/v2/me", forced["data"]["accessToken"].as_str().unwrap()).await.0, 200);
    assert_eq!(cal.force(999).await.0, 404);
    let tokens: HashSet<_> = [&user.access, &user.refresh].into_iter().collect();
    assert!(tokens.iter().all(|token| token.split('.').count() == 3), "JWTs");
}

#[tokio::test]
async fn an_expired_token_is_498_until_anybody_refreshes() {
    let cal = cal().await;
    let (ada, ben) = (cal.managed("ada").await, cal.managed("ben").await);
    cal.0.control(Method::POST, "/clock", json!({ "advance": 3700 })).await;
    let (status, answer) = cal.get("/v2/calendars", &ada.access).await;
    assert_eq!((status.as_u16(), code(&answer), message(&answer)), (498, "TokenExpiredException", "ACCESS_TOKEN_IS_EXPIRED"));
    assert_eq!(answer["error"]["details"], "ACCESS_TOKEN_IS_EXPIRED");
    assert_eq!(cal.refresh(&ben.refresh).await.0, 200);
    let (status, answer) = cal.get("/v2/calendars", &ada.access).await;
    assert_eq!((status.as_u16(), message(&answer)), (401, "Invalid Access Token."));
}

#[tokio::test]
async fn too_many_requests() {
    let cal = cal().await;
    let (ada, ben) = (cal.managed("ada").await, cal.managed("ben").await);
    cal.0.control(Method::PATCH, "/cal/limit", json!({ "per_minute": 2 })).await;
    let ask = async |token: &str| cal.bearer(Method::GET, "/v2/me", token).send().await.unwrap();
    let first = ask(&ada.access).await;
    assert_eq!(first.headers()["x-ratelimit-limit-default"], "2");
    assert_eq!(first.headers()["x-ratelimit-remaining-default"], "1");
    ask(&ada.access).await;
    let refused = ask(&ada.access).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().get("retry-after").is_none());
    let reset: u64 = refused.headers()["x-ratelimit-reset-default"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&reset));
    let answer = body(refused).await.1;
    assert!(code(&answer) == "ThrottlerException" && message(&answer).starts_with("CustomThrottlerGuard - Too many requests"), "{answer}");
    assert_eq!(ask(&ben.access).await.status(), 200, "each token has its own limit");
    cal.0.control(Method::POST, "/clock", json!({ "advance": 61 })).await;
    assert_eq!(ask(&ada.access).await.status(), 200);
}
