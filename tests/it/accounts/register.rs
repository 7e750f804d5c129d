use std::time::Duration;

use tokio::task::JoinSet;
use wellmet::{
    accounts::{Accounts, ClientInfo, RegisterError, SignInError},
    coaches::Offers,
    limits::LimitSettings,
    model::{FieldErrors, Role, SessionTypeDraft, Weekday, Window},
};

use super::{counted, from, wish};
use crate::support::{PASSWORD, TestDb, accounts, both_engines};

async fn refused(accounts: &Accounts, wish: wellmet::accounts::Registration) -> FieldErrors {
    match accounts.register(wish, &ClientInfo::default()).await {
        Err(RegisterError::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

const TAKEN: &str = "An account cannot be made with this address. If it is yours, sign in instead.";

both_engines! {
    async fn a_mentee_is_made_and_signed_in(db: TestDb) {
        let accounts = db.accounts();
        let (identity, secret) = accounts.register(wish(" Ada@Example.org ", " Ada  Lovelace ", Role::Mentee), &from(1)).await.unwrap();
        assert_eq!((identity.name(), identity.email(), identity.time_zone()), ("Ada Lovelace", "Ada@Example.org", "Europe/Paris"));
        assert!(identity.mentee().is_some() && identity.coach().is_none() && identity.admin().is_none());
        assert_eq!(accounts.authenticate(&secret).await.unwrap(), Some(identity));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM coaches").await, 0);
        let row = db.row("SELECT u.password_hash, s.secret_hash, s.user_agent FROM users u JOIN sign_ins s ON s.user_id = u.id").await;
        assert!(row.get::<String>("password_hash").unwrap().starts_with("$argon2id$v=19$"));
        assert_ne!(row.get::<String>("secret_hash").unwrap(), secret.expose());
        assert_eq!(row.get::<String>("user_agent").unwrap(), "Browser/1.0");
    }

    async fn a_coach_can_be_booked_from_the_start(db: TestDb) {
        let coach = db.coach("maya").await;
        let offer = Offers::new(db.store().clone()).by_slug("maya").await.unwrap().unwrap();
        assert_eq!((offer.coach_id, offer.name.as_str(), offer.zone.name()), (coach.id(), "maya", "Europe/Berlin"));
        for day in Weekday::ALL {
            let open: Vec<Window> = if day < Weekday::Saturday { Window::hours(9, 17).into_iter().collect() } else { Vec::new() };
            assert_eq!(offer.hours.weekly.on(day), open, "{day:?}");
        }
        let first = SessionTypeDraft::first();
        let kind = offer.active_type("coaching-session").unwrap();
        assert_eq!((&kind.name, kind.rules, kind.price, &kind.place), (&first.name, first.rules, first.price, &first.place));
        assert_eq!(offer.session_types.len(), 1);
    }

    async fn namesakes_get_numbers(db: TestDb) {
        let accounts = db.accounts();
        let mut slugs = Vec::new();
        for (i, name) in ["Zoë Müller", "zoe muller", "Zoe-Müller", "渡辺", "Me", "01arz3ndektsv4rrffq69g5fav", "Zoe Muller 2"].iter().enumerate() {
            let coach = accounts.register(wish(&format!("c{i}@example.org"), name, Role::Coach), &from(1)).await.unwrap().0;
            slugs.push(Offers::new(db.store().clone()).by_id(coach.id()).await.unwrap().unwrap().slug.clone());
        }
        let expected = ["zoe-muller", "zoe-muller-2", "zoe-muller-3", "coach", "me-2", "01arz3ndektsv4rrffq69g5fav-2", "zoe-muller-2-2"];
        assert_eq!(slugs, expected);
    }

    async fn namesakes_at_the_same_moment_get_numbers_too(db: TestDb) {
        let servers = [db.accounts(), accounts(db.deps_on(db.second_server().await), LimitSettings::NONE)];
        let mut running = JoinSet::new();
        for i in 0..12 {
            let accounts = servers[i % 2].clone();
            running.spawn(async move { accounts.register(wish(&format!("c{i}@example.org"), "Maya", Role::Coach), &from(1)).await.map(drop) });
        }
        for outcome in running.join_all().await {
            outcome.unwrap();
        }
        assert_eq!(db.count("SELECT COUNT(DISTINCT slug) AS n FROM coaches").await, 12);
    }

    async fn everything_wrong_is_named_and_nothing_is_stored(db: TestDb) {
        let mut bad = wish("not an address", " \u{0}\t", Role::Admin);
        bad.password = "too short".into();
        bad.time_zone = "Mars/Olympus".into();
        let errors = refused(&db.accounts(), bad).await;
        let fields: Vec<_> = errors.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "name", "time_zone", "password", "role"]);
        assert_eq!(errors.about("password"), Some("A password has at least 10 characters."));
        let mut long = wish("ada@example.org", &"x".repeat(81), Role::Mentee);
        long.password = "ü".repeat(201);
        let errors = refused(&db.accounts(), long).await;
        assert_eq!(errors.about("password"), Some("A password has at most 200 characters."));
        assert!(errors.about("name").is_some());
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users").await, 0);
    }

    async fn passwords_are_counted_in_characters(db: TestDb) {
        for (i, password) in ["ü".repeat(10), "🌱".repeat(200)].into_iter().enumerate() {
            let mut wish = wish(&format!("a{i}@example.org"), "Ada", Role::Mentee);
            wish.password = password.clone();
            db.accounts().register(wish, &from(1)).await.unwrap();
            db.accounts().sign_in(&format!("A{i}@example.org"), &password, &from(1)).await.unwrap();
        }
    }

    async fn a_form_sent_twice_is_one_account(db: TestDb) {
        let (accounts, hasher) = counted(&db, LimitSettings::NONE);
        let (first, secret) = accounts.register(wish("ada@example.org", "Ada", Role::Mentee), &from(1)).await.unwrap();
        let (again, other) = accounts.register(wish("ADA@example.org", "Ada", Role::Mentee), &from(1)).await.unwrap();
        assert_eq!((first.id(), secret == other), (again.id(), false));
        assert_eq!(hasher.computed(), 2);
        let mut running = JoinSet::new();
        for _ in 0..8 {
            let accounts = accounts.clone();
            running.spawn(async move { accounts.register(wish("tom@example.org", "Tom", Role::Coach), &from(1)).await.unwrap().0.id() });
        }
        let mut ids = running.join_all().await;
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users").await, 2);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM session_types").await, 1);
    }

    async fn an_address_with_an_account_gets_one_sentence(db: TestDb) {
        db.mentee("ada").await;
        let wrong = || {
            let mut wish = wish("ada@example.org", "Eve", Role::Coach);
            wish.password = "not her password".into();
            wish
        };
        let (accounts, hasher) = counted(&db, LimitSettings::NONE);
        assert_eq!(refused(&accounts, wrong()).await, FieldErrors::one("email", TAKEN));
        assert_eq!(hasher.computed(), 1);
        db.run("UPDATE users SET active = 0").await;
        assert_eq!(refused(&accounts, wrong()).await, FieldErrors::one("email", TAKEN));
        assert_eq!(refused(&accounts, wish("ada@example.org", "Ada", Role::Mentee)).await, FieldErrors::one("email", TAKEN));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM sign_ins").await, 1);
    }

    async fn registration_is_no_way_around_the_sign_in_limit(db: TestDb) {
        db.mentee("ada").await;
        let (accounts, _) = counted(&db, LimitSettings { sign_in_per_account: 3, ..LimitSettings::NONE });
        for _ in 0..3 {
            let mut guess = wish("ada@example.org", "Eve", Role::Mentee);
            guess.password = "not her password".into();
            refused(&accounts, guess).await;
        }
        // Even the right one is no longer tried.
        assert_eq!(refused(&accounts, wish("ada@example.org", "Ada", Role::Mentee)).await, FieldErrors::one("email", TAKEN));
        let outcome = accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await;
        assert!(matches!(outcome, Err(SignInError::TooMany { .. })), "{outcome:?}");
    }

    async fn registrations_are_limited_per_address(db: TestDb) {
        let (accounts, hasher) = counted(&db, LimitSettings { register_per_address: 2, ..LimitSettings::NONE });
        for i in 0..2 {
            accounts.register(wish(&format!("a{i}@example.org"), "Ada", Role::Mentee), &from(1)).await.unwrap();
        }
        let outcome = accounts.register(wish("a3@example.org", "Ada", Role::Mentee), &from(1)).await;
        assert!(matches!(outcome, Err(RegisterError::TooMany { retry_after }) if retry_after == Duration::from_hours(1)), "{outcome:?}");
        assert_eq!(hasher.computed(), 2);
        accounts.register(wish("a3@example.org", "Ada", Role::Mentee), &from(2)).await.unwrap();
        accounts.register(wish("a4@example.org", "Ada", Role::Mentee), &ClientInfo::default()).await.unwrap();
    }
}

#[test]
fn a_registration_does_not_show_its_password() {
    assert!(!format!("{:?}", wish("ada@example.org", "Ada", Role::Mentee)).contains(PASSWORD));
}
