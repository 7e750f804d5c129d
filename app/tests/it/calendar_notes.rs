//! What a mentee reads while a coach's calendar cannot be read, and what the pages do then.

use axum::http::StatusCode;
use wellmet::{
    bookings::HoldRequest,
    model::Role,
    time::{Secret, Zone},
};

use crate::{
    desk::{booked, first_type, post_as, services, tuesday},
    site::{TestSite, cookie},
    support::{TestDb, both_engines},
};

const SLOTS: &str = "/coaches/cleo/coaching-session";
const TROUBLE: &str = "Cleo's calendar is being reconnected";

/// The calendars were last read three hours before the test's clock, and the coach wants `policy`.
async fn unknown(db: &TestDb, policy: &'static str) {
    db.run("UPDATE users SET name = 'Cleo Test' WHERE role = 'coach'").await;
    db.run(
        "UPDATE coaches SET slug = 'cleo', revision = revision + 1, calendars_known_at = 1793606400000 - 10800000,
         calendars_known_until = 1793606400000 - 9900000",
    )
    .await;
    db.run(policy).await;
}

const KEEP: &str = "UPDATE coaches SET unknown_policy = 'keep', unknown_keep_minutes = 1440";
const ON_REQUEST: &str = "UPDATE coaches SET unknown_policy = 'on_request'";
const STOP: &str = "UPDATE coaches SET unknown_policy = 'stop'";

/// A page's words without what HTML makes of an apostrophe.
fn words(body: &str) -> String {
    body.replace("&#x27;", "'").replace("&#39;", "'").replace("<!>", "")
}

both_engines! {
    async fn the_page_of_times_says_what_is_known(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        first_type(&db, coach, false).await;
        unknown(&db, KEEP).await;
        let page = words(&site.get(SLOTS).await.body);
        assert!(page.contains(TROUBLE) && page.contains("Times were last checked 3 hours ago."), "{page}");
        assert!(page.contains("name=\"start\"") && page.contains("role=\"status\""), "the times are there");
        unknown(&db, ON_REQUEST).await;
        let page = words(&site.get(SLOTS).await.body);
        assert!(page.contains("so Cleo confirms each request.") && page.contains("name=\"start\""), "{page}");
        unknown(&db, STOP).await;
        let page = words(&site.get(SLOTS).await.body);
        assert!(page.contains("no times are offered until it is") && !page.contains("name=\"start\""), "{page}");
        db.run("UPDATE coaches SET calendars_known_at = NULL, calendars_known_until = NULL").await;
        let page = words(&site.get(SLOTS).await.body);
        assert!(!page.contains("calendar is being") && page.contains("name=\"start\""), "{page}");
    }

    async fn a_time_is_not_held_while_nothing_is_offered(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        first_type(&db, coach, false).await;
        unknown(&db, STOP).await;
        let held = site.post("/book/cleo/coaching-session", "start=2026-11-03T09%3A00%3A00Z").await;
        assert_eq!(held.status, StatusCode::CONFLICT);
        assert!(words(&held.body).contains("The coach's calendar cannot be read at the moment."), "{}", held.body);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM holds").await, 0);
    }

    async fn the_form_requests_what_the_coach_has_to_confirm(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        let (_, mia) = db.person("mia", Role::Mentee, "Europe/Lisbon").await;
        let session_type = first_type(&db, coach, false).await;
        let request = HoldRequest { coach: coach.id(), session_type, start: tuesday(), zone: Zone::utc(), from: None };
        let (secret, _): (Secret, _) = services(&db).1.hold(request, None).await.unwrap();
        let path = format!("/book/h/{}", secret.expose());
        unknown(&db, ON_REQUEST).await;
        let form = words(&site.get_as(&path, &cookie(&mia)).await.body);
        assert!(form.contains(TROUBLE) && form.contains("Request this session"), "{form}");
        let sent = post_as(&site, &mia, &path, "notes=").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings WHERE status = 'pending'").await, 1);
    }

    async fn a_move_says_that_it_is_asked_again(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        let id = booked(&db, coach, false).await;
        let (_, mia) = db.accounts().sign_in("mia@example.org", crate::support::PASSWORD, &wellmet::accounts::ClientInfo::default()).await.unwrap();
        unknown(&db, ON_REQUEST).await;
        let path = format!("/bookings/{id}/move");
        let page = words(&site.get_as(&path, &cookie(&mia)).await.body);
        assert!(page.contains(TROUBLE) && page.contains("the new time waits for an answer"), "{page}");
        let moved = post_as(&site, &mia, &path, "start=2026-11-04T09%3A00%3A00Z").await;
        assert_eq!(moved.header("location"), format!("/bookings/{id}?done=moved-request"), "{}", moved.body);
    }

    async fn the_directory_does_not_call_them_free(db: TestDb) {
        let (coach, site) = (db.coach("cleo").await, TestSite::new(&db));
        first_type(&db, coach, false).await;
        unknown(&db, KEEP).await;
        assert!(site.get("/coaches?free_from=2026-11-02").await.body.contains("Cleo Test"));
        unknown(&db, STOP).await;
        assert!(!site.get("/coaches?free_from=2026-11-02").await.body.contains("Cleo Test"));
    }
}
