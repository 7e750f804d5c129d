//! Who keeps which endpoints, and what is kept of their secrets.

use std::sync::Arc;

use wellmet::{
    integrations::safe_fetch::SystemResolver,
    jobs::Jobs,
    notices::webhooks::{EndpointDraft, EventWanted, WebhookError, rotate_key},
};

use super::world::{World, everything, vault, webhooks};
use crate::{
    integrations::secrets::{Log, dump},
    receiver::Reply,
    support::{TestDb, both_engines},
};

both_engines! {
    async fn what_is_typed_is_judged_field_by_field(db: TestDb) {
        let world = World::on(db).await;
        let hooks = &world.webhooks;
        for (url, says) in [
            ("", "not a web address"),
            ("nothing", "not a web address"),
            ("ftp://example.org/", "https://"),
            ("https://me:pass@example.org/", "user name or password"),
            ("http://8.8.8.8:25/", "unusual port"),
        ] {
            let draft = EndpointDraft { kinds: Vec::new(), ..everything(url) };
            let Err(WebhookError::Invalid(errors)) = hooks.create(world.coach, &draft).await else { panic!("{url} is taken") };
            assert!(errors.about("url").is_some_and(|words| words.contains(says)), "{url}: {errors:?}");
            assert_eq!(errors.about("kinds"), Some("Tick at least one event."));
        }
        let unknown = EndpointDraft { kinds: vec!["exploded".into()], ..everything("http://127.0.0.1/") };
        assert!(matches!(hooks.create(world.coach, &unknown).await, Err(WebhookError::Invalid(errors)) if errors.about("kinds").is_some()));
        let (made, secret) = hooks.create(world.coach, &everything("http://127.0.0.1/0")).await.expect("a webhook");
        assert!(made.wanted == EventWanted::All && secret.expose().starts_with("whsec_"));
        let Err(WebhookError::Invalid(errors)) = hooks.create(world.coach, &everything(" http://127.0.0.1/0 ")).await else { panic!("twice") };
        assert_eq!(errors.about("url"), Some("This address has a webhook already."));
        for number in 1..5 {
            hooks.create(world.coach, &everything(&format!("http://127.0.0.1/{number}"))).await.expect("up to five");
        }
        let Err(WebhookError::Invalid(errors)) = hooks.create(world.coach, &everything("http://127.0.0.1/6")).await else { panic!("a sixth") };
        assert!(errors.about("limit").is_some());
        assert_eq!(hooks.endpoints(world.coach).await.unwrap().len(), 5);
        assert!(hooks.endpoints(world.db.coach("otto").await).await.unwrap().is_empty());
    }

    async fn another_coach_and_an_admin_see_nothing_and_change_nothing(db: TestDb) {
        let world = World::on(db).await;
        let hook = world.hook().await;
        world.receiver.script([Reply::status(500)]);
        world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        let hooks = &world.webhooks;
        let delivery = hooks.deliveries(world.coach, hook.id, None).await.unwrap().deliveries.remove(0).id;
        let (other, admin) = (world.db.coach("otto").await, world.db.admin("root").await);
        let draft = everything("http://127.0.0.1/mine");
        for keeper in [wellmet::notices::webhooks::Keeper::from(other), admin.into()] {
            assert!(hooks.endpoints(keeper).await.unwrap().is_empty());
            assert!(hooks.endpoint(keeper, hook.id).await.unwrap().is_none());
            assert!(hooks.deliveries(keeper, hook.id, None).await.unwrap().deliveries.is_empty());
            assert!(hooks.delivery(keeper, delivery).await.unwrap().is_none());
            assert!(hooks.attempts(keeper, hook.id, delivery).await.unwrap().is_empty());
            assert!(!hooks.replay(keeper, hook.id, delivery).await.unwrap());
            assert!(matches!(hooks.update(keeper, hook.id, &draft).await, Err(WebhookError::NotFound)));
            assert!(matches!(hooks.rotate_secret(keeper, hook.id).await, Err(WebhookError::NotFound)));
            assert!(matches!(hooks.ping(keeper, hook.id).await, Err(WebhookError::NotFound)));
            assert!(!hooks.remove(keeper, hook.id).await.unwrap());
        }
        assert_eq!(hooks.endpoint(world.coach, hook.id).await.unwrap().as_ref(), Some(&hook));
        let jobs = Jobs::new(world.db.deps());
        assert_eq!((jobs.outstanding(world.coach).await.unwrap().len(), jobs.outstanding(other).await.unwrap().len()), (1, 0));
        // What is outstanding of the site's own endpoints is no coach's business.
        assert!(hooks.remove(world.coach, hook.id).await.unwrap());
        assert!(jobs.outstanding(world.coach).await.unwrap().is_empty(), "what waited is called off");
        let (_, secret) = world.make(admin, "/site").await;
        world.receiver.trust(&[&secret], world.seconds());
        world.receiver.script([Reply::status(500)]);
        world.book("2026-11-04T09:00:00Z").await;
        world.work().await;
        assert_eq!((jobs.outstanding(world.coach).await.unwrap().len(), jobs.outstanding(admin).await.unwrap().len()), (0, 1));
    }

    async fn a_new_key_takes_over(db: TestDb) {
        let world = World::on(db).await;
        let (hook, old) = world.make(world.coach, "/hook").await;
        let new = world.webhooks.rotate_secret(world.coach, hook.id).await.expect("a secret").expose().to_owned();
        world.make(world.db.admin("root").await, "/site").await;
        let (deps, both) = (world.db.deps(), vault(&world.db, &[9, 7]));
        let done = rotate_key(&deps, &both).await.expect("a rotation");
        assert_eq!((done.sealed, done.unopenable), (5, 0));
        assert_eq!(rotate_key(&deps, &both).await.expect("a rotation").sealed, 0);
        let lost = rotate_key(&deps, &vault(&world.db, &[8])).await.expect("a rotation");
        assert_eq!((lost.sealed, lost.unopenable), (0, 5));
        let server = webhooks(&world.db, &[9], Arc::new(SystemResolver), true);
        world.db.run("DELETE FROM webhook_endpoints WHERE coach_id IS NULL").await;
        world.receiver.trust(&[&new], world.seconds());
        world.book("2026-11-03T09:00:00Z").await;
        world.worker_of(&server).drain().await.unwrap();
        assert_eq!(world.receiver.received()[0].signature().1.len(), 2);
        // The former key alone opens nothing: a failure in words, and nothing sent.
        world.book("2026-11-03T11:00:00Z").await;
        world.work().await;
        assert!(world.receiver.received().is_empty());
        let says: String = world.db.row("SELECT problem FROM jobs WHERE state = 'waiting' AND kind = 'webhook'").await.get("problem").unwrap();
        assert_eq!(says, "This site's keys do not open the webhook's address or secret.");
        assert_ne!(old, new);
    }

    async fn what_is_old_is_forgotten_unless_it_is_outstanding(db: TestDb) {
        let world = World::on(db).await;
        world.hook().await;
        world.receiver.script([Reply::status(410)]);
        world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        world.db.run("UPDATE webhook_endpoints SET active = 1").await;
        world.book("2026-11-04T09:00:00Z").await;
        world.work().await;
        assert_eq!(world.receiver.received().len(), 2);
        assert_eq!(world.webhooks.sweep().await.unwrap(), 0);
        world.db.clock().advance(std::time::Duration::from_hours(24 * 31));
        assert_eq!(world.webhooks.sweep().await.unwrap(), 1);
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM webhook_deliveries WHERE delivered_at IS NULL").await, 1);
    }
}

/// One thread, so that what is logged anywhere is caught.
async fn nothing_in_clear(db: TestDb) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::on(db).await;
    let (hook, old) = world.make(world.coach, "/hook/very-secret-path?key=very-secret-key").await;
    let new = world.webhooks.rotate_secret(world.coach, hook.id).await.expect("a secret").expose().to_owned();
    world.receiver.trust(&[&new], world.seconds());
    world.receiver.script([Reply::status(500)]);
    world.book("2026-11-03T09:00:00Z").await;
    world.work().await;
    assert_eq!(world.receiver.received().len(), 1);
    let (stored, logged, shown) = (dump(world.db.store()).await, log.text(), format!("{hook:?}"));
    assert!(stored.contains(hook.id.as_str()) && logged.contains("webhooks"), "both were looked at");
    for secret in [&old[6..], &new[6..], "very-secret-path", "very-secret-key"] {
        for (place, text) in [("the database", &stored), ("the log", &logged), ("what is shown", &shown)] {
            assert!(!text.contains(secret), "{secret} stands in {place}");
        }
    }
}

#[tokio::test]
async fn nothing_in_clear_on_sqlite() {
    nothing_in_clear(TestDb::sqlite().await).await;
}

#[tokio::test]
async fn nothing_in_clear_on_postgres() {
    if let Some(db) = TestDb::postgres().await {
        nothing_in_clear(db).await;
    }
}
