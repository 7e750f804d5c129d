//! What a receiver gets: what was true at each change, in order, signed.

use std::{process::Command, time::Duration};

use serde_json::json;
use wellmet::{
    bookings::BookingChange,
    model::Instant,
    notices::webhooks::{DeliveryState, EndpointDraft, signature},
};

use super::world::{World, everything};
use crate::{
    bookings_world::at,
    receiver::{Received, Reply, hmac_sha256},
    support::{TestDb, both_engines},
    tools::tool,
};

/// Type and ordinal of each, in the order of arrival, those accepted only.
fn accepted(received: &[Received]) -> Vec<(String, String, i64)> {
    let accepted = received.iter().filter(|one| one.accepted).map(Received::json);
    accepted
        .map(|body| {
            let booking = &body["booking"];
            (body["type"].as_str().unwrap().to_owned(), booking["id"].as_str().unwrap().to_owned(), booking["ordinal"].as_i64().unwrap())
        })
        .collect()
}

both_engines! {
    async fn each_change_is_told_as_it_was(db: TestDb) {
        let world = World::on(db).await;
        world.hook().await;
        let booking = world.book("2026-11-03T09:00:00Z").await;
        world.server.bookings.reschedule(world.coach, booking.id, at("2026-11-04T10:00:00Z"), "A train is late.").await.expect("a move");
        world.cancel(&booking, "Ill.").await;
        world.work().await;
        let received = world.receiver.received();
        let bodies: Vec<_> = received.iter().map(Received::json).collect();
        assert_eq!(bodies.len(), 3);
        let told: Vec<_> = bodies.iter().map(|body| (body["type"].as_str().unwrap(), body["booking"]["status"].as_str().unwrap())).collect();
        assert_eq!(told, [("booking.booked", "confirmed"), ("booking.moved", "confirmed"), ("booking.cancelled", "cancelled")]);
        let starts: Vec<_> = bodies.iter().map(|body| body["booking"]["starts_at"].as_str().unwrap()).collect();
        assert_eq!(starts, ["2026-11-03T09:00:00Z", "2026-11-04T10:00:00Z", "2026-11-04T10:00:00Z"]);
        let moved = &bodies[1];
        assert_eq!(moved["created_at"], "2026-11-02T08:00:00Z");
        let expected = json!({
            "id": booking.id.as_str(), "ordinal": 2, "status": "confirmed", "sequence": 1, "title": booking.title,
            "starts_at": "2026-11-04T10:00:00Z", "ends_at": "2026-11-04T11:00:00Z", "previous_starts_at": "2026-11-03T09:00:00Z",
            "reason": "A train is late.", "changed_by": "coach",
            "session_type": { "id": world.kind.id.as_str() },
            "coach": { "id": world.coach.id().as_str(), "name": "cora", "email": "cora@example.org", "time_zone": "Europe/Berlin" },
            "client": { "id": world.mentee.id().as_str(), "name": "mia", "email": "mia@example.org", "time_zone": "America/New_York" },
            "place": { "kind": booking.place.kind.as_str(), "value": booking.place.value },
            "meeting_link": booking.meeting_link(),
        });
        assert_eq!(moved["booking"], expected);
        assert_eq!((bodies[0]["booking"]["reason"].clone(), bodies[0]["booking"]["changed_by"].clone()), (json!(null), json!("client")));
        world.work().await;
        assert!(world.receiver.received().is_empty(), "each once");
    }

    async fn only_what_is_wanted_is_told(db: TestDb) {
        let world = World::on(db).await;
        let hook = world.hook().await;
        let draft = EndpointDraft { kinds: vec!["cancelled".to_owned()], ..everything(hook.url.expose()) };
        world.webhooks.update(world.coach, hook.id, &draft).await.expect("a change");
        let booking = world.book("2026-11-03T09:00:00Z").await;
        world.cancel(&booking, "Ill.").await;
        world.work().await;
        let told = accepted(&world.receiver.received());
        assert_eq!(told, [("booking.cancelled".to_owned(), booking.id.to_string(), 2)]);
        let off = EndpointDraft { active: false, ..everything(hook.url.expose()) };
        world.webhooks.update(world.coach, hook.id, &off).await.expect("a change");
        world.book("2026-11-03T11:00:00Z").await;
        world.work().await;
        assert!(world.receiver.received().is_empty());
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM webhook_deliveries").await, 1, "nothing is even planned");
    }

    async fn the_order_of_a_booking_is_kept_while_its_first_fails(db: TestDb) {
        let world = World::on(db).await;
        let (hook, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        let first = world.book("2026-11-03T09:00:00Z").await;
        world.receiver.script([Reply::status(500)]);
        world.work().await;
        world.cancel(&first, "Ill.").await;
        let other = world.book("2026-11-04T09:00:00Z").await;
        world.work().await;
        let told = accepted(&world.receiver.received());
        assert_eq!(told, [("booking.booked".to_owned(), other.id.to_string(), 1)], "another booking does not wait");
        let waiting = world.webhooks.deliveries(world.coach, hook.id, None).await.expect("the log").deliveries;
        let failing = waiting.iter().find(|delivery| delivery.attempts == 1 && delivery.problem.is_some()).expect("the first");
        assert_eq!(failing.problem.as_deref(), Some("The receiver answered with status 500."));
        assert!(matches!(failing.state, DeliveryState::Waiting(next) if next > world.db.now()));
        world.later(Duration::from_secs(10), &[&secret]).await;
        let told = accepted(&world.receiver.received());
        let id = first.id.to_string();
        assert_eq!(told, [("booking.booked".to_owned(), id.clone(), 1), ("booking.cancelled".to_owned(), id, 2)]);
    }

    async fn after_hours_of_silence_each_event_comes_once_and_in_order(db: TestDb) {
        let world = World::on(db).await;
        let (_, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        world.receiver.otherwise(Some(Reply::Cut));
        let mut bookings = Vec::new();
        for start in ["2026-11-13T14:00:00Z", "2026-11-16T14:00:00Z"] {
            bookings.push(world.book(start).await);
        }
        for step in 0..60 {
            if step == 10 {
                world.server.bookings.reschedule(world.coach, bookings[0].id, at("2026-11-17T10:00:00Z"), "A train.").await.expect("a move");
            }
            if step == 30 {
                for booking in &bookings {
                    world.cancel(booking, "Ill.").await;
                }
            }
            world.later(Duration::from_mins(5), &[&secret]).await;
        }
        let down = world.receiver.received();
        assert!(down.len() > 10 && accepted(&down).is_empty(), "{} tries in five hours", down.len());
        world.receiver.otherwise(None);
        for _ in 0..15 {
            world.later(Duration::from_mins(5), &[&secret]).await;
        }
        let told = accepted(&world.receiver.received());
        let of = |at: usize| told.iter().filter(|(_, id, _)| *id == bookings[at].id.to_string()).map(|(kind, ..)| kind.as_str()).collect::<Vec<_>>();
        assert_eq!(of(0), ["booking.booked", "booking.moved", "booking.cancelled"]);
        assert_eq!(of(1), ["booking.booked", "booking.cancelled"]);
        assert_eq!(told.len(), 5);
    }

    async fn both_secrets_sign_for_a_day_after_a_rotation(db: TestDb) {
        let world = World::on(db).await;
        let (hook, old) = world.make(world.coach, "/hook").await;
        let new = world.webhooks.rotate_secret(world.coach, hook.id).await.expect("a secret").expose().to_owned();
        assert!(new != old && new.starts_with("whsec_") && new.len() == 49);
        let shown = world.webhooks.endpoint(world.coach, hook.id).await.unwrap().unwrap();
        assert_eq!(shown.former_secret_until, Some(world.db.now().plus_minutes(24 * 60)));
        world.book("2026-11-03T09:00:00Z").await;
        world.later(Duration::ZERO, &[&old]).await;
        let received = world.receiver.received();
        let (at, values) = received[0].signature();
        let message = format!("{at}.{}", received[0].body);
        assert_eq!(values, [&new, &old].map(|secret| hmac_sha256(secret.as_bytes(), message.as_bytes())));
        world.later(Duration::from_hours(25), &[&new]).await;
        world.book("2026-11-05T09:00:00Z").await;
        world.work().await;
        assert_eq!(world.receiver.received()[0].signature().1.len(), 1);
    }

    async fn a_replay_is_the_same_event_signed_anew(db: TestDb) {
        let world = World::on(db).await;
        let (hook, secret) = world.make(world.coach, "/hook").await;
        world.receiver.trust(&[&secret], world.seconds());
        let booking = world.book("2026-11-03T09:00:00Z").await;
        world.work().await;
        let first = world.receiver.received().remove(0);
        world.cancel(&booking, "Ill.").await;
        world.later(Duration::from_mins(10), &[&secret]).await;
        world.receiver.received();
        let log = world.webhooks.deliveries(world.coach, hook.id, None).await.unwrap().deliveries;
        let delivery = log.iter().find(|delivery| delivery.event_id == first.id()).expect("it is in the log");
        for round in 1..=2 {
            assert!(world.webhooks.replay(world.coach, hook.id, delivery.id).await.unwrap());
            // Pressed twice: there is one replay under way already.
            assert!(world.webhooks.replay(world.coach, hook.id, delivery.id).await.unwrap());
            world.work().await;
            let again = world.receiver.received();
            assert_eq!(again.len(), 1, "round {round}");
            assert_eq!((again[0].id(), &again[0].body), (first.id(), &first.body));
            assert_eq!(again[0].signature().0, first.signature().0 + 600);
            assert_eq!(world.webhooks.attempts(world.coach, hook.id, delivery.id).await.unwrap().len(), 1 + round);
        }
        let shown = world.webhooks.delivery(world.coach, delivery.id).await.unwrap().unwrap();
        assert_eq!(shown.state, DeliveryState::Delivered(world.db.now()));
    }

    async fn a_test_is_tried_once(db: TestDb) {
        let world = World::on(db).await;
        let hook = world.hook().await;
        let good = world.webhooks.ping(world.coach, hook.id).await.expect("a test");
        world.work().await;
        let received = world.receiver.received();
        assert_eq!((received[0].json()["type"].clone(), received[0].path.as_str()), (json!("ping"), "/hook"));
        world.receiver.script([Reply::status(500)]);
        let bad = world.webhooks.ping(world.coach, hook.id).await.expect("a test");
        world.work().await;
        let states = [good, bad].map(|id| world.webhooks.delivery(world.coach, id));
        let [good, bad] = states;
        assert!(matches!(good.await.unwrap().unwrap().state, DeliveryState::Delivered(_)));
        let bad = bad.await.unwrap().unwrap();
        assert_eq!((bad.state, bad.problem.as_deref()), (DeliveryState::NotSent, Some("The receiver answered with status 500.")));
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'webhook' AND state IN ('waiting', 'dead')").await, 0);
    }

    async fn the_sites_endpoints_hear_of_every_coach(db: TestDb) {
        let world = World::on(db).await;
        let admin = world.db.admin("root").await;
        let (hook, secret) = world.make(admin, "/site").await;
        world.receiver.trust(&[&secret], world.seconds());
        let other = world.db.coach("otto").await;
        let kind = world.server.kind(&other, |_| {}).await;
        world.book("2026-11-03T09:00:00Z").await;
        world.server.book(&world.mentee, &other, &kind, at("2026-11-04T09:00:00Z")).await;
        world.work().await;
        let received = world.receiver.received();
        let coaches: Vec<_> = received.iter().map(|one| one.json()["booking"]["coach"]["name"].clone()).collect();
        assert_eq!(coaches.len(), 2, "{coaches:?}");
        assert!(coaches.contains(&json!("cora")) && coaches.contains(&json!("otto")));
        assert_eq!(world.webhooks.deliveries(admin, hook.id, None).await.unwrap().deliveries.len(), 2);
    }
}

#[test]
fn python_computes_the_same_signature() {
    let Some(python) = tool("python") else { return };
    let body = r#"{"id":"01","text":"Zoë “quoted”, 東京"}"#;
    let program = "import hmac,sys;b=sys.argv[3].encode();t=sys.argv[2];\
        print('t='+t+',v1='+hmac.new(sys.argv[1].encode(),t.encode()+b'.'+b,'sha256').hexdigest())";
    let ran = Command::new(python).args(["-c", program, "whsec_x", "1793606400", body]).output().expect("python runs");
    let value = String::from_utf8(ran.stdout).expect("text");
    assert_eq!(value.trim(), signature(["whsec_x"], Instant::from_millis(1_793_606_400_000), body));
    // Nobody is told that a time is reserved while it is being paid.
    assert_eq!(BookingChange::ALL.len(), 10, "a new change needs a line in docs/webhooks.md");
}
