//! Our CalDAV client against Radicale and Xandikos, with events that another client wrote.

use std::sync::Arc;

use wellmet::{
    config::Networks,
    integrations::{
        ical::BusyContext,
        providers::caldav::{Account, Caldav, CaldavError, Change, RemoteCalendar, SyncMark, busy, changed_since, discover},
        safe_fetch::{Address, Fetch, FetchError, Limits, Login, Refused, Rules, SystemResolver},
    },
    model::Instant,
    time::{Interval, Zone},
};

use crate::servers::{Kind, PASSWORD, Server, USER, Writer};

fn fetch(networks: &str) -> Fetch {
    let rules = Rules { allow_http: true, networks: Networks::parse(networks).unwrap() };
    Fetch::new(rules, Limits::default(), Arc::new(SystemResolver)).unwrap()
}

fn client(password: &str) -> Caldav {
    Caldav::new(fetch("127.0.0.1"), Login { user: USER.into(), password: password.into() })
}

fn address(url: &str) -> Address {
    fetch("127.0.0.1").address(url).unwrap()
}

fn context() -> BusyContext {
    let at = |text| Instant::parse_rfc3339(text).unwrap();
    let window = Interval { start: at("2026-11-02T00:00:00Z"), end: at("2026-11-30T00:00:00Z") };
    BusyContext { home_zone: Zone::parse("Europe/Berlin").unwrap(), window, limits: wellmet::integrations::ical::Limits::default() }
}

fn named<'a>(account: &'a Account, id: &str) -> &'a RemoteCalendar {
    let found = account.calendars.iter().find(|calendar| calendar.address.path().trim_end_matches('/').ends_with(id));
    found.unwrap_or_else(|| panic!("no {id} in {account:?}"))
}

fn event(uid: &str, lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\nSUMMARY:x\n{lines}\nEND:VEVENT\n")
}

async fn busy_shown(client: &Caldav, calendar: &RemoteCalendar) -> Vec<String> {
    let found = busy(client, &calendar.address, &context()).await.unwrap();
    assert!(!found.is_unknown(), "{found:?}");
    found.spans.iter().map(|span| format!("{}/{}", &span.start.to_rfc3339()[5..16], &span.end.to_rfc3339()[5..16])).collect()
}

/// A server with two calendars, the first full of all kinds of events.
fn filled(kind: Kind) -> Option<(Server, Writer)> {
    let server = Server::start(kind)?;
    let mut writer = Writer::to(&server)?;
    writer.calendar("work", "Work & more");
    writer.calendar("family", "Family");
    let series = "DTSTART;TZID=America/New_York:20261002T090000\nDTEND;TZID=America/New_York:20261002T100000\nRRULE:FREQ=WEEKLY;COUNT=8\n\
        EXDATE;TZID=America/New_York:20261106T090000";
    let moved = "RECURRENCE-ID;TZID=America/New_York:20261113T090000\nDTSTART;TZID=America/New_York:20261111T140000\n\
        DTEND;TZID=America/New_York:20261111T143000";
    writer.put("work", &(event("series", series) + &event("series", moved)));
    writer.put("work", &event("day", "DTSTART;VALUE=DATE:20261118\nDTEND;VALUE=DATE:20261119"));
    writer.put("work", &event("cancelled", "DTSTART:20261104T100000Z\nDTEND:20261104T110000Z\nSTATUS:CANCELLED"));
    writer.put("work", &event("free", "DTSTART:20261104T120000Z\nDTEND:20261104T130000Z\nTRANSP:TRANSPARENT"));
    writer.put("work", &event("before", "DTSTART:20261001T120000Z\nDTEND:20261001T130000Z"));
    Some((server, writer))
}

async fn finds_everything(kind: Kind) {
    let Some((server, mut writer)) = filled(kind) else { return };
    let client = client(PASSWORD);
    let account = discover(&client, &address(&server.url)).await.unwrap();
    assert!(account.principal.is_some());
    let (work, family) = (named(&account, "work"), named(&account, "family"));
    assert_eq!((work.name.as_str(), family.name.as_str()), ("Work & more", "Family"));
    assert!(work.writable && work.sync_token.is_some() && work.ctag.is_some(), "{work:?}");
    assert_eq!(busy_shown(&client, family).await, [""; 0]);
    assert_eq!(
        busy_shown(&client, work).await,
        [
            "11-11T19:00/11-11T19:30", // moved from the 13th
            "11-17T23:00/11-18T23:00", // a day of Berlin
            "11-20T14:00/11-20T15:00", // the last of eight; the 6th was taken out
        ]
    );
    // What a person may type besides: a calendar's own address, the account's.
    for typed in [work.address.reveal(), account.homes[0].reveal()] {
        let again = discover(&client, &address(typed)).await.unwrap();
        assert_eq!(named(&again, "work").address, work.address);
    }
    writer.put("work", &event("late", "DTSTART:20261125T100000Z\nDTEND:20261125T103000Z"));
    assert_eq!(busy_shown(&client, work).await.last().unwrap(), "11-25T10:00/11-25T10:30");
}

async fn sees_changes(kind: Kind) {
    let Some((server, mut writer)) = filled(kind) else { return };
    let client = client(PASSWORD);
    let account = discover(&client, &address(&server.url)).await.unwrap();
    let calendar = &named(&account, "work").address;
    let changed = async |mark: &SyncMark| match changed_since(&client, calendar, Some(mark)).await.unwrap() {
        Change::Unchanged => None,
        Change::Changed(mark) => Some(mark),
    };
    let Change::Changed(first) = changed_since(&client, calendar, None).await.unwrap() else { panic!("without a mark everything changed") };
    assert_eq!(changed(&first).await, None);
    writer.put("family", &event("other", "DTSTART:20261125T100000Z\nDTEND:20261125T103000Z"));
    assert_eq!(changed(&first).await, None, "another calendar's change");
    writer.put("work", &event("new", "DTSTART:20261125T100000Z\nDTEND:20261125T103000Z"));
    let second = changed(&first).await.expect("an event was added");
    assert_eq!(changed(&second).await, None);
    writer.delete("work", "new");
    let third = changed(&second).await.expect("an event was deleted");
    assert_eq!(changed(&third).await, None);
    // By the ctag alone, as where there is no sync-collection.
    let by_ctag = SyncMark { sync_token: None, ..third.clone() };
    assert_eq!(changed(&by_ctag).await, None);
    // A token that the server never gave: what it has is taken as changed, and the mark is mended.
    let invalid = SyncMark { sync_token: Some("http://radicale.org/ns/sync/nonsense".into()), ..third.clone() };
    let mended = changed(&invalid).await.expect("the token is replaced");
    assert_eq!((mended.ctag == third.ctag, changed(&mended).await), (true, None));
    writer.put("work", &event("newer", "DTSTART:20261126T100000Z\nDTEND:20261126T103000Z"));
    assert!(changed(&by_ctag).await.is_some());
    let nowhere = address(&calendar.reveal().replace("/work", "/nowhere"));
    assert_eq!(changed_since(&client, &nowhere, Some(&third)).await.unwrap_err(), CaldavError::Gone);
    assert_eq!(busy(&client, &nowhere, &context()).await.unwrap_err(), CaldavError::Gone);
}

#[tokio::test]
async fn radicale_gives_calendars_and_busy_time() {
    finds_everything(Kind::Radicale).await;
}

#[tokio::test]
async fn xandikos_gives_calendars_and_busy_time() {
    finds_everything(Kind::Xandikos).await;
}

#[tokio::test]
async fn radicale_tells_what_changed() {
    sees_changes(Kind::Radicale).await;
}

#[tokio::test]
async fn xandikos_tells_what_changed() {
    sees_changes(Kind::Xandikos).await;
}

#[tokio::test]
async fn a_wrong_password_and_a_private_network_are_told_apart() {
    let Some(server) = Server::start(Kind::Radicale) else { return };
    assert_eq!(discover(&client("wrong"), &address(&server.url)).await.unwrap_err(), CaldavError::WrongPassword);
    let outside = Caldav::new(fetch(""), Login { user: USER.into(), password: PASSWORD.into() });
    let error = discover(&outside, &address(&server.url)).await.unwrap_err();
    assert_eq!(error, CaldavError::Fetch(FetchError::Refused(Refused::PrivateNetwork)));
}
