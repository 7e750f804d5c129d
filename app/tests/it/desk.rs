//! A coach at a site, and what there is to do for them.

use axum::{body::Body, http::header};
use wellmet::{
    accounts::CoachActor,
    bookings::{BookRequest, Bookings, HoldRequest},
    coaches::{Coaches, Offers},
    limits::{LimitSettings, Limits},
    model::{BookingId, Instant, Role, SessionTypeDraft, SessionTypeId},
    time::{Secret, Zone},
};

use crate::{
    site::{Answer, TestSite, cookie, form_request},
    support::TestDb,
};

pub(crate) const SCRIPT: &str = "</textarea><script>alert(1)</script>";

/// A coach at a site.
pub(crate) struct Desk {
    pub(crate) site: TestSite,
    pub(crate) coach: CoachActor,
    pub(crate) secret: Secret,
}

impl Desk {
    pub(crate) async fn new(db: &TestDb) -> Self {
        let (identity, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        Self { site: TestSite::new(db), coach: identity.coach().expect("a coach"), secret }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.site.get_as(path, &cookie(&self.secret)).await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        post_as(&self.site, &self.secret, path, form).await
    }
}

pub(crate) async fn post_as(site: &TestSite, secret: &Secret, path: &str, form: &str) -> Answer {
    let request = form_request(path).header(header::COOKIE, cookie(secret)).body(Body::from(form.to_owned()));
    site.send(request.expect("a request")).await
}

pub(crate) fn services(db: &TestDb) -> (Coaches, Bookings) {
    let offers = Offers::new(db.store().clone());
    let limits = Limits::new(db.deps(), LimitSettings::NONE);
    (Coaches::new(db.deps(), offers.clone()), Bookings::new(db.deps(), offers, limits))
}

/// A session type of the coach that waits for an answer or not.
pub(crate) async fn first_type(db: &TestDb, coach: CoachActor, approval_required: bool) -> SessionTypeId {
    let (coaches, _) = services(db);
    let id = coaches.session_types(&coach).await.unwrap()[0].id;
    let draft = SessionTypeDraft { approval_required, ..SessionTypeDraft::first() };
    coaches.update_session_type(&coach, id, draft).await.unwrap().id
}

/// Tuesday, 3 November 2026, 10:00 in Stockholm.
pub(crate) fn tuesday() -> Instant {
    Instant::parse_rfc3339("2026-11-03T09:00:00Z").unwrap()
}

/// A booking of Tuesday by a mentee with a name that is no HTML.
pub(crate) async fn booked(db: &TestDb, coach: CoachActor, approval_required: bool) -> BookingId {
    let session_type = first_type(db, coach, approval_required).await;
    let (_, bookings) = services(db);
    let mentee = db.mentee("mia").await;
    db.accounts().update_profile(mentee.into(), "m<b>ia", "Europe/Lisbon").await.unwrap();
    let request = HoldRequest { coach: coach.id(), session_type, start: tuesday(), zone: Zone::utc(), from: None };
    let (secret, _) = bookings.hold(request, None).await.unwrap();
    let request = BookRequest { notes: SCRIPT.to_owned(), ..BookRequest::default() };
    bookings.book(&mentee, &secret, request).await.unwrap().id
}

pub(crate) async fn status(db: &TestDb, coach: CoachActor, id: BookingId) -> String {
    services(db).1.booking(coach, id).await.unwrap().unwrap().status.as_str().to_owned()
}

pub(crate) fn no_html(answer: &Answer) {
    assert!(!answer.body.contains("<script>alert") && !answer.body.contains("m<b>ia"), "{}", answer.body);
}
