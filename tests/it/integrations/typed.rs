//! Connecting what coaches type: CalDAV accounts on servers that others wrote, and feeds.

use std::sync::{
    Arc,
    atomic::{AtomicU16, AtomicUsize, Ordering::SeqCst},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use wellmet::{
    integrations::{
        CaldavDraft, ConnectError, FeedDraft, Integration, ProviderKind, StepResult, TestReport,
        health::{Health, HealthReason},
        outcome::CallError,
        providers::{Access, Busy, BusyAsk, CalendarToRead, Providers},
        tokens::Force,
    },
    time::{Interval, Zone},
};

use super::{
    secrets::dump,
    world::{Coach, World},
};
use crate::{
    servers::{Kind, PASSWORD, Server, USER, Writer},
    support::{TestDb, both_engines},
};

/// A server that publishes one file, and counts who fetched all of it.
struct Publisher {
    url: String,
    /// What it answers: 200 is the file, or 304 to who has it.
    status: Arc<AtomicU16>,
    sent: Arc<AtomicUsize>,
}

impl Publisher {
    async fn of(text: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/private-0a1b2c3d4e5f/basic.ics?key=s3cr3tk3y", listener.local_addr().expect("an address"));
        let (status, sent) = (Arc::new(AtomicU16::new(200)), Arc::new(AtomicUsize::new(0)));
        let publisher = Self { url, status: status.clone(), sent: sent.clone() };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 8192];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..read]).to_lowercase();
                let (status, body) = match status.load(SeqCst) {
                    200 if request.contains("if-none-match: \"1\"") => (304, ""),
                    200 => {
                        sent.fetch_add(1, SeqCst);
                        (200, text.as_str())
                    }
                    other => (other, ""),
                };
                let head = format!("HTTP/1.1 {status} X\r\nETag: \"1\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            }
        });
        publisher
    }
}

/// A feed with one event, an hour from now on.
fn feed(world: &World) -> String {
    let stamp = |minutes: i64| world.db.now().plus_minutes(minutes).to_rfc3339()[..19].replace(['-', ':'], "");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nX-WR-CALNAME:Rota\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:{0}Z\r\nDTSTART:{0}Z\r\n\
         DTEND:{1}Z\r\nSUMMARY:Shift\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        stamp(60),
        stamp(120)
    )
}

async fn connect_feed(world: &World, coach: &Coach, url: &str, name: &str) -> Result<Integration, ConnectError> {
    let draft = FeedDraft { url: url.to_owned(), name: name.to_owned() };
    let id = world.integrations.connect_feed(&coach.actor, draft).await?;
    Ok(world.found(coach, id).await.integration)
}

/// The field that is wrong, and what is said about it.
fn wrong<T: std::fmt::Debug>(result: Result<T, ConnectError>) -> (String, String) {
    match result {
        Err(ConnectError::Invalid(errors)) => (errors.0[0].field.clone(), errors.0[0].message.clone()),
        other => panic!("{other:?}"),
    }
}

fn draft(url: &str, password: &str) -> CaldavDraft {
    CaldavDraft { url: url.to_owned(), username: USER.to_owned(), password: password.to_owned() }
}

async fn radicale_or_xandikos(db: TestDb, kind: Kind) {
    let Some(server) = Server::start(kind) else { return };
    let mut writer = Writer::to(&server).expect("the tools are there");
    let world = World::on(db).await;
    let now = world.db.now().plus_minutes(60).to_rfc3339()[..19].replace(['-', ':'], "");
    writer.calendar("work", "Work");
    writer.put("work", &format!("BEGIN:VEVENT\nUID:one\nDTSTAMP:{now}Z\nDTSTART:{now}Z\nDURATION:PT1H\nSUMMARY:One\nEND:VEVENT\n"));
    let coach = world.coach("amelie").await;
    if kind == Kind::Radicale {
        let (field, says) = wrong(world.integrations.connect_caldav(&coach.actor, draft(&server.url, "wrong")).await);
        assert!(field == "password" && says.contains("app password"), "{says}");
        world.nothing_stored().await;
    }
    let id = world.integrations.connect_caldav(&coach.actor, draft(&server.url, PASSWORD)).await.expect("a connection");
    let connected = world.found(&coach, id).await;
    assert!(connected.integration.can_write);
    let calendar = connected.calendars.iter().find(|calendar| calendar.name == "Work").expect("the calendar");
    assert!(calendar.counts_busy && calendar.writable);
    let report = world.integrations.test(&coach.actor, id).await.unwrap().expect("an integration");
    assert!(report.went_well(), "{report:?}");
    let step = |report: &TestReport| report.steps.iter().find(|step| step.what.contains("Work")).expect("a step").went.clone();
    assert_eq!(step(&report), StepResult::Ok("It has one busy time.".to_owned()));
    writer.delete("work", "one");
    let report = world.integrations.test(&coach.actor, id).await.unwrap().expect("an integration");
    assert_eq!(step(&report), StepResult::Ok("It has no busy times.".to_owned()));
    // The same account, typed another way, and then a list that has changed.
    let again = format!("{}coach/", server.url);
    assert_eq!(world.integrations.connect_caldav(&coach.actor, draft(&again, PASSWORD)).await.expect("a connection"), id);
    writer.calendar("more", "More");
    assert_eq!(world.integrations.relist(&connected.integration).await.expect("a list").added, 1);
    assert!(!dump(world.db.store()).await.contains(PASSWORD));
    drop(server);
    let report = world.integrations.test(&coach.actor, id).await.unwrap().expect("an integration");
    assert!(!report.went_well());
    let state = world.found(&coach, id).await.integration.state;
    assert_eq!((state.health, state.reason), (Health::Degraded, Some(HealthReason::Unreachable)));
    assert!(world.integrations.disconnect(&coach.actor, id).await.unwrap());
    assert_eq!(world.db.count("SELECT COUNT(secret_sealed) AS n FROM calendar_integrations").await, 0);
}

both_engines! {
    async fn a_radicale_account_is_connected(db: TestDb) {
        radicale_or_xandikos(db, Kind::Radicale).await;
    }

    async fn a_xandikos_account_is_connected(db: TestDb) {
        radicale_or_xandikos(db, Kind::Xandikos).await;
    }

    async fn what_is_typed_wrong_is_named(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let publisher = Publisher::of("<html>not a calendar".to_owned()).await;
        let connect = async |draft: CaldavDraft| wrong(world.integrations.connect_caldav(&coach.actor, draft).await);
        assert_eq!(connect(draft("", "p")).await.0, "url");
        assert_eq!(connect(draft("ftp://example.org", "p")).await.1, "The address has to begin with https:// or http://.");
        assert_eq!(connect(draft("https://u:p@example.org", "p")).await.0, "url");
        assert_eq!(connect(draft("https://example.org", "")).await.0, "password");
        assert_eq!(connect(CaldavDraft { username: " ".to_owned(), ..draft("https://example.org", "p") }).await.0, "username");
        assert_eq!(connect(CaldavDraft { username: "a:b".to_owned(), ..draft("https://example.org", "p") }).await.0, "username");
        // What follows a line feed would be taken for the password.
        assert_eq!(connect(CaldavDraft { username: "a\nb".to_owned(), ..draft("https://example.org", "p") }).await.0, "username");
        assert!(connect(draft("http://10.0.0.1/dav", "p")).await.1.contains("private network"));
        assert_eq!(connect(draft(&publisher.url, "p")).await, ("url".to_owned(), "There is no CalDAV server at this address.".to_owned()));
        let feed = async |url: &str| wrong(connect_feed(&world, &coach, url, "").await);
        assert_eq!(feed("javascript:alert(1)").await.0, "url");
        assert!(feed("http://169.254.169.254/latest/meta-data").await.1.contains("private network"));
        assert_eq!(feed(&publisher.url).await.1, "What is at this address is not a calendar.");
        for (status, says) in [(404, "There is nothing at this address."), (403, "The address asks for a login. Use the secret address, which needs none.")] {
            publisher.status.store(status, SeqCst);
            assert_eq!(feed(&publisher.url).await.1, says);
        }
        assert_eq!(wrong(connect_feed(&world, &coach, &publisher.url, &"n".repeat(81)).await).0, "name");
        publisher.status.store(503, SeqCst);
        let failing = connect_feed(&world, &coach, &publisher.url, "").await;
        assert!(matches!(failing, Err(ConnectError::Provider(CallError::ProviderDown(503)))), "{failing:?}");
        world.nothing_stored().await;
    }

    async fn a_feed_is_connected_and_its_address_is_nowhere_in_clear(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let publisher = Publisher::of(feed(&world)).await;
        let integration = connect_feed(&world, &coach, &publisher.url, "").await.expect("a connection");
        assert_eq!((integration.kind, integration.account_label.as_str(), integration.can_write), (ProviderKind::IcsFeed, "Rota", false));
        let named = connect_feed(&world, &coach, &publisher.url, "Hospital").await.expect("a connection");
        assert_eq!((named.id, named.account_label.as_str()), (integration.id, "Hospital"));
        let calendars = world.found(&coach, integration.id).await.calendars;
        assert_eq!(calendars.len(), 1);
        assert!(calendars[0].counts_busy && calendars[0].name == "Hospital" && !calendars[0].writable);
        let report = world.integrations.test(&coach.actor, integration.id).await.unwrap().expect("an integration");
        assert!(report.went_well() && format!("{report:?}").contains("It has one busy time."), "{report:?}");
        let shown = dump(world.db.store()).await + &format!("{named:?} {report:?}");
        assert!(!shown.contains("s3cr3tk3y") && !shown.contains("private-0a1b2c3d4e5f"));
        publisher.status.store(410, SeqCst);
        assert!(!world.integrations.test(&coach.actor, integration.id).await.unwrap().unwrap().went_well());
        let state = world.found(&coach, integration.id).await.integration.state;
        assert_eq!((state.health, state.reason), (Health::Degraded, Some(HealthReason::Gone)));
    }

    async fn a_feed_is_fetched_again_only_when_it_changed(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let publisher = Publisher::of(feed(&world)).await;
        let integration = connect_feed(&world, &coach, &publisher.url, "").await.expect("a connection");
        let id = world.found(&coach, integration.id).await.calendars[0].id;
        let window = Interval::of_minutes(world.db.now(), 24 * 60);
        let held = world.tokens.ensure_valid(&integration, Force::No).await.expect("the address");
        let providers: &Providers = &world.providers;
        let provider = providers.get(ProviderKind::IcsFeed).expect("feeds");
        let read = async |sync_state: Option<String>| {
            let calendar = CalendarToRead {
                id,
                external_id: "feed".to_owned(),
                external_kind: String::new(),
                credential_ref: None,
                zone: Zone::utc(),
                sync_state,
            };
            let access = Access { integration: &integration, secret: &held.secret };
            provider.busy(&access, &BusyAsk { window, calendars: &[calendar] }).await.expect("an answer").remove(0).busy
        };
        let before = publisher.sent.load(SeqCst);
        let Busy::Known { spans, sync_state, next_after } = read(None).await else { panic!("known") };
        assert_eq!((spans.len(), next_after), (1, Some(std::time::Duration::from_mins(15))));
        assert!(matches!(read(sync_state).await, Busy::Unchanged { next_after: Some(_) }));
        assert_eq!(publisher.sent.load(SeqCst), before + 1);
        // A mark of another version is none.
        assert!(matches!(read(Some("{".to_owned())).await, Busy::Known { .. }));
    }
}
