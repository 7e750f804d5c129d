//! The dashboard: requests, sessions, outcomes.

use axum::http::StatusCode;
use wellmet::bookings::Scope;

use crate::{
    desk::{Desk, booked, no_html, services, status, tuesday},
    support::{TestDb, both_engines},
};
both_engines! {
    async fn a_request_is_confirmed(db: TestDb) {
        let desk = Desk::new(&db).await;
        let id = booked(&db, desk.coach, true).await;
        let page = desk.get("/dashboard").await;
        assert!(page.body.contains("One request to answer") && page.body.contains("Answer by "), "{}", page.body);
        assert!(page.body.contains("&lt;/textarea&gt;&lt;script&gt;") || page.body.contains("&lt;script>"), "{}", page.body);
        no_html(&page);
        let answer = desk.post(&format!("/dashboard/bookings/{id}/confirm"), "").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/dashboard?done=confirmed"));
        assert_eq!(status(&db, desk.coach, id).await, "confirmed");
        // A second click finds it done; a late decline finds it answered.
        assert_eq!(desk.post(&format!("/dashboard/bookings/{id}/confirm"), "").await.header("location"), "/dashboard?done=confirmed");
        let late = desk.post(&format!("/dashboard/bookings/{id}/decline"), "reason=no").await;
        assert_eq!(late.header("location"), "/dashboard?done=answered");
        assert!(desk.get("/dashboard?done=answered").await.body.contains("not waiting any more"));
        assert_eq!(status(&db, desk.coach, id).await, "confirmed");
    }

    async fn a_request_is_declined_with_a_reason_that_is_kept_when_it_is_too_long(db: TestDb) {
        let desk = Desk::new(&db).await;
        let id = booked(&db, desk.coach, true).await;
        let path = format!("/dashboard/bookings/{id}/decline");
        let page = desk.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        no_html(&page);
        let long = format!("reason=%3C/textarea%3E%3Cscript%3Ealert(1)%3C/script%3E{}", "x".repeat(500));
        let again = desk.post(&path, &long).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.body.contains("At most 500 characters fit here") && again.body.contains(&"x".repeat(500)));
        no_html(&again);
        let done = desk.post(&path, "reason=I+am+away+that+day").await;
        assert_eq!(done.header("location"), "/dashboard?done=declined");
        assert_eq!(status(&db, desk.coach, id).await, "declined");
    }

    async fn a_session_that_is_over_gets_its_outcome(db: TestDb) {
        let desk = Desk::new(&db).await;
        let id = booked(&db, desk.coach, false).await;
        let early = desk.post(&format!("/dashboard/bookings/{id}/completed"), "").await;
        assert_eq!(early.header("location"), "/dashboard?done=not-finished");
        assert!(desk.get("/dashboard").await.body.contains("Next, in 1 day"));
        db.clock().set(tuesday().plus_minutes(30));
        assert!(desk.get("/dashboard").await.body.contains("session-now"));
        db.clock().set(tuesday().plus_minutes(90));
        assert!(desk.get("/dashboard").await.body.contains("How did it go?"));
        let done = desk.post(&format!("/dashboard/bookings/{id}/no-show"), "").await;
        assert_eq!(done.header("location"), "/dashboard?done=no-show");
        assert_eq!(status(&db, desk.coach, id).await, "no_show");
    }
}

#[tokio::test]
async fn a_new_coach_is_told_what_to_do_first() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let page = desk.get("/dashboard").await.body;
    assert!(page.contains("Four steps to your first booking") && page.contains("http://wellmet.test/coaches/cleo"), "{page}");
    booked(&db, desk.coach, false).await;
    let page = desk.get("/dashboard?week=2026-11-03").await.body;
    assert!(!page.contains("Four steps") && page.contains("One session in this week."), "{page}");
    assert_eq!(services(&db).1.list(desk.coach, Scope::Upcoming, None, 5).await.unwrap().bookings.len(), 1);
    // A week that cannot be read is this week.
    assert!(desk.get("/dashboard?week=yesterday").await.body.contains("One session in this week."));
}
