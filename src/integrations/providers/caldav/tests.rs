//! What no server at hand does: accounts on other hosts, failures inside answers, servers without tokens. Real servers are in
//! `tests/calendars`.

use std::time::Duration;

use super::*;
use crate::{
    integrations::{
        ical::{BusyContext, Limits},
        safe_fetch::{
            Login,
            testing::{Answer, Server, fetch, http},
        },
    },
    model::Instant,
    time::{Interval, Zone},
};

fn client() -> Caldav {
    Caldav::new(fetch(), Login { user: "maya".into(), password: "s3cret".into() })
}

fn multi(inside: &str) -> Answer {
    let text = format!(
        "<?xml version=\"1.0\"?><x:multistatus xmlns:x=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:n=\"http://nextcloud.com/ns\">{inside}</x:multistatus>"
    );
    http("207 Multi-Status", "Content-Type: text/xml\r\n", text.as_bytes())
}

/// One response with properties that were found.
fn found(href: &str, properties: &str) -> String {
    format!(
        "<x:response><x:href>{href}</x:href><x:propstat><x:status>HTTP/1.1 200 OK</x:status><x:prop>{properties}</x:prop></x:propstat></x:response>"
    )
}

/// A server whose answers are told by method and path, as `PROPFIND /dav/`.
async fn server(answers: impl Fn(&str, &str) -> Answer + Send + 'static) -> Server {
    Server::start(move |request| {
        let words: Vec<_> = request.split(' ').take(2).collect();
        answers(&words.join(" "), request)
    })
    .await
}

async fn discovered(server: &Server, path: &str) -> Result<Account, CaldavError> {
    let client = client();
    let address = client.fetch.address(&server.url(path)).unwrap();
    discover(&client, &address).await
}

fn context() -> BusyContext {
    let start = Instant::parse_rfc3339("2026-06-01T00:00:00Z").unwrap();
    BusyContext { home_zone: Zone::utc(), window: Interval { start, end: start.plus_minutes(44_640) }, limits: Limits::default() }
}

const CALENDAR: &str = "<x:resourcetype><x:collection/><c:calendar/></x:resourcetype>";

/// A home of all kinds of things.
fn home() -> String {
    let privileges =
        |name: &str| format!("<x:current-user-privilege-set><x:privilege><x:{name}/></x:privilege></x:current-user-privilege-set>");
    let holding =
        |name: &str| format!("<c:supported-calendar-component-set><c:comp name=\"{name}\"/></c:supported-calendar-component-set>");
    let zone = "<c:calendar-timezone><![CDATA[BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Europe/Lisbon\nEND:VTIMEZONE\nEND:VCALENDAR]]></c:calendar-timezone>";
    [
        found("/home/", "<x:resourcetype><x:collection/></x:resourcetype>"),
        found("/home/inbox/", "<x:resourcetype><x:collection/><c:schedule-inbox/></x:resourcetype>"),
        found("/home/tasks/", &format!("{CALENDAR}{}", holding("VTODO"))),
        found("/home/old/", "<x:resourcetype><c:calendar/><n:deleted-calendar/></x:resourcetype>"),
        found(
            "/home/shared/",
            &format!("{CALENDAR}<x:displayname>Team &amp; I</x:displayname>{}{}", privileges("read"), holding("VEVENT")),
        ),
        found("my%20own/", &format!("{CALENDAR}{zone}{}", privileges("write"))),
        found("http://evil.example/cal/", CALENDAR),
    ]
    .concat()
}

#[tokio::test]
async fn an_account_behind_the_well_known_address_and_on_a_sister_host() {
    let server = server(|asked, request| match asked {
        "PROPFIND /.well-known/caldav" => http("301 Moved Permanently", "Location: /dav/\r\n", b""),
        "PROPFIND /dav/" => multi(&found("/dav/", "<x:current-user-principal><x:href>/dav/maya/</x:href></x:current-user-principal>")),
        "PROPFIND /dav/maya/" => {
            let port = request.to_lowercase().split("host: feed.test:").nth(1).unwrap().lines().next().unwrap().to_owned();
            let homes = format!("<c:calendar-home-set><x:href>http://p42.feed.test:{port}/home/</x:href></c:calendar-home-set>");
            multi(&found(
                "/dav/maya/",
                &(homes + "<c:calendar-user-address-set><x:href>mailto:maya@feed.test</x:href></c:calendar-user-address-set>"),
            ))
        }
        "PROPFIND /home/" => multi(&home()),
        _ => http("404 Not Found", "", b"<html>"),
    })
    .await;
    let account = discovered(&server, "/some/page").await.unwrap();
    assert_eq!(
        (account.homes[0].host(), account.user_addresses.as_slice()),
        ("p42.feed.test", ["mailto:maya@feed.test".to_owned()].as_slice())
    );
    let names: Vec<_> =
        account.calendars.iter().map(|calendar| (calendar.name.as_str(), calendar.address.path(), calendar.writable)).collect();
    assert_eq!(names, [("Team & I", "/home/shared/", false), ("my%20own", "/home/my%20own/", true)]);
    assert_eq!(account.calendars[1].zone, Zone::parse("Europe/Lisbon"));
    assert!(server.seen().iter().all(|request| request.contains("authorization: Basic")));
}

#[tokio::test]
async fn a_password_is_not_sent_to_a_stranger() {
    let elsewhere = server(|_, _| multi("")).await;
    let port = elsewhere.port;
    let by_home = server(move |asked, _| match asked {
        "PROPFIND /" => multi(&found("/", "<x:current-user-principal><x:href>/me/</x:href></x:current-user-principal>")),
        _ => multi(&found("/me/", &format!("<c:calendar-home-set><x:href>http://stranger.example:{port}/</x:href></c:calendar-home-set>"))),
    })
    .await;
    assert_eq!(discovered(&by_home, "/").await.unwrap_err(), CaldavError::OtherHost("stranger.example".into()));
    let by_redirect = server(move |_, _| http("302 Found", &format!("Location: http://stranger.example:{port}/dav\r\n"), b"")).await;
    assert_eq!(discovered(&by_redirect, "/").await.unwrap_err(), CaldavError::OtherHost("stranger.example".into()));
    assert_eq!(elsewhere.seen(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_caldav_server_says_what_it_is() {
    let answers: [(fn() -> Answer, CaldavError); 6] = [
        (|| http("200 OK", "", b"<html>"), CaldavError::NotCaldav),
        (|| http("405 Method Not Allowed", "", b""), CaldavError::NotCaldav),
        (|| http("207 Multi-Status", "", b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), CaldavError::NotCaldav),
        (|| http("401 Unauthorized", "", b""), CaldavError::WrongPassword),
        (|| http("503 Service Unavailable", "Retry-After: 99999\r\n", b""), CaldavError::RateLimited(Some(Duration::from_hours(1)))),
        (|| http("500 Internal Server Error", "", b""), CaldavError::Status(500)),
    ];
    for (answer, error) in answers {
        let server = server(move |_, _| answer()).await;
        assert_eq!(discovered(&server, "/").await.unwrap_err(), error);
    }
    let nobody = server(|_, _| multi(&found("/", "<x:current-user-principal><x:unauthenticated/></x:current-user-principal>"))).await;
    assert_eq!(discovered(&nobody, "/").await.unwrap_err(), CaldavError::WrongPassword);
}

#[tokio::test]
async fn a_single_calendar_without_an_account() {
    let server = server(|_, _| multi(&found("/team.cal/", CALENDAR))).await;
    let account = discovered(&server, "/team.cal/").await.unwrap();
    assert_eq!((account.principal, account.calendars.len(), account.calendars[0].name.as_str()), (None, 1, "team.cal"));
}

#[tokio::test]
async fn what_the_server_did_not_give_is_not_free() {
    let server = server(|asked, request| {
        assert!(asked.starts_with("REPORT") && request.contains("start=\"20260530T220000Z\"") && request.contains("depth: 1"));
        let event = |day| format!("<c:calendar-data>BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:202606{day}T100000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR</c:calendar-data>");
        let missing = "<x:response><x:href>/c/2.ics</x:href><x:propstat><x:prop><c:calendar-data/></x:prop><x:status>HTTP/1.1 403 Forbidden</x:status></x:propstat></x:response>";
        let failed = "<x:response><x:href>/c/</x:href><x:status>HTTP/1.1 507 Insufficient Storage</x:status></x:response>";
        let broken = found("/c/4.ics", "<c:calendar-data>BEGIN:VCALENDAR\nBEGIN:VEV</c:calendar-data>");
        let asked: String = asked.rsplit('/').next().unwrap().to_owned();
        multi(&match asked.as_str() {
            "all" => [found("/c/1.ics", &event("02")), found("/c/3.ics", &event("01"))].concat(),
            _ => [found("/c/1.ics", &event("02")), missing.into(), failed.into(), broken].concat(),
        })
    })
    .await;
    let client = client();
    let read = async |path: &str| busy(&client, &client.fetch.address(&server.url(path)).unwrap(), &context()).await.unwrap();
    let all = read("/c/all").await;
    assert_eq!((all.spans.len(), all.events_seen, all.is_unknown()), (2, 2, false));
    assert!(all.spans[0] < all.spans[1]);
    let some = read("/c/some").await;
    assert_eq!((some.spans.len(), some.unreadable, some.is_unknown()), (1, 3, true));
}

/// A calendar with or without marks, whose reports on changes are answered by `report`.
async fn calendar_with(marks: &'static str, report: fn() -> Answer) -> Server {
    server(move |asked, request| {
        if asked.starts_with("REPORT") {
            report()
        } else if request.contains("getctag") {
            multi(&found("/c/", marks))
        } else {
            multi(&[found("/c/2.ics", "<x:getetag>\"2\"</x:getetag>"), found("/c/1.ics", "<x:getetag>\"1\"</x:getetag>")].concat())
        }
    })
    .await
}

#[tokio::test]
async fn changes_by_the_best_way_a_server_has() {
    let client = client();
    let changed = async |server: &Server, mark: Option<&SyncMark>| {
        changed_since(&client, &client.fetch.address(&server.url("/c/")).unwrap(), mark).await.unwrap()
    };
    let both = "<x:sync-token>t2</x:sync-token><s:getctag xmlns:s=\"http://calendarserver.org/ns/\">c</s:getctag>";
    let old = SyncMark { sync_token: Some("t<1>".into()), ctag: Some("c".into()), etags: None };
    let now = SyncMark { sync_token: Some("t2".into()), ..old.clone() };
    let same = calendar_with(both, || multi("<x:sync-token>t1</x:sync-token>")).await;
    assert_eq!(changed(&same, Some(&old)).await, Change::Unchanged);
    assert!(same.seen()[0].contains("<sync-token>t&lt;1&gt;</sync-token>"));
    let deleted =
        calendar_with(both, || multi("<x:response><x:href>/c/1.ics</x:href><x:status>HTTP/1.1 404 Not Found</x:status></x:response>"))
            .await;
    assert_eq!(changed(&deleted, Some(&old)).await, Change::Changed(now.clone()));
    let refusals: [fn() -> Answer; 3] = [
        || http("403 Forbidden", "", b"<error xmlns=\"DAV:\"><valid-sync-token/></error>"),
        || http("412 Precondition Failed", "", b"<a:error xmlns:a=\"DAV:\"><a:valid-sync-token/></a:error>"),
        || http("500 Internal Server Error", "", b""),
    ];
    for refusal in refusals {
        let forgotten = calendar_with(both, refusal).await;
        assert_eq!(changed(&forgotten, Some(&old)).await, Change::Changed(now.clone()), "the token is replaced");
    }
    let bare = calendar_with("", || http("501 Not Implemented", "", b"")).await;
    let Change::Changed(mark) = changed(&bare, None).await else { panic!("a first mark") };
    assert!(mark.etags.is_some() && mark.sync_token.is_none());
    assert_eq!(changed(&bare, Some(&mark)).await, Change::Unchanged);
    let other = SyncMark { etags: Some("other".into()), ..SyncMark::default() };
    assert_eq!(changed(&bare, Some(&other)).await, Change::Changed(mark.clone()));
    let kept: SyncMark = serde_json::from_str(&serde_json::to_string(&mark).unwrap()).unwrap();
    assert_eq!(kept, mark);
}

#[tokio::test]
async fn refusals_name_what_they_are_about() {
    let read = async |answer: fn() -> Answer| {
        let (server, client) = (server(move |_, _| answer()).await, client());
        let address = client.fetch.address(&server.url("/c/")).unwrap();
        busy(&client, &address, &context()).await.unwrap_err()
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(
        read(|| http(
            "409 Conflict",
            "",
            b"<D:error xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><C:no-uid-conflict/></D:error>"
        ))
        .await,
        CaldavError::Precondition(named("no-uid-conflict"))
    );
    assert_eq!(read(|| http("412 Precondition Failed", "", b"Precondition failed.")).await, CaldavError::Precondition(None));
    assert_eq!(
        read(|| http("403 Forbidden", "", b"<error xmlns=\"DAV:\"><need-privileges/></error>")).await,
        CaldavError::Forbidden(named("need-privileges"))
    );
    assert_eq!(read(|| http("207 Multi-Status", "", b"<html/>")).await, CaldavError::Unreadable);
    assert_eq!(read(|| http("410 Gone", "", b"")).await, CaldavError::Gone);
    let secretive = client();
    assert!(!format!("{secretive:?}").contains("s3cret"));
}
