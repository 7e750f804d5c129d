//! Sessions in people's own calendars, read by our own reader and, where it is installed, by a library that others wrote.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use wellmet::{
    bookings::{BookRequest, Booking},
    integrations::{
        ical::{BusyContext, Limits, busy_of},
        providers::uid_of,
    },
    limits::{LimitError, LimitSettings, Limits as Attempts},
    model::{Place, PlaceKind},
    notices::{CalendarText, Feeds},
    time::{Interval, Secret, Zone},
};

use crate::{
    bookings_world::{Server, at},
    support::{TestDb, both_engines},
    tools::tool,
};

const SITE: &str = "https://booking.example.org";

fn feeds(db: &TestDb) -> Feeds {
    Feeds::new(db.deps(), Attempts::new(db.deps(), LimitSettings::NONE), SITE)
}

async fn read(feeds: &Feeds, secret: &Secret) -> Option<CalendarText> {
    feeds.read(secret, Some("192.0.2.1")).await.unwrap()
}

/// The lines of `text`, unfolded.
fn lines(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The events of `text` by UID, each as its lines.
fn events(text: &str) -> Vec<Vec<String>> {
    let all = lines(text);
    let parts = all.split(|line| line == "BEGIN:VEVENT").skip(1);
    parts.map(|part| part.iter().take_while(|line| *line != "END:VEVENT").cloned().collect()).collect()
}

fn event_of<'a>(events: &'a [Vec<String>], booking: &Booking) -> &'a [String] {
    let uid = format!("UID:{}", uid_of(booking.id));
    let found: Vec<_> = events.iter().filter(|event| event.contains(&uid)).collect();
    assert_eq!(found.len(), 1, "one event for {}: {events:?}", booking.id);
    found[0]
}

/// What our own reader takes for busy in it.
fn busy(text: &str) -> Vec<Interval> {
    let window = Interval { start: at("2026-09-01T00:00:00Z"), end: at("2027-03-01T00:00:00Z") };
    let read = busy_of(text, &BusyContext { home_zone: Zone::utc(), window, limits: Limits::default() }).unwrap();
    assert!(read.notes.is_empty(), "{:?}", read.notes);
    read.spans
}

/// As Python's `icalendar` reads it; `None` where that is not installed.
fn independent(text: &str) -> Option<Value> {
    let python = tool("python")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/calendars/feed.py");
    let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    writeln!(child.stdin.take().unwrap(), "{}", json!({ "text": text })).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the library refuses it: {text}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

both_engines! {
    async fn a_feed_says_what_is_agreed_asked_for_and_called_off(db: TestDb) {
        let (coach, mentee, other) = (db.coach("cora").await, db.mentee("mia").await, db.mentee("otto").await);
        db.accounts().update_profile(mentee.into(), "Mia, \"the\" Ö; \\ <b>", "Europe/Lisbon").await.unwrap();
        let (server, feeds) = (Server::of(&db), feeds(&db));
        let kind = server.kind(&coach, |draft| draft.place = Place { kind: PlaceKind::Jitsi, value: String::new() }).await;
        let link = Place { kind: PlaceKind::Link, value: "https://meet.example/cora".into() };
        let asked = server.kind(&coach, |draft| (draft.name, draft.approval_required, draft.place) = ("Asked".into(), true, link)).await;
        let (secret, _) = server.hold(&coach, &kind, at("2026-11-03T10:00:00Z")).await.unwrap();
        let request = BookRequest { notes: "My private words".into(), ..BookRequest::default() };
        let moved = server.bookings.book(&mentee, &secret, request).await.unwrap();
        let gone = server.book(&mentee, &coach, &kind, at("2026-11-04T10:00:00Z")).await;
        let request = server.book(&mentee, &coach, &asked, at("2026-11-05T10:00:00Z")).await;
        let others = server.book(&other, &coach, &kind, at("2026-11-06T10:00:00Z")).await;
        db.clock().advance(Duration::from_secs(90));
        let moved = server.bookings.reschedule(coach, moved.id, at("2026-11-03T12:00:00Z"), "so").await.unwrap();
        server.bookings.cancel(mentee, gone.id, "").await.unwrap();

        let own = feeds.renew(mentee).await.unwrap();
        let text = read(&feeds, &own).await.unwrap().text;
        let found = events(&text);
        assert_eq!(found.len(), 3, "{text}");
        let has = |booking: &Booking, wanted: &[&str]| {
            let event = event_of(&found, booking);
            for line in wanted {
                assert!(event.iter().any(|have| have == line), "{line}: {event:?}");
            }
        };
        let page = format!("URL:{SITE}/bookings/{}", moved.id);
        has(&moved, &["STATUS:CONFIRMED", "SEQUENCE:1", "DTSTART:20261103T120000Z", "DTEND:20261103T130000Z", "DTSTAMP:20261102T080130Z", &page]);
        has(&moved, &[&format!("LOCATION:{}", moved.meeting_link().unwrap()), "SUMMARY:Coaching session with cora"]);
        has(&gone, &["STATUS:CANCELLED", "SEQUENCE:1"]);
        has(&request, &["STATUS:TENTATIVE", "SEQUENCE:0", "SUMMARY:Requested: Asked with cora"]);
        assert!(!text.contains("meet.example"), "the link is told when it is agreed: {text}");
        assert!(!text.contains("private words") && !text.contains(others.id.as_str()) && !text.contains("METHOD"), "{text}");
        let span = |booking: &Booking| Interval { start: booking.starts_at, end: booking.ends_at };
        assert_eq!(busy(&text), [span(&moved), span(&request)], "what was called off takes no time");

        let coachs = feeds.renew(coach).await.unwrap();
        let text = read(&feeds, &coachs).await.unwrap().text;
        assert_eq!((events(&text).len(), busy(&text).len()), (4, 3), "{text}");
        assert!(lines(&text).contains(&"SUMMARY:Coaching session with Mia\\, \"the\" Ö\\; \\\\ <b>".to_owned()), "{text}");
        let Some(theirs) = independent(&text) else { return };
        assert_eq!((&theirs["name"], &theirs["refresh"], &theirs["method"]), (&json!("Wellmet sessions"), &json!(3600), &Value::Null));
        let one = theirs["events"].as_array().unwrap().iter().find(|event| event["uid"] == uid_of(moved.id).as_str()).unwrap();
        assert_eq!(one["summary"], "Coaching session with Mia, \"the\" Ö; \\ <b>");
        assert_eq!((one["start"].as_i64(), one["end"].as_i64()), (Some(moved.starts_at.millis() / 1000), Some(moved.ends_at.millis() / 1000)));
        assert_eq!((&one["sequence"], &one["status"], &one["people"]), (&json!(1), &json!("CONFIRMED"), &json!([])));
        assert_eq!(one["location"].as_str(), moved.meeting_link().as_deref());
        let statuses: Vec<_> = theirs["events"].as_array().unwrap().iter().map(|event| event["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["CONFIRMED", "CANCELLED", "TENTATIVE", "CONFIRMED"]);
    }

    async fn what_is_long_over_leaves_the_feed(db: TestDb) {
        let (coach, mentee) = (db.coach("cora").await, db.mentee("mia").await);
        let (server, feeds) = (Server::of(&db), feeds(&db));
        let kind = server.kind(&coach, |_| {}).await;
        let kept = server.book(&mentee, &coach, &kind, at("2026-11-03T10:00:00Z")).await;
        let gone = server.book(&mentee, &coach, &kind, at("2026-12-28T10:00:00Z")).await;
        server.bookings.cancel(mentee, gone.id, "").await.unwrap();
        let secret = feeds.renew(mentee).await.unwrap();
        let first = read(&feeds, &secret).await.unwrap();
        assert_eq!(events(&first.text).len(), 2);
        assert_eq!(read(&feeds, &secret).await.unwrap(), first, "the same until something changes");
        db.clock().set(at("2026-12-03T08:00:00Z"));
        let later = read(&feeds, &secret).await.unwrap();
        assert_eq!(events(&later.text).len(), 1, "called off more than 30 days ago");
        event_of(&events(&later.text), &kept);
        assert_ne!(later.tag, first.tag);
        db.clock().set(at("2026-12-03T12:00:00Z"));
        assert_eq!(events(&read(&feeds, &secret).await.unwrap().text), [[""; 0]; 0], "over for more than 30 days");
    }

    async fn an_address_ends_with_the_next_one_with_the_switch_and_with_the_account(db: TestDb) {
        let (mentee, other, admin) = (db.mentee("mia").await, db.mentee("otto").await, db.admin("ada").await);
        let feeds = feeds(&db);
        assert_eq!(feeds.status(mentee).await.unwrap(), None);
        let (first, strangers) = (feeds.renew(mentee).await.unwrap(), feeds.renew(other).await.unwrap());
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM calendar_feeds WHERE length(secret_hash) = 43").await, 2);
        let stored: String = db.row("SELECT MAX(secret_hash) AS h FROM calendar_feeds").await.get("h").unwrap();
        assert!(![first.expose(), strangers.expose()].contains(&stored.as_str()), "stored hashed");
        assert_eq!(feeds.status(mentee).await.unwrap().unwrap().last_read_at, None);
        assert!(read(&feeds, &first).await.is_some());
        let begun = db.now();
        assert_eq!(feeds.status(mentee).await.unwrap().unwrap().last_read_at, Some(begun));
        db.clock().advance(Duration::from_secs(30));
        assert!(read(&feeds, &first).await.is_some());
        assert_eq!(feeds.status(mentee).await.unwrap().unwrap().last_read_at, Some(begun), "to the minute");
        db.clock().advance(Duration::from_secs(30));
        assert!(read(&feeds, &first).await.is_some());
        assert_eq!(feeds.status(mentee).await.unwrap().unwrap().last_read_at, Some(db.now()));
        let second = feeds.renew(mentee).await.unwrap();
        assert_eq!((read(&feeds, &first).await, read(&feeds, &second).await.is_some()), (None, true));
        feeds.switch_off(mentee).await.unwrap();
        assert_eq!((read(&feeds, &second).await, feeds.status(mentee).await.unwrap()), (None, None));
        assert!(read(&feeds, &strangers).await.is_some(), "otto's is otto's");
        db.accounts().set_active(&admin, other.id(), false).await.unwrap();
        assert_eq!(read(&feeds, &strangers).await, None);
    }

    async fn one_booking_is_a_file_for_its_parties(db: TestDb) {
        let (coach, mentee, other, admin) = (db.coach("cora").await, db.mentee("mia").await, db.mentee("otto").await, db.admin("ada").await);
        let (server, feeds) = (Server::of(&db), feeds(&db));
        let kind = server.kind(&coach, |draft| draft.place = Place { kind: PlaceKind::InPerson, value: "Main Street 1; Berlin".into() }).await;
        let booking = server.book(&mentee, &coach, &kind, at("2026-11-03T10:00:00Z")).await;
        let text = feeds.one(mentee, booking.id).await.unwrap().unwrap().text;
        let all = lines(&text);
        for line in ["METHOD:PUBLISH", "SEQUENCE:0", "LOCATION:Main Street 1\\; Berlin", "SUMMARY:Coaching session with cora"] {
            assert!(all.contains(&line.to_owned()), "{line}: {text}");
        }
        assert_eq!((events(&text).len(), busy(&text)), (1, vec![booking.session()]));
        let coachs = feeds.one(coach, booking.id).await.unwrap().unwrap().text;
        assert!(lines(&coachs).contains(&"SUMMARY:Coaching session with mia".to_owned()), "{coachs}");
        assert_eq!((feeds.one(other, booking.id).await.unwrap(), feeds.one(admin, booking.id).await.unwrap()), (None, None));
        if let Some(theirs) = independent(&text) {
            assert_eq!((&theirs["method"], &theirs["events"][0]["location"]), (&json!("PUBLISH"), &json!("Main Street 1; Berlin")));
        }
    }

    async fn one_address_does_not_read_without_end(db: TestDb) {
        let mentee = db.mentee("mia").await;
        let limits = Attempts::new(db.deps(), LimitSettings { feeds_per_address: 3, ..LimitSettings::NONE });
        let feeds = Feeds::new(db.deps(), limits, SITE);
        let secret = feeds.renew(mentee).await.unwrap();
        for _ in 0..3 {
            assert!(feeds.read(&secret, Some("192.0.2.1")).await.unwrap().is_some());
        }
        assert!(matches!(feeds.read(&secret, Some("192.0.2.1")).await, Err(LimitError::TooMany { .. })));
        assert!(feeds.read(&secret, Some("192.0.2.2")).await.unwrap().is_some());
        db.clock().advance(Duration::from_hours(1));
        assert!(feeds.read(&secret, Some("192.0.2.1")).await.unwrap().is_some());
    }
}
