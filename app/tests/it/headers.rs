//! What every answer carries, and what is refused before a handler sees it.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::{
    site::{TestSite, cookie, form_request},
    support::TestDb,
};
use wellmet::model::Role;

#[tokio::test]
async fn pages_carry_the_security_headers_and_a_fresh_nonce() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let (one, two) = (site.get("/").await, site.get("/").await);
    assert_eq!(one.status, StatusCode::OK);
    assert_eq!(one.header("x-content-type-options"), "nosniff");
    assert_eq!(one.header("referrer-policy"), "same-origin");
    assert_eq!(one.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(one.header("cross-origin-resource-policy"), "same-origin");
    assert!(one.header("permissions-policy").contains("camera=()"));
    assert_eq!(one.header("strict-transport-security"), "");
    let policy = one.header("content-security-policy");
    for rule in ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("ws:"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    assert!(one.body.contains(&format!("<script type=\"module\" nonce=\"{nonce}\">")), "{}", one.body);
    assert!(!one.body.contains(&format!("crossorigin=\"{nonce}")));
    assert_ne!(policy, two.header("content-security-policy"));
}

#[tokio::test]
async fn nothing_inline_that_the_policy_would_block() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    for path in ["/", "/login", "/register", "/nowhere"] {
        let page = site.get(path).await.body;
        assert!(!page.contains(" style=") && !page.contains(" onclick=") && !page.contains("<style"), "{path}");
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, page.matches(" nonce=\"").count(), "{path}");
    }
}

#[tokio::test]
async fn https_is_insisted_on_where_it_is_spoken() {
    let db = TestDb::sqlite().await;
    let site = TestSite::with(db.deps(), &[("PUBLIC_URL", "https://wellmet.test")]);
    assert!(site.get("/").await.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn nobody_keeps_the_pages_of_someone_signed_in() {
    let db = TestDb::sqlite().await;
    let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
    let site = TestSite::new(&db);
    assert_eq!(site.get("/").await.header("cache-control"), "private, no-cache");
    assert_eq!(site.get_as("/", &cookie(&secret)).await.header("cache-control"), "no-store");
    // Redirects too.
    assert_eq!(site.get_as("/login", &cookie(&secret)).await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn forms_of_other_sites_are_refused_in_words() {
    let db = TestDb::sqlite().await;
    let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
    let site = TestSite::new(&db);
    let attempts = [
        (Some("cross-site"), "https://evil.example"),
        (Some("cross-site"), "null"),
        (Some("same-site"), "http://blog.wellmet.test"),
        (None, "https://evil.example"),
        (None, "null"),
    ];
    for (fetch, origin) in attempts {
        let mut request = form_request("/logout").header(header::COOKIE, cookie(&secret)).body(Body::empty()).unwrap();
        request.headers_mut().remove("sec-fetch-site");
        if let Some(fetch) = fetch {
            request.headers_mut().insert("sec-fetch-site", fetch.parse().unwrap());
        }
        request.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{fetch:?} {origin}");
        assert!(answer.body.contains("This form came from another site"), "{}", answer.body);
        assert!(answer.header("content-security-policy").contains("nonce-"));
    }
    // Nothing was done.
    assert!(db.accounts().authenticate(&secret).await.unwrap().is_some());
    // Programs that are no browsers send neither header.
    let bare = Request::post("/theme").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(site.send(bare.body(Body::from("theme=dark")).unwrap()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn files_are_kept_and_missing_ones_have_no_body() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let style = site.get("/pkg/wellmet.css").await;
    assert_eq!((style.status, style.header("content-type"), style.header("cache-control")), (StatusCode::OK, "text/css", "no-cache"));
    let missing = site.get("/pkg/wellmet.0123.css").await;
    assert_eq!((missing.status, missing.body.as_str(), missing.header("cache-control")), (StatusCode::NOT_FOUND, "", "no-store"));
    assert_eq!(site.get("/pkg/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/robots.txt").await.body, "User-agent: *\n");
}

#[tokio::test]
async fn health_is_told_apart_from_readiness() {
    let db = TestDb::sqlite().await;
    let store = db.second_server().await;
    let site = TestSite::with(db.deps_on(store.clone()), &[]);
    assert_eq!(site.get("/readyz").await.status, StatusCode::OK);
    store.close().await;
    assert_eq!(site.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(site.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
