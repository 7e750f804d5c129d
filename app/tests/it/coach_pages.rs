//! What coaches and admins do in their pages: who may, what is kept when something is wrong, what is there afterwards.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use wellmet::{
    accounts::CoachActor,
    bookings::{BookRequest, Bookings, HoldRequest, Scope},
    coaches::{Coaches, Offers},
    limits::{LimitSettings, Limits},
    model::{BookingId, Instant, Role, SessionTypeDraft, SessionTypeId},
    time::{Secret, Zone},
};

use crate::{
    site::{Answer, TestSite, cookie, form_request},
    support::{PASSWORD, TestDb, both_engines},
};

const SCRIPT: &str = "</textarea><script>alert(1)</script>";

/// A coach at a site.
struct Desk {
    site: TestSite,
    coach: CoachActor,
    secret: Secret,
}

impl Desk {
    async fn new(db: &TestDb) -> Self {
        let (identity, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        Self { site: TestSite::new(db), coach: identity.coach().expect("a coach"), secret }
    }

    async fn get(&self, path: &str) -> Answer {
        self.site.get_as(path, &cookie(&self.secret)).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        post_as(&self.site, &self.secret, path, form).await
    }
}

async fn post_as(site: &TestSite, secret: &Secret, path: &str, form: &str) -> Answer {
    let request = form_request(path).header(header::COOKIE, cookie(secret)).body(Body::from(form.to_owned()));
    site.send(request.expect("a request")).await
}

fn services(db: &TestDb) -> (Coaches, Bookings) {
    let offers = Offers::new(db.store().clone());
    let limits = Limits::new(db.deps(), LimitSettings::NONE);
    (Coaches::new(db.deps(), offers.clone()), Bookings::new(db.deps(), offers, limits))
}

/// A session type of the coach that waits for an answer or not.
async fn first_type(db: &TestDb, coach: CoachActor, approval_required: bool) -> SessionTypeId {
    let (coaches, _) = services(db);
    let id = coaches.session_types(&coach).await.unwrap()[0].id;
    let draft = SessionTypeDraft { approval_required, ..SessionTypeDraft::first() };
    coaches.update_session_type(&coach, id, draft).await.unwrap().id
}

/// Tuesday, 3 November 2026, 10:00 in Stockholm.
fn tuesday() -> Instant {
    Instant::parse_rfc3339("2026-11-03T09:00:00Z").unwrap()
}

/// A booking of Tuesday by a mentee with a name that is no HTML.
async fn booked(db: &TestDb, coach: CoachActor, approval_required: bool) -> BookingId {
    let session_type = first_type(db, coach, approval_required).await;
    let (_, bookings) = services(db);
    let mentee = db.mentee("mia").await;
    db.accounts().update_profile(mentee.into(), "m<b>ia", "Europe/Lisbon").await.unwrap();
    let request = HoldRequest { coach: coach.id(), session_type, start: tuesday(), zone: Zone::utc(), from: None };
    let (secret, _) = bookings.hold(request, None).await.unwrap();
    let request = BookRequest { notes: SCRIPT.to_owned(), ..BookRequest::default() };
    bookings.book(&mentee, &secret, request).await.unwrap().id
}

async fn status(db: &TestDb, coach: CoachActor, id: BookingId) -> String {
    services(db).1.booking(coach, id).await.unwrap().unwrap().status.as_str().to_owned()
}

fn no_html(answer: &Answer) {
    assert!(!answer.body.contains("<script>alert") && !answer.body.contains("m<b>ia"), "{}", answer.body);
}

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

both_engines! {
    async fn a_request_is_confirmed(db: TestDb) {
        let desk = Desk::new(&db).await;
        let id = booked(&db, desk.coach, true).await;
        let page = desk.get("/dashboard").await;
        assert!(page.body.contains("One request to answer") && page.body.contains("Answer by "), "{}", page.body);
        assert!(page.body.contains("&lt;/textarea&gt;&lt;script&gt;") || page.body.contains("&lt;script>"), "{}", page.body);
        no_html(&page);
        let answer = desk.post(&format!("/dashboard/bookings/{id}/confirm"), "").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/dashboard?done=accepted"));
        assert_eq!(status(&db, desk.coach, id).await, "confirmed");
        // A second click finds it done; a late decline finds it answered.
        assert_eq!(desk.post(&format!("/dashboard/bookings/{id}/confirm"), "").await.header("location"), "/dashboard?done=accepted");
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
    let unknown = desk.post("/dashboard/session-types/new", "name=a&admin=1").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(services(&db).0.session_types(&desk.coach).await.unwrap().len(), 1);
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

#[tokio::test]
async fn a_new_coach_is_told_what_to_do_first() {
    let db = TestDb::sqlite().await;
    let desk = Desk::new(&db).await;
    let page = desk.get("/dashboard").await.body;
    assert!(page.contains("Three steps to your first booking") && page.contains("http://wellmet.test/coaches/cleo"), "{page}");
    booked(&db, desk.coach, false).await;
    let page = desk.get("/dashboard?week=2026-11-03").await.body;
    assert!(!page.contains("Three steps") && page.contains("One session in this week."), "{page}");
    assert_eq!(services(&db).1.list(desk.coach, Scope::Upcoming, None, 5).await.unwrap().bookings.len(), 1);
    // A week that cannot be read is this week.
    assert!(desk.get("/dashboard?week=yesterday").await.body.contains("One session in this week."));
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
