//! How fast one server gets through 10,000 jobs that are all due, with a provider that takes 20 ms for each, and how long a second coach
//! waits whose ten jobs come while half of them, all of one coach, are still in front. The places of a queue and a coach's share of them
//! bound the rate: the provider is never asked for more at once. And what a booking takes while nobody out there answers. SQLite; PostgreSQL too when `TEST_POSTGRES_URL` names one.

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/support/calendars.rs"]
mod calendars;
#[expect(dead_code, reason = "the other benchmark uses the rest")]
#[path = "../bookings/database.rs"]
mod database;
#[expect(dead_code, reason = "the other benchmark uses the rest")]
#[path = "../sync/usage.rs"]
mod usage;

mod requests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::oneshot;
use wellmet::{
    Deps,
    error::Internal,
    jobs::{self, Handler, Job, JobKind, NewJob, Verdict, Worker, WorkerSettings},
    model::{Instant, UserId},
    store::{Store, sql},
    time::{SystemClock, SystemIds},
};

use database::Database;
use usage::Usage;

const JOBS: usize = 10_000;
/// Half of the jobs are the first coach's.
const COACHES: usize = 51;
const LATENCY: Duration = Duration::from_millis(20);

/// A provider that takes its time, and counts how many ask it at once.
#[derive(Default)]
struct Provider {
    asking: AtomicUsize,
    most: AtomicUsize,
    done: AtomicUsize,
}

#[async_trait]
impl Handler for Provider {
    async fn run(&self, _: &Job) -> Result<Verdict, Internal> {
        let asking = self.asking.fetch_add(1, SeqCst) + 1;
        self.most.fetch_max(asking, SeqCst);
        tokio::time::sleep(LATENCY).await;
        self.asking.fetch_sub(1, SeqCst);
        self.done.fetch_add(1, SeqCst);
        Ok(Verdict::Done)
    }
}

/// The database with the coaches in it.
struct Practice {
    deps: Deps,
    coaches: Vec<UserId>,
}

impl Practice {
    async fn open(store: Store) -> Self {
        let deps = Deps { store, clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) };
        let now = deps.clock.now();
        let mut tx = deps.store.begin().await.expect("a transaction");
        let mut coaches = Vec::with_capacity(COACHES);
        for number in 0..COACHES {
            let id: UserId = deps.ids.id(now);
            let user = sql("INSERT INTO users (id, email, email_key, password_hash, name, role, time_zone, created_at, updated_at)
                 VALUES ($1, $2, $2, '', $2, 'coach', 'UTC', $3, $3)");
            user.bind(id).bind(format!("coach{number}")).bind(now).run(&mut tx).await.expect("a user");
            let coach =
                sql("INSERT INTO coaches (user_id, slug, hours, name_key, created_at, updated_at) VALUES ($1, $2, '{}', $2, $3, $3)");
            coach.bind(id).bind(format!("coach{number}")).bind(now).run(&mut tx).await.expect("a coach");
            coaches.push(id);
        }
        tx.commit().await.expect("a commit");
        Self { deps, coaches }
    }

    async fn write(&self, coach: UserId, name: &str, jobs: usize) {
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await.expect("a transaction");
        for number in 0..jobs {
            let job = NewJob {
                kind: JobKind::CalendarEvent,
                key: format!("{name} {number}"),
                lane: Some((format!("{name} {number}"), 1)),
                coach_id: Some(coach),
                booking_id: None,
                user_id: None,
                payload: serde_json::json!({}),
                run_at: now,
            };
            jobs::enqueue(&mut tx, &*self.deps.ids, now, job).await.expect("a job");
        }
        tx.commit().await.expect("a commit");
    }

    async fn left(&self, like: &str) -> i64 {
        let left = sql("SELECT COUNT(*) AS n FROM jobs WHERE state = 'waiting' AND key LIKE $1");
        left.bind(like).one(&self.deps.store).await.and_then(|row| row.get("n")).expect("a count")
    }

    async fn until_done(&self, like: &str) -> Duration {
        let begun = self.deps.clock.now();
        while self.left(like).await > 0 {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        since(begun, self.deps.clock.now())
    }
}

fn since(begun: Instant, now: Instant) -> Duration {
    Duration::from_millis(u64::try_from(now.millis() - begun.millis()).unwrap_or(0))
}

#[tokio::main]
async fn main() {
    let settings = WorkerSettings::default();
    let bound = Duration::from_secs(1).div_duration_f64(LATENCY) * f64::from(u32::try_from(settings.places).unwrap_or(u32::MAX));
    println!(
        "{JOBS} due jobs of {COACHES} coaches, half of them one coach's, {} ms each; the places allow {bound:.0}/s",
        LATENCY.as_millis()
    );
    for database in Database::all().await {
        let practice = Practice::open(database.store()).await;
        practice.write(practice.coaches[0], "the first coach's", JOBS / 2).await;
        for (number, coach) in practice.coaches[1..].iter().enumerate() {
            practice.write(*coach, &format!("coach {number}'s"), JOBS / 2 / (COACHES - 1)).await;
        }
        let provider = Arc::new(Provider::default());
        let handler: Arc<dyn Handler> = provider.clone();
        let worker = Worker::new(practice.deps.clone(), settings, [(JobKind::CalendarEvent, handler)], Vec::new());
        let (stop, stopped) = oneshot::channel::<()>();
        let (before, begun) = (Usage::now(), practice.deps.clock.now());
        let running = tokio::spawn(worker.run(async move { drop(stopped.await) }));
        practice.until_done("coach %").await;
        // The others are through; the first coach has thousands left when the second comes.
        let ahead = practice.left("the first%").await;
        practice.write(practice.coaches[1], "the second coach's", 10).await;
        let waited = practice.until_done("the second%").await;
        practice.until_done("%").await;
        let took = since(begun, practice.deps.clock.now());
        let rate = f64::from(u32::try_from(provider.done.load(SeqCst)).unwrap_or(u32::MAX)) / took.as_secs_f64();
        let most = provider.most.load(SeqCst);
        println!("  {:<10} {rate:.0} jobs/s, at most {most} at once; {}", practice.deps.store.engine_name(), Usage::now().since(before));
        println!("  {:<10} ten jobs of a second coach behind {ahead} of the first: done after {:.2} s", "", waited.as_secs_f64());
        drop(stop);
        running.await.expect("the worker stops");
        requests::compare(practice.deps.store.clone()).await;
        database.remove().await;
    }
}
