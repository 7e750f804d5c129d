//! The coach's own page and account, and what an admin does to it.

use axum::http::StatusCode;

use crate::{
    desk::{Desk, booked, no_html, post_as, services},
    site::cookie,
    support::{PASSWORD, TestDb, both_engines},
};
both_engines! {
    async fn profile_and_account_are_changed(db: TestDb) {
        let desk = Desk::new(&db).await;
        let account = desk.post("/settings/account", "name=Cleo+%3Cb%3E&time_zone=Asia%2FTokyo").await;
        assert_eq!(account.header("location"), "/dashboard/settings?tab=profile&done=saved");
        let page = "slug=cleo-lind&headline=Hello&bio=%3C/textarea%3E%3Cscript%3Ealert(1)%3C/script%3E&languages=Swedish%2C+English&topics=";
        assert_eq!(desk.post("/dashboard/settings/page", page).await.header("location"), "/dashboard/settings?tab=profile&done=profile");
        let profile = services(&db).0.own_profile(&desk.coach).await.unwrap();
        assert_eq!((profile.slug.as_str(), profile.languages.len(), profile.listed), ("cleo-lind", 2, false));
        assert_eq!((profile.name.as_str(), profile.zone.name()), ("Cleo <b>", "Asia/Tokyo"));
        let shown = desk.get("/dashboard/settings").await;
        assert!(shown.body.contains("Swedish, English") && shown.body.contains("&lt;/textarea>"), "{}", shown.body);
        no_html(&shown);
    }

    async fn an_admin_finds_shuts_out_and_lets_in(db: TestDb) {
        let desk = Desk::new(&db).await;
        let booking = booked(&db, desk.coach, false).await;
        let admin = db.admin("ada").await;
        let (_, secret) = db.accounts().sign_in("ada@example.org", PASSWORD, &wellmet::accounts::ClientInfo::default()).await.unwrap();
        let look = async |path: &str| desk.site.get_as(path, &cookie(&secret)).await;
        let facts = look("/admin").await.body;
        assert!(facts.contains("Bookings to come") && facts.contains("Latest migration"), "{facts}");
        let people = look("/admin/users?q=CLEO").await.body;
        assert!(people.contains("cleo@example.org") && !people.contains("ada@example.org"), "{people}");
        assert!(look("/admin/users?q=%3Cscript%3Ealert").await.body.contains("Nobody found"));
        let list = look("/admin/bookings").await;
        assert!(list.body.contains(&format!("/bookings/{booking}")), "{}", list.body);
        no_html(&list);
        let path = format!("/admin/users/{}", desk.coach.id());
        assert!(look(&path).await.body.contains("Deactivate this account"));
        let done = post_as(&desk.site, &secret, &path, "active=false").await;
        assert_eq!(done.header("location"), format!("{path}?done=deactivated"));
        assert_eq!(desk.get("/dashboard").await.status, StatusCode::SEE_OTHER);
        assert_eq!(post_as(&desk.site, &secret, &path, "active=true").await.status, StatusCode::SEE_OTHER);
        let own = post_as(&desk.site, &secret, &format!("/admin/users/{}", admin.id()), "active=false").await;
        assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn settings_with_errors_keep_the_form() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let account = desk.post("/settings/account", "name=&time_zone=Mars%2FBase").await;
    assert_eq!(account.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(account.body.contains("Mars/Base") && account.body.contains("href=\"#f-name\""), "{}", account.body);
    db.coach("carl").await;
    let page = desk.post("/dashboard/settings/page", "slug=carl&headline=Kept&bio=&languages=&topics=a%2Cb&listed=true").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("This address is taken") && page.body.contains("value=\"Kept\""), "{}", page.body);
}

#[tokio::test]
async fn a_password_is_changed_and_others_are_signed_out() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let guest = wellmet::accounts::ClientInfo::default();
    let (_, elsewhere) = db.accounts().sign_in("cleo@example.org", PASSWORD, &guest).await.unwrap();
    let wrong = desk.post("/settings/password", "current_password=not-it-at-all&new_password=a+brand+new+one").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("This is not your current password.") && !wrong.body.contains("a brand new one"), "{}", wrong.body);
    let form = format!("current_password={}&new_password=a+brand+new+one", PASSWORD.replace(' ', "+"));
    assert_eq!(desk.post("/settings/password", &form).await.header("location"), "/dashboard/settings?tab=security&done=password");
    assert!(db.accounts().authenticate(&elsewhere).await.unwrap().is_none());
    let (_, again) = db.accounts().sign_in("cleo@example.org", "a brand new one", &guest).await.unwrap();
    let done = desk.post("/settings/sign-out-others", "").await;
    assert_eq!(done.header("location"), "/dashboard/settings?tab=security&done=signed-out-others");
    assert!(db.accounts().authenticate(&again).await.unwrap().is_none());
    assert_eq!(desk.get("/dashboard").await.status, StatusCode::OK);
}
