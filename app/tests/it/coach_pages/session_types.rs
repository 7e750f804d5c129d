//! Session types.

use axum::http::StatusCode;

use crate::{
    desk::{Desk, no_html, services},
    support::{TestDb, both_engines},
};
both_engines! {
    async fn session_types_are_made_changed_paused_and_archived(db: TestDb) {
        let desk = Desk::new(&db).await;
        let made = desk.post("/dashboard/session-types/new", &type_form(&[])).await;
        assert_eq!(made.header("location"), "/dashboard/session-types?done=session-type", "{}", made.body);
        let (coaches, _) = services(&db);
        let second = async || coaches.session_types(&desk.coach).await.unwrap().into_iter().find(|kind| kind.name.starts_with("Career")).unwrap();
        let kind = second().await;
        assert_eq!((kind.name.as_str(), kind.rules.notice_minutes, kind.price.minor), ("Career <i>", 2880, 9050));
        let page = desk.get("/dashboard/session-types").await.body;
        assert!(page.contains("EUR 90.50") && !page.contains("<i>"), "{page}");
        let path = format!("/dashboard/session-types/{}", kind.id);
        assert!(desk.get(&path).await.body.contains("value=\"90.50\""));
        desk.post(&path, &type_form(&[("price", "0"), ("notice", "")])).await;
        assert_eq!(second().await.price.minor, 9050);
        assert_eq!(desk.post(&path, &type_form(&[("price", "0")])).await.status, StatusCode::SEE_OTHER);
        assert_eq!(desk.post(&format!("{path}/active"), "active=false").await.status, StatusCode::SEE_OTHER);
        let changed = second().await;
        assert_eq!((changed.price.minor, changed.active), (0, false));
        assert!(desk.get(&format!("{path}/archive")).await.body.contains("Archive “Career &lt;i"));
        let gone = desk.post(&format!("{path}/archive"), "").await;
        assert_eq!(gone.header("location"), "/dashboard/session-types?done=session-type-archived");
        assert_eq!(desk.get(&path).await.status, StatusCode::NOT_FOUND);
    }
}

fn type_form(changes: &[(&str, &str)]) -> String {
    let fields = [
        ("name", "Career+%3Ci%3E"),
        ("description", ""),
        ("duration_minutes", "50"),
        ("step_minutes", "60"),
        ("buffer_before_minutes", "0"),
        ("buffer_after_minutes", "10"),
        ("notice", "2"),
        ("notice_unit", "days"),
        ("horizon_days", "60"),
        ("daily_cap", ""),
        ("weekly_cap", "5"),
        ("price", "90%2C5"),
        ("currency", "eur"),
        ("approval", "ask"),
        ("place_kind", "link"),
        ("place_value", "https%3A%2F%2Fmeet.example%2Fx"),
        ("active", "true"),
    ];
    let pairs = fields.map(|(name, value)| {
        let other = changes.iter().find(|(field, _)| *field == name).map_or(value, |(_, value)| *value);
        format!("{name}={other}")
    });
    pairs.join("&")
}

#[tokio::test]
async fn a_session_type_with_errors_keeps_the_form() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let wrong = type_form(&[
        ("name", ""),
        ("price", "ninety"),
        ("place_value", "javascript:alert(1)"),
        ("description", "%3C/textarea%3E%3Cscript%3Ealert(1)%3C/script%3E"),
    ]);
    let answer = desk.post("/dashboard/session-types/new", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in
        ["href=\"#f-name\"", "href=\"#f-price\"", "A link starts with https://.", "value=\"ninety\"", "value=\"50\"", "&lt;/textarea>"]
    {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    no_html(&answer);
    assert!(!answer.body.contains("name=\"reminders\" value=\"1440\" checked"), "none was ticked, none is");
    let unknown = desk.post("/dashboard/session-types/new", "name=a&admin=1").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(services(&db).0.session_types(&desk.coach).await.unwrap().len(), 1);
}

#[tokio::test]
async fn reminders_are_ticked_kept_and_at_most_three() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let ticked = |minutes: &[&str]| format!("{}&reminders={}", type_form(&[]), minutes.join("&reminders="));
    let too_many = desk.post("/dashboard/session-types/new", &ticked(&["10080", "1440", "120", "15"])).await;
    assert_eq!(too_many.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["href=\"#f-reminders\"", "At most 3 reminders.", "id=\"f-reminders\" value=\"10080\" checked"] {
        assert!(too_many.body.replace(" name=\"reminders\"", "").contains(part), "{part}: {}", too_many.body);
    }
    let nonsense = desk.post("/dashboard/session-types/new", &ticked(&["soon"])).await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nonsense.body.contains("reminders"), "{}", nonsense.body);
    // One that is not on offer, from elsewhere: kept, and shown with a box of its own.
    let made = desk.post("/dashboard/session-types/new", &ticked(&["15", "2880"])).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let stored = async || {
        let kinds = services(&db).0.session_types(&desk.coach).await.unwrap();
        kinds.into_iter().find(|kind| kind.name.starts_with("Career")).unwrap()
    };
    let kind = stored().await;
    assert_eq!(kind.reminders.to_string(), "2880,15");
    let form = desk.get(&format!("/dashboard/session-types/{}", kind.id)).await.body;
    assert!(form.contains("48 hours before"), "{form}");
    assert_eq!(form.matches(" checked").count(), 2 + 3, "two reminders and the three answers: {form}");
    // Pausing keeps them.
    desk.post(&format!("/dashboard/session-types/{}/active", kind.id), "active=false").await;
    let kind = stored().await;
    assert_eq!((kind.reminders.to_string(), kind.active), ("2880,15".to_owned(), false));
}
