use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::timeout,
};

use super::{Job, JobKind, Queue, finish, kind::MOST_ATTEMPTS, take};
use crate::{Deps, error::Internal, model::Instant};

/// What an attempt came to. The words are ours: they are stored and shown, and carry nothing of what a provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is done.
    Done,
    /// There is nothing left to do, and why: what it was for is over.
    Moot(String),
    /// Not yet, for a reason that is nobody's failure: again at this time.
    Later(Instant, String),
    /// It did not work; again after a pause, and not before `after` if whoever refused said so.
    Failed {
        /// What did not work.
        why: String,
        /// How long whoever refused wants to be left alone.
        after: Option<Duration>,
    },
    /// It will not work by trying again: a person has to see it.
    Hopeless(String),
}

impl Verdict {
    /// A failure that may pass.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into(), after: None }
    }
}

/// Does jobs of some kinds.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Does `job`, or as much of it as an earlier attempt left. Dropped when it takes longer than a minute: every point at which
    /// it waits is a point at which it may end.
    ///
    /// # Errors
    /// When the database fails; that is a failed attempt like any other.
    async fn run(&self, job: &Job) -> Result<Verdict, Internal>;
}

/// Where jobs come from that are not written by the change itself.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// Writes the jobs that are to be; gives how many changes it went through. Zero: none was left.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    async fn fill(&self) -> Result<usize, Internal>;
}

/// How a [`Worker`] works.
#[derive(Debug, Clone, Copy)]
pub struct WorkerSettings {
    /// How many jobs of a queue are under way at once.
    pub places: usize,
    /// How many of them for one coach.
    pub each: u32,
    /// How often it looks for what is due.
    pub look_every: Duration,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self { places: 16, each: 4, look_every: Duration::from_millis(250) }
    }
}

/// A handler that takes longer has failed. Less than a lease.
const LONGEST: Duration = Duration::from_mins(1);
/// How often a source is asked before what is due is begun.
const ROUNDS: usize = 4;
/// How long jobs that are under way may go on when the program stops.
const LAST_JOBS: Duration = Duration::from_secs(10);

/// Does what is due, on any number of servers with the same database. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    inner: Arc<Inner>,
}

struct Inner {
    deps: Deps,
    settings: WorkerSettings,
    handlers: HashMap<JobKind, Arc<dyn Handler>>,
    sources: Vec<Arc<dyn Source>>,
    places: HashMap<Queue, Arc<Semaphore>>,
    /// Who holds leases: this worker.
    owner: String,
    /// Rung when a job is finished: there is a place again.
    bell: Notify,
}

impl Worker {
    /// Works on `deps` as `settings` say, with the jobs of `sources` and whoever else writes some. Jobs of a queue of which a kind
    /// has no handler here stay as they are.
    pub fn new(
        deps: Deps,
        settings: WorkerSettings,
        handlers: impl IntoIterator<Item = (JobKind, Arc<dyn Handler>)>,
        sources: Vec<Arc<dyn Source>>,
    ) -> Self {
        let owner = deps.ids.secret().hash();
        let places = Queue::ALL.into_iter().map(|queue| (queue, Arc::new(Semaphore::new(settings.places)))).collect();
        let handlers = handlers.into_iter().collect();
        Self { inner: Arc::new(Inner { deps, settings, handlers, sources, places, owner, bell: Notify::new() }) }
    }

    /// Works until `shutdown` is over; then lets what is under way finish for a while and gives its leases back.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut jobs = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            while jobs.try_join_next().is_some() {}
            if let Err(error) = self.look(&mut jobs).await {
                tracing::warn!(target: "jobs", cause = %error.cause(), "could not look for work");
            }
            let pause = tokio::time::sleep(self.inner.settings.look_every);
            tokio::select! {
                () = &mut shutdown => break,
                () = self.inner.bell.notified() => {},
                () = pause => {},
            }
        }
        self.stop(jobs).await;
    }

    /// Does everything that is due at the clock's time, one round after the other, and gives how many jobs that was. For tests and
    /// the command line: a running site uses [`Worker::run`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drain(&self) -> Result<usize, Internal> {
        let mut done = 0;
        loop {
            let mut jobs = JoinSet::new();
            let more = self.look(&mut jobs).await?;
            if jobs.is_empty() && !more {
                return Ok(done);
            }
            done += jobs.join_all().await.len();
        }
    }

    /// Begins what is due. Gives whether the sources have more.
    async fn look(&self, jobs: &mut JoinSet<()>) -> Result<bool, Internal> {
        let mut more = false;
        for source in &self.inner.sources {
            more |= fill(&**source).await;
        }
        for queue in Queue::ALL {
            self.start_due(queue, jobs).await?;
        }
        Ok(more)
    }

    async fn start_due(&self, queue: Queue, jobs: &mut JoinSet<()>) -> Result<(), Internal> {
        let Inner { deps, settings, handlers, places, owner, .. } = &*self.inner;
        let kinds: Vec<_> = JobKind::ALL.into_iter().filter(|kind| kind.queue() == queue).collect();
        let places = &places[&queue];
        // To take one job costs as much as to take many: with few places free, wait for more.
        if !kinds.iter().all(|kind| handlers.contains_key(kind)) || places.available_permits() * 4 < settings.places {
            return Ok(());
        }
        let taken = take::take(&deps.store, owner, queue, places.available_permits(), settings.each, deps.clock.now()).await?;
        for job in taken {
            let Ok(place) = places.clone().acquire_owned().await else { break };
            let (worker, handler) = (self.clone(), handlers[&job.kind].clone());
            jobs.spawn(async move { worker.work(job, handler, place).await });
        }
        Ok(())
    }

    async fn work(self, job: Job, handler: Arc<dyn Handler>, place: OwnedSemaphorePermit) {
        if job.attempt > MOST_ATTEMPTS {
            // It takes its server with it, every time.
            return self.note(&job, Verdict::Hopeless("It was begun many times and never came to an end.".to_owned())).await;
        }
        let verdict = match timeout(LONGEST, unpanicked(handler.run(&job))).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(error)) => {
                tracing::warn!(target: "jobs", job = %job.id, kind = job.kind.as_str(), cause = %error.cause(), "failed here");
                Verdict::failed("Something went wrong on this site.")
            }
            Err(_) => Verdict::failed("It took too long."),
        };
        self.note(&job, verdict).await;
        drop(place);
        self.inner.bell.notify_one();
    }

    async fn note(&self, job: &Job, verdict: Verdict) {
        let Inner { deps, owner, .. } = &*self.inner;
        tracing::debug!(target: "jobs", job = %job.id, kind = job.kind.as_str(), attempt = job.attempt, ?verdict, "tried");
        let mut random = [0_u8; 1];
        deps.ids.fill(&mut random);
        match finish::finish(&deps.store, owner, job, verdict, deps.clock.now(), f64::from(random[0]) / 255.0).await {
            Ok(true) => {}
            Ok(false) => tracing::info!(target: "jobs", job = %job.id, "someone else has it by now"),
            // The lease ends by itself, and the job is done again: nothing is lost.
            Err(error) => tracing::warn!(target: "jobs", job = %job.id, %error, "could not be noted"),
        }
    }

    async fn stop(&self, mut jobs: JoinSet<()>) {
        let finish = async { while jobs.join_next().await.is_some() {} };
        if timeout(LAST_JOBS, finish).await.is_err() {
            jobs.shutdown().await;
        }
        match take::give_back(&self.inner.deps.store, &self.inner.owner).await {
            Ok(given) => tracing::info!(target: "jobs", given, "stopped"),
            Err(error) => tracing::warn!(target: "jobs", %error, "leases end by themselves"),
        }
    }
}

/// A few rounds of `source`: under load the jobs that are written already must get their turn, and what fails there keeps no job
/// waiting. Gives whether there is more.
async fn fill(source: &dyn Source) -> bool {
    for _ in 0..ROUNDS {
        match source.fill().await {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(target: "jobs", cause = %error.cause(), "what follows from a change could not be written");
                return false;
            }
        }
    }
    true
}

/// Runs `work`; a panic in it is a failure like any other.
async fn unpanicked(work: impl Future<Output = Result<Verdict, Internal>>) -> Result<Verdict, Internal> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| std::task::Poll::Ready(Err(Internal::new("a handler panicked"))))
    })
    .await
}
