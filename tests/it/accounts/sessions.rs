use std::time::Duration;

use wellmet::{
    accounts::{SEEN_EVERY, SIGN_IN_LASTS, Swept},
    limits::LimitSettings,
    model::{Instant, Role},
    time::Secret,
};

use super::{counted, from};
use crate::support::{PASSWORD, TestDb, accounts, both_engines};

async fn seen(db: &TestDb) -> (Instant, Instant) {
    let row = db.row("SELECT last_seen_at, expires_at FROM sign_ins").await;
    (row.get("last_seen_at").unwrap(), row.get("expires_at").unwrap())
}

both_engines! {
    async fn an_unknown_secret_is_nobody(db: TestDb) {
        db.mentee("ada").await;
        let unknown = Secret::from_untrusted(&"x".repeat(43)).unwrap();
        assert_eq!(db.accounts().authenticate(&unknown).await.unwrap(), None);
        db.accounts().sign_out(&unknown).await.unwrap();
    }

    async fn a_sign_in_ends_after_thirty_days_unused(db: TestDb) {
        let (_, secret) = db.person("ada", Role::Mentee, "UTC").await;
        db.clock().advance(SIGN_IN_LASTS);
        assert_eq!(db.accounts().authenticate(&secret).await.unwrap(), None);
        assert_eq!(db.accounts().sweep().await.unwrap(), Swept { sign_ins: 1, tokens: 0, attempts: 0 });
    }

    async fn use_keeps_it_alive_and_is_noted_once_an_hour(db: TestDb) {
        let (identity, secret) = db.person("ada", Role::Mentee, "UTC").await;
        let accounts = db.accounts();
        let start = db.now();
        db.clock().set(start + SEEN_EVERY - Duration::from_millis(1));
        assert_eq!(accounts.authenticate(&secret).await.unwrap(), Some(identity.clone()));
        assert_eq!(seen(&db).await, (start, start + SIGN_IN_LASTS));
        db.clock().advance(Duration::from_millis(1));
        accounts.authenticate(&secret).await.unwrap();
        assert_eq!(seen(&db).await, (db.now(), db.now() + SIGN_IN_LASTS));
        for _ in 0..4 {
            db.clock().set(db.now() + SIGN_IN_LASTS - Duration::from_millis(1));
            assert_eq!(accounts.authenticate(&secret).await.unwrap(), Some(identity.clone()));
        }
        assert_eq!(accounts.sweep().await.unwrap().sign_ins, 0);
    }

    async fn signing_out_ends_one(db: TestDb) {
        let (ada, first) = db.person("ada", Role::Mentee, "UTC").await;
        let accounts = db.accounts();
        let (_, second) = accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        accounts.sign_out(&first).await.unwrap();
        accounts.sign_out(&first).await.unwrap();
        assert_eq!(accounts.authenticate(&first).await.unwrap(), None);
        assert_eq!(accounts.authenticate(&second).await.unwrap(), Some(ada));
    }

    async fn signing_out_everywhere_ends_all_but_one_and_no_one_elses(db: TestDb) {
        let (ada, _) = db.person("ada", Role::Mentee, "UTC").await;
        let (tom, toms) = db.person("tom", Role::Coach, "UTC").await;
        let accounts = db.accounts();
        let (_, keep) = accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        // Someone else's secret keeps nothing of mine.
        accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        assert_eq!(accounts.sign_out_everywhere(ada.actor(), Some(&keep)).await.unwrap(), 2);
        assert_eq!(accounts.authenticate(&keep).await.unwrap(), Some(ada.clone()));
        assert_eq!(accounts.sign_out_everywhere(ada.actor(), Some(&toms)).await.unwrap(), 1);
        assert_eq!(accounts.authenticate(&keep).await.unwrap(), None);
        assert_eq!(accounts.authenticate(&toms).await.unwrap(), Some(tom.clone()));
        assert_eq!(accounts.sign_out_everywhere(tom.actor(), None).await.unwrap(), 1);
    }

    async fn servers_share_sign_ins(db: TestDb) {
        let (ada, secret) = db.person("ada", Role::Mentee, "UTC").await;
        let other = accounts(db.deps_on(db.second_server().await), LimitSettings::NONE);
        assert_eq!(other.authenticate(&secret).await.unwrap(), Some(ada));
        other.sign_out(&secret).await.unwrap();
        assert_eq!(db.accounts().authenticate(&secret).await.unwrap(), None);
    }

    async fn sweeping_leaves_what_lives(db: TestDb) {
        let (accounts, _) = counted(&db, LimitSettings::default());
        let (_, old) = db.person("ada", Role::Mentee, "UTC").await;
        accounts.sign_in("ada@example.org", "not the password", &from(1)).await.unwrap_err();
        db.clock().advance(SIGN_IN_LASTS);
        let (tom, new) = db.person("tom", Role::Mentee, "UTC").await;
        accounts.sign_in("tom@example.org", "not the password", &from(1)).await.unwrap_err();
        assert_eq!(accounts.sweep().await.unwrap(), Swept { sign_ins: 1, tokens: 0, attempts: 2 });
        assert_eq!(accounts.sweep().await.unwrap(), Swept { sign_ins: 0, tokens: 0, attempts: 0 });
        assert_eq!(accounts.authenticate(&old).await.unwrap(), None);
        assert_eq!(accounts.authenticate(&new).await.unwrap(), Some(tom));
    }
}
