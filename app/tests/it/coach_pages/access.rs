//! Who may see what.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use wellmet::{model::Role, time::Secret};

use crate::{
    desk::{Desk, booked, first_type, status},
    site::{Answer, TestSite, cookie, form_request},
    support::TestDb,
};
/// Every address here, with how it is asked.
const COACH_ROUTES: [(&str, &str); 20] = [
    ("GET", "/dashboard"),
    ("POST", "/dashboard/bookings/01ARZ3NDEKTSV4RRFFQ69G5FAV/confirm"),
    ("GET", "/dashboard/bookings/01ARZ3NDEKTSV4RRFFQ69G5FAV/decline"),
    ("POST", "/dashboard/bookings/01ARZ3NDEKTSV4RRFFQ69G5FAV/decline"),
    ("POST", "/dashboard/bookings/01ARZ3NDEKTSV4RRFFQ69G5FAV/completed"),
    ("POST", "/dashboard/bookings/01ARZ3NDEKTSV4RRFFQ69G5FAV/no-show"),
    ("GET", "/dashboard/availability"),
    ("POST", "/dashboard/availability"),
    ("GET", "/dashboard/availability/dates"),
    ("GET", "/dashboard/availability/dates/2026-12-24"),
    ("POST", "/dashboard/availability/dates/2026-12-24"),
    ("POST", "/dashboard/availability/dates/2026-12-24/remove"),
    ("GET", "/dashboard/session-types"),
    ("GET", "/dashboard/session-types/new"),
    ("POST", "/dashboard/session-types/new"),
    ("GET", "/dashboard/session-types/01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ("POST", "/dashboard/session-types/01ARZ3NDEKTSV4RRFFQ69G5FAV/archive"),
    ("POST", "/dashboard/session-types/01ARZ3NDEKTSV4RRFFQ69G5FAV/active"),
    ("GET", "/dashboard/settings?tab=security"),
    ("POST", "/dashboard/settings/page"),
];
const ADMIN_ROUTES: [(&str, &str); 5] = [
    ("GET", "/admin"),
    ("GET", "/admin/users"),
    ("GET", "/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ("POST", "/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ("GET", "/admin/bookings"),
];

async fn ask(site: &TestSite, method: &str, path: &str, secret: Option<&Secret>) -> Answer {
    let request = if method == "GET" { Request::get(path) } else { form_request(path) };
    let request = secret.iter().fold(request, |request, secret| request.header(header::COOKIE, cookie(secret)));
    site.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn coaches_pages_are_for_coaches_and_admins_for_admins() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let (_, mentee) = db.person("mia", Role::Mentee, "Europe/Lisbon").await;
    let (_, coach) = db.person("cleo", Role::Coach, "Europe/Lisbon").await;
    for (routes, other) in [(&COACH_ROUTES[..], &mentee), (&ADMIN_ROUTES[..], &mentee), (&ADMIN_ROUTES[..], &coach)] {
        for (method, path) in routes {
            let stranger = ask(&site, method, path, None).await;
            assert_eq!(stranger.status, StatusCode::SEE_OTHER, "{method} {path}");
            assert!(stranger.header("location").starts_with("/login"), "{method} {path}");
            assert_eq!(ask(&site, method, path, Some(other)).await.status, StatusCode::FORBIDDEN, "{method} {path}");
        }
    }
    // What everyone has needs a sign-in and no more.
    assert_eq!(ask(&site, "GET", "/settings", None).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ask(&site, "GET", "/settings", Some(&mentee)).await.status, StatusCode::OK);
    assert_eq!(ask(&site, "GET", "/settings", Some(&coach)).await.header("location"), "/dashboard/settings");
}

#[tokio::test]
async fn unknown_ids_are_not_found() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let unknown = COACH_ROUTES.iter().filter(|(_, path)| path.contains("01ARZ") && !path.ends_with("active"));
    for (method, path) in unknown {
        let answer = ask(&desk.site, method, path, Some(&desk.secret)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
    }
    let active = "/dashboard/session-types/01ARZ3NDEKTSV4RRFFQ69G5FAV/active";
    assert_eq!(desk.post(active, "active=true").await.status, StatusCode::NOT_FOUND);
    for path in ["/dashboard/availability/dates/2026-2-1", "/dashboard/availability/dates/x", "/dashboard/availability/dates/2026-11-01"] {
        assert_eq!(desk.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(desk.get("/dashboard/session-types/%3Cb%3E").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_coachs_things_do_not_exist() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let other = db.coach("carl").await;
    let (kind, booking) = (first_type(&db, other, true).await, booked(&db, other, true).await);
    for path in [format!("/dashboard/session-types/{kind}"), format!("/dashboard/bookings/{booking}/decline")] {
        assert_eq!(desk.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["confirm", "decline", "completed", "no-show"] {
        let answer = desk.post(&format!("/dashboard/bookings/{booking}/{path}"), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(desk.post(&format!("/dashboard/session-types/{kind}/archive"), "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(status(&db, other, booking).await, "pending");
}

#[tokio::test]
async fn nothing_inline_that_the_policy_would_block() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    booked(&db, desk.coach, true).await;
    for path in
        ["/dashboard", "/dashboard/availability", "/dashboard/availability/dates", "/dashboard/session-types/new", "/dashboard/settings"]
    {
        let page = desk.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains(" style=") && !page.body.contains(" onclick=") && !page.body.contains("<style"), "{path}");
    }
}
