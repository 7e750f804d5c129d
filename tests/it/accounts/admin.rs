use std::collections::BTreeSet;

use wellmet::{
    accounts::{CreateAdminError, SetActiveError, SignInError, UserSummary},
    coaches::Offers,
    model::{Role, UserId},
};

use super::{from, wish};
use crate::support::{PASSWORD, TestDb, both_engines};

fn names(users: &[UserSummary]) -> BTreeSet<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

both_engines! {
    async fn an_admin_is_made_once(db: TestDb) {
        let accounts = db.accounts();
        let id = accounts.create_admin("Root@example.org", "Root", PASSWORD).await.unwrap();
        let (identity, _) = accounts.sign_in("root@example.org", PASSWORD, &from(1)).await.unwrap();
        assert_eq!(identity.admin().map(wellmet::accounts::AdminActor::id), Some(id));
        for (email, name, password, field) in
            [("ROOT@example.org", "Root", PASSWORD, "email"), ("x", "Root", PASSWORD, "email"), ("b@example.org", "", PASSWORD, "name"), ("b@example.org", "B", "short", "password")]
        {
            let outcome = accounts.create_admin(email, name, password).await;
            assert!(matches!(&outcome, Err(CreateAdminError::Invalid(errors)) if errors.about(field).is_some()), "{outcome:?}");
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users").await, 1);
    }

    async fn the_installation_is_counted_and_a_user_is_found_by_id(db: TestDb) {
        let (admin, accounts) = (db.admin("root").await, db.accounts());
        let (coach, _) = (db.coach("cleo").await, db.mentee("mia").await);
        let gone = db.mentee("gone").await;
        accounts.set_active(&admin, gone.id(), false).await.unwrap();
        let facts = accounts.facts(&admin).await.unwrap();
        assert_eq!((facts.active_users, facts.inactive_users, facts.bookings), ([1, 1, 1], 1, 0));
        assert!(facts.migration.0 >= 1 && !facts.migration.1.is_empty() && !facts.engine.is_empty(), "{facts:?}");
        let found = accounts.user(&admin, coach.id()).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.role, found.active), ("cleo", Role::Coach, true));
        assert!(!accounts.user(&admin, gone.id()).await.unwrap().unwrap().active);
        assert_eq!(accounts.user(&admin, db.ids().id(db.now())).await.unwrap(), None);
    }

    async fn users_are_listed_newest_first_page_by_page(db: TestDb) {
        let (admin, accounts) = (db.admin("root").await, db.accounts());
        for i in 0..104 {
            db.clock().advance(std::time::Duration::from_secs(1));
            accounts.register(wish(&format!("user{i}@example.org"), &format!("User {i}"), Role::Mentee), &from(1)).await.unwrap();
        }
        let (mut seen, mut cursor, mut sizes) = (Vec::<UserId>::new(), None, Vec::new());
        loop {
            let page = accounts.list_users(&admin, "", cursor).await.unwrap();
            sizes.push(page.users.len());
            seen.extend(page.users.iter().map(|user| user.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(sizes, [50, 50, 5]);
        assert!(seen.is_sorted_by(|a, b| a > b));
        assert_eq!(seen.last(), Some(&admin.id()));
        assert_eq!(accounts.list_users(&admin, "user 10", None).await.unwrap().users.len(), 5, "10 and 100 to 103");
    }

    async fn users_are_found_by_name_and_address(db: TestDb) {
        let (admin, accounts) = (db.admin("root").await, db.accounts());
        for (email, name) in [("zoe@example.org", "Zoë Müller"), ("per_cent@example.net", "100% Coach"), ("back@example.net", r"A\B"), ("o@example.net", "Özil")] {
            accounts.register(wish(email, name, Role::Coach), &from(1)).await.unwrap();
        }
        for (q, found) in [
            ("müller", &["Zoë Müller"][..]),
            ("ZOE@", &["Zoë Müller"]),
            ("Özil", &["Özil"]),
            ("0%", &["100% Coach"]),
            ("r_c", &["100% Coach"]),
            ("%o%r", &[]),
            (r"a\b", &[r"A\B"]),
            ("example.net", &["100% Coach", r"A\B", "Özil"]),
            ("nul\u{0}", &[]),
            ("'; DROP TABLE users; --", &[]),
        ] {
            let page = accounts.list_users(&admin, q, None).await.unwrap();
            assert_eq!(names(&page.users), found.iter().copied().collect(), "{q}");
        }
    }

    async fn an_inactive_account_is_out_at_once_and_can_come_back(db: TestDb) {
        let (admin, accounts) = (db.admin("root").await, db.accounts());
        let (maya, secret) = db.person("maya", Role::Coach, "UTC").await;
        let offers = Offers::new(db.store().clone());
        assert!(offers.by_slug("maya").await.unwrap().is_some_and(|offer| offer.active));
        let summary = accounts.set_active(&admin, maya.id(), false).await.unwrap().unwrap();
        assert_eq!((summary.id, summary.active, summary.role), (maya.id(), false, Role::Coach));
        assert_eq!(accounts.authenticate(&secret).await.unwrap(), None);
        assert!(matches!(accounts.sign_in("maya@example.org", PASSWORD, &from(1)).await, Err(SignInError::Wrong)));
        assert!(offers.by_slug("maya").await.unwrap().is_none());
        assert!(offers.by_id(maya.id()).await.unwrap().is_some_and(|offer| !offer.active));
        assert!(accounts.set_active(&admin, maya.id(), true).await.unwrap().is_some_and(|user| user.active));
        assert_eq!(accounts.authenticate(&secret).await.unwrap(), None, "old sign-ins stay ended");
        accounts.sign_in("maya@example.org", PASSWORD, &from(1)).await.unwrap();
        assert!(offers.by_slug("maya").await.unwrap().is_some());
    }

    async fn nobody_and_oneself_cannot_be_shut_out(db: TestDb) {
        let (admin, accounts) = (db.admin("root").await, db.accounts());
        assert!(matches!(accounts.set_active(&admin, admin.id(), false).await, Err(SetActiveError::Yourself)));
        assert!(accounts.set_active(&admin, db.ids().id(db.now()), false).await.unwrap().is_none());
        accounts.sign_in("root@example.org", PASSWORD, &from(1)).await.unwrap();
    }
}
