//! Random calendars, the same for the same seed. What they hold is what the rules for busy time speak of.

use std::fmt::Write as _;

use chrono::{Duration, NaiveDate, NaiveDateTime};

/// A small generator of numbers (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % n.unsigned_abs()).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(i64::try_from(from.len()).unwrap())).unwrap()]
    }
}

/// A time zone defined in the file only: two hours ahead of UTC, three in summer.
const EMBEDDED: &str = "BEGIN:VTIMEZONE\r\nTZID:Office Clock\r\n\
    BEGIN:STANDARD\r\nDTSTART:20001029T040000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:20000326T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n\
    END:VTIMEZONE\r\n";
const ZONES: [&str; 9] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Pacific/Apia",
    "W. Europe Standard Time",
    "Pacific Standard Time",
    "Office Clock",
];
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// What kind of time an event has.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Utc,
    Zoned(&'static str),
    Floating,
    Days,
}

impl Kind {
    fn value(self, at: NaiveDateTime) -> String {
        match self {
            Self::Utc => at.format("%Y%m%dT%H%M%SZ").to_string(),
            Self::Zoned(_) | Self::Floating => at.format("%Y%m%dT%H%M%S").to_string(),
            Self::Days => at.format("%Y%m%d").to_string(),
        }
    }

    fn property(self, name: &str, at: NaiveDateTime) -> String {
        let parameter = match self {
            Self::Zoned(zone) if zone.contains(' ') => format!(";TZID=\"{zone}\""),
            Self::Zoned(zone) => format!(";TZID={zone}"),
            Self::Days => ";VALUE=DATE".to_owned(),
            _ => String::new(),
        };
        format!("{name}{parameter}:{}\r\n", self.value(at))
    }
}

/// A calendar of a few events around the spring to autumn of 2026.
pub(crate) fn calendar(seed: u64) -> String {
    let dice = &mut Dice::new(seed);
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Random//EN\r\n".to_owned();
    if dice.one_in(3) {
        write!(text, "X-WR-TIMEZONE:{}\r\n", dice.pick(&["America/New_York", "Asia/Kolkata", "Europe/Lisbon"])).unwrap();
    }
    let own_zone = text.contains("X-WR-TIMEZONE");
    text += EMBEDDED;
    for uid in 0..=dice.below(5) {
        let kind = kind(dice, own_zone);
        text += &series(dice, uid, kind);
    }
    text += "END:VCALENDAR\r\n";
    if dice.one_in(4) { text.replace("\r\n", "\n") } else { fold(dice, &text) }
}

/// With a zone of the calendar's own, neither UTC nor the embedded zone are drawn: the oracle's library would read their series
/// in the calendar's zone.
fn kind(dice: &mut Dice, own_zone: bool) -> Kind {
    let zones = if own_zone { &ZONES[..ZONES.len() - 1] } else { &ZONES };
    match dice.below(8) {
        0 => Kind::Floating,
        1 | 2 => Kind::Days,
        3 if !own_zone => Kind::Utc,
        _ => Kind::Zoned(dice.pick(zones)),
    }
}

fn series(dice: &mut Dice, uid: i64, kind: Kind) -> String {
    let long_ago = if dice.one_in(3) { 1200 } else { 200 };
    let date = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() - Duration::days(dice.below(long_ago));
    let half_hours = if kind == Kind::Days { 0 } else { dice.below(48) };
    let start = date.and_hms_opt(0, 0, 0).unwrap() + Duration::minutes(30 * half_hours);
    let (rule, every) = recurrence(dice, kind, start);
    let mut text = event(dice, uid, kind, start, 0);
    if !rule.is_empty() {
        write!(text, "RRULE:{rule}\r\n").unwrap();
    }
    let mut overrides = String::new();
    if let Some(every) = every {
        for n in 0..dice.below(4) {
            let replaced = start + every * i32::try_from(1 + n * 2 + dice.below(2)).unwrap();
            if dice.one_in(2) {
                text += &exception(dice, kind, replaced);
            } else {
                overrides += &instead(dice, uid, kind, replaced);
            }
        }
    }
    if dice.one_in(6) {
        text += &kind.property("RDATE", start + Duration::days(3 + dice.below(90)));
    }
    format!("BEGIN:VEVENT\r\n{text}END:VEVENT\r\n{overrides}")
}

/// A rule, and how far apart its occurrences are where that is always the same.
fn recurrence(dice: &mut Dice, kind: Kind, start: NaiveDateTime) -> (String, Option<Duration>) {
    let interval = dice.pick(&[1, 1, 1, 2, 3]);
    let weekday = |dice: &mut Dice| dice.pick(&WEEKDAYS);
    // Numbered and plain weekdays in one rule are not drawn: the oracle's library takes what is both, the standard what is either.
    let nth = |dice: &mut Dice| format!("{}{}", dice.pick(&["1", "2", "-1", "-2", "5"]), dice.pick(&WEEKDAYS));
    let (rule, every) = match dice.below(12) {
        0 | 1 => return (String::new(), None),
        2 | 3 => (format!("FREQ=DAILY;INTERVAL={interval}"), Some(Duration::days(interval))),
        4 | 5 => (format!("FREQ=WEEKLY;INTERVAL={interval}"), Some(Duration::weeks(interval))),
        6 => (format!("FREQ=WEEKLY;INTERVAL={interval};WKST={};BYDAY={},{}", weekday(dice), weekday(dice), weekday(dice)), None),
        7 => (format!("FREQ=MONTHLY;INTERVAL={interval};BYDAY={},{}", nth(dice), nth(dice)), None),
        8 => (format!("FREQ=MONTHLY;BYMONTHDAY={},{}", 1 + dice.below(31), -1 - dice.below(31)), None),
        9 => (format!("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={}", dice.pick(&["1", "-1", "3,-2"])), None),
        10 => (yearly(dice), None),
        _ if kind == Kind::Days => ("FREQ=DAILY;BYDAY=MO,FR".to_owned(), None),
        _ => (
            format!(
                "FREQ={}",
                dice.pick(&["HOURLY;INTERVAL=7;BYDAY=TU", "DAILY;BYHOUR=6,18;BYMINUTE=0,40", "MINUTELY;INTERVAL=50;COUNT=40"])
            ),
            None,
        ),
    };
    let end = match dice.below(4) {
        _ if rule.contains("COUNT") => String::new(),
        0 => format!(";COUNT={}", 1 + dice.below(60)),
        1 if matches!(kind, Kind::Days | Kind::Floating | Kind::Utc) => {
            format!(";UNTIL={}", kind.value(start + every.unwrap_or(Duration::days(1)) * i32::try_from(dice.below(80)).unwrap()))
        }
        1 => format!(";UNTIL={}", Kind::Utc.value(start + Duration::days(dice.below(300)))),
        _ => String::new(),
    };
    (rule + &end, every)
}

fn yearly(dice: &mut Dice) -> String {
    let month = 3 + dice.below(8);
    match dice.below(6) {
        0 => "FREQ=YEARLY".to_owned(),
        1 => format!("FREQ=YEARLY;BYMONTH={month},{};BYDAY={}{}", month + 1, dice.pick(&["1", "-1", "3", ""]), dice.pick(&WEEKDAYS)),
        2 => format!(
            "FREQ=YEARLY;BYWEEKNO={},{};BYDAY={};WKST={}",
            10 + dice.below(30),
            dice.pick(&["1", "53", "-1"]),
            dice.pick(&WEEKDAYS),
            dice.pick(&WEEKDAYS)
        ),
        3 => format!("FREQ=YEARLY;BYYEARDAY={},{}", 60 + dice.below(240), -1 - dice.below(300)),
        4 => format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={},-1", 1 + dice.below(31)),
        _ => format!("FREQ=YEARLY;BYDAY={}{}", dice.pick(&["20", "-20", "30"]), dice.pick(&WEEKDAYS)),
    }
}

/// An event's lines without its frame. `sequence` is its version.
fn event(dice: &mut Dice, uid: i64, kind: Kind, start: NaiveDateTime, sequence: i64) -> String {
    let mut text = format!("UID:series-{uid}\r\nDTSTAMP:20260101T000000Z\r\nSEQUENCE:{sequence}\r\n");
    text += "SUMMARY:Busy\\, with a long and winding description; it is here to be folded at every possible place, ünïcödé too\r\n";
    text += &kind.property("DTSTART", start);
    let day_hours = (6..18).contains(&start.format("%H").to_string().parse::<u32>().unwrap());
    let end = match (kind, dice.below(5)) {
        (_, 0) => String::new(),
        (Kind::Days, 1) => format!("DURATION:P{}D\r\n", 1 + dice.below(3)),
        (Kind::Days, _) => kind.property("DTEND", start + Duration::days(1 + dice.below(4))),
        // By the stopwatch and by the wall clock are the same within a day.
        (_, 1) if day_hours => format!("DURATION:PT{}M\r\n", 15 * (1 + dice.below(12))),
        (_, 2) => kind.property("DTEND", start + Duration::minutes(30 * (1 + dice.below(100)))),
        _ => kind.property("DTEND", start + Duration::minutes(15 * (1 + dice.below(16)))),
    };
    text += &end;
    text += dice.pick(&["", "", "", "", "STATUS:CONFIRMED\r\n", "STATUS:TENTATIVE\r\n", "STATUS:CANCELLED\r\n"]);
    text += dice.pick(&["", "", "", "", "TRANSP:OPAQUE\r\n", "TRANSP:TRANSPARENT\r\n"]);
    text += dice.pick(&["", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:x\r\nEND:VALARM\r\n"]);
    text
}

fn exception(dice: &mut Dice, kind: Kind, at: NaiveDateTime) -> String {
    if kind != Kind::Days && dice.one_in(3) { Kind::Days.property("EXDATE", at) } else { kind.property("EXDATE", at) }
}

/// An override, moved by hours or by months, or only changed.
fn instead(dice: &mut Dice, uid: i64, kind: Kind, replaced: NaiveDateTime) -> String {
    let moved = match dice.below(4) {
        0 => Duration::zero(),
        1 => Duration::days(dice.below(120) - 60),
        _ if kind == Kind::Days => Duration::days(1),
        _ => Duration::minutes(30 * (dice.below(20) - 10)),
    };
    format!("BEGIN:VEVENT\r\n{}{}END:VEVENT\r\n", kind.property("RECURRENCE-ID", replaced), event(dice, uid, kind, replaced + moved, 1))
}

/// Breaks lines where the standard lets them be broken, also inside a character.
fn fold(dice: &mut Dice, text: &str) -> String {
    let mut folded = String::new();
    for line in text.split_inclusive("\r\n") {
        let mut length = 0;
        let limit = 20 + dice.below(55);
        for c in line.chars() {
            length += 1;
            if length > limit && c != '\r' && c != '\n' {
                folded += dice.pick(&["\r\n ", "\r\n\t"]);
                length = 1;
            }
            folded.push(c);
        }
    }
    folded
}
