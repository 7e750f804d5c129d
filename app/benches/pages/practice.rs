//! A site with one coach whose calendar is as full as asked.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::server::{AppState, router::router, serve::serve, site::Site};
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use wellmet::{
    Deps,
    accounts::{ClientInfo, HashCost, PasswordHasher, Registration},
    coaches::{WeeklyHoursDraft, WindowDraft},
    config::{Config, SecretKey},
    integrations::tokens::Vault,
    model::{CalendarId, ClaimId, Instant, IntegrationId, Role, UserId},
    store::{Store, sql},
    time::{Clock, SystemClock, SystemIds},
};

/// How long the server took for each page.
type Times = Arc<Mutex<Vec<Duration>>>;

/// What takes the coach's time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    Claims,
    /// Events in five connected calendars, each at other times.
    FiveCalendars,
}

impl Source {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::FiveCalendars => "five calendars",
        }
    }
}

/// A running site.
pub(crate) struct Practice {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    /// The month of the slot page, over the REST API.
    pub(crate) free: String,
    times: Times,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    _files: TempDir,
}

impl Practice {
    /// With so many taken stretches of five minutes, one each quarter of an hour from now on.
    pub(crate) async fn open(taken: u32, source: Source) -> Self {
        let files = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", files.path().join("bench.sqlite3").display());
        let store = Store::connect(&url).await.expect("a database");
        store.migrate().await.expect("a schema");
        let deps = Deps { store, clock: Arc::new(SystemClock), ids: Arc::new(SystemIds) };
        std::fs::create_dir_all(files.path().join("pkg")).expect("a folder");
        let site = Site::at(files.path(), None, false).expect("a site");
        let config =
            Config::from_env(&HashMap::from([("LOG".to_owned(), "off".to_owned()), ("LIMIT_API_PER_ADDRESS".to_owned(), "0".to_owned())]))
                .expect("a configuration");
        let vault = Vault::new(&SecretKey::from_bytes([7; 32]), &[], deps.ids.clone());
        let app = AppState::new(deps.clone(), config, site, PasswordHasher::new(HashCost::CHEAPEST), vault).expect("a site");
        let coach = coach(&app).await;
        let now = SystemClock.now();
        let (from, until) = (now.to_rfc3339(), now.plus_minutes(31 * 24 * 60).to_rfc3339());
        let free = format!("/api/booking/coach/{coach}/availability?start_date={from}&end_date={until}&duration_minutes=10");
        match source {
            Source::Claims => fill(&deps, coach, taken).await,
            Source::FiveCalendars => fill_calendars(&deps, coach, taken).await,
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let times = Times::default();
        let routes = router(app).layer(middleware::from_fn_with_state(times.clone(), time));
        let served = tokio::spawn(async move {
            let told = async { drop(stopped.await) };
            serve(listener, routes, told).await.expect("the site is served");
        });
        Self { address, path: "/coaches/maya-lindqvist/coaching-session".to_owned(), free, times, stop, served, _files: files }
    }

    /// The times since the last call.
    pub(crate) fn times(&self) -> Vec<Duration> {
        std::mem::take(&mut *self.times.lock().expect("nobody panicked"))
    }

    pub(crate) async fn close(self) {
        drop(self.stop);
        self.served.await.expect("the site stops");
    }
}

/// Notes the time from a request's head to the last byte of its answer, compressed and ready to be written.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the stopwatch")]
async fn time(State(times): State<Times>, request: Request, next: Next) -> Response {
    let began = std::time::Instant::now();
    let (head, body) = next.run(request).await.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole page");
    times.lock().expect("nobody panicked").push(began.elapsed());
    Response::from_parts(head, Body::from(body))
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

/// The first taken stretch: at the next full quarter plus ten minutes, never in the way of :00 to :10 and :30 to :40.
fn first(now: Instant) -> Instant {
    let quarter = 15 * 60_000;
    Instant::from_millis((now.millis() / quarter + 1) * quarter).plus_minutes(10)
}

async fn fill_calendars(deps: &Deps, coach: UserId, taken: u32) {
    let mut tx = deps.store.begin().await.expect("a transaction");
    let now = SystemClock.now();
    let integration: IntegrationId = deps.ids.id(now);
    let connect =
        sql("INSERT INTO calendar_integrations (id, coach_id, provider, account_key, account_label, health_since, created_at, updated_at)
         VALUES ($1, $2, 'google', 'a', 'a', $3, $3, $3)");
    connect.bind(integration).bind(coach).bind(now).run(&mut tx).await.expect("an integration");
    let calendars: [CalendarId; 5] = std::array::from_fn(|_| deps.ids.id(now));
    let far = now.plus_minutes(800 * 24 * 60);
    for calendar in calendars {
        let add =
            sql("INSERT INTO integration_calendars (id, integration_id, coach_id, external_id, name, counts_busy, read_at, covers_until)
             VALUES ($1, $2, $3, $1, 'work', 1, $4, $5)");
        add.bind(calendar).bind(integration).bind(coach).bind(now).bind(far).run(&mut tx).await.expect("a calendar");
    }
    let known = sql("UPDATE coaches SET calendars_known_at = $2, calendars_known_until = $3 WHERE user_id = $1");
    known.bind(coach).bind(now).bind(far).run(&mut tx).await.expect("a standing");
    for (n, calendar) in (0..i64::from(taken)).zip(calendars.iter().cycle()) {
        let start = first(now).plus_minutes(15 * n);
        let insert = sql("INSERT INTO calendar_busy (calendar_id, coach_id, starts_at, ends_at) VALUES ($1, $2, $3, $4)");
        insert.bind(*calendar).bind(coach).bind(start).bind(start.plus_minutes(5)).run(&mut tx).await.expect("an event");
    }
    tx.commit().await.expect("a commit");
}

async fn fill(deps: &Deps, coach: UserId, taken: u32) {
    let mut tx = deps.store.begin().await.expect("a transaction");
    let now = SystemClock.now();
    for n in 0..i64::from(taken) {
        let start = first(now).plus_minutes(15 * n);
        let id: ClaimId = deps.ids.id(now);
        let insert = sql("INSERT INTO claims (id, coach_id, kind, starts_at, ends_at) VALUES ($1, $2, 'block', $3, $4)");
        insert.bind(id).bind(coach).bind(start).bind(start.plus_minutes(5)).run(&mut tx).await.expect("a claim");
    }
    tx.commit().await.expect("a commit");
}
