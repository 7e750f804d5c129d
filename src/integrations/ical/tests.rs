use proptest::prelude::*;

use super::*;
use crate::model::Instant;

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(&format!("{text}:00Z")).unwrap()
}

fn asked(zone: &str, from: &str, until: &str) -> BusyContext {
    let window = Interval { start: at(from), end: at(until) };
    BusyContext { home_zone: Zone::parse(zone).unwrap(), window, limits: Limits::default() }
}

fn calendar(events: &[&str]) -> String {
    let events: Vec<_> = events.iter().map(|event| format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", event.replace('\n', "\r\n"))).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.concat())
}

fn outcome(text: &str) -> BusyOutcome {
    busy_of(text, &asked("Europe/Berlin", "2026-03-01T00:00", "2026-12-01T00:00")).unwrap()
}

/// `03-01T09:00/10:00` for each span, in UTC.
fn shown(outcome: &BusyOutcome) -> Vec<String> {
    let part = |at: Instant, range: std::ops::Range<usize>| at.to_rfc3339()[range].to_owned();
    outcome.spans.iter().map(|span| format!("{}/{}", part(span.start, 5..16), part(span.end, 5..16))).collect()
}

/// The spans of events that raise no doubt.
fn busy(events: &[&str]) -> Vec<String> {
    let outcome = outcome(&calendar(events));
    assert_eq!(outcome.notes, BTreeSet::new());
    shown(&outcome)
}

#[test]
fn ends_and_their_absence() {
    assert_eq!(busy(&["DTSTART:20260601T090000Z\nDTEND:20260601T100000Z"]), ["06-01T09:00/06-01T10:00"]);
    assert_eq!(busy(&["DTSTART:20260601T090000Z\nDURATION:PT90M"]), ["06-01T09:00/06-01T10:30"]);
    assert!(busy(&["DTSTART:20260601T090000Z"]).is_empty(), "an instant takes no time");
    assert_eq!(busy(&["DTSTART;VALUE=DATE:20260601"]), ["05-31T22:00/06-01T22:00"], "a day of the calendar's zone");
    assert_eq!(busy(&["DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260603"]), ["05-31T22:00/06-02T22:00"]);
    assert_eq!(busy(&["DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260601"]), ["05-31T22:00/06-01T22:00"]);
    assert_eq!(busy(&["DTSTART:20260601T090000\nDTEND:20260601T100000"]), ["06-01T07:00/06-01T08:00"], "floating");
}

#[test]
fn zones_by_every_kind_of_name() {
    let named = |name: &str| busy(&[&format!("DTSTART;TZID={name}:20260601T090000\nDTEND;TZID={name}:20260601T100000")]);
    assert_eq!(named("America/New_York"), ["06-01T13:00/06-01T14:00"]);
    assert_eq!(named("\"Tokyo Standard Time\""), ["06-01T00:00/06-01T01:00"]);
    let own = "BEGIN:VCALENDAR\nX-WR-TIMEZONE:Asia/Kolkata\nBEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
        TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n\
        BEGIN:VEVENT\nDTSTART;TZID=Mine:20260601T090000\nDURATION:PT1H\nEND:VEVENT\n\
        BEGIN:VEVENT\nDTSTART:20260602T090000\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR";
    assert_eq!(shown(&outcome(own)), ["06-01T06:00/06-01T07:00", "06-02T03:30/06-02T04:30"]);
    let lost = outcome(&calendar(&["DTSTART;TZID=Nowhere:20260601T090000\nDURATION:PT1H"]));
    assert_eq!((shown(&lost), lost.notes), (vec!["06-01T07:00/06-01T08:00".to_owned()], BTreeSet::from([Note::UnknownZone])));
}

#[test]
fn clocks_that_change() {
    // Berlin skips 02:00 to 03:00 on 29 March and shows it twice on 25 October.
    let local = |start: &str, end: &str| busy(&[&format!("DTSTART;TZID=Europe/Berlin:{start}\nDTEND;TZID=Europe/Berlin:{end}")]);
    assert_eq!(local("20260329T023000", "20260329T033000"), ["03-29T01:30/03-29T02:30"], "not lost, though the clock shows one instant");
    assert_eq!(local("20261025T023000", "20261025T024500"), ["10-25T00:30/10-25T00:45"], "the first");
    let weekly = "DTSTART;TZID=Europe/Berlin:20260323T090000\nDTEND;TZID=Europe/Berlin:20260323T100000\nRRULE:FREQ=WEEKLY;COUNT=2";
    assert_eq!(busy(&[weekly]), ["03-23T08:00/03-23T09:00", "03-30T07:00/03-30T08:00"], "stays at nine");
    let night = "DTSTART;TZID=Europe/Berlin:20260327T220000\nDTEND;TZID=Europe/Berlin:20260328T060000\nRRULE:FREQ=DAILY;COUNT=2";
    assert_eq!(busy(&[night]), ["03-27T21:00/03-28T05:00", "03-28T21:00/03-29T04:00"], "until six by the clock");
    let duration = "DTSTART;TZID=Europe/Berlin:20260328T220000\nDURATION:PT8H";
    assert_eq!(busy(&[duration]), ["03-28T21:00/03-29T05:00"], "eight hours by the stopwatch");
}

#[test]
fn rules_exceptions_and_further_dates() {
    let series = "UID:s\nDTSTART;TZID=Europe/Berlin:20260601T090000\nDTEND;TZID=Europe/Berlin:20260601T100000";
    let with = |more: &str| busy(&[&format!("{series}\n{more}")]);
    let days = |found: Vec<String>| found.iter().map(|span| span[..8].to_owned()).collect::<Vec<_>>();
    assert_eq!(days(with("RRULE:FREQ=DAILY;UNTIL=20260603T070000Z")), ["06-01T07", "06-02T07", "06-03T07"], "UNTIL is included");
    assert_eq!(days(with("RRULE:FREQ=DAILY;UNTIL=20260603T065959Z")), ["06-01T07", "06-02T07"]);
    assert_eq!(days(with("RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260602T070000Z")), ["06-01T07", "06-03T07"]);
    assert_eq!(days(with("RRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20260601,20260603")), ["06-02T07"]);
    assert_eq!(days(with("RDATE;TZID=Europe/Berlin:20260610T120000")), ["06-01T07", "06-10T10"]);
    assert_eq!(
        with("RDATE;VALUE=PERIOD:20260610T120000Z/PT5M,20260611T120000Z/20260611T130000Z")[1..],
        ["06-10T12:00/06-10T12:05", "06-11T12:00/06-11T13:00"]
    );
}

#[test]
fn what_takes_the_place_of_an_occurrence() {
    let series = "UID:s\nDTSTART:20260601T090000Z\nDTEND:20260601T100000Z\nRRULE:FREQ=DAILY;COUNT=3";
    let moved = "UID:s\nRECURRENCE-ID:20260602T090000Z\nDTSTART:20260605T120000Z\nDURATION:PT30M";
    assert_eq!(busy(&[series, moved]), ["06-01T09:00/06-01T10:00", "06-03T09:00/06-03T10:00", "06-05T12:00/06-05T12:30"]);
    let cancelled = "UID:s\nRECURRENCE-ID:20260602T090000Z\nDTSTART:20260602T090000Z\nDURATION:PT1H\nSTATUS:CANCELLED";
    assert_eq!(busy(&[series, cancelled]).len(), 2);
    let newer = "UID:s\nSEQUENCE:2\nRECURRENCE-ID:20260602T090000Z\nDTSTART:20260602T090000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT";
    assert_eq!(busy(&[newer, series, moved]).len(), 2, "the older override no longer counts");
    let from_there = "UID:s\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260602T090000Z\nDTSTART:20260602T110000Z\nDURATION:PT30M";
    assert_eq!(busy(&[series, from_there]), ["06-01T09:00/06-01T10:00", "06-02T11:00/06-02T11:30", "06-03T11:00/06-03T11:30"]);
    let old = "UID:s\nDTSTART:20250101T090000Z\nDURATION:PT1H";
    let into = "UID:s\nRECURRENCE-ID:20250101T090000Z\nDTSTART:20260701T090000Z\nDURATION:PT1H";
    assert_eq!(busy(&[old, into]), ["07-01T09:00/07-01T10:00"], "moved into the window");
}

#[test]
fn an_occurrence_may_become_a_whole_day_and_back() {
    // Half past eleven in New York is the next day in UTC: the occurrence of the 2nd is replaced, not that of the 3rd.
    let late = "UID:s\nDTSTART;TZID=America/New_York:20260601T233000\nDURATION:PT15M\nRRULE:FREQ=DAILY;COUNT=3";
    let whole = "UID:s\nRECURRENCE-ID:20260603T033000Z\nDTSTART;VALUE=DATE:20260710";
    assert_eq!(busy(&[late, whole]), ["06-02T03:30/06-02T03:45", "06-04T03:30/06-04T03:45", "07-09T22:00/07-10T22:00"]);
    let days = "UID:s\nDTSTART;VALUE=DATE:20260601\nRRULE:FREQ=DAILY;COUNT=3";
    for id in ["RECURRENCE-ID;VALUE=DATE:20260602", "RECURRENCE-ID:20260602T000000", "RECURRENCE-ID:20260602T000000Z"] {
        let hour = format!("UID:s\n{id}\nDTSTART:20260602T090000Z\nDURATION:PT1H");
        assert_eq!(busy(&[days, &hour]), ["05-31T22:00/06-01T22:00", "06-02T09:00/06-02T10:00", "06-02T22:00/06-03T22:00"], "{id}");
    }
}

#[test]
fn several_masters_and_what_takes_no_time() {
    let one = "UID:s\nSEQUENCE:1\nDTSTAMP:20260101T000000Z\nDTSTART:20260601T090000Z\nDURATION:PT1H";
    assert_eq!(busy(&[one, &one.replace("T09", "T12").replace("SEQUENCE:1", "SEQUENCE:2")]), ["06-01T12:00/06-01T13:00"]);
    assert_eq!(busy(&[one, &one.replace("T09", "T12").replace("20260101", "20260102")]), ["06-01T12:00/06-01T13:00"]);
    assert_eq!(busy(&[one, &one.replace("T09", "T12")]).len(), 2, "neither is known to be the old one");
    for free in ["TRANSP:TRANSPARENT", "STATUS:cancelled"] {
        assert!(busy(&[&format!("{one}\n{free}")]).is_empty(), "{free}");
    }
    for taken in ["TRANSP:OPAQUE", "STATUS:TENTATIVE", "STATUS:CONFIRMED"] {
        assert_eq!(busy(&[&format!("{one}\n{taken}")]).len(), 1, "{taken}");
    }
}

#[test]
fn free_busy_lines() {
    let text = "BEGIN:VCALENDAR\nREFRESH-INTERVAL;VALUE=DURATION:PT2H\nX-WR-CALNAME: Work\\, mine \nBEGIN:VFREEBUSY\n\
        FREEBUSY:20260601T090000Z/PT1H,20260601T100000Z/20260601T110000Z\nFREEBUSY;FBTYPE=FREE:20260602T090000Z/PT1H\n\
        FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260603T090000Z/PT1H\nEND:VFREEBUSY\nEND:VCALENDAR";
    let outcome = outcome(text);
    assert_eq!(shown(&outcome), ["06-01T09:00/06-01T11:00", "06-03T09:00/06-03T10:00"]);
    assert_eq!((outcome.refresh_interval, outcome.calendar_name.as_deref()), (Some(Duration::from_hours(2)), Some("Work, mine")));
}

#[test]
fn what_cannot_be_read_is_not_free() {
    let noted = |event: &str| outcome(&calendar(&[event])).notes.into_iter().collect::<Vec<_>>();
    assert_eq!(noted("SUMMARY:when?"), [Note::UnreadableTime]);
    assert_eq!(noted("DTSTART:20261301T000000Z"), [Note::UnreadableTime]);
    assert_eq!(noted("DTSTART:20260601T090000Z\nDTEND:later"), [Note::UnreadableTime]);
    assert_eq!(noted("DTSTART:20260601T090000Z\nDURATION:1H"), [Note::UnreadableTime]);
    assert_eq!(noted("DTSTART:20260601T090000Z\nRRULE:FREQ=DAILY;BYDAY=XX"), [Note::UnreadableRule]);
    assert_eq!(noted("DTSTART:20260601T090000Z\nTRANSP:TRANSPARENT\nRRULE:FREQ=DAILY;BYDAY=XX"), [], "takes no time anyway");
}

#[test]
fn hostile_rules_end_quickly() {
    let rules = [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYHOUR=3;BYMINUTE=7;BYSECOND=59;INTERVAL=2;BYSETPOS=9",
        "FREQ=SECONDLY;COUNT=999999999",
        "FREQ=SECONDLY;COUNT=999999999;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY",
        "FREQ=YEARLY;COUNT=99999;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;INTERVAL=999999999",
        "FREQ=SECONDLY;INTERVAL=999999999",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
    ];
    let every = (0..60).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let crowd = format!("FREQ=YEARLY;BYMINUTE={every};BYSECOND={every};BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1");
    let mut context = asked("Europe/Berlin", "2026-03-01T00:00", "2026-12-01T00:00");
    // A tenth of what is allowed: tests are not optimised, and there are thirty calendars.
    context.limits.work /= 10;
    for rule in rules.into_iter().chain([crowd.as_str()]) {
        for start in ["00010101T000000Z", "19700101T000000Z", "99991231T235959Z"] {
            let event = format!("DTSTART:{start}\nDURATION:PT1S\nRRULE:{rule}");
            let text = calendar(&vec![event.as_str(); 200]);
            assert_eq!(busy_of(&text, &context).unwrap().events_seen, 200);
        }
    }
}

#[test]
fn a_daily_event_of_long_ago_is_found_at_once() {
    let event = "DTSTART:19010101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY";
    let text = calendar(&vec![event; 1000]);
    let outcome = busy_of(&text, &asked("UTC", "2026-11-02T00:00", "2026-11-04T00:00")).unwrap();
    assert_eq!((shown(&outcome).len(), outcome.notes.len()), (2, 0));
}

/// Lines that make sense one by one, and bytes that make none.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let stamp = "(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)(;VALUE=DATE|;TZID=Europe/Berlin|;TZID=Own|;RANGE=THISANDFUTURE|):[0-9]{8}(T[0-2][0-9][0-5][0-9]00Z?)?";
    let rule = "RRULE:FREQ=(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;INTERVAL=[0-9]{1,9})?(;COUNT=[0-9]{1,5})?(;BYDAY=-?[1-5]?(MO|FR))?(;BYSETPOS=-?[1-9])?(;BYWEEKNO=-?[1-5][0-3]?)?(;UNTIL=[0-9]{8})?";
    let frame = "(BEGIN|END):(VCALENDAR|VEVENT|VTIMEZONE|STANDARD|VFREEBUSY)";
    let other = "(DURATION:-?P[0-9]{1,9}[DW]|TZID:Own|TZOFFSETFROM:[+-][0-9]{4}|TZOFFSETTO:[+-][0-9]{4}|UID:[ab]|FREEBUSY:[0-9]{8}T000000Z/P[1-9]D|REFRESH-INTERVAL:P[0-9]{9}W)";
    prop_oneof![
        stamp.prop_map(String::into_bytes),
        rule.prop_map(String::into_bytes),
        frame.prop_map(String::into_bytes),
        other.prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_brings_it_down(lines in prop::collection::vec(line(), 0..40), cut in any::<prop::sample::Index>()) {
        let mut text = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260101T000000Z\r\n".to_vec();
        for line in lines {
            text.extend(line);
            text.extend(b"\r\n");
        }
        text.extend(b"END:VEVENT\r\nEND:VCALENDAR\r\n");
        let context = asked("Europe/Berlin", "2026-03-01T00:00", "2026-12-01T00:00");
        if let Ok(outcome) = busy_of(&text, &context) {
            prop_assert!(outcome.spans.iter().all(|span| span.start < span.end && context.window.contains(*span)));
            prop_assert!(outcome.spans.is_sorted_by(|a, b| a.end < b.start));
        }
        let _ = busy_of(&text[..cut.index(text.len())], &context);
    }
}
