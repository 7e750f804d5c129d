//! A database of its own for the run, on each engine there is.

use wellmet::store::{Store, sql};

/// A migrated database without a row.
pub(crate) struct Database {
    store: Store,
    url: String,
    home: Home,
}

enum Home {
    Folder(tempfile::TempDir),
    /// On this server, by this name.
    Server(String, String),
}

impl Database {
    /// SQLite always, PostgreSQL when `TEST_POSTGRES_URL` names a server.
    pub(crate) async fn all() -> Vec<Self> {
        // Beside the build, on a disk: a folder for temporary files may be memory, which makes nothing durable.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("bench.sqlite3").display());
        let mut all = vec![Self::open(url, Home::Folder(folder)).await];
        match std::env::var("TEST_POSTGRES_URL") {
            Ok(server) if !server.is_empty() => {
                let name = format!("wellmet_bench_{}", std::process::id());
                command(&server, format!("CREATE DATABASE {name}")).await;
                let (host, _) = server.rsplit_once('/').expect("the URL ends with a database's name");
                all.push(Self::open(format!("{host}/{name}"), Home::Server(server, name)).await);
            }
            _ => println!("PostgreSQL is left out: TEST_POSTGRES_URL is not set"),
        }
        all
    }

    async fn open(url: String, home: Home) -> Self {
        let store = Store::connect(&url).await.expect("the database opens");
        store.migrate().await.expect("the migrations apply");
        Self { store, url, home }
    }

    pub(crate) fn store(&self) -> Store {
        self.store.clone()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn remove(self) {
        self.store.close().await;
        match self.home {
            Home::Folder(folder) => folder.close().expect("the folder goes"),
            Home::Server(server, name) => command(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await,
        }
    }
}

/// Runs what cannot run in a transaction.
async fn command(server: &str, text: String) {
    let store = Store::connect(server).await.expect("the server of TEST_POSTGRES_URL answers");
    sql(text.leak()).all(&store).await.expect("the server does as it is told");
    store.close().await;
}
