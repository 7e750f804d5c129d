//! The way back from a consent page: once, within ten minutes, in the same sign-in, for the same provider.

use std::time::Duration;

use wellmet::{
    accounts::ClientInfo,
    integrations::{Callback, FinishError, ProviderKind, Start},
};

use super::world::{Coach, Decision, World};
use crate::support::{PASSWORD, TestDb, both_engines};

const KIND: ProviderKind = ProviderKind::Google;

async fn back(world: &World, coach: &Coach) -> Callback {
    world.journey(coach, KIND, Start::default(), "maya@google.example", Decision::Allow).await
}

async fn is_unknown(world: &World, coach: &Coach, callback: Callback) {
    world.forget_requests().await;
    let finished = world.finish(coach, KIND, callback).await;
    assert!(matches!(finished, Err(FinishError::StateUnknown)), "{finished:?}");
    assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM calendar_integrations").await, 0);
    // The code is worth nothing without its state: it was not even tried.
    assert!(world.requests("").await.is_empty());
}

both_engines! {
    async fn a_missing_or_forged_state_is_unknown(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let callback = back(&world, &coach).await;
        is_unknown(&world, &coach, Callback { state: None, ..callback.clone() }).await;
        is_unknown(&world, &coach, Callback { state: Some(String::new()), ..callback.clone() }).await;
        is_unknown(&world, &coach, Callback { state: Some("'; DROP TABLE oauth_states".to_owned()), ..callback.clone() }).await;
        let forged = world.db.ids().secret().expose().to_owned();
        is_unknown(&world, &coach, Callback { state: Some(forged), ..callback.clone() }).await;
        // The true one still stands.
        assert!(world.finish(&coach, KIND, callback).await.is_ok());
    }

    async fn a_state_is_good_once(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let callback = back(&world, &coach).await;
        let id = world.finish(&coach, KIND, callback.clone()).await.expect("a connection");
        let again = world.finish(&coach, KIND, callback).await;
        assert!(matches!(again, Err(FinishError::StateUnknown)), "{again:?}");
        assert_eq!(world.integrations.list(&coach.actor).await.unwrap()[0].integration.id, id);
    }

    /// Two tabs that come back with the same state at once: one of them connects.
    async fn a_state_is_good_once_also_at_once(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let callback = back(&world, &coach).await;
        let both = tokio::join!(world.finish(&coach, KIND, callback.clone()), world.finish(&coach, KIND, callback));
        assert_eq!(usize::from(both.0.is_ok()) + usize::from(both.1.is_ok()), 1);
    }

    async fn a_state_is_good_for_ten_minutes(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let callback = back(&world, &coach).await;
        world.db.clock().advance(Duration::from_mins(10));
        is_unknown(&world, &coach, callback).await;
        let callback = back(&world, &coach).await;
        world.db.clock().advance(Duration::from_mins(10) - Duration::from_millis(1));
        assert!(world.finish(&coach, KIND, callback).await.is_ok());
    }

    /// A way back that someone else is made to walk (RFC 6749 10.12) connects nobody to anything.
    async fn a_state_is_good_for_one_person(db: TestDb) {
        let world = World::on(db).await;
        let (coach, other) = (world.coach("amelie").await, world.coach("bruno").await);
        let callback = back(&world, &coach).await;
        is_unknown(&world, &other, callback.clone()).await;
        // Having been in the wrong hands, it is used up.
        is_unknown(&world, &coach, callback).await;
    }

    async fn a_state_is_good_for_one_sign_in(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let (_, sign_in) = world.db.accounts().sign_in("amelie@example.org", PASSWORD, &ClientInfo::default()).await.expect("a sign-in");
        let elsewhere = Coach { actor: coach.actor, sign_in };
        let callback = back(&world, &coach).await;
        is_unknown(&world, &elsewhere, callback).await;
    }

    async fn a_state_is_good_for_one_provider(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let callback = back(&world, &coach).await;
        let finished = world.finish(&coach, ProviderKind::CalComOauth, callback).await;
        assert!(matches!(finished, Err(FinishError::StateUnknown)), "{finished:?}");
        world.nothing_stored().await;
    }

    async fn who_never_comes_back_is_swept_away(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        back(&world, &coach).await;
        world.db.clock().advance(Duration::from_mins(9));
        back(&world, &coach).await;
        assert_eq!(world.integrations.sweep().await.unwrap(), 0);
        world.db.clock().advance(Duration::from_mins(1));
        assert_eq!(world.integrations.sweep().await.unwrap(), 1);
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM oauth_states").await, 1);
    }

    async fn another_coachs_integration_cannot_be_reconnected(db: TestDb) {
        let world = World::on(db).await;
        let (coach, other) = (world.coach("amelie").await, world.coach("bruno").await);
        let id = world.connect(&coach, KIND, "maya@google.example").await;
        let start = Start { reconnect: Some(id), ..Start::default() };
        let started = world.integrations.start_oauth(&other.actor, &other.sign_in, KIND, start).await;
        assert!(matches!(started, Err(wellmet::integrations::StartError::NotFound)), "{started:?}");
    }
}
