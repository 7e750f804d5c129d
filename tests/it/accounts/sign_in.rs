use std::time::Duration;

use tokio::task::JoinSet;
use wellmet::{
    accounts::{Accounts, HashCost, PasswordHasher, SignInError},
    limits::{LimitSettings, Limits},
    model::Role,
};

use super::{counted, from};
use crate::support::{PASSWORD, TestDb, accounts, both_engines};

const WRONG: &str = "not the password";

both_engines! {
    async fn the_right_password_in_any_case_of_the_address(db: TestDb) {
        let ada = db.mentee("ada").await;
        let accounts = db.accounts();
        let (identity, first) = accounts.sign_in(" ADA@Example.ORG ", PASSWORD, &from(1)).await.unwrap();
        let (_, second) = accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        assert_eq!(identity.id(), ada.id());
        assert_ne!(first, second, "each sign-in has a secret of its own");
        for secret in [first, second] {
            assert_eq!(accounts.authenticate(&secret).await.unwrap().map(|identity| identity.id()), Some(ada.id()));
        }
    }

    /// Nothing tells an unknown address from a wrong password or an inactive account: the answer is the same, and so is the work.
    async fn nobody_learns_who_has_an_account(db: TestDb) {
        db.mentee("ada").await;
        db.mentee("tom").await;
        db.run("UPDATE users SET active = 0 WHERE email = 'tom@example.org'").await;
        let (accounts, hasher) = counted(&db, LimitSettings::default());
        let long = "x".repeat(100_000);
        let tries = [
            ("ada@example.org", WRONG),
            ("nobody@example.org", WRONG),
            ("tom@example.org", PASSWORD),
            ("tom@example.org", WRONG),
            ("no address", WRONG),
            ("nul\u{0}@example.org", WRONG),
            ("", ""),
            ("ada@example.org", &long),
            (&long, WRONG),
        ];
        let mut told = Vec::new();
        for (i, (email, password)) in (0_u8..).zip(tries) {
            let before = hasher.computed();
            let outcome = accounts.sign_in(email, password, &from(i)).await;
            told.push(format!("{outcome:?}"));
            assert_eq!(hasher.computed() - before, 1, "try {i}");
        }
        told.dedup();
        assert_eq!(told, ["Err(Wrong)"]);
        // And after ten of them the same again, known or not.
        for email in ["ada@example.org", "nobody@example.org"] {
            let mut last = None;
            for i in 0..12 {
                last = Some(accounts.sign_in(email, WRONG, &from(100 + i)).await);
            }
            assert!(matches!(last, Some(Err(SignInError::TooMany { .. }))), "{last:?}");
        }
    }

    async fn an_account_is_guessed_at_ten_times(db: TestDb) {
        db.mentee("ada").await;
        let (accounts, hasher) = counted(&db, LimitSettings::default());
        for i in 0..10 {
            assert!(matches!(accounts.sign_in("ada@example.org", WRONG, &from(i)).await, Err(SignInError::Wrong)));
        }
        let outcome = accounts.sign_in("Ada@example.org", PASSWORD, &from(77)).await;
        assert!(matches!(outcome, Err(SignInError::TooMany { retry_after }) if retry_after == Duration::from_mins(15)), "{outcome:?}");
        assert_eq!(hasher.computed(), 10, "a refused attempt costs nothing");
        db.clock().advance(Duration::from_mins(15));
        accounts.sign_in("ada@example.org", PASSWORD, &from(77)).await.unwrap();
    }

    async fn an_address_guesses_fifty_times_and_a_success_clears_nothing(db: TestDb) {
        db.mentee("ada").await;
        let (accounts, _) = counted(&db, LimitSettings::default());
        for i in 0..50 {
            if i % 5 == 0 {
                accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
            }
            let outcome = accounts.sign_in(&format!("guess{i}@example.org"), WRONG, &from(1)).await;
            assert!(matches!(outcome, Err(SignInError::Wrong)), "{i}: {outcome:?}");
        }
        let outcome = accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await;
        assert!(matches!(outcome, Err(SignInError::TooMany { .. })), "{outcome:?}");
        accounts.sign_in("ada@example.org", PASSWORD, &from(2)).await.unwrap();
    }

    async fn success_clears_the_account(db: TestDb) {
        db.mentee("ada").await;
        let (accounts, _) = counted(&db, LimitSettings { sign_in_per_account: 3, ..LimitSettings::NONE });
        for _ in 0..4 {
            for _ in 0..2 {
                assert!(matches!(accounts.sign_in("ada@example.org", WRONG, &from(1)).await, Err(SignInError::Wrong)));
            }
            accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        }
    }

    async fn guesses_side_by_side_on_two_servers_do_not_outrun_the_limit(db: TestDb) {
        db.mentee("ada").await;
        let limits = LimitSettings { sign_in_per_account: 10, ..LimitSettings::NONE };
        let servers = [accounts(db.deps(), limits), accounts(db.deps_on(db.second_server().await), limits)];
        let mut running = JoinSet::new();
        for i in 0..40 {
            let accounts = servers[i % 2].clone();
            running.spawn(async move { accounts.sign_in("ada@example.org", WRONG, &from(1)).await });
        }
        let outcomes = running.join_all().await;
        let tried = outcomes.iter().filter(|outcome| matches!(outcome, Err(SignInError::Wrong))).count();
        let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(SignInError::TooMany { .. }))).count();
        assert_eq!((tried, refused), (10, 30));
    }

    async fn a_hash_of_yesterday_is_made_anew(db: TestDb) {
        db.mentee("ada").await;
        let hash = async || db.row("SELECT password_hash FROM users").await.get::<String>("password_hash").unwrap();
        let old = hash().await;
        let dearer = PasswordHasher::new(HashCost { memory_kib: 16, passes: 2, lanes: 1 });
        let accounts = Accounts::new(db.deps(), Limits::new(db.deps(), LimitSettings::NONE), dearer.clone());
        assert!(accounts.sign_in("ada@example.org", WRONG, &from(1)).await.is_err());
        assert_eq!(hash().await, old);
        accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        let new = hash().await;
        assert!(old.contains("m=8,t=1,p=1") && new.contains("m=16,t=2,p=1"), "{old} {new}");
        let before = dearer.computed();
        accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        assert_eq!((hash().await, dearer.computed() - before), (new, 1));
    }

    async fn a_damaged_hash_is_an_internal_error(db: TestDb) {
        db.person("ada", Role::Mentee, "UTC").await;
        db.run("UPDATE users SET password_hash = 'plain'").await;
        let outcome = db.accounts().sign_in("ada@example.org", PASSWORD, &from(1)).await;
        assert!(matches!(outcome, Err(SignInError::Internal(_))), "{outcome:?}");
    }
}

/// The cost that OWASP asks for is what production uses.
#[tokio::test]
async fn the_real_cost_works() {
    let db = TestDb::sqlite().await;
    let hasher = PasswordHasher::new(HashCost::OWASP);
    let accounts = Accounts::new(db.deps(), Limits::new(db.deps(), LimitSettings::NONE), hasher);
    accounts.create_admin("root@example.org", "Root", PASSWORD).await.unwrap();
    let hash: String = db.row("SELECT password_hash FROM users").await.get("password_hash").unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    accounts.sign_in("root@example.org", PASSWORD, &from(1)).await.unwrap();
}
