//! The database gone, read-only or failing in the middle: said as such, nothing half-written, back by itself.

use wellmet::{
    accounts::{Accounts, ClientInfo, RegisterError, Registration, SignInError},
    error::Internal,
    limits::{Limit, LimitError, LimitSettings, Limits},
    model::Role,
    store::{Store, sql},
    time::Secret,
};

use crate::support::{PASSWORD, TestDb, accounts, both_engines};

fn wish(email: &str, role: Role) -> Registration {
    Registration { email: email.into(), password: PASSWORD.into(), name: "Ada".into(), role, time_zone: "Europe/Paris".into() }
}

fn refused<T, E: std::fmt::Debug>(outcome: Result<T, E>, internal: impl FnOnce(E) -> Option<Internal>) -> bool {
    match outcome {
        Ok(_) => false,
        Err(error) => internal(error).is_some_and(|error| error.unavailable),
    }
}

/// Every command that writes says that the database is not available.
async fn every_change_is_refused(accounts: &Accounts, secret: &Secret) {
    let from = ClientInfo::default();
    let registered = accounts.register(wish("new@example.org", Role::Coach), &from).await;
    assert!(refused(registered, |error| if let RegisterError::Internal(error) = error { Some(error) } else { None }));
    let signed_in = accounts.sign_in("ada@example.org", PASSWORD, &from).await;
    assert!(refused(signed_in, |error| if let SignInError::Internal(error) = error { Some(error) } else { None }));
    assert!(refused(accounts.sign_out(secret).await, Some));
    assert!(refused(accounts.sweep().await, Some));
}

both_engines! {
    async fn a_database_that_is_gone_is_unavailable(db: TestDb) {
        let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
        let gone = db.second_server().await;
        let service = accounts(db.deps_on(gone.clone()), LimitSettings::NONE);
        gone.close().await;
        assert!(gone.ping().await.unwrap_err().is_unavailable());
        assert!(refused(service.authenticate(&secret).await, Some));
        every_change_is_refused(&service, &secret).await;
        let limits = Limits::new(db.deps_on(gone), LimitSettings::default());
        let counted = limits.check(Limit::HoldsPerAddress, "192.0.2.1").await;
        assert!(refused(counted, |error| if let LimitError::Internal(error) = error { Some(error) } else { None }));
        // The others go on.
        assert!(db.accounts().authenticate(&secret).await.unwrap().is_some());
    }

    async fn a_registration_that_fails_half_way_leaves_nothing(db: TestDb) {
        // The last table that a coach's registration writes, gone.
        db.run("ALTER TABLE sign_ins RENAME TO sign_ins_away").await;
        let outcome = db.accounts().register(wish("ada@example.org", Role::Coach), &ClientInfo::default()).await;
        assert!(matches!(outcome, Err(RegisterError::Internal(error)) if !error.unavailable));
        let left = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM coaches) + (SELECT COUNT(*) FROM session_types) AS n";
        assert_eq!(db.count(left).await, 0);
        db.run("ALTER TABLE sign_ins_away RENAME TO sign_ins").await;
        db.coach("ada").await;
    }

    async fn nobody_is_told_what_the_database_said(db: TestDb) {
        db.run("ALTER TABLE users RENAME TO users_away").await;
        let error = db.accounts().sign_in("ada@example.org", PASSWORD, &ClientInfo::default()).await.unwrap_err();
        assert_eq!(error.to_string(), "internal error");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_sqlite_still_knows_who_is_signed_in() {
    let db = TestDb::sqlite().await;
    let (identity, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
    let url = format!("sqlite:{}?mode=ro", db.store().sqlite_path().unwrap().display());
    let service = accounts(db.deps_on(Store::connect(&url).await.unwrap()), LimitSettings::NONE);
    // Also when the use is to be noted: that it cannot be is no reason to turn her away.
    db.clock().advance(wellmet::accounts::SEEN_EVERY);
    assert_eq!(service.authenticate(&secret).await.unwrap(), Some(identity));
    every_change_is_refused(&service, &secret).await;
    assert_eq!(db.count("SELECT COUNT(*) AS n FROM users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_sqlite_refuses_and_comes_back() {
    let db = TestDb::sqlite().await;
    db.person("ada", Role::Mentee, "Europe/Paris").await;
    let path = db.store().sqlite_path().unwrap().display().to_string();
    let small = Store::connect(&format!("sqlite:{path}")).await.unwrap();
    // The writer's file may not grow any more.
    let mut tx = small.begin().await.unwrap();
    sql("PRAGMA max_page_count = 1").all(&mut tx).await.unwrap();
    drop(tx);
    let service = accounts(db.deps_on(small.clone()), LimitSettings::NONE);
    let mut outcome = Ok(());
    for i in 0..200 {
        let wish = wish(&format!("ada{i}@example.org"), Role::Coach);
        outcome = service.register(wish, &ClientInfo::default()).await.map(drop);
        if outcome.is_err() {
            break;
        }
    }
    assert!(matches!(&outcome, Err(RegisterError::Internal(error)) if error.unavailable), "{outcome:?}");
    let halves = "SELECT (SELECT COUNT(*) FROM users WHERE role = 'coach') - (SELECT COUNT(*) FROM session_types) AS n";
    assert_eq!(db.count(halves).await, 0);
    // SQLite rolled back by itself; the next change begins anew.
    service.register(wish("late@example.org", Role::Coach), &ClientInfo::default()).await.unwrap();
}
