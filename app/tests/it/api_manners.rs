//! What HTTP asks of the REST API as a whole.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::Value;

use crate::{
    site::{Answer, TestSite, bearer},
    support::TestDb,
};
use wellmet::model::Role;

async fn asks(site: &TestSite, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.send(request.body(Body::empty()).expect("a request")).await
}

/// The code of a problem, which must be one of this status.
fn code(answer: &Answer, status: StatusCode) -> String {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"), "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((&body["status"], &body["title"]), (&Value::from(status.as_u16()), &Value::from(status.canonical_reason())));
    body["code"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn wrong_addresses_and_methods_are_problems() {
    let site = TestSite::new(&TestDb::sqlite().await);
    for path in ["/api", "/api/", "/api/nothing", "/api/auth/me/more", "/api/cal", "/api/openapi"] {
        assert_eq!(code(&asks(&site, Method::GET, path, &[]).await, StatusCode::NOT_FOUND), "not_found", "{path}");
    }
    let wrong = asks(&site, Method::DELETE, "/api/auth/me", &[]).await;
    assert_eq!((code(&wrong, StatusCode::METHOD_NOT_ALLOWED).as_str(), wrong.header("allow")), ("method_not_allowed", "GET,HEAD,OPTIONS"));
    let options = asks(&site, Method::OPTIONS, "/api/calendar/sync-booking", &[]).await;
    assert_eq!((options.status, options.header("allow"), options.body.as_str()), (StatusCode::NO_CONTENT, "POST,OPTIONS", ""));
    let page = asks(&site, Method::GET, "/nothing", &[]).await;
    assert!(page.header("content-type").starts_with("text/html"), "pages have pages for errors");
}

#[tokio::test]
async fn answers_are_json_or_nothing() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let (jonas, _) = db.person("jonas", Role::Mentee, "Europe/Berlin").await;
    let token = bearer(&site.app, &jonas).await;
    let html = asks(&site, Method::GET, "/api/auth/me", &[("accept", "text/html"), ("authorization", &token)]).await;
    assert_eq!(code(&html, StatusCode::NOT_ACCEPTABLE), "not_acceptable");
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let request = Request::post("/api/calendar/sync-booking").header(header::AUTHORIZATION, &token).header(header::CONTENT_TYPE, kind);
        let answer = site.send(request.body(Body::from("{}")).expect("a request")).await;
        assert_eq!(code(&answer, StatusCode::UNSUPPORTED_MEDIA_TYPE), "unsupported_media_type", "{kind}");
    }
    for (body, status, wanted) in [
        ("", StatusCode::BAD_REQUEST, "malformed"),
        ("{", StatusCode::BAD_REQUEST, "malformed"),
        ("{}{}", StatusCode::UNPROCESSABLE_ENTITY, "invalid_field"),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY, "invalid_field"),
        ("null", StatusCode::UNPROCESSABLE_ENTITY, "invalid_field"),
        ("{\"timezone\": 5}", StatusCode::UNPROCESSABLE_ENTITY, "invalid_field"),
    ] {
        let request = Request::post("/api/calendar/sync-booking").header(header::AUTHORIZATION, &token);
        let request = request.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        let answer = site.send(request.body(Body::from(body)).expect("a request")).await;
        assert_eq!(code(&answer, status), wanted, "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let (jonas, _) = db.person("jonas", Role::Mentee, "Europe/Berlin").await;
    let token = bearer(&site.app, &jonas).await;
    let first = asks(&site, Method::GET, "/api/auth/me", &[("authorization", &token)]).await;
    let mark = first.header("etag").to_owned();
    assert!(first.status == StatusCode::OK && mark.starts_with("W/\""), "{mark}");
    for known in [mark.clone(), format!("\"other\", {mark}"), "*".to_owned(), mark.trim_start_matches("W/").to_owned()] {
        let again = asks(&site, Method::GET, "/api/auth/me", &[("authorization", &token), ("if-none-match", &known)]).await;
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (StatusCode::NOT_MODIFIED, "", mark.as_str()), "{known}");
    }
    let changed = asks(&site, Method::GET, "/api/auth/me", &[("authorization", &token), ("if-none-match", "\"other\"")]).await;
    assert_eq!(changed.status, StatusCode::OK);
    let head = asks(&site, Method::HEAD, "/api/auth/me", &[("authorization", &token)]).await;
    assert_eq!((head.status, head.body.as_str(), head.header("etag")), (StatusCode::OK, "", mark.as_str()));
    let refused = asks(&site, Method::GET, "/api/auth/me", &[("if-none-match", &mark)]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "who may not read learns nothing from a mark");
}

/// Nobody on the way keeps what is for whoever asks; with a mark they themselves may.
#[tokio::test]
async fn nobody_keeps_what_is_private() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let (jonas, _) = db.person("jonas", Role::Mentee, "Europe/Berlin").await;
    let token = bearer(&site.app, &jonas).await;
    let login = serde_json::json!({ "email": "jonas@example.org", "password": crate::support::PASSWORD });
    let join = serde_json::json!({ "email": "new@example.org", "password": crate::support::PASSWORD, "name": "New", "role": "client", "time_zone": "UTC" });
    for (path, body, status) in [
        ("/api/auth/login", &login, StatusCode::OK),
        ("/api/auth/register", &join, StatusCode::CREATED),
        ("/api/auth/register", &join, StatusCode::CONFLICT),
    ] {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = site.send(request.body(Body::from(body.to_string())).expect("a request")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (status, "no-store"), "{path}: {}", answer.body);
    }
    let own = [("authorization", token.as_str())];
    for (method, path, kept) in [
        (Method::GET, "/api/auth/me", "private, no-cache"),
        (Method::GET, "/api/coaches", "private, no-cache"),
        (Method::GET, "/api/booking/nothing", "no-store"),
        (Method::GET, "/api/nothing", "no-store"),
        (Method::POST, "/api/booking", "no-store"),
        (Method::POST, "/api/auth/logout", "no-store"),
    ] {
        let answer = asks(&site, method, path, &own).await;
        assert_eq!(answer.header("cache-control"), kept, "{path}: {} {}", answer.status, answer.body);
    }
    assert_eq!(asks(&site, Method::GET, "/api/coaches", &[]).await.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn a_token_that_is_no_good_is_told_from_none() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let (jonas, sign_in) = db.person("jonas", Role::Mentee, "Europe/Berlin").await;
    let none = asks(&site, Method::GET, "/api/auth/me", &[("cookie", &crate::site::cookie(&sign_in))]).await;
    assert_eq!(code(&none, StatusCode::UNAUTHORIZED), "unauthorized");
    assert_eq!(none.header("www-authenticate"), "Bearer realm=\"wellmet\"");
    let good = bearer(&site.app, &jonas).await;
    let cut = &good[..good.len() - 1];
    for wrong in ["Bearer", "Bearer ", "Bearer x", "Basic am9uYXM6eA==", "Bearer wm_", cut, &good.replace("Bearer", "Token")] {
        let answer = asks(&site, Method::GET, "/api/auth/me", &[("authorization", wrong)]).await;
        assert_eq!(code(&answer, StatusCode::UNAUTHORIZED), "invalid_token", "{wrong}");
        assert!(answer.header("www-authenticate").ends_with("error=\"invalid_token\""));
    }
    assert_eq!(
        asks(&site, Method::GET, "/api/auth/me", &[("authorization", &good.replace("Bearer", "bEARER"))]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn other_sites_ask_only_where_they_may() {
    let db = TestDb::sqlite().await;
    let preflight = [
        ("origin", "https://app.example.org"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,idempotency-key"),
    ];
    let closed = TestSite::new(&db);
    let answer = asks(&closed, Method::OPTIONS, "/api/calendar/sync-booking", &preflight).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (StatusCode::NO_CONTENT, ""));
    let open = TestSite::with(db.deps(), &[("API_ORIGINS", "https://app.example.org")]);
    let answer = asks(&open, Method::OPTIONS, "/api/calendar/sync-booking", &preflight).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (StatusCode::OK, "https://app.example.org"));
    assert!(answer.header("access-control-allow-headers").contains("idempotency-key"), "{}", answer.header("access-control-allow-headers"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let plain = asks(&open, Method::OPTIONS, "/api/calendar/sync-booking", &[]).await;
    assert_eq!(
        (plain.status, plain.header("allow")),
        (StatusCode::NO_CONTENT, "POST,OPTIONS"),
        "a question that no browser asks before a request"
    );
    assert_eq!(asks(&open, Method::OPTIONS, "/api/nothing", &[("origin", "https://app.example.org")]).await.status, StatusCode::NOT_FOUND);
    let document = asks(&open, Method::GET, "/api/openapi.json", &[("origin", "https://app.example.org")]).await;
    assert_eq!(document.header("access-control-allow-origin"), "https://app.example.org");
    let asked = asks(&open, Method::GET, "/api/auth/me", &[("origin", "https://app.example.org"), ("sec-fetch-site", "cross-site")]).await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (StatusCode::UNAUTHORIZED, "https://app.example.org"));
    let other = asks(&open, Method::GET, "/api/auth/me", &[("origin", "https://evil.example")]).await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    let page = asks(&open, Method::GET, "/coaches", &[("origin", "https://app.example.org")]).await;
    assert_eq!(page.header("access-control-allow-origin"), "", "pages are nobody else's");
}

#[tokio::test]
async fn the_document_and_its_readers_come_from_this_site_alone() {
    let site = TestSite::new(&TestDb::sqlite().await);
    let document = asks(&site, Method::GET, "/api/openapi.json", &[]).await;
    assert_eq!((document.status, document.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(document.body, app::api::document::text());
    let mark = document.header("etag").to_owned();
    let again = asks(&site, Method::GET, "/api/openapi.json", &[("if-none-match", &mark)]).await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let wrong = asks(&site, Method::POST, "/api/openapi.json", &[]).await;
    assert_eq!((code(&wrong, StatusCode::METHOD_NOT_ALLOWED).as_str(), wrong.header("allow")), ("method_not_allowed", "GET,HEAD,OPTIONS"));
    for path in ["/docs", "/redoc"] {
        let page = asks(&site, Method::GET, path, &[]).await;
        let policy = page.header("content-security-policy");
        assert!(page.status == StatusCode::OK && policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("http") && !page.body.contains("http"), "{path} names another host");
    }
}

/// Whoever changes the API looks at what changes for those who use it.
#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let committed = include_str!("../../../docs/openapi.json");
    assert!(committed == app::api::document::text(), "write it again: cargo run -p app -- openapi > docs/openapi.json");
}
