//! Feeds and calendar files as a browser and a calendar program ask for them.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use wellmet::model::Role;

use crate::{
    desk::{booked, post_as, services},
    site::{TestSite, cookie},
    support::{TestDb, both_engines},
};

/// The path of the address that the page shows.
fn address(page: &str) -> String {
    let (_, rest) = page.split_once("value=\"http://wellmet.test/feeds/").expect("the address");
    format!("/feeds/{}", rest.split_once('"').expect("its end").0)
}

both_engines! {
    async fn an_address_is_made_shown_once_read_and_revoked(db: TestDb) {
        let (coach, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        let id = booked(&db, coach.coach().unwrap(), false).await;
        let site = TestSite::new(&db);
        let settings = site.get_as("/dashboard/settings", &cookie(&secret)).await.body;
        assert!(settings.contains("Make a private address") && !settings.contains("Switch it off"), "{settings}");
        let made = post_as(&site, &secret, "/settings/calendar-feed", "").await;
        assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"));
        let path = address(&made.body);
        let settings = site.get_as("/dashboard/settings", &cookie(&secret)).await.body;
        assert!(!settings.contains("/feeds/") && settings.contains("No program has read it yet."), "shown once: {settings}");

        // A calendar program is not signed in.
        let feed = site.get(&path).await;
        assert_eq!((feed.status, feed.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
        assert_eq!(feed.header("cache-control"), "private, max-age=300");
        assert!(feed.body.contains(&format!("UID:{}@wellmet", id.as_str().to_lowercase())) && feed.body.contains("m<b>ia"), "{}", feed.body);
        assert!(!feed.body.contains("alert(1)"), "what the mentee wrote stays on the site: {}", feed.body);
        let tag = feed.header("etag").to_owned();
        let again = async |known: &str| {
            let request = Request::get(&path).header("if-none-match", known).body(Body::empty()).unwrap();
            site.send(request).await
        };
        let same = again(&format!("\"x\", {tag}")).await;
        assert_eq!((same.status, same.body.as_str(), same.header("etag")), (StatusCode::NOT_MODIFIED, "", tag.as_str()));
        services(&db).1.cancel(coach.coach().unwrap(), id, "ill").await.unwrap();
        let changed = again(&tag).await;
        assert!(changed.status == StatusCode::OK && changed.body.contains("STATUS:CANCELLED"), "{}", changed.body);
        let settings = site.get_as("/dashboard/settings", &cookie(&secret)).await.body;
        assert!(settings.contains("Last read Monday 2 November 2026, 09:00."), "{settings}");

        // A new address ends the old one; the switch ends it all.
        let renewed = address(&post_as(&site, &secret, "/settings/calendar-feed", "").await.body);
        assert_eq!((site.get(&path).await.status, site.get(&renewed).await.status), (StatusCode::NOT_FOUND, StatusCode::OK));
        let off = post_as(&site, &secret, "/settings/calendar-feed/off", "").await;
        assert_eq!((off.status, off.header("location")), (StatusCode::SEE_OTHER, "/dashboard/settings?done=feed-off#calendar-feed"));
        assert_eq!(site.get(&renewed).await.status, StatusCode::NOT_FOUND);
        for wrong in ["/feeds/x.ics", "/feeds/.ics", renewed.trim_end_matches(".ics")] {
            assert_eq!(site.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
        }
    }

    async fn a_booking_is_a_file_for_its_parties_alone(db: TestDb) {
        let (coach, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        let id = booked(&db, coach.coach().unwrap(), false).await;
        let (_, strange) = db.person("otto", Role::Mentee, "Europe/Lisbon").await;
        let site = TestSite::new(&db);
        let path = format!("/bookings/{id}/calendar.ics");
        let page = site.get_as(&format!("/bookings/{id}"), &cookie(&secret)).await.body;
        assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
        let file = site.get_as(&path, &cookie(&secret)).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8; method=PUBLISH"));
        assert_eq!((file.header("content-disposition"), file.header("cache-control")), ("attachment; filename=\"session.ics\"", "no-store"));
        assert!(file.body.contains("METHOD:PUBLISH\r\n") && file.body.contains("STATUS:CONFIRMED\r\n"), "{}", file.body);
        assert_eq!(site.get_as(&path, &cookie(&strange)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(site.get(&path).await.status, StatusCode::SEE_OTHER, "to the sign-in page");
    }
}

#[tokio::test]
async fn who_has_no_sessions_has_no_feed() {
    let db = TestDb::sqlite().await;
    db.admin("ada").await;
    let (_, secret) =
        db.accounts().sign_in("ada@example.org", crate::support::PASSWORD, &wellmet::accounts::ClientInfo::default()).await.unwrap();
    let site = TestSite::new(&db);
    assert!(!site.get_as("/settings", &cookie(&secret)).await.body.contains("calendar-feed"));
    assert_eq!(post_as(&site, &secret, "/settings/calendar-feed", "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post("/settings/calendar-feed", "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn one_address_reads_so_many_feeds_in_an_hour() {
    let db = TestDb::sqlite().await;
    let (_, secret) = db.person("mia", Role::Mentee, "Europe/Lisbon").await;
    let site = TestSite::with(db.deps(), &[("LIMIT_FEEDS_PER_ADDRESS", "2")]);
    let path = address(&post_as(&site, &secret, "/settings/calendar-feed", "").await.body);
    for _ in 0..2 {
        assert_eq!(site.get(&path).await.status, StatusCode::OK);
    }
    let refused = site.get(&path).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "3600"));
}
