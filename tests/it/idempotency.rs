//! Answers that are kept under a key: who holds it, who is told, and what becomes of it when the site's key changes.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet};
use wellmet::{
    Deps,
    config::SecretKey,
    idempotency::{Answer, Begun, Held, Idempotency, KEPT_FOR, LEASE, MOST_KEPT, Slot},
    integrations::tokens::Vault,
};

use crate::support::{TestDb, both_engines};

const ASKED: [&[u8]; 3] = [b"POST", b"/booking", b"{}"];
const OTHER: [&[u8]; 3] = [b"POST", b"/bookin", b"g{}"];

fn service(deps: Deps, keys: &[u8]) -> Idempotency {
    let keys: Vec<_> = keys.iter().map(|byte| SecretKey::from_bytes([*byte; 32])).collect();
    let vault = Vault::new(&keys[0], &keys[1..], deps.ids.clone());
    Idempotency::new(deps, vault)
}

fn answer(body: &str) -> Answer {
    Answer { status: 201, headers: vec![("location".to_owned(), "/there".to_owned())], body: body.to_owned() }
}

fn first(begun: Begun) -> Held {
    let Begun::First(held) = begun else { panic!("{begun:?}") };
    held
}

both_engines! {
    async fn one_holds_the_key_and_the_others_wait(db: TestDb) {
        let servers = [service(db.deps(), &[1]), service(db.deps_on(db.second_server().await), &[1])];
        let (slot, gate) = (Slot::new("user:a", "key"), Arc::new(Barrier::new(20)));
        let mut running = JoinSet::new();
        for number in 0..20 {
            let (server, slot, gate) = (servers[number % 2].clone(), slot.clone(), gate.clone());
            running.spawn(async move {
                gate.wait().await;
                server.begin(&slot, &ASKED).await.unwrap()
            });
        }
        let begun = running.join_all().await;
        assert_eq!(begun.iter().filter(|begun| matches!(begun, Begun::First(_))).count(), 1);
        assert_eq!(begun.iter().filter(|begun| matches!(begun, Begun::UnderWay)).count(), 19);
        assert!(matches!(servers[0].begin(&slot, &OTHER).await.unwrap(), Begun::OtherRequest));
        first(servers[0].begin(&Slot::new("user:b", "key"), &ASKED).await.unwrap());
        first(servers[0].begin(&Slot::new("user:a", "keys"), &ASKED).await.unwrap());
    }

    async fn a_lease_ends_and_the_late_one_has_no_say(db: TestDb) {
        let (server, slot) = (service(db.deps(), &[1]), Slot::new("user:a", "key"));
        let late = first(server.begin(&slot, &ASKED).await.unwrap());
        db.clock().advance(LEASE.saturating_sub(Duration::from_millis(1)));
        assert!(matches!(server.begin(&slot, &ASKED).await.unwrap(), Begun::UnderWay));
        db.clock().advance(Duration::from_millis(1));
        assert!(matches!(server.begin(&slot, &OTHER).await.unwrap(), Begun::OtherRequest));
        let next = first(server.begin(&slot, &ASKED).await.unwrap());
        assert_eq!((&next.once, next.since), (&late.once, late.since), "what must not be done twice is known again");
        server.keep(&late, &answer("late")).await.unwrap();
        server.let_go(&late).await.unwrap();
        assert!(matches!(server.begin(&slot, &ASKED).await.unwrap(), Begun::UnderWay));
        server.keep(&next, &answer("in time")).await.unwrap();
        let Begun::Answered(told) = server.begin(&slot, &ASKED).await.unwrap() else { panic!("it was answered") };
        assert_eq!(told, answer("in time"));
        server.let_go(&next).await.unwrap();
        assert!(matches!(server.begin(&slot, &ASKED).await.unwrap(), Begun::Answered(_)), "an answer stays");
        db.clock().advance(KEPT_FOR);
        let another = first(server.begin(&slot, &OTHER).await.unwrap());
        assert_ne!(another.once, late.once, "a day later the key stands for something else");
    }

    async fn a_key_that_was_let_go_of_is_free_for_anything(db: TestDb) {
        let (server, slot) = (service(db.deps(), &[1]), Slot::new("anyone:x", "key"));
        let held = first(server.begin(&slot, &ASKED).await.unwrap());
        server.let_go(&held).await.unwrap();
        first(server.begin(&slot, &OTHER).await.unwrap());
        assert_eq!(server.sweep().await.unwrap(), 0);
        db.clock().advance(KEPT_FOR);
        assert_eq!(server.sweep().await.unwrap(), 1);
    }

    async fn so_many_keys_of_one_person_are_known_and_no_more(db: TestDb) {
        let (server, slot) = (service(db.deps(), &[1]), Slot::new("user:a", "the first"));
        let held = first(server.begin(&slot, &ASKED).await.unwrap());
        server.keep(&held, &answer("kept")).await.unwrap();
        db.clock().advance(Duration::from_hours(1));
        let left = Slot::new("user:a", "left");
        first(server.begin(&left, &ASKED).await.unwrap());
        db.run("INSERT INTO idempotent_answers (scope, key_hash, fingerprint, holder, lease_until, created_at, expires_at)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9997)
             SELECT scope, 'key' || n, fingerprint, holder, lease_until, created_at, expires_at FROM idempotent_answers CROSS JOIN numbers
             WHERE status IS NULL").await;
        first(server.begin(&Slot::new("user:a", "the last that fits"), &ASKED).await.unwrap());
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM idempotent_answers").await, MOST_KEPT);
        let next = Slot::new("user:a", "one too many");
        let begun = server.begin(&next, &ASKED).await.unwrap();
        assert!(matches!(begun, Begun::Full { retry_after } if retry_after == Duration::from_hours(23)), "{begun:?}");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM idempotent_answers").await, MOST_KEPT);
        // Keys that are known are not affected, nor is anybody else.
        assert!(matches!(server.begin(&slot, &ASKED).await.unwrap(), Begun::Answered(_)));
        first(server.begin(&Slot::new("user:b", "one too many"), &ASKED).await.unwrap());
        db.clock().advance(LEASE);
        first(server.begin(&left, &ASKED).await.unwrap());
        db.clock().advance(Duration::from_hours(23).saturating_sub(LEASE));
        first(server.begin(&next, &ASKED).await.unwrap());
    }

    async fn a_new_key_of_the_site_knows_what_was_asked_before(db: TestDb) {
        let slot = Slot::new("user:a", "key");
        let before = service(db.deps(), &[1]);
        let held = first(before.begin(&slot, &ASKED).await.unwrap());
        before.keep(&held, &answer("a token")).await.unwrap();
        let stored = db.row("SELECT fingerprint, answer FROM idempotent_answers").await;
        assert!(!stored.get::<String>("answer").unwrap().contains("token"));
        let both = service(db.deps(), &[2, 1]);
        assert!(matches!(both.begin(&slot, &ASKED).await.unwrap(), Begun::Answered(told) if told == answer("a token")));
        assert!(matches!(both.begin(&slot, &OTHER).await.unwrap(), Begun::OtherRequest));
        // Work that a server with the former key left is taken over by one with the new key.
        let other = Slot::new("user:a", "other");
        first(before.begin(&other, &ASKED).await.unwrap());
        db.clock().advance(LEASE);
        first(both.begin(&other, &ASKED).await.unwrap());
        // Without the former key nothing is done again either.
        assert!(matches!(service(db.deps(), &[2]).begin(&slot, &ASKED).await.unwrap(), Begun::OtherRequest));
        // Another row's answer does not open.
        db.run("UPDATE idempotent_answers SET answer = (SELECT answer FROM idempotent_answers WHERE status IS NOT NULL), status = 201").await;
        assert!(matches!(both.begin(&other, &ASKED).await.unwrap(), Begun::Unreadable));
    }
}
