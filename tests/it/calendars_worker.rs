//! The worker: who reads what when, and what is left when it stops; and reads at the instant of a decision.

use std::{collections::HashSet, time::Duration};

use tokio::{sync::oneshot, task::JoinHandle, time::sleep};
use wellmet::{
    integrations::{
        ProviderKind,
        busy::{Concurrency, Freshness, SyncSettings, SyncWorker},
        outcome::CallError,
        tokens::Tokens,
    },
    model::Role,
};

use crate::{
    calendars_fake::{FakeCalendars, Say, connect},
    calendars_world::{Desk, MINUTE, PERIOD, busy},
    support::{TestDb, both_engines},
};

/// A worker that runs until it is told to stop.
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(tokens: Tokens) -> Self {
        let (stop, stopped) = oneshot::channel();
        let settings = SyncSettings { period: PERIOD, concurrency: Concurrency { google: 4, ..Concurrency::default() } };
        let worker = SyncWorker::new(tokens, settings);
        Self { stop, task: tokio::spawn(worker.run(async move { drop(stopped.await) })) }
    }

    async fn stop(self) {
        self.stop.send(()).expect("it runs");
        self.task.await.expect("the worker does not panic");
    }
}

/// Waits until `sooner` gives true, half a minute at most: machines that run tests are busy.
async fn until(what: &str, mut sooner: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if sooner().await {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

/// `count` more coaches with an account each.
async fn coaches(db: &TestDb, tokens: &Tokens, count: usize) {
    for n in 0..count {
        let coach = db.person(&format!("coach{n}"), Role::Coach, "Europe/Berlin").await.0.coach().expect("a coach");
        connect(&db.deps(), tokens, coach.id(), ProviderKind::Google, &format!("coach{n}"), &["work"]).await;
    }
}

both_engines! {
    /// Two servers read each account once, with its own credential, and none again before it is due.
    async fn two_servers_share_the_work(db: TestDb) {
        let fake = FakeCalendars::default();
        let (one, two) = (fake.tokens(&db.deps()), fake.tokens(&db.deps_on(db.second_server().await)));
        coaches(&db, &one, 30).await;
        fake.world().latency = Duration::from_millis(20);
        let (one, two) = (Running::start(one), Running::start(two));
        until("all are read", async || fake.calls() >= 30).await;
        sleep(Duration::from_millis(1200)).await;
        assert_eq!(fake.calls(), 30);
        let asked = fake.world().asked_for.clone();
        assert_eq!(asked.iter().map(|(id, _)| *id).collect::<HashSet<_>>().len(), 30);
        assert_eq!(asked.iter().map(|(_, secret)| secret.clone()).collect::<HashSet<_>>().len(), 30);
        one.stop().await;
        two.stop().await;
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM calendar_integrations WHERE sync_lease_owner IS NOT NULL").await, 0);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM integration_calendars WHERE read_at IS NULL").await, 0);
    }

    /// No more reads at once than there are places; when their time comes, they are read again.
    async fn reads_in_turn_and_again(db: TestDb) {
        let fake = FakeCalendars::default();
        let tokens = fake.tokens(&db.deps());
        coaches(&db, &tokens, 10).await;
        fake.world().always = Some(Say::Hang);
        let running = Running::start(tokens);
        until("four are asked", async || fake.calls() == 4).await;
        sleep(Duration::from_millis(1200)).await;
        assert_eq!(fake.calls(), 4, "the others wait for a place");
        running.stop().await;
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM calendar_integrations WHERE sync_lease_owner IS NOT NULL").await, 0);
        fake.world().always = None;
        let running = Running::start(fake.tokens(&db.deps()));
        until("all are read", async || fake.calls() == 14).await;
        sleep(Duration::from_millis(700)).await;
        assert_eq!(fake.calls(), 14);
        db.clock().advance(PERIOD);
        until("all are read again", async || fake.calls() == 24).await;
        running.stop().await;
    }

    /// A server that dies in the middle of a read holds nobody up for longer than its lease.
    async fn a_dead_server_is_replaced(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        desk.fake.then(Say::Hang);
        let dies = Running::start(desk.tokens.clone());
        until("it is asked", async || desk.fake.calls() == 1).await;
        dies.task.abort();
        drop(dies.task.await);
        let lives = Running::start(desk.fake.tokens(&db.deps()));
        sleep(Duration::from_millis(1200)).await;
        assert_eq!(desk.fake.calls(), 1, "the lease stands");
        db.clock().advance(2 * MINUTE);
        until("it is read", async || desk.fake.calls() == 2).await;
        until("it is stored", async || desk.due().await.is_some_and(|due| due > db.now())).await;
        lives.stop().await;
    }

    /// Who has to connect again is not asked; nor is one who disconnected.
    async fn who_must_reconnect_is_not_polled(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        for health in ["UPDATE calendar_integrations SET health = 'needs_reconnect'", "UPDATE calendar_integrations SET health = 'disconnected'"] {
            db.run(health).await;
            let running = Running::start(desk.tokens.clone());
            sleep(Duration::from_millis(1200)).await;
            running.stop().await;
            assert_eq!(desk.fake.calls(), 0);
        }
        let row = desk.row().await;
        assert!(row.get::<Option<String>>("sync_lease_owner").expect("a text or none").is_none());
    }

    /// Three accounts that are told to slow down mean the provider: nobody else is asked for a while.
    async fn a_provider_that_is_tired_is_left_alone(db: TestDb) {
        let fake = FakeCalendars::default();
        let tokens = fake.tokens(&db.deps());
        coaches(&db, &tokens, 12).await;
        fake.world().always = Some(Say::Fail(CallError::RateLimited(Some(Duration::from_mins(1)))));
        let running = Running::start(tokens);
        sleep(Duration::from_millis(1700)).await;
        let asked = fake.calls();
        // Those that were under way when the third was refused.
        assert!((3..=7).contains(&asked), "{asked}");
        fake.world().always = None;
        db.clock().advance(2 * MINUTE);
        until("all are read", async || fake.calls() == asked + 12).await;
        running.stop().await;
    }

    /// The list of calendars is read about once an hour.
    async fn the_list_is_read_now_and_then(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        desk.fake.world().listed = vec!["work".to_owned(), "new".to_owned()];
        let running = Running::start(desk.tokens.clone());
        for round in 1..=16 {
            until("it is read", async || desk.due().await.is_some_and(|due| due > db.now())).await;
            assert_eq!(desk.fake.calls(), round);
            db.clock().advance(10 * MINUTE);
        }
        running.stop().await;
        let lists = desk.fake.world().lists;
        assert!((2..=3).contains(&lists), "{lists} in 160 minutes");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM integration_calendars WHERE external_id = 'new' AND counts_busy = 0").await, 1);
    }

    /// What was read within the minute is not asked again; else every account is, once, however many want to know.
    async fn freshening_asks_once(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        connect(&db.deps(), &desk.tokens, desk.coach.id(), ProviderKind::Microsoft, "other", &["home"]).await;
        desk.fake.world().latency = Duration::from_millis(200);
        let (sync, coach) = (desk.sync.clone(), desk.coach.id());
        let many: Vec<_> = (0..20).map(|_| (sync.clone(), coach)).collect();
        let many = many.into_iter().map(|(sync, coach)| async move { sync.freshen(coach, Duration::from_secs(10)).await }).collect();
        assert!(crate::bookings_world::at_once(many).await.into_iter().all(|freshness| freshness == Freshness::Known));
        assert_eq!(desk.fake.calls(), 2);
        db.clock().advance(Duration::from_millis(59_999));
        assert_eq!(sync.freshen(coach, Duration::from_secs(2)).await, Freshness::Known);
        assert_eq!(desk.fake.calls(), 2);
        desk.fake.set_busy("home", &[busy("2026-11-03T10:00:00Z", 1)]);
        db.clock().advance(Duration::from_millis(1));
        assert_eq!(sync.freshen(coach, Duration::from_secs(10)).await, Freshness::Known);
        assert_eq!((desk.fake.calls(), desk.stored().await.len()), (4, 1));
    }

    /// Without an answer in time it is unknown, in time; the answer is stored when it comes.
    async fn freshening_does_not_wait(db: TestDb) {
        let desk = Desk::new(&db, &["work"]).await;
        desk.fake.set_busy("work", &[busy("2026-11-03T10:00:00Z", 1)]);
        desk.fake.world().latency = Duration::from_millis(700);
        assert_eq!(desk.sync.freshen(desk.coach.id(), Duration::from_millis(200)).await, Freshness::Unknown);
        until("the answer is stored", async || desk.stored().await.len() == 1).await;
        db.clock().advance(MINUTE);
        desk.fake.world().latency = Duration::ZERO;
        for say in [Say::Fail(CallError::ProviderDown(500)), Say::LeaveOutFirst, Say::Fail(CallError::RateLimited(None))] {
            desk.fake.then(say);
            assert_eq!(desk.sync.freshen(desk.coach.id(), Duration::from_secs(10)).await, Freshness::Unknown);
        }
        let calls = desk.fake.calls();
        assert_eq!(desk.sync.freshen(desk.coach.id(), Duration::from_secs(10)).await, Freshness::Unknown);
        assert_eq!(desk.fake.calls(), calls, "who asks for time gets it");
        db.run("UPDATE calendar_integrations SET health = 'needs_reconnect', health_reason = 'grant_revoked'").await;
        assert_eq!(desk.sync.freshen(desk.coach.id(), Duration::from_secs(10)).await, Freshness::Unknown);
        assert_eq!(desk.fake.calls(), calls, "who has to connect again cannot be asked");
    }
}
