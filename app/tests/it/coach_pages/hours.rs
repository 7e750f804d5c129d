//! Hours and single dates.

use axum::{
    body::Body,
    http::{StatusCode, header},
};
use wellmet::{model::Role, time::Secret};

use crate::{
    desk::{Desk, booked, no_html, services},
    site::{cookie, form_request},
    support::{TestDb, both_engines},
};
both_engines! {
    async fn hours_are_saved_and_shown(db: TestDb) {
        let desk = Desk::new(&db).await;
        let form = "action=save&monday.0.from=14%3A00&monday.0.until=18%3A00&monday.1.from=09%3A00&monday.1.until=12%3A00\
             &sunday.0.from=20%3A00&sunday.0.until=00%3A00&tuesday.0.from=&tuesday.0.until=";
        let answer = desk.post("/dashboard/availability", form).await;
        assert_eq!(answer.header("location"), "/dashboard/availability?done=hours", "{}", answer.body);
        let (hours, _) = services(&db).0.hours(&desk.coach).await.unwrap();
        let words: Vec<String> = hours.weekly.0.iter().map(|day| format!("{day:?}")).collect();
        assert!(words[0].contains("09:00") && words[0].contains("18:00") && words[6].contains("24:00"), "{words:?}");
        assert_eq!(words[1], "[]");
        let page = desk.get("/dashboard/availability").await.body;
        assert!(page.contains("name=\"sunday.0.until\" value=\"00:00\""), "{page}");
        assert!(page.find("value=\"09:00\"") < page.find("value=\"14:00\""));
    }

    async fn a_date_is_closed_and_opened_again(db: TestDb) {
        let desk = Desk::new(&db).await;
        booked(&db, desk.coach, false).await;
        let path = "/dashboard/availability/dates/2026-11-03";
        let page = desk.get(path).await.body;
        assert!(page.contains("One session is") && page.contains("By your week: 09:00 to 17:00."), "{page}");
        let closed = desk.post(path, "mode=closed&windows.0.from=09%3A00&windows.0.until=17%3A00&action=save").await;
        assert_eq!(closed.header("location"), "/dashboard/availability/dates?month=2026-11&done=override");
        let list = desk.get("/dashboard/availability/dates?month=2026-11").await.body;
        assert!(list.contains("Tuesday 3 November 2026, closed, differs from the week"), "{list}");
        let wrong = desk.post(path, "mode=open&windows.0.from=16%3A00&windows.0.until=15%3A00&action=save").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("Ends before it starts") && wrong.body.contains("value=\"16:00\""), "{}", wrong.body);
        let more = desk.post(path, "mode=closed&windows.0.from=08%3A00&windows.0.until=09%3A00&action=add").await.body;
        assert!(more.contains("name=\"windows.1.from\" value=\"10:00\"") && more.contains("value=\"08:00\""), "{more}");
        let removed = desk.post(&format!("{path}/remove"), "").await;
        assert_eq!(removed.header("location"), "/dashboard/availability/dates?month=2026-11&done=override-removed");
        assert!(services(&db).0.hours(&desk.coach).await.unwrap().0.overrides.is_empty());
    }
}

#[tokio::test]
async fn hours_with_errors_keep_what_was_typed_and_store_nothing() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let form = "monday.0.from=09%3A00&monday.0.until=12%3A00&monday.1.from=11%3A00&monday.1.until=13%3A00\
         &thursday.0.from=16%3A00&thursday.0.until=15%3A00&friday.0.from=%3Cscript%3Ealert&friday.0.until=10%3A00&action=save";
    let answer = desk.post("/dashboard/availability", form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "id=\"f-monday.1-error\"",
        "Overlaps the window before it.",
        "Ends before it starts.",
        "id=\"f-friday.0.from-error\"",
        "value=\"16:00\"",
        "href=\"#f-monday.1\"",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    no_html(&answer);
    let (hours, _) = services(&db).0.hours(&desk.coach).await.unwrap();
    assert_eq!(hours.weekly.0[3].len(), 1);
    assert_eq!(hours.weekly.0[3][0].from.to_string(), "09:00");
}

#[tokio::test]
async fn the_editors_buttons_lose_nothing_and_store_nothing() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let typed = "monday.0.from=07%3A15&monday.0.until=11%3A45";
    let added = desk.post("/dashboard/availability", &format!("{typed}&action=add.monday")).await;
    assert_eq!(added.status, StatusCode::OK);
    assert!(added.body.contains("value=\"07:15\"") && added.body.contains("name=\"monday.1.from\" value=\"12:45\""), "{}", added.body);
    let copied = desk.post("/dashboard/availability", &format!("{typed}&copy.monday=saturday&action=copy.monday")).await.body;
    assert!(copied.contains("name=\"saturday.0.from\" value=\"07:15\"") && copied.contains("Monday was copied to Saturday."), "{copied}");
    let nowhere = desk.post("/dashboard/availability", &format!("{typed}&action=copy.monday")).await;
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nowhere.body.contains("Tick the days to copy to first."));
    let removed = desk.post("/dashboard/availability", &format!("{typed}&action=remove.monday.0")).await.body;
    assert!(!removed.contains("value=\"07:15\""));
    let asked = desk.post("/dashboard/availability", &format!("{typed}&why_date=2026-11-09&why_time=09%3A00&action=look")).await.body;
    assert!(asked.contains("Monday 9 November, 09:00 is not offered. It is between two starting times."), "{asked}");
    // The first week with something to book: this Monday's times are too soon.
    assert!(asked.contains("Week of 9 November 2026"));
    let later = desk.post("/dashboard/availability", &format!("{typed}&action=week.2026-11-18")).await.body;
    assert!(later.contains("Week of 16 November 2026") && later.contains("4 times") && later.contains("07:15 to 11:15"), "{later}");
    let (hours, _) = services(&db).0.hours(&desk.coach).await.unwrap();
    assert_eq!(hours.weekly.0[0][0].from.to_string(), "09:00");
}

#[tokio::test]
async fn the_live_preview_is_the_coachs_own_and_stores_nothing() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let call = async |secret: Option<&Secret>| {
        let request = form_request("/srv/hours_preview");
        let request = secret.iter().fold(request, |request, secret| request.header(header::COOKIE, cookie(secret)));
        let body = "form=action%3Dadd.monday%26monday.0.from%3D%253Cb%253E%26week%3D2026-11-09";
        desk.site.send(request.body(Body::from(body)).unwrap()).await
    };
    let answer = call(Some(&desk.secret)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body.contains("f-monday.1.from") && answer.body.contains("not complete yet"), "{}", answer.body);
    assert!(!answer.body.contains("value=\\\"<b>") || !answer.body.contains("><b>"), "{}", answer.body);
    let (_, mentee) = db.person("mia", Role::Mentee, "Europe/Lisbon").await;
    for other in [None, Some(&mentee)] {
        let refused = call(other).await;
        assert!(refused.body.contains("Forbidden") && !refused.body.contains("monday"), "{}", refused.body);
    }
}
