//! From a held time to a booking and on to another time, page by page.

use axum::http::StatusCode;
use wellmet::{
    accounts::CoachActor,
    bookings::HoldRequest,
    model::{Currency, Price, Role, SessionRules, SessionTypeDraft, SessionTypeId},
    time::{Secret, Zone},
};

use crate::{
    desk::{booked, first_type, post_as, services, status, tuesday},
    site::{TestSite, cookie},
    support::{PASSWORD, TestDb, both_engines},
};

/// Tuesday, held by nobody in particular who looks at it in Tokyo.
async fn held(db: &TestDb, coach: CoachActor, session_type: SessionTypeId) -> String {
    let zone = Zone::parse("Asia/Tokyo").unwrap();
    let request = HoldRequest { coach: coach.id(), session_type, start: tuesday(), zone, from: None };
    let (secret, _) = services(db).1.hold(request, None).await.unwrap();
    format!("/book/h/{}", secret.expose())
}

/// The value of the form's hidden field that says what was shown.
fn shown(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"shown\" value=\"").expect("the field");
    rest.split_once('"').expect("its end").0.replace(' ', "+")
}

async fn change(db: &TestDb, coach: CoachActor, id: SessionTypeId, minutes: u32, minor: i64) {
    let first = SessionTypeDraft::first();
    let rules = SessionRules { duration_minutes: minutes, ..first.rules };
    let draft = SessionTypeDraft { rules, price: Price { minor, currency: Currency::EUR }, ..first };
    services(db).0.update_session_type(&coach, id, draft).await.unwrap();
}

both_engines! {
    async fn what_the_coach_changes_meanwhile_is_said_before_it_is_booked(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        let (_, mia) = db.person("mia", Role::Mentee, "Europe/Lisbon").await;
        let kind = first_type(&db, coach, false).await;
        let path = held(&db, coach, kind).await;
        let form = site.get_as(&path, &cookie(&mia)).await.body;
        change(&db, coach, kind, 45, 9050).await;
        let sent = post_as(&site, &mia, &path, &format!("notes=all+my+hopes&shown={}", shown(&form))).await;
        assert_eq!(sent.status, StatusCode::CONFLICT, "{}", sent.body);
        for part in ["changed the price to EUR 90.50 and the length to 45 minutes", "all my hopes", "18:00–18:45 (Asia/Tokyo", "45 minutes"] {
            assert!(sent.body.contains(part), "{part}: {}", sent.body);
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 0);
        let again = post_as(&site, &mia, &path, &format!("notes=all+my+hopes&shown={}", shown(&sent.body))).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings WHERE price_minor = 9050 AND ends_at - starts_at = 2700000").await, 1);
        // A form that booked leads to what it booked, whatever has changed since.
        change(&db, coach, kind, 30, 100).await;
        let twice = post_as(&site, &mia, &path, &format!("shown={}", shown(&sent.body))).await;
        assert_eq!(twice.header("location"), again.header("location"));
    }

    async fn signing_in_with_the_form_keeps_the_zone_that_was_chosen(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        db.person("mia", Role::Mentee, "Europe/Lisbon").await;
        let kind = first_type(&db, coach, false).await;
        let path = held(&db, coach, kind).await;
        let form = format!("account=existing&email=mia%40example.org&password={}", PASSWORD.replace(' ', "+"));
        let done = site.post(&path, &form).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        let (_, secret) = db.accounts().sign_in("mia@example.org", PASSWORD, &wellmet::accounts::ClientInfo::default()).await.unwrap();
        let page = site.get_as(done.header("location"), &cookie(&secret)).await.body;
        assert!(page.contains("18:00") && page.contains("Asia/Tokyo") && !page.contains("Europe/Lisbon"), "{page}");
        // What the browser itself says still counts for more.
        let page = site.get_as(done.header("location"), &format!("{}; tz=Europe/Paris", cookie(&secret))).await.body;
        assert!(page.contains("Europe/Paris") && !page.contains("Asia/Tokyo"), "{page}");
    }

    async fn a_mentee_who_moves_what_was_confirmed_is_told_that_it_is_asked_again(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        let id = booked(&db, coach, true).await;
        let (_, mia) = sign_in(&db, "mia").await;
        let path = format!("/bookings/{id}/move");
        let words = "confirms each request: the new time waits for an answer, and the old one is given up at once.";
        assert!(!site.get_as(&path, &cookie(&mia)).await.body.contains(words), "a request waits anyway");
        services(&db).1.confirm(&coach, id).await.unwrap();
        assert!(site.get_as(&path, &cookie(&mia)).await.body.contains(words));
        let moved = post_as(&site, &mia, &path, "start=2026-11-04T09%3A00%3A00Z").await;
        assert_eq!(moved.header("location"), format!("/bookings/{id}?done=moved-request"), "{}", moved.body);
        assert_eq!(status(&db, coach, id).await, "pending");
        assert!(site.get_as(moved.header("location"), &cookie(&mia)).await.body.contains("The coach will answer it."));
    }
}

async fn sign_in(db: &TestDb, name: &str) -> (wellmet::accounts::Identity, Secret) {
    let guest = wellmet::accounts::ClientInfo::default();
    db.accounts().sign_in(&format!("{name}@example.org"), PASSWORD, &guest).await.unwrap()
}

#[tokio::test]
async fn nobody_keeps_the_form_of_a_hold() {
    let db = TestDb::sqlite().await;
    let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
    let kind = first_type(&db, coach, false).await;
    let path = held(&db, coach, kind).await;
    assert_eq!(site.get(&path).await.header("cache-control"), "no-store");
    let wrong = site.post(&path, "account=existing&email=nobody%40example.org&password=x").await;
    assert_eq!((wrong.status, wrong.header("cache-control")), (StatusCode::UNPROCESSABLE_ENTITY, "no-store"));
}
