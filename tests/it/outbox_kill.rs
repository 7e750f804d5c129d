//! A server killed by the system in the middle of jobs, twenty times: whoever comes next finishes what it began, and the other side sees
//! everything once, in order.

use std::{
    collections::{BTreeMap, HashSet},
    env, fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use wellmet::{
    Deps,
    error::Internal,
    jobs::{self, Handler, Job, JobKind, NewJob, Verdict, Worker, WorkerSettings},
    model::Instant,
    store::{Store, sql},
    time::{ManualClock, SystemIds},
};

use crate::{
    bookings_kill::url_of,
    support::{TestDb, both_engines},
};

/// The database, the other side and the time, for the process that is killed.
const URL: &str = "WELLMET_TEST_OUTBOX_URL";
const SIDE: &str = "WELLMET_TEST_OUTBOX_SIDE";
const NOW: &str = "WELLMET_TEST_OUTBOX_NOW";

const LANES: i64 = 8;
const EACH: i64 = 24;
const KILLS: usize = 20;

/// The other side, as a provider is: it takes each id once, and keeps what it has when we are gone. Every arrival is noted.
struct OtherSide(PathBuf);

impl OtherSide {
    fn take(&self, job: &Job) {
        let mut arrivals = fs::OpenOptions::new().append(true).create(true).open(self.0.join("arrivals")).expect("a list");
        // In one piece: others write to it at the same time, and any of them may be killed.
        arrivals.write_all(format!("{}\n", job.key).as_bytes()).expect("noted");
        match fs::File::create_new(self.0.join(&job.key)) {
            Ok(_) => {}
            // It has it: what an answer that never came was about.
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists),
        }
    }

    /// Every arrival, again and again included.
    fn arrivals(&self) -> Vec<String> {
        fs::read_to_string(self.0.join("arrivals")).map_or_else(|_| Vec::new(), |text| text.lines().map(ToOwned::to_owned).collect())
    }

    /// What it has, in the order in which it came first.
    fn has(&self) -> Vec<String> {
        let mut known = HashSet::new();
        self.arrivals().into_iter().filter(|key| self.0.join(key).exists() && known.insert(key.clone())).collect()
    }
}

#[async_trait]
impl Handler for OtherSide {
    async fn run(&self, job: &Job) -> Result<Verdict, Internal> {
        // A pause on both sides of the effect: being killed before it, after it, and while the verdict is written.
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.take(job);
        println!("\ndid {}", job.key);
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(Verdict::Done)
    }
}

fn worker(deps: Deps, side: &Path) -> Worker {
    let handler: Arc<dyn Handler> = Arc::new(OtherSide(side.to_owned()));
    let settings = WorkerSettings { each: 8, look_every: Duration::from_millis(5), ..WorkerSettings::default() };
    Worker::new(deps, settings, [(JobKind::Webhook, handler)], Vec::new())
}

/// Not a test: the server that is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test below"]
async fn victim() {
    let (Ok(url), Ok(side), Ok(now)) = (env::var(URL), env::var(SIDE), env::var(NOW)) else { return };
    let store = Store::connect(&url).await.unwrap();
    let now = Instant::from_millis(now.parse().unwrap());
    let deps = Deps { store, clock: Arc::new(ManualClock::at(now)), ids: Arc::new(SystemIds) };
    worker(deps, Path::new(&side)).run(tokio::time::sleep(Duration::from_mins(1))).await;
}

/// Runs the victim until it has done `count` jobs, and kills it.
fn kill_after(url: &str, side: &Path, now: Instant, count: usize) {
    let mut victim = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "outbox_kill::victim", "--ignored", "--nocapture"])
        .envs([(URL, url), (SIDE, side.to_str().expect("a path")), (NOW, &now.millis().to_string())])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the victim starts");
    let said = BufReader::new(victim.stdout.take().expect("its words")).lines();
    let mut done = said.map_while(Result::ok).filter(|line| line.starts_with("did "));
    let heard = done.by_ref().take(count).count();
    victim.kill().expect("killed");
    victim.wait().expect("gone");
    assert_eq!(heard, count, "the victim died by itself");
}

async fn write(db: &TestDb) {
    let mut tx = db.store().begin().await.unwrap();
    for (number, lane) in (1..=EACH).flat_map(|number| (0..LANES).map(move |lane| (number, lane))) {
        let job = NewJob {
            kind: JobKind::Webhook,
            key: format!("lane{lane}-{number:02}"),
            lane: Some((format!("lane{lane}"), number)),
            coach_id: None,
            booking_id: None,
            user_id: None,
            payload: serde_json::json!({}),
            run_at: db.now(),
        };
        jobs::enqueue(&mut tx, db.ids(), db.now(), job).await.unwrap();
    }
    tx.commit().await.unwrap();
}

both_engines! {
    async fn killed_twenty_times_everything_happens_once_and_in_order(db: TestDb) {
        write(&db).await;
        let (files, url) = (tempfile::tempdir().unwrap(), url_of(&db).await);
        for kill in 0..KILLS {
            let (url, side, now) = (url.clone(), files.path().to_owned(), db.now());
            tokio::task::spawn_blocking(move || kill_after(&url, &side, now, 1 + kill % 7)).await.unwrap();
            // What the dead one held is free again.
            db.clock().advance(Duration::from_mins(3));
        }
        let side = OtherSide(files.path().to_owned());
        let before = side.has().len();
        assert!(before < usize::try_from(LANES * EACH).unwrap(), "there was something left to kill it in: {before}");
        worker(db.deps(), files.path()).drain().await.unwrap();
        let made = side.has();
        let mut lanes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (lane, number) in made.iter().filter_map(|key| key.split_once('-')) {
            lanes.entry(lane).or_default().push(number);
        }
        let whole: Vec<String> = (1..=EACH).map(|number| format!("{number:02}")).collect();
        assert!(lanes.len() == 8 && lanes.values().all(|lane| *lane == whole), "{lanes:?}");
        assert!(side.arrivals().len() > made.len(), "some were done again, and the other side had them");
        let rows = sql("SELECT state, COUNT(*) AS n FROM jobs WHERE kind = 'webhook' GROUP BY state").all(db.store()).await.unwrap();
        let states: Vec<(String, i64)> = rows.iter().map(|row| (row.get("state").unwrap(), row.get("n").unwrap())).collect();
        assert_eq!(states, [("done".to_owned(), LANES * EACH)]);
    }
}
