//! No credential is in clear anywhere: looked for in every column of every table, in the log, and in what is shown.

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use wellmet::{
    integrations::{
        Start,
        tokens::{Force, Place},
    },
    store::{Store, sql},
};

use super::{
    connect::{list_path, token_path},
    world::{CONSENT, Decision, World, vault},
};
use crate::support::TestDb;

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("one thread")).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Every value of every table as text.
pub(crate) async fn dump(store: &Store) -> String {
    let sqlite = sql("SELECT sqlite_version() AS v").all(store).await.is_ok();
    let tables = if sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    } else {
        "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let mut all = String::new();
    for row in sql(tables).all(store).await.expect("tables") {
        let table: String = row.get("name").expect("a name");
        let query = if sqlite {
            let columns = sql(format!("SELECT name FROM pragma_table_info('{table}')").leak()).all(store).await.expect("columns");
            let columns: Vec<_> = columns.iter().map(|row| format!("quote(\"{}\")", row.get::<String>("name").expect("a name"))).collect();
            format!("SELECT group_concat({}, char(10)) AS t FROM \"{table}\"", columns.join(" || ',' || "))
        } else {
            format!("SELECT string_agg(t::text, chr(10)) AS t FROM \"{table}\" t")
        };
        let text: Option<String> = sql(query.leak()).one(store).await.expect("a dump").get("t").expect("a text");
        writeln!(all, "{table}: {}", text.unwrap_or_default()).expect("text");
    }
    all
}

/// One thread, so that what is logged anywhere is caught.
async fn nothing_in_clear(db: TestDb) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::on(db).await;
    let (mut secrets, mut shown) = (Vec::new(), String::new());
    for (kind, slug) in CONSENT {
        let (coach, account) = (world.coach(slug).await, format!("maya@{slug}.example"));
        let page = world.integrations.start_oauth(&coach.actor, &coach.sign_in, kind, Start::default()).await.expect("a page").page;
        // Before the way back is used: the state is stored as a hash, the verifier sealed.
        shown += &dump(world.db.store()).await;
        let callback = world.visit(&page, &account, Decision::Allow).await;
        secrets.extend([
            callback.state.clone().expect("a state"),
            callback.code.clone().expect("a code"),
            coach.sign_in.expose().to_owned(),
        ]);
        write!(shown, "{callback:?}").expect("text");
        let id = world.finish(&coach, kind, callback).await.expect("a connection");
        let connected = world.found(&coach, id).await;
        secrets.extend(credentials(&world, &connected.integration).await);
        // Everything that logs: a refresh, a refused token, failures of each kind, the end.
        world.control("POST", "tokens/expire", &json!({ "provider": slug })).await;
        let report = world.integrations.test(&coach.actor, id).await.expect("an answer");
        secrets.extend(credentials(&world, &connected.integration).await);
        for path in [token_path(slug), list_path(slug)] {
            world.db.clock().advance(Duration::from_hours(1));
            world.fault(slug, path, json!({ "kind": "status", "status": 400, "body": { "error": secrets.concat() } }), json!(1)).await;
            world.fault(slug, path, json!({ "kind": "malformed_json" }), json!(1)).await;
            for _ in 0..2 {
                let report = world.integrations.test(&coach.actor, id).await.expect("an answer");
                write!(shown, "{report:?}").expect("text");
            }
            world.clear_faults().await;
        }
        world.control("POST", "grants/revoke", &json!({ "provider": slug })).await;
        let refused = world.tokens.ensure_valid(&connected.integration, Force::Rejected(i64::MAX)).await;
        shown += &dump(world.db.store()).await;
        write!(shown, "{connected:?} {report:?} {refused:?} {:?}", world.config).expect("text");
        world.integrations.disconnect(&coach.actor, id).await.expect("disconnected");
    }
    for provider in [sandbox::Provider::Google, sandbox::Provider::Microsoft, sandbox::Provider::Cal] {
        secrets.push(sandbox::client_secret(provider));
    }
    shown += &dump(world.db.store()).await;
    let logged = log.text();
    assert!(logged.contains("refreshed") && logged.contains("disconnected"), "the log was caught");
    assert!(shown.contains("calendar_integrations: ") && shown.contains("maya@google.example"), "the dump was made");
    for secret in secrets {
        assert!(secret.len() > 15, "{secret}");
        assert!(!logged.contains(&secret), "in the log");
        assert!(!shown.contains(&secret), "in the database or shown");
    }
}

/// The tokens of `integration` in clear.
async fn credentials(world: &World, integration: &wellmet::integrations::Integration) -> Vec<String> {
    let deps = world.db.deps();
    let row = sql("SELECT access_sealed, refresh_sealed FROM calendar_integrations WHERE id = $1").bind(integration.id);
    let row = row.one(world.db.store()).await.expect("a row");
    let open = |column: &str, name: &str| {
        let sealed: String = row.get(column).expect("a sealed value");
        let place = Place { column: name, row: integration.id.as_str(), owner: integration.coach_id.as_str() };
        vault(&deps, &[7]).open(&sealed, place).expect("it opens in its place").expose().to_owned()
    };
    vec![open("access_sealed", "access"), open("refresh_sealed", "refresh")]
}

#[tokio::test]
async fn nothing_is_in_clear_on_sqlite() {
    nothing_in_clear(TestDb::sqlite().await).await;
}

#[tokio::test]
async fn nothing_is_in_clear_on_postgres() {
    if let Some(db) = TestDb::postgres().await {
        nothing_in_clear(db).await;
    }
}
