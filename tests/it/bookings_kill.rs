//! A server killed without warning, in the middle of bookings: what it acknowledged is stored, the rest is not there at
//! all, and the next server works at once.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use tokio::task::JoinSet;
use wellmet::{
    Deps,
    accounts::{Actor, ClientInfo, Identity},
    limits::LimitSettings,
    model::{BookingId, Instant},
    store::{Store, sql},
    time::{ManualClock, SystemIds},
};

use crate::{
    bookings_world::{Server, at},
    invariants::assert_sound,
    support::{PASSWORD, TestDb, accounts, both_engines},
};

/// Names the database to the process that is killed.
const URL: &str = "WELLMET_TEST_KILL_URL";

async fn sign_in(deps: &Deps, name: &str) -> Identity {
    let accounts = accounts(deps.clone(), LimitSettings::NONE);
    accounts.sign_in(&format!("{name}@example.org"), PASSWORD, &ClientInfo::default()).await.expect("signed in").0
}

/// Not a test: the server that is killed. Books whatever is free and says so, until it is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the tests below"]
async fn victim() {
    let Ok(url) = env::var(URL) else { return };
    let store = Store::connect(&url).await.unwrap();
    let deps = Deps { store, clock: Arc::new(ManualClock::at(at("2026-11-02T08:00:00Z"))), ids: Arc::new(SystemIds) };
    let (coach, mentee) = (sign_in(&deps, "maya").await.coach().unwrap(), sign_in(&deps, "ana").await.mentee().unwrap());
    let server = Server::on(deps, LimitSettings::NONE);
    let kind = server.offers.by_id(coach.id()).await.unwrap().unwrap().session_types.last().unwrap().clone();
    let starts = server.starts(&coach, &kind, at("2026-11-03T00:00:00Z"), 50).await;
    let mut clients = JoinSet::new();
    for client in 0..4 {
        let (server, kind, starts) = (server.clone(), kind.clone(), starts.clone());
        clients.spawn(async move {
            for start in starts.into_iter().skip(client).step_by(4) {
                // Another client may have moved a booking there.
                let Ok(booking) = server.try_book(&mentee, &coach, &kind, start).await else { continue };
                println!("\nbooked {} {}", booking.id, booking.starts_at.millis());
                let moved = server.bookings.reschedule(Actor::from(coach), booking.id, start.plus_minutes(5), "moved").await;
                if let Ok(moved) = moved {
                    println!("\nbooked {} {}", moved.id, moved.starts_at.millis());
                }
            }
        });
    }
    clients.join_all().await;
}

/// Runs the victim until it has said `lines` things, kills it, and gives the last it said of each booking.
fn kill_after(url: &str, lines: usize) -> BTreeMap<BookingId, Instant> {
    let this = env::current_exe().expect("this program");
    let mut victim = Command::new(this)
        .args(["--exact", "bookings_kill::victim", "--ignored", "--nocapture"])
        .env(URL, url)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the victim starts");
    let said = BufReader::new(victim.stdout.take().expect("its words")).lines();
    let mut told = BTreeMap::new();
    let mut heard = 0;
    for line in said.map_while(Result::ok) {
        // The pipe may hold more than was asked for: all of it was acknowledged. A line cut short was not.
        let mut words = line.split_whitespace();
        if let (Some("booked"), Some(id), Some(start)) = (words.next(), words.next(), words.next())
            && let (Ok(id), Ok(start)) = (id.parse(), start.parse())
        {
            told.insert(id, Instant::from_millis(start));
            heard += 1;
        }
        if heard == lines {
            victim.kill().expect("killed");
        }
    }
    victim.wait().expect("gone");
    assert!(heard >= lines, "the victim died by itself after {heard}");
    told
}

pub(crate) async fn url_of(db: &TestDb) -> String {
    if let Some(path) = db.store().sqlite_path() {
        return format!("sqlite:{}", path.display());
    }
    let server = env::var("TEST_POSTGRES_URL").expect("there is a server");
    let name: String = db.row("SELECT current_database() AS name").await.get("name").expect("a name");
    let (place, options) = server.split_once('?').map_or((server.as_str(), String::new()), |(place, rest)| (place, format!("?{rest}")));
    format!("{}/{name}{options}", place.rsplit_once('/').expect("a database").0)
}

both_engines! {
    async fn what_it_acknowledged_is_there(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| (draft.rules.duration_minutes, draft.rules.step_minutes) = (5, 5)).await;
        let url = url_of(&db).await;
        let mut told = BTreeMap::new();
        for lines in [7, 26] {
            let url = url.clone();
            told.extend(tokio::task::spawn_blocking(move || kill_after(&url, lines)).await.unwrap());
            let rows = sql("SELECT id, starts_at, status FROM bookings WHERE status <> 'cancelled'").all(db.store()).await.unwrap();
            let stored: BTreeMap<BookingId, (Instant, String)> =
                rows.iter().map(|row| (row.get("id").unwrap(), (row.get("starts_at").unwrap(), row.get("status").unwrap()))).collect();
            for (id, start) in &told {
                let (now, status) = &stored[id];
                // Moved, but killed before it could say so.
                assert!(now == start || *now == start.plus_minutes(5), "{id}: {start:?} {now:?}");
                assert_eq!(status, "confirmed");
            }
            // At most what each of the four clients was about to say is there beyond.
            assert!(stored.len() <= told.len() + 8, "{} {}", stored.len(), told.len());
            assert_sound(db.store()).await;
            let next = *server.starts(&coach, &kind, db.now(), 30).await.last().expect("a free time");
            let mine = server.book(&mentee, &coach, &kind, next).await;
            server.bookings.cancel(mentee, mine.id, "").await.unwrap();
            assert_sound(db.store()).await;
        }
    }
}
