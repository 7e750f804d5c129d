//! Forms that do not fit, and what was typed.

use axum::{
    body::Body,
    http::{StatusCode, header},
};

use crate::{
    site::{TestSite, form_request},
    support::TestDb,
};

#[tokio::test]
async fn a_form_that_is_too_large_is_a_413_page() {
    let db = TestDb::sqlite().await;
    let site = TestSite::with(db.deps(), &[("LIMIT_BODY_BYTES", "10240")]);
    let answer = site.post("/register", &format!("name={}", "a".repeat(1_000_000))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("At most 10 kB"), "{}", answer.body);
}

#[tokio::test]
async fn unknown_and_repeated_fields_are_named() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let answer = site.post("/login", "email=a&password=b&admin=<b>1").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("a field that is not known here: “admin”"), "{}", answer.body);
    let answer = site.post("/login", "email=a&email=b").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("That form does not fit") && answer.body.contains("“email”"), "{}", answer.body);
}

#[tokio::test]
async fn what_is_no_form_is_a_400_page() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let mut request = form_request("/login").body(Body::from("{}")).unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    let answer = site.send(request).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("We could not read that"));
}

#[tokio::test]
async fn what_was_typed_is_kept_and_shown_as_text() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let answer = site
        .post("/register", "role=coach&name=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&email=nope&password=secret&time_zone=Mars/Base")
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("<title>Error: Create an account"));
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    assert!(answer.body.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)") || answer.body.contains("value=\"&quot;><script>alert(1)"));
    assert!(answer.body.contains("value=\"nope\"") && answer.body.contains("aria-invalid=\"true\""));
    assert!(answer.body.contains("href=\"#f-email\"") && answer.body.contains("id=\"f-email\""));
    // A password never comes back.
    assert!(!answer.body.contains("secret"), "{}", answer.body);
}

#[tokio::test]
async fn the_theme_is_remembered_and_leads_back() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let answer = site.post("/theme", "theme=dark&next=%2Flogin%3Fnext%3D%252F").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/login?next=%2F"));
    assert!(answer.header("set-cookie").starts_with("theme=dark; Path=/; Max-Age=31536000"));
    assert!(site.get_as("/", "theme=dark").await.body.contains("<html lang=\"en\" data-theme=\"dark\""));
    assert!(!site.get_as("/", "theme=\"><script>").await.body.contains("data-theme"));
    assert_eq!(site.post("/theme", "theme=dark&next=//evil.example").await.header("location"), "/");
    assert_eq!(site.post("/theme", "theme=pink").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
