use std::sync::Arc;

use tokio::sync::Barrier;
use wellmet::{
    accounts::{ChangePasswordError, ProfileError, SignInError},
    coaches::Offers,
    limits::LimitSettings,
    model::Role,
};

use super::{counted, from};
use crate::support::{PASSWORD, TestDb, both_engines};

const NEW: &str = "a new password of mine";

both_engines! {
    async fn a_new_password_signs_out_the_others(db: TestDb) {
        let (ada, keep) = db.person("ada", Role::Mentee, "UTC").await;
        let accounts = db.accounts();
        let (_, other) = accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
        accounts.change_password(ada.actor(), (PASSWORD, NEW), &keep, false).await.unwrap();
        assert_eq!(accounts.authenticate(&keep).await.unwrap(), Some(ada));
        assert_eq!(accounts.authenticate(&other).await.unwrap(), None);
        assert!(matches!(accounts.sign_in("ada@example.org", PASSWORD, &from(1)).await, Err(SignInError::Wrong)));
        accounts.sign_in("ada@example.org", NEW, &from(1)).await.unwrap();
    }

    async fn a_password_stays_when_either_field_is_wrong(db: TestDb) {
        let (ada, keep) = db.person("ada", Role::Mentee, "UTC").await;
        let (accounts, _) = counted(&db, LimitSettings { sign_in_per_account: 3, ..LimitSettings::NONE });
        let long = "x".repeat(201);
        for (current, new, field) in [
            (PASSWORD, "short", "new_password"),
            (PASSWORD, &*long, "new_password"),
            ("not the current one", NEW, "current_password"),
            (&*long, NEW, "current_password"),
            ("", NEW, "current_password"),
        ] {
            let outcome = accounts.change_password(ada.actor(), (current, new), &keep, false).await;
            assert!(matches!(&outcome, Err(ChangePasswordError::Invalid(errors)) if errors.about(field).is_some()), "{outcome:?}");
        }
        // Guessing the current one of a browser left open is limited like signing in.
        let outcome = accounts.change_password(ada.actor(), (PASSWORD, NEW), &keep, false).await;
        assert!(matches!(outcome, Err(ChangePasswordError::TooMany { .. })), "{outcome:?}");
        db.accounts().sign_in("ada@example.org", PASSWORD, &from(1)).await.unwrap();
    }

    /// Whoever signs in with the old password while it changes is not left signed in.
    async fn no_sign_in_with_the_old_password_outlives_it(db: TestDb) {
        for round in 0..8 {
            let name = format!("ada{round}");
            let (ada, keep) = db.person(&name, Role::Mentee, "UTC").await;
            let accounts = db.accounts();
            let gate = Arc::new(Barrier::new(2));
            let (other, at_gate, email) = (accounts.clone(), gate.clone(), format!("{name}@example.org"));
            let old = tokio::spawn(async move {
                at_gate.wait().await;
                other.sign_in(&email, PASSWORD, &from(1)).await
            });
            gate.wait().await;
            accounts.change_password(ada.actor(), (PASSWORD, NEW), &keep, false).await.unwrap();
            match old.await.unwrap() {
                Ok((_, secret)) => assert_eq!(accounts.authenticate(&secret).await.unwrap(), None, "round {round}"),
                Err(error) => assert!(matches!(error, SignInError::Wrong), "{error:?}"),
            }
        }
    }

    async fn a_mentee_changes_name_and_zone(db: TestDb) {
        let (ada, secret) = db.person("ada", Role::Mentee, "UTC").await;
        let accounts = db.accounts();
        accounts.update_profile(ada.actor(), "  Ada\tKing ", "Asia/Kathmandu").await.unwrap();
        let now = accounts.authenticate(&secret).await.unwrap().unwrap();
        assert_eq!((now.name(), now.time_zone()), ("Ada King", "Asia/Kathmandu"));
        let outcome = accounts.update_profile(ada.actor(), "", "Atlantis").await;
        assert!(
            matches!(&outcome, Err(ProfileError::Invalid(errors)) if errors.about("name").is_some() && errors.about("time_zone").is_some()),
            "{outcome:?}"
        );
        assert_eq!(accounts.authenticate(&secret).await.unwrap(), Some(now));
    }

    async fn a_coachs_change_reaches_the_offer(db: TestDb) {
        let (maya, _) = db.person("maya", Role::Coach, "UTC").await;
        let offers = Offers::new(db.store().clone());
        let before = offers.by_id(maya.id()).await.unwrap().unwrap();
        db.accounts().update_profile(maya.actor(), "Maya Okafor", "Africa/Lagos").await.unwrap();
        let after = offers.by_id(maya.id()).await.unwrap().unwrap();
        assert_eq!((after.name.as_str(), after.zone.name()), ("Maya Okafor", "Africa/Lagos"));
        assert!(after.revision > before.revision);
    }
}
