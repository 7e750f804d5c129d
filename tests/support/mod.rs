//! A database of its own for every test, on both engines.
//!
//! SQLite needs nothing. PostgreSQL is used when `TEST_POSTGRES_URL` names a server on which the user may create
//! databases (`postgres://postgres@127.0.0.1:5432/postgres`). Without it those tests are skipped and say so; with
//! `REQUIRE_POSTGRES=1` they fail.
//!
//! The file stands alone, so that another crate's tests can include it by path.

mod postgres;

use std::sync::Arc;

use wellmet::{
    Deps,
    accounts::{Accounts, Actor, AdminActor, ClientInfo, CoachActor, HashCost, Identity, MenteeActor, PasswordHasher, Registration},
    limits::{LimitSettings, Limits},
    model::{Instant, Role},
    store::{Row, Store, sql},
    time::{Clock, Ids, ManualClock, Secret, SeededIds},
};

/// The password of everyone in tests.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A migrated database for one test, gone when dropped, with a clock that stands at 2026-11-02T08:00:00Z (a
/// Monday) until told otherwise and ids that are the same in every run.
pub(crate) struct TestDb {
    store: Store,
    url: String,
    clock: ManualClock,
    ids: Arc<dyn Ids>,
    /// Last, so that connections go before what they lead to.
    _home: Home,
}

/// What is removed with a test database.
enum Home {
    Folder(#[expect(dead_code, reason = "held to be dropped")] tempfile::TempDir),
    Server(#[expect(dead_code, reason = "held to be dropped")] postgres::Database),
}

impl TestDb {
    /// In a SQLite file.
    pub(crate) async fn sqlite() -> Self {
        let db = Self::sqlite_empty().await;
        db.store.migrate().await.expect("the migrations apply");
        db
    }

    /// In a SQLite file without a single table.
    pub(crate) async fn sqlite_empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.sqlite3").display());
        Self::at(url, Home::Folder(folder)).await
    }

    /// On the PostgreSQL server; `None` without one.
    pub(crate) async fn postgres() -> Option<Self> {
        let database = postgres::Database::migrated().await?;
        Some(Self::at(database.url(), Home::Server(database)).await)
    }

    /// On the PostgreSQL server, without a single table.
    pub(crate) async fn postgres_empty() -> Option<Self> {
        let database = postgres::Database::empty().await?;
        Some(Self::at(database.url(), Home::Server(database)).await)
    }

    async fn at(url: String, home: Home) -> Self {
        let store = Store::connect(&url).await.expect("the test database opens");
        let monday = Instant::parse_rfc3339("2026-11-02T08:00:00Z").expect("an instant");
        Self { store, url, clock: ManualClock::at(monday), ids: Arc::new(SeededIds::new(1)), _home: home }
    }

    /// The database.
    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Another server's connections to the same database.
    pub(crate) async fn second_server(&self) -> Store {
        Store::connect(&self.url).await.expect("the test database opens twice")
    }

    /// The hands of the clock.
    pub(crate) const fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Now, by the test's clock.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The source of ids.
    pub(crate) fn ids(&self) -> &dyn Ids {
        &*self.ids
    }

    /// What services stand on.
    pub(crate) fn deps(&self) -> Deps {
        self.deps_on(self.store.clone())
    }

    /// What services of another server stand on; clock and ids are shared.
    pub(crate) fn deps_on(&self, store: Store) -> Deps {
        Deps { store, clock: Arc::new(self.clock.clone()), ids: self.ids.clone() }
    }

    /// Accounts without limits.
    pub(crate) fn accounts(&self) -> Accounts {
        accounts(self.deps(), LimitSettings::NONE)
    }

    /// A new account, signed in; its address is `{name}@example.org`, its password [`PASSWORD`].
    pub(crate) async fn person(&self, name: &str, role: Role, time_zone: &str) -> (Identity, Secret) {
        let registration = Registration {
            email: format!("{name}@example.org"),
            password: PASSWORD.to_owned(),
            name: name.to_owned(),
            role,
            time_zone: time_zone.to_owned(),
        };
        self.accounts().register(registration, &ClientInfo::default()).await.expect("an account is made")
    }

    /// A new mentee in New York.
    pub(crate) async fn mentee(&self, name: &str) -> MenteeActor {
        self.person(name, Role::Mentee, "America/New_York").await.0.mentee().expect("a mentee")
    }

    /// A new coach in Berlin, Monday to Friday nine to five, with one session type of an hour.
    pub(crate) async fn coach(&self, name: &str) -> CoachActor {
        self.person(name, Role::Coach, "Europe/Berlin").await.0.coach().expect("a coach")
    }

    /// A new admin.
    pub(crate) async fn admin(&self, name: &str) -> AdminActor {
        let (accounts, email) = (self.accounts(), format!("{name}@example.org"));
        let id = accounts.create_admin(&email, name, PASSWORD).await.expect("an admin is made");
        let (identity, _) = accounts.sign_in(&email, PASSWORD, &ClientInfo::default()).await.expect("the admin signs in");
        assert_eq!(Actor::from(identity.admin().expect("an admin")).id(), id);
        identity.admin().expect("an admin")
    }

    /// The number that `SELECT COUNT(*) AS n ...` gives.
    pub(crate) async fn count(&self, text: &'static str) -> i64 {
        self.row(text).await.get("n").expect("a column n")
    }

    /// The one row of an answer.
    pub(crate) async fn row(&self, text: &'static str) -> Row {
        sql(text).one(&self.store).await.expect("one row")
    }

    /// Changes rows behind the services' backs.
    pub(crate) async fn run(&self, text: &'static str) -> u64 {
        let mut tx = self.store.begin().await.expect("a transaction");
        let changed = sql(text).run(&mut tx).await.expect("a change");
        tx.commit().await.expect("a commit");
        changed
    }
}

/// Accounts whose passwords cost next to nothing.
pub(crate) fn accounts(deps: Deps, limits: LimitSettings) -> Accounts {
    let limits = Limits::new(deps.clone(), limits);
    Accounts::new(deps, limits, PasswordHasher::new(HashCost::CHEAPEST))
}

/// Makes of each `async fn name(db: TestDb)` two tests, `name::sqlite` and `name::postgres`.
macro_rules! both_engines {
    ($($(#[$doc:meta])* async fn $name:ident($db:ident: $Db:ty) $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn check($db: $Db) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                check(<$Db>::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(db) = <$Db>::postgres().await {
                    check(db).await;
                }
            }
        }
    )*};
}
pub(crate) use both_engines;
