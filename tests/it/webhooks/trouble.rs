//! Receivers that are slow, gone or elsewhere, and servers that die.

use std::time::Duration;

use wellmet::{
    jobs::{GivenUp, Jobs},
    model::FieldErrors,
    notices::webhooks::{DeliveryState, WebhookError},
};

use super::world::{Names, World, everything, webhooks};
use crate::{
    receiver::Reply,
    support::{TestDb, both_engines},
};

both_engines! {
    async fn what_goes_wrong_is_told_in_words(db: TestDb) {
        let world = World::on(db).await;
        let (hook, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        let redirect = Reply::Status(302, format!("Location: {}\r\n", world.receiver.url("/elsewhere")));
        world.receiver.script([Reply::Hang, Reply::Cut, redirect, Reply::status(404)]);
        world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        for _ in 0..4 {
            world.later(Duration::from_mins(2), &[&secret]).await;
        }
        let received = world.receiver.received();
        assert_eq!(received.len(), 5);
        assert!(received.iter().all(|one| one.path == "/hook"), "a redirect is not followed");
        assert!(received.iter().all(|one| one.id() == received[0].id() && one.body == received[0].body));
        let delivery = world.webhooks.deliveries(world.coach, hook.id, None).await.unwrap().deliveries.remove(0);
        assert!(matches!(delivery.state, DeliveryState::Delivered(_)) && delivery.problem.is_none());
        let mut attempts = world.webhooks.attempts(world.coach, hook.id, delivery.id).await.unwrap();
        attempts.reverse();
        let told: Vec<_> = attempts.iter().map(|attempt| (attempt.status, attempt.problem.as_deref().unwrap_or_default())).collect();
        assert_eq!(told, [
            (None, "The receiver did not answer within 10 seconds."),
            (None, "The receiver could not be reached, or ended the connection without an answer."),
            (Some(302), "The receiver answered with a redirect (302). Webhooks follow none: type the address it leads to."),
            (Some(404), "The receiver answered with status 404."),
            (Some(204), ""),
        ]);
    }

    async fn gone_switches_off(db: TestDb) {
        let world = World::on(db).await;
        let (hook, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        world.receiver.script([Reply::status(410)]);
        let booking = world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        let shown = world.webhooks.endpoint(world.coach, hook.id).await.unwrap().unwrap();
        assert_eq!((shown.active, shown.gone_at), (false, Some(world.db.now())));
        let jobs = Jobs::new(world.db.deps());
        let outstanding = jobs.outstanding(world.coach).await.unwrap();
        assert_eq!(outstanding[0].problem.as_deref(), Some("The receiver answered that it is gone (410). The webhook was switched off."));
        assert_eq!(outstanding[0].given_up_at, Some(world.db.now()));
        world.cancel(&booking, "Ill.").await;
        world.work().await;
        assert_eq!(world.receiver.received().len(), 1, "nothing more is sent");
        // Switched on again: what was given up goes through.
        world.webhooks.update(world.coach, hook.id, &everything(hook.url.expose())).await.unwrap();
        assert_eq!(jobs.try_again(world.coach, outstanding[0].id).await.unwrap(), GivenUp::TriedAgain);
        world.work().await;
        assert_eq!(world.receiver.received()[0].json()["type"], "booking.booked");
        assert!(jobs.outstanding(world.coach).await.unwrap().is_empty());
    }

    async fn a_receiver_may_ask_for_an_hour(db: TestDb) {
        let world = World::on(db).await;
        let (_, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        let date = "Mon, 02 Nov 2026 09:20:00 GMT";
        world.receiver.script([Reply::Status(429, "Retry-After: 90000\r\n".into()), Reply::Status(503, format!("Retry-After: {date}\r\n"))]);
        world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        assert_eq!(world.receiver.received().len(), 1);
        world.later(Duration::from_mins(59), &[&secret]).await;
        assert!(world.receiver.received().is_empty(), "it asked for an hour at least");
        world.later(Duration::from_mins(2), &[&secret]).await;
        assert_eq!(world.receiver.received().len(), 1, "and no longer is believed");
        world.later(Duration::from_mins(18), &[&secret]).await;
        assert!(world.receiver.received().is_empty(), "until 9:20");
        world.later(Duration::from_mins(2), &[&secret]).await;
        assert!(world.receiver.received()[0].accepted);
    }

    async fn three_days_are_the_end_and_a_person_may_go_on(db: TestDb) {
        let world = World::on(db).await;
        let (hook, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        world.receiver.otherwise(Some(Reply::status(503)));
        world.book("2026-11-13T09:00:00Z").await;
        for _ in 0..300 {
            world.later(Duration::from_mins(20), &[&secret]).await;
        }
        let delivery = world.webhooks.deliveries(world.coach, hook.id, None).await.unwrap().deliveries.remove(0);
        assert!(matches!(delivery.state, DeliveryState::GivenUp(_)), "{:?}", delivery.state);
        assert_eq!(delivery.attempts, 81);
        world.receiver.otherwise(None);
        world.receiver.received();
        assert!(world.webhooks.replay(world.coach, hook.id, delivery.id).await.unwrap());
        world.work().await;
        assert_eq!(world.receiver.received()[0].id(), delivery.event_id);
        assert!(Jobs::new(world.db.deps()).outstanding(world.coach).await.unwrap().is_empty(), "nothing is outstanding any more");
    }

    async fn what_waits_is_hastened_not_doubled(db: TestDb) {
        let world = World::on(db).await;
        let (hook, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        world.receiver.script([Reply::Status(503, "Retry-After: 3600\r\n".into())]);
        world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        world.receiver.received();
        let delivery = world.webhooks.deliveries(world.coach, hook.id, None).await.unwrap().deliveries.remove(0);
        assert!(world.webhooks.replay(world.coach, hook.id, delivery.id).await.unwrap());
        world.work().await;
        assert_eq!(world.receiver.received().len(), 1);
        world.later(Duration::from_hours(2), &[&secret]).await;
        assert!(world.receiver.received().is_empty());
    }

    async fn a_server_that_dies_sends_the_same_again_and_one_that_noted_it_does_not(db: TestDb) {
        let world = World::on(db).await;
        world.hook().await;
        world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        let first = world.receiver.received().remove(0);
        // It died after the note of the delivery, before the job was ended.
        world.db.run("UPDATE jobs SET state = 'waiting', finished_at = NULL").await;
        world.work().await;
        assert!(world.receiver.received().is_empty());
        // It died after the answer, before any note.
        world.db.run("DELETE FROM webhook_attempts").await;
        world.db.run("UPDATE webhook_deliveries SET delivered_at = NULL").await;
        world.db.run("UPDATE jobs SET state = 'waiting', finished_at = NULL").await;
        world.work().await;
        let again = world.receiver.received().remove(0);
        assert_eq!((again.id(), again.body), (first.id(), first.body));
    }

    async fn private_addresses_are_refused_when_typed_and_when_sent_to(db: TestDb) {
        let world = World::on(db).await;
        let refused = |errors: FieldErrors| errors.about("url").unwrap_or_default().to_owned();
        let outside = webhooks(&world.db, &[7], Names::new(&["93.184.215.14"]), false);
        for address in ["http://127.0.0.1/", "http://10.1.2.3/x", "http://[::1]/", "http://169.254.169.254/latest", "http://2130706433/"] {
            let Err(WebhookError::Invalid(errors)) = outside.create(world.coach, &everything(address)).await else { panic!("{address} is taken") };
            assert_eq!(refused(errors), "This address leads into a private network. Webhooks go to public addresses only.", "{address}");
        }
        let inside = webhooks(&world.db, &[7], Names::new(&["192.168.0.7"]), false);
        let Err(WebhookError::Invalid(errors)) = inside.create(world.coach, &everything("http://hooks.test/")).await else { panic!("it is taken") };
        assert!(refused(errors).contains("private network"));
        // A name that is public when it is typed, and this machine when it is sent to.
        let rebinding = webhooks(&world.db, &[7], Names::new(&["93.184.215.14", "127.0.0.1"]), false);
        let (hook, _) = rebinding.create(world.coach, &everything("http://hooks.test/")).await.expect("it looks public");
        world.book("2026-11-03T09:00:00Z").await;
        world.worker_of(&rebinding).drain().await.unwrap();
        let delivery = rebinding.deliveries(world.coach, hook.id, None).await.unwrap().deliveries.remove(0);
        assert_eq!(delivery.problem.as_deref(), Some("The address leads into a private network. Nothing is sent there."));
        assert!(matches!(delivery.state, DeliveryState::Waiting(_)));
        assert!(world.receiver.received().is_empty());
    }

    async fn two_servers_send_each_once(db: TestDb) {
        let world = World::on(db).await;
        world.hook().await;
        for hour in 9..14 {
            world.book(&format!("2026-11-03T{hour:02}:00:00Z")).await;
        }
        let (one, two) = (world.worker(), world.worker());
        let (one, two) = tokio::join!(one.drain(), two.drain());
        assert_eq!(one.unwrap() + two.unwrap(), 5);
        let mut ids: Vec<_> = world.receiver.received().iter().map(crate::receiver::Received::id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 5);
    }
}
