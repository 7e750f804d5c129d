//! What the servers at hand do not do: answers that are lost, marks that are weak or missing, preconditions in other words. Real
//! servers are in `tests/it`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use super::*;
use crate::{
    integrations::safe_fetch::{
        Login,
        testing::{Answer, Server, fetch, http},
    },
    model::Instant,
    time::Zone,
};

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn draft(attempt: u32) -> EventDraft {
    EventDraft {
        key: EventKey { booking: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(), attempt },
        start: at("2026-12-01T09:00:00Z"),
        end: at("2026-12-01T10:00:00Z"),
        zone: Zone::utc(),
        summary: "Coaching".into(),
        description: String::new(),
        location: String::new(),
        page: "https://wellmet.example/b".into(),
        sequence: 1,
        stamp: at("2026-11-02T08:00:00Z"),
        wants_link: false,
        mentee: (String::new(), String::new()),
    }
}

fn moved(attempt: u32) -> EventDraft {
    EventDraft { start: at("2026-12-02T09:00:00Z"), end: at("2026-12-02T10:00:00Z"), sequence: 2, ..draft(attempt) }
}

const FILE: &str = "/cal/01arz3ndektsv4rrffq69g5fav-1.ics";

/// The objects of a small server: text and version by path.
type Files = Arc<Mutex<BTreeMap<String, (String, u32)>>>;

/// A request by method, path and body, and what it finds.
struct Seen<'a> {
    asked: String,
    path: String,
    request: &'a str,
    files: Files,
}

impl Seen<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let head = self.request.split("\r\n\r\n").next().unwrap();
        head.lines().find_map(|line| line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name))).map(|(_, value)| value)
    }

    /// Does what a server does.
    fn usual(&self, marks: Marks) -> Answer {
        let mut files = self.files.lock().unwrap();
        let there = files.get(&self.path).cloned();
        let version = there.as_ref().map_or(0, |(_, version)| *version);
        let fits = self.header("if-match").is_none_or(|wanted| there.is_some() && wanted == format!("\"{version}\""));
        match self.asked.as_str() {
            "GET" => match there {
                Some((text, version)) => http("200 OK", &marks.when_got(version), text.as_bytes()),
                None => http("404 Not Found", "", b""),
            },
            _ if !fits || self.header("if-none-match").is_some() && there.is_some() => http("412 Precondition Failed", "", b""),
            "PUT" => {
                let text = self.request.split_once("\r\n\r\n").unwrap().1.to_owned();
                assert!(text.contains("END:VCALENDAR"), "{text}");
                files.insert(self.path.clone(), (text, version + 1));
                http("201 Created", &marks.when_put(version + 1), b"")
            }
            "DELETE" => {
                let found = files.remove(&self.path).is_some();
                http(if found { "204 No Content" } else { "404 Not Found" }, "", b"")
            }
            other => panic!("{other}"),
        }
    }
}

/// What marks a server gives.
#[derive(Clone, Copy)]
enum Marks {
    Strong,
    /// It changes what it is given, and says so by giving none.
    NotWhenPut,
    /// As GMX does.
    WeakWhenPut,
    Weak,
}

impl Marks {
    fn when_put(self, version: u32) -> String {
        match self {
            Self::Strong => format!("ETag: \"{version}\"\r\n"),
            Self::NotWhenPut => String::new(),
            Self::WeakWhenPut | Self::Weak => format!("ETag: W/\"{version}\"\r\n"),
        }
    }

    fn when_got(self, version: u32) -> String {
        if matches!(self, Self::Weak) { self.when_put(version) } else { Self::Strong.when_put(version) }
    }
}

/// A server that answers `special` where that is something, and else as servers do. With its objects.
async fn server(marks: Marks, special: impl Fn(&Seen<'_>) -> Option<Answer> + Send + 'static) -> (Server, Place, Files) {
    let files = Files::default();
    let shared = files.clone();
    let server = Server::start(move |request| {
        let mut words = request.split(' ');
        let (asked, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let seen = Seen { asked, path, request, files: shared.clone() };
        special(&seen).unwrap_or_else(|| seen.usual(marks))
    })
    .await;
    let client = Caldav::new(fetch(), Login { user: "maya".into(), password: "s3cret".into() });
    let calendar = client.fetch.address(&server.url("/cal/")).unwrap();
    (server, Place { client, calendar }, files)
}

fn asked(server: &Server) -> Vec<String> {
    server.seen().iter().map(|request| request.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

fn known(state: &EventState, attempt: u32) -> EventRef {
    EventRef { key: draft(attempt).key, external_id: Some(state.external_id.clone()), etag: state.etag.clone() }
}

/// The times of the only object.
fn only(files: &Files) -> (String, String) {
    let files = files.lock().unwrap();
    assert_eq!(files.len(), 1, "{files:?}");
    let text = &files.values().next().unwrap().0;
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    (line("DTSTART:"), line("DTEND:"))
}

fn first() -> (String, String) {
    ("20261201T090000Z".to_owned(), "20261201T100000Z".to_owned())
}

fn second() -> (String, String) {
    ("20261202T090000Z".to_owned(), "20261202T100000Z".to_owned())
}

#[tokio::test]
async fn a_mark_that_is_missing_or_weak_is_looked_up() {
    for marks in [Marks::Strong, Marks::NotWhenPut, Marks::WeakWhenPut, Marks::Weak] {
        let (server, place, files) = server(marks, |_| None).await;
        let made = place.create(&draft(1)).await.unwrap();
        assert_eq!(made.etag.as_deref(), if matches!(marks, Marks::Weak) { None } else { Some("\"1\"") });
        assert_eq!(made.external_id, server.url(FILE));
        let looks = usize::from(!matches!(marks, Marks::Strong));
        assert_eq!(asked(&server).len(), 1 + looks);
        let state = place.update(&known(&made, 1), &moved(1)).await.unwrap();
        assert_eq!(only(&files), second());
        place.remove(&known(&state, 1)).await.unwrap();
        assert!(files.lock().unwrap().is_empty());
        // Without a mark that can be compared it is looked at before it is changed, so that nothing deleted comes back.
        assert_eq!(place.update(&known(&state, 1), &draft(1)).await, Err(WriteError::Deleted));
        assert!(files.lock().unwrap().is_empty());
        assert!(server.seen().iter().all(|request| !request.to_lowercase().contains("if-match: *") && !request.contains("W/")));
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_again() {
    let turns = Mutex::new(0);
    let (server, place, files) = server(Marks::Strong, move |seen| {
        let mut turns = turns.lock().unwrap();
        *turns += 1;
        // Every first try is done, and the connection is closed without a word, or in the middle of one.
        (matches!(*turns, 1 | 4 | 6)).then(|| {
            let answer = seen.usual(Marks::Strong);
            if *turns == 1 { Answer::Bytes(Vec::new()) } else { cut(answer) }
        })
    })
    .await;
    assert_eq!(place.create(&draft(1)).await, Err(CallError::Unreachable.into()));
    assert_eq!(only(&files), first());
    // 2: it is there; 3: what is it?; 4: brought up to date, and lost again.
    let error = place.create(&moved(1)).await.unwrap_err();
    assert!(matches!(error, WriteError::Call(_)), "{error:?}");
    assert_eq!(only(&files), second());
    let at = EventRef { key: draft(1).key, external_id: Some(server.url(FILE)), etag: Some("\"1\"".into()) };
    // 5: what is it?; 6: the mark is of before, and the answer that says so is cut.
    let error = place.update(&at, &draft(1)).await.unwrap_err();
    assert!(matches!(error, WriteError::Call(_)), "{error:?}");
    assert_eq!(place.update(&at, &draft(1)).await, Err(WriteError::Changed));
    place.update(&EventRef { etag: None, ..at }, &draft(1)).await.unwrap();
    assert_eq!(only(&files), first());
}

/// An answer that ends too soon.
fn cut(answer: Answer) -> Answer {
    let Answer::Bytes(bytes) = answer else { panic!("a whole answer") };
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let head: Vec<_> = head.lines().filter(|line| !line.starts_with("Content-Length")).collect();
    Answer::Bytes(format!("{}\r\nContent-Length: {}\r\n\r\n{body}", head.join("\r\n"), body.len() + 9).into_bytes())
}

fn conflict(status: &str, inside: &str) -> Answer {
    let text = format!(
        "<?xml version=\"1.0\"?><D:error xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:no-uid-conflict>{inside}</C:no-uid-conflict></D:error>"
    );
    http(status, "Content-Type: application/xml\r\n", text.as_bytes())
}

#[tokio::test]
async fn the_coachs_reminders_are_kept() {
    let (_server, place, files) = server(Marks::Strong, |_| None).await;
    let made = place.create(&draft(1)).await.unwrap();
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n";
    let text = text_of(&draft(1)).replace("END:VEVENT", &format!("{alarm}END:VEVENT"));
    files.lock().unwrap().insert(FILE.into(), (text, 1));
    place.update(&known(&made, 1), &moved(1)).await.unwrap();
    assert_eq!(only(&files), second());
    place.create(&draft(1)).await.unwrap();
    assert_eq!(only(&files), first());
    let text = files.lock().unwrap()[FILE].0.clone();
    assert!(text.contains(&format!("{alarm}END:VEVENT\r\n")) && text.matches("VALARM").count() == 2, "{text}");
}

#[tokio::test]
async fn the_same_uid_elsewhere_in_the_calendar_is_the_same_event() {
    for (status, href) in [("409 Conflict", "<D:href>/cal/moved.ics</D:href>"), ("412 Precondition Failed", ""), ("403 Forbidden", "")] {
        let (server, place, files) = server(Marks::Strong, move |seen| match seen.asked.as_str() {
            "PUT" if seen.path != "/cal/moved.ics" => Some(conflict(status, href)),
            "REPORT" => {
                assert!(seen.request.contains(">01arz3ndektsv4rrffq69g5fav@wellmet</C:text-match>"), "{}", seen.request);
                let found = "<multistatus xmlns=\"DAV:\"><response><href>/cal/moved.ics</href><propstat><prop><getetag>\"1\"</getetag></prop>\
                    <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>";
                Some(http("207 Multi-Status", "", found.as_bytes()))
            }
            _ => None,
        })
        .await;
        files.lock().unwrap().insert("/cal/moved.ics".into(), (text_of(&draft(1)), 1));
        let state = place.create(&moved(2)).await.unwrap();
        assert_eq!((state.external_id.as_str(), state.etag.as_deref()), (server.url("/cal/moved.ics").as_str(), Some("\"2\"")));
        assert_eq!(only(&files), second());
        assert_eq!(asked(&server).iter().any(|one| one.starts_with("REPORT")), href.is_empty());
        let at = EventRef { key: draft(2).key, external_id: None, etag: None };
        assert_eq!(place.find(&at).await.unwrap().map(|object| object.address.path().to_owned()).as_deref(), Some("/cal/moved.ics"));
    }
}

#[tokio::test]
async fn the_same_uid_in_another_calendar_is_left_alone() {
    let (server, place, files) = server(Marks::Strong, |seen| match seen.asked.as_str() {
        "PUT" => Some(conflict("409 Conflict", "<D:href>/private/x.ics</D:href>")),
        "REPORT" => Some(http("207 Multi-Status", "", b"<multistatus xmlns=\"DAV:\"/>")),
        _ => None,
    })
    .await;
    files.lock().unwrap().insert("/private/x.ics".into(), (text_of(&draft(1)), 1));
    assert_eq!(place.create(&moved(1)).await, Err(CallError::Refused(409).into()));
    assert_eq!(only(&files), first());
    assert!(!asked(&server).iter().any(|one| one.contains("/private")), "{:?}", asked(&server));
}

#[tokio::test]
async fn a_name_that_something_else_has_is_spent() {
    let (_server, place, files) = server(Marks::Strong, |_| None).await;
    let foreign = text_of(&draft(1)).replace("01arz3ndektsv4rrffq69g5fav@wellmet", "dentist");
    files.lock().unwrap().insert(FILE.into(), (foreign, 1));
    assert_eq!(place.create(&moved(1)).await, Err(WriteError::IdSpent));
    assert_eq!(only(&files), first());
    // Nothing may be seen there, yet the name is taken: a server with a bin.
    let (_server, place, _) = server(Marks::Strong, |seen| (seen.asked == "PUT").then(|| http("412 Precondition Failed", "", b""))).await;
    assert_eq!(place.create(&draft(1)).await, Err(WriteError::IdSpent));
}

#[tokio::test]
async fn somebody_who_writes_at_the_same_time_is_not_written_over() {
    // Whoever looks finds that it has changed since.
    let (_server, place, files) = server(Marks::Strong, |seen| {
        (seen.asked == "GET").then(|| {
            let answer = seen.usual(Marks::Strong);
            seen.files.lock().unwrap().get_mut(FILE).unwrap().1 += 1;
            answer
        })
    })
    .await;
    files.lock().unwrap().insert(FILE.into(), (text_of(&draft(1)), 1));
    assert_eq!(place.create(&moved(1)).await, Err(WriteError::Changed));
    assert_eq!(only(&files), first());
}

#[tokio::test]
async fn a_refusal_is_read_by_what_it_names() {
    let named = |name: &str| format!("<error xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:{name}/></error>");
    let cases: [(&'static str, String, CallError); 9] = [
        ("412 Precondition Failed", named("valid-calendar-data"), CallError::Refused(412)),
        ("400 Bad Request", String::new(), CallError::Refused(400)),
        ("401 Unauthorized", String::new(), CallError::WrongPassword),
        ("403 Forbidden", named("need-privileges"), CallError::NotOurs),
        ("404 Not Found", String::new(), CallError::Gone),
        ("409 Conflict", String::new(), CallError::Gone),
        ("429 Too Many Requests", String::new(), CallError::RateLimited(None)),
        ("500 Internal Server Error", String::new(), CallError::ProviderDown(500)),
        ("507 Insufficient Storage", String::new(), CallError::ProviderDown(507)),
    ];
    for (status, body, error) in cases {
        let (_server, place, files) =
            server(Marks::Strong, move |seen| matches!(seen.asked.as_str(), "PUT" | "DELETE").then(|| http(status, "", body.as_bytes())))
                .await;
        files.lock().unwrap().insert(FILE.into(), (text_of(&draft(1)), 1));
        assert_eq!(place.create(&moved(1)).await, Err(error.clone().into()), "{status}");
        let at = EventRef { key: draft(1).key, external_id: None, etag: None };
        if error != CallError::Gone {
            assert_eq!(place.update(&at, &moved(1)).await, Err(error.clone().into()), "{status}");
            assert_eq!(place.remove(&at).await, Err(error.into()), "{status}");
        }
        assert_eq!(only(&files), first());
    }
    let (_server, place, _) = server(Marks::Strong, |_| Some(Answer::Silence)).await;
    assert_eq!(place.create(&draft(1)).await, Err(CallError::TimedOut.into()));
}

#[tokio::test]
async fn what_is_stored_of_another_host_is_not_asked_for_with_this_password() {
    let (server, place, _) = server(Marks::Strong, |_| None).await;
    let at = EventRef { key: draft(1).key, external_id: Some("http://stranger.example/x.ics".into()), etag: Some("\"1\"".into()) };
    assert_eq!(place.update(&at, &draft(1)).await, Err(CallError::AddressRefused.into()));
    assert_eq!(place.remove(&at).await, Err(CallError::AddressRefused.into()));
    assert!(asked(&server).is_empty());
}

#[test]
fn the_text_invites_nobody_and_has_both_times() {
    let text = text_of(&draft(1));
    assert!(text.contains("DTSTART:20261201T090000Z\r\n") && text.contains("DTEND:20261201T100000Z\r\n"), "{text}");
    assert!(text.contains("UID:01arz3ndektsv4rrffq69g5fav@wellmet\r\n"), "{text}");
    for no in ["METHOD", "ATTENDEE", "ORGANIZER"] {
        assert!(!text.contains(no), "{text}");
    }
}
