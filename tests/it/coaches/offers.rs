use wellmet::{
    coaches::{CoachOffer, HoursDraft, Offers, OverrideDraft, WeeklyHoursDraft},
    model::{SessionTypeDraft, UserId},
};

use super::{draft, rename, server};
use crate::support::{TestDb, both_engines};

/// What this server knows of the coach now; its revision must have risen above `before`.
async fn newer(offers: &Offers, coach: UserId, before: &mut i64) -> CoachOffer {
    let offer = offers.by_id(coach).await.expect("an answer").expect("a coach");
    assert!(offer.revision > *before, "revision {} after {before}", offer.revision);
    *before = offer.revision;
    (*offer).clone()
}

both_engines! {
    /// Every change on one server is seen at the next look on another, which has the coach in its cache.
    async fn every_change_is_seen_by_another_server(db: TestDb) {
        let coach = db.coach("maya").await;
        let second = db.second_server().await;
        let (here, (_, there)) = (server(&db, db.store()).0, server(&db, &second));
        let (id, mut at) = (coach.id(), 0);
        newer(&there, id, &mut at).await;

        here.update_profile(&coach, draft("maya-chen", "", &[])).await.expect("a profile");
        assert_eq!(newer(&there, id, &mut at).await.slug, "maya-chen");
        assert!(there.by_slug("maya").await.expect("an answer").is_none());
        rename(&db, coach, "Maya Chen").await;
        assert_eq!(newer(&there, id, &mut at).await.name, "Maya Chen");

        let made = here.create_session_type(&coach, SessionTypeDraft::first()).await.expect("a session type");
        assert_eq!(newer(&there, id, &mut at).await.session_types.len(), 2);
        let off = SessionTypeDraft { active: false, ..SessionTypeDraft::first() };
        let changed = here.update_session_type(&coach, made.id, off).await.expect("a change");
        assert_eq!(newer(&there, id, &mut at).await.session_type(made.id), Some(&changed));
        here.archive_session_type(&coach, made.id).await.expect("a change");
        assert_eq!(newer(&there, id, &mut at).await.session_type(made.id), None);

        let hours = here.set_weekly(&coach, WeeklyHoursDraft::default()).await.expect("hours");
        assert_eq!(newer(&there, id, &mut at).await.hours, hours);
        let hours = here.set_override(&coach, OverrideDraft { date: "2026-12-24".to_owned(), windows: Vec::new() }).await.expect("hours");
        assert_eq!(newer(&there, id, &mut at).await.hours, hours);
        let hours = here.remove_override(&coach, "2026-12-24").await.expect("hours");
        assert_eq!(newer(&there, id, &mut at).await.hours, hours);
        let zone = HoursDraft { time_zone: "Asia/Kathmandu".to_owned(), ..HoursDraft::default() };
        here.set_hours(&coach, zone).await.expect("hours");
        assert_eq!(newer(&there, id, &mut at).await.zone.name(), "Asia/Kathmandu");

        let admin = db.admin("root").await;
        db.accounts().set_active(&admin, id, false).await.expect("an answer");
        assert!(!newer(&there, id, &mut at).await.active);
        second.close().await;
    }

    /// A change that is refused changes nothing, so nobody loads anything again.
    async fn a_refused_change_is_no_change(db: TestDb) {
        let coach = db.coach("maya").await;
        let (service, offers) = server(&db, db.store());
        let before = offers.by_id(coach.id()).await.expect("an answer").expect("a coach");
        service.set_override(&coach, OverrideDraft::default()).await.expect_err("no date");
        service.update_profile(&coach, draft("?", "", &[])).await.expect_err("no slug");
        let nameless = SessionTypeDraft { name: String::new(), ..SessionTypeDraft::first() };
        service.create_session_type(&coach, nameless).await.expect_err("no name");
        let after = offers.by_id(coach.id()).await.expect("an answer").expect("a coach");
        assert!(std::sync::Arc::ptr_eq(&before, &after));
    }
}
