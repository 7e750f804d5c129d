//! Coaches with a connected account each, and a worker that reads them.

use std::{sync::Arc, time::Duration};

use tokio::{sync::oneshot, task::JoinHandle};
use wellmet::{
    Deps,
    integrations::{
        ProviderKind,
        busy::{SyncSettings, SyncWorker},
        outcome::CallError,
        tokens::Tokens,
    },
    model::{Instant, UserId},
    store::{Store, sql},
    time::{Interval, SystemClock, SystemIds},
};

use crate::calendars::{FakeCalendars, Say, connect};

/// Every 50th call fails, the kinds of failures in turn.
const FAULTS: u32 = 50;
const EVENTS: i64 = 40;

/// A database full of accounts.
pub(crate) struct Practice {
    deps: Deps,
    fake: FakeCalendars,
    tokens: Tokens,
}

/// A worker that runs.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Practice {
    /// With `accounts` coaches, each with one account of two calendars, never read so far.
    pub(crate) async fn open(store: Store, accounts: usize) -> Self {
        let deps = Deps { store, clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) };
        let fake = FakeCalendars::default();
        let now = deps.clock.now();
        {
            let mut world = fake.world();
            world.latency = Duration::from_millis(100);
            world.listed = vec!["work".to_owned(), "home".to_owned()];
            world.fault = Some((FAULTS, [CallError::ProviderDown(503), CallError::TimedOut].map(Say::Fail).into()));
        }
        for (name, offset) in [("work", 0), ("home", 600)] {
            let spans: Vec<_> = (0..EVENTS).map(|n| Interval::of_minutes(now.plus_minutes(offset + n * 1440), 60)).collect();
            fake.set_busy(name, &spans);
        }
        let tokens = fake.tokens(&deps);
        for n in 0..accounts {
            let coach = coach(&deps, n, now).await;
            let kind = [ProviderKind::Google, ProviderKind::Microsoft, ProviderKind::Caldav][n % 3];
            connect(&deps, &tokens, coach, kind, &format!("account {n}"), &["work", "home"]).await;
        }
        Self { deps, fake, tokens }
    }

    pub(crate) fn engine(&self) -> &'static str {
        self.deps.store.engine_name()
    }

    pub(crate) fn start(&self) -> Running {
        let (stop, stopped) = oneshot::channel();
        let worker = SyncWorker::new(self.tokens.clone(), SyncSettings::default());
        Running { stop, task: tokio::spawn(worker.run(async move { drop(stopped.await) })) }
    }

    /// How long it takes until no calendar's data is older than `fresh`; panics after ten minutes.
    pub(crate) async fn until_fresh(&self, fresh: Duration) -> Duration {
        let started = tokio::time::Instant::now();
        loop {
            let old = sql("SELECT COUNT(*) AS n FROM integration_calendars WHERE read_at IS NULL OR read_at < $1");
            let row = old.bind(self.deps.clock.now() - fresh).one(&self.deps.store).await.expect("a row");
            if row.get::<i64>("n").expect("a number") == 0 {
                return started.elapsed();
            }
            assert!(started.elapsed() < Duration::from_mins(10), "not fresh within ten minutes");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// The age of the oldest data in seconds, and how often the provider was asked.
    pub(crate) async fn oldest(&self) -> (i64, u32) {
        let oldest = sql("SELECT MIN(read_at) AS at FROM integration_calendars").one(&self.deps.store).await.expect("a row");
        let at: Instant = oldest.get("at").expect("an instant");
        ((self.deps.clock.now().millis() - at.millis()) / 1000, self.fake.calls())
    }
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.send(()).expect("it runs");
        self.task.await.expect("it stops");
    }
}

/// A coach by rows alone: registering two thousand people would be another benchmark.
async fn coach(deps: &Deps, n: usize, now: Instant) -> UserId {
    let id: UserId = deps.ids.id(now);
    let mut tx = deps.store.begin().await.expect("a transaction");
    let user = sql("INSERT INTO users (id, email, email_key, password_hash, name, role, time_zone, created_at, updated_at)
         VALUES ($1, $2, $2, '', 'Coach', 'coach', 'Europe/Berlin', $3, $3)");
    user.bind(id).bind(format!("{n}@bench.example")).bind(now).run(&mut tx).await.expect("a user");
    let coach = sql("INSERT INTO coaches (user_id, slug, hours, name_key, created_at, updated_at) VALUES ($1, $2, '{}', 'coach', $3, $3)");
    coach.bind(id).bind(format!("coach-{n}")).bind(now).run(&mut tx).await.expect("a coach");
    tx.commit().await.expect("a commit");
    id
}
