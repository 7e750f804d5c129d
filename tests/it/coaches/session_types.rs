use wellmet::{
    coaches::{MAX_SESSION_TYPES, SessionTypeError},
    model::{Currency, Place, PlaceKind, Price, RefundPolicy, Reminders, SessionRules, SessionTypeDraft},
};

use super::{coaches, server, tick};
use crate::support::{TestDb, both_engines};

fn named(name: &str) -> SessionTypeDraft {
    SessionTypeDraft { name: name.to_owned(), ..SessionTypeDraft::first() }
}

/// A draft in which no value is another's.
fn peculiar() -> SessionTypeDraft {
    SessionTypeDraft {
        name: "<b>Deep</b> dive".to_owned(),
        description: "</textarea><script>\n'%_".to_owned(),
        rules: SessionRules {
            duration_minutes: 95,
            step_minutes: 20,
            buffer_before_minutes: 5,
            buffer_after_minutes: 10,
            notice_minutes: 45,
            horizon_days: 730,
            daily_cap: Some(3),
            weekly_cap: Some(11),
        },
        price: Price { minor: 12_345, currency: Currency::parse("SEK").expect("a currency") },
        approval_required: true,
        place: Place { kind: PlaceKind::Link, value: "https://meet.example/maya?a=1&b=2".to_owned() },
        active: false,
        reminders: Reminders::of([15, 10_080]),
        refund: RefundPolicy { late_refund_percent: 41, no_show_percent: 83 },
    }
}

both_engines! {
    async fn a_session_type_is_kept_as_written(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        tick(&db);
        let made = service.create_session_type(&coach, peculiar()).await.expect("a session type");
        assert_eq!(made.slug, "b-deep-b-dive");
        assert_eq!((&made.name, &made.description, made.rules), (&peculiar().name, &peculiar().description, peculiar().rules));
        assert_eq!((made.price, made.approval_required, &made.place, made.active), (peculiar().price, true, &peculiar().place, false));
        let types = service.session_types(&coach).await.expect("types");
        assert_eq!((types.len(), &types[1]), (2, &made));
        // An inactive type is the coach's own business.
        assert_eq!(service.profile("maya").await.expect("an answer").expect("a coach").session_types.len(), 1);

        let changed = service.update_session_type(&coach, types[0].id, peculiar()).await.expect("a change");
        let types = service.session_types(&coach).await.expect("types");
        assert_eq!((&types[0], changed.slug.as_str()), (&changed, "coaching-session"));
        assert_eq!((&changed.name, changed.rules, changed.price, changed.active), (&made.name, made.rules, made.price, made.active));
    }

    async fn slugs_are_never_used_again(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        let mut slugs = Vec::new();
        for _ in 0..3 {
            let made = service.create_session_type(&coach, named("Intro")).await.expect("a session type");
            service.archive_session_type(&coach, made.id).await.expect("a change");
            slugs.push(made.slug);
        }
        assert_eq!(slugs, ["intro", "intro-2", "intro-3"]);
        let other = db.coach("tom").await;
        assert_eq!(service.create_session_type(&other, named("Intro")).await.expect("a session type").slug, "intro");
    }

    /// Archived, never deleted: a booking names it for life.
    async fn an_archived_type_is_gone_for_good_but_its_row_stays(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        let id = service.session_types(&coach).await.expect("types")[0].id;
        assert!(service.archive_session_type(&coach, id).await.expect("a change"));
        assert!(!service.archive_session_type(&coach, id).await.expect("no change"));
        assert_eq!(service.session_types(&coach).await.expect("types"), []);
        assert!(matches!(service.update_session_type(&coach, id, named("Back")).await, Err(SessionTypeError::NotFound)));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM session_types WHERE archived_at IS NOT NULL").await, 1);
    }

    /// A stranger's id and one that never was are the same, whatever else is wrong.
    async fn strangers_find_nothing(db: TestDb) {
        let (maya, tom) = (db.coach("maya").await, db.coach("tom").await);
        let service = coaches(&db);
        let types = service.session_types(&maya).await.expect("types");
        let unknown = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("an id");
        for id in [types[0].id, unknown] {
            for draft in [named("Mine now"), named("")] {
                assert!(matches!(service.update_session_type(&tom, id, draft).await, Err(SessionTypeError::NotFound)));
            }
            assert!(matches!(service.archive_session_type(&tom, id).await, Err(SessionTypeError::NotFound)));
        }
        assert_eq!(service.session_types(&maya).await.expect("types"), types);
    }

    async fn what_is_wrong_is_named(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        let before = service.session_types(&coach).await.expect("types");
        let mut wrong = named(&"n".repeat(1_000_000));
        (wrong.rules.step_minutes, wrong.price.minor, wrong.place.kind) = (0, -1, PlaceKind::InPerson);
        let created = service.create_session_type(&coach, wrong.clone()).await.map(drop);
        let updated = service.update_session_type(&coach, before[0].id, wrong).await.map(drop);
        for answer in [created, updated] {
            let Err(SessionTypeError::Invalid(errors)) = answer else { panic!("{answer:?}") };
            let fields: Vec<_> = errors.0.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, ["name", "place_value", "step_minutes", "price"]);
        }
        assert_eq!(service.session_types(&coach).await.expect("types"), before);
    }

    /// Whoever comes again with an id gets what was made with it: also where it took the last place, and when it is archived by then.
    async fn an_id_makes_one(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        for _ in 1..MAX_SESSION_TYPES - 1 {
            service.create_session_type(&coach, named("Filler")).await.expect("a session type");
        }
        let id = db.ids().secret().id(db.now());
        let made = service.make_session_type(&coach, id, named("Last")).await.expect("a session type");
        assert_eq!((made.id, made.slug.as_str()), (id, "last"));
        assert_eq!(service.make_session_type(&coach, id, named("Last")).await.expect("the same"), made);
        assert!(matches!(service.make_session_type(&coach, db.ids().id(db.now()), named("Last")).await, Err(SessionTypeError::Full)));
        assert!(service.archive_session_type(&coach, id).await.expect("a change"));
        assert_eq!(service.make_session_type(&coach, id, named("Last")).await.expect("the same"), made);
        assert_eq!(service.session_types(&coach).await.expect("types").len(), MAX_SESSION_TYPES - 1);
    }

    /// Two servers fill the last places at once: no more than fit are made, each with a slug of its own.
    async fn at_most_forty(db: TestDb) {
        let coach = db.coach("maya").await;
        let second = db.second_server().await;
        let (here, there) = (coaches(&db), server(&db, &second).0);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..MAX_SESSION_TYPES + 4 {
            let service = if number % 2 == 0 { here.clone() } else { there.clone() };
            tasks.spawn(async move { service.create_session_type(&coach, named("Again")).await });
        }
        let answers = tasks.join_all().await;
        let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert_eq!(refused.len(), 5);
        let full = |error: &&SessionTypeError| matches!(error, SessionTypeError::Full);
        assert!(refused.iter().all(full), "{refused:?}");
        let types = here.session_types(&coach).await.expect("types");
        assert_eq!(types.len(), MAX_SESSION_TYPES);
        assert!(here.archive_session_type(&coach, types[7].id).await.expect("a change"));
        here.create_session_type(&coach, named("Room again")).await.expect("a session type");
        second.close().await;
    }
}
