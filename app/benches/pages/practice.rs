//! A site with one coach whose calendar is as full as asked.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use app::server::{AppState, router::router, serve::serve, site::Site};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use wellmet::{
    Deps,
    accounts::{ClientInfo, HashCost, PasswordHasher, Registration},
    coaches::{WeeklyHoursDraft, WindowDraft},
    config::Config,
    model::{ClaimId, Role, UserId},
    store::{Store, sql},
    time::{Clock, SystemClock, SystemIds},
};

/// A running site.
pub(crate) struct Practice {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    _files: TempDir,
}

impl Practice {
    /// With so many taken stretches of five minutes, one each quarter of an hour from now on.
    pub(crate) async fn open(taken: u32) -> Self {
        let files = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", files.path().join("bench.sqlite3").display());
        let store = Store::connect(&url).await.expect("a database");
        store.migrate().await.expect("a schema");
        let deps = Deps { store, clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) };
        std::fs::create_dir_all(files.path().join("pkg")).expect("a folder");
        let site = Site::at(files.path(), None, false).expect("a site");
        let config = Config::from_env(&HashMap::from([("LOG".to_owned(), "off".to_owned())])).expect("a configuration");
        let app = AppState::new(deps.clone(), config, site, PasswordHasher::new(HashCost::CHEAPEST));
        let coach = coach(&app).await;
        fill(&deps, coach, taken).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            let told = async { drop(stopped.await) };
            serve(listener, router(app), told).await.expect("the site is served");
        });
        Self { address, path: "/coaches/maya-lindqvist/coaching-session".to_owned(), stop, served, _files: files }
    }

    pub(crate) async fn close(self) {
        drop(self.stop);
        self.served.await.expect("the site stops");
    }
}

/// A coach who is there from six to ten on every day.
async fn coach(app: &AppState) -> UserId {
    let wish = Registration {
        email: "maya@bench.example".to_owned(),
        password: "a long enough password".to_owned(),
        name: "Maya Lindqvist".to_owned(),
        role: Role::Coach,
        time_zone: "Europe/Stockholm".to_owned(),
    };
    let (identity, _) = app.accounts.register(wish, &ClientInfo::new(None, "bench")).await.expect("an account");
    let day = || vec![WindowDraft { from: "06:00".to_owned(), until: "22:00".to_owned() }];
    let actor = identity.coach().expect("a coach");
    app.coaches.set_weekly(&actor, WeeklyHoursDraft(std::array::from_fn(|_| day()))).await.expect("hours");
    let kind = app.coaches.session_types(&actor).await.expect("session types").remove(0);
    let mut draft = wellmet::model::SessionTypeDraft::first();
    // Ten minutes fit between two taken stretches, so the page has times to show.
    (draft.rules.duration_minutes, draft.rules.step_minutes, draft.rules.horizon_days) = (10, 30, 365);
    app.coaches.update_session_type(&actor, kind.id, draft).await.expect("a session type");
    identity.id()
}

async fn fill(deps: &Deps, coach: UserId, taken: u32) {
    let mut tx = deps.store.begin().await.expect("a transaction");
    let now = SystemClock.now();
    // From the next full quarter plus ten minutes: never in the way of :00 to :10 and :30 to :40.
    let quarter = 15 * 60_000;
    let first = wellmet::model::Instant::from_millis((now.millis() / quarter + 1) * quarter).plus_minutes(10);
    for n in 0..i64::from(taken) {
        let start = first.plus_minutes(15 * n);
        let id: ClaimId = deps.ids.id(now);
        let insert = sql("INSERT INTO claims (id, coach_id, kind, starts_at, ends_at) VALUES ($1, $2, 'block', $3, $4)");
        insert.bind(id).bind(coach).bind(start).bind(start.plus_minutes(5)).run(&mut tx).await.expect("a claim");
    }
    tx.commit().await.expect("a commit");
}
