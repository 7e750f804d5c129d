//! Databases on the PostgreSQL server of `TEST_POSTGRES_URL`.

use std::{
    env, fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use wellmet::{
    store::{Store, sql},
    time::hash_secret,
};

/// So many at once: each may open two pools, and a server has a hundred connections.
static TURNS: Semaphore = Semaphore::const_new(3);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A database of a test. Dropped with it, also when the test fails.
pub(super) struct Database {
    server: String,
    name: String,
    _turn: SemaphorePermit<'static>,
}

impl Database {
    /// A copy of the migrated template, which takes a fraction of migrating.
    pub(super) async fn migrated() -> Option<Self> {
        let (server, turn) = (server()?, turn().await);
        let template = TEMPLATE.get_or_init(|| template(&server)).await;
        Some(Self::create(server, turn, &format!("TEMPLATE {template}")).await)
    }

    /// An empty one.
    pub(super) async fn empty() -> Option<Self> {
        let (server, turn) = (server()?, turn().await);
        Some(Self::create(server, turn, "").await)
    }

    async fn create(server: String, turn: SemaphorePermit<'static>, how: &str) -> Self {
        let name = format!("wellmet_test_{}_{}", std::process::id(), NEXT.fetch_add(1, SeqCst));
        command(&server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        command(&server, format!("CREATE DATABASE {name} {how}")).await;
        Self { server, name, _turn: turn }
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        at(&self.server, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The test's runtime may be going down, and dropping cannot wait in it.
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        let worker = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(command(&server, drop));
        });
        if worker.join().is_err() {
            eprintln!("the test database {} is left behind", self.name);
        }
    }
}

async fn turn() -> SemaphorePermit<'static> {
    TURNS.acquire().await.expect("never closed")
}

fn server() -> Option<String> {
    let server = env::var("TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty());
    if server.is_none() {
        assert!(env::var("REQUIRE_POSTGRES").as_deref() != Ok("1"), "REQUIRE_POSTGRES=1, but TEST_POSTGRES_URL is not set");
        eprintln!("skipped on PostgreSQL: TEST_POSTGRES_URL is not set");
    }
    server
}

/// The URL of the database `name` on the server of `url`.
fn at(url: &str, name: &str) -> String {
    let (place, options) = url.split_once('?').map_or((url, String::new()), |(place, options)| (place, format!("?{options}")));
    let (host, _) = place.rsplit_once('/').expect("TEST_POSTGRES_URL ends with a database's name");
    format!("{host}/{name}{options}")
}

/// Runs what cannot run in a transaction. Names are our own; nothing is quoted.
async fn command(server: &str, text: String) {
    let store = Store::connect(server).await.expect("the server of TEST_POSTGRES_URL answers");
    sql(text.leak()).all(&store).await.expect("the server does as it is told");
    store.close().await;
}

/// The migrated template. It is named after the migrations and stays on the server, so the next run finds it; test
/// processes that start at once make it one after the other.
async fn template(server: &str) -> String {
    let name = format!("wellmet_template_{}", migrations());
    let store = Store::connect(server).await.expect("the server of TEST_POSTGRES_URL answers");
    let mut lock = store.begin().await.expect("a transaction");
    sql("SELECT pg_advisory_xact_lock(7355608)").all(&mut lock).await.expect("the lock");
    let known = sql("SELECT datname FROM pg_database WHERE datname = $1").bind(&name).optional(&store).await.expect("an answer");
    if known.is_none() {
        let half = format!("{name}_half");
        command(server, format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)")).await;
        command(server, format!("CREATE DATABASE {half}")).await;
        let fresh = Store::connect(&at(server, &half)).await.expect("the template opens");
        fresh.migrate().await.expect("the migrations apply");
        fresh.close().await;
        command(server, format!("ALTER DATABASE {half} RENAME TO {name}")).await;
    }
    lock.commit().await.expect("the lock is let go");
    store.close().await;
    name
}

/// A word that changes with the migrations.
fn migrations() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = [here.join("migrations/postgres"), here.join("../migrations/postgres")].into_iter().find(|folder| folder.is_dir());
    let files = fs::read_dir(folder.expect("the migrations are in the tree")).expect("they can be read");
    let mut texts: Vec<String> = files.map(|file| fs::read_to_string(file.expect("a file").path()).expect("text")).collect();
    texts.sort();
    let hash = hash_secret(&texts.concat()).to_lowercase();
    hash.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}
