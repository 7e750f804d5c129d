//! Days worked out by hand, in UTC.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use wellmet::{
    availability::{Picture, Refusal, Taken, TakenKind, TakenSet},
    model::{Hours, Instant, SessionRules, WallTime, Window},
    time::{Interval, Zone},
};

/// A coach without hours, notice, buffers or caps, on Monday 4 January 2027, with a horizon of two years.
struct Coach {
    zone: Zone,
    hours: Hours,
    rules: SessionRules,
    taken: Vec<Taken>,
    booked: BTreeMap<NaiveDate, u32>,
    now: Instant,
}

fn coach(zone: &str) -> Coach {
    Coach {
        zone: Zone::parse(zone).unwrap(),
        hours: Hours::default(),
        rules: SessionRules {
            duration_minutes: 60,
            step_minutes: 60,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            notice_minutes: 0,
            horizon_days: 730,
            daily_cap: None,
            weekly_cap: None,
        },
        taken: Vec::new(),
        booked: BTreeMap::new(),
        now: at("2027-01-04T00:00:00Z"),
    }
}

fn at(text: &str) -> Instant {
    let full = if text.len() == 16 { format!("{text}:00Z") } else { text.to_owned() };
    Instant::parse_rfc3339(&full).unwrap_or_else(|| panic!("{text} is an instant"))
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn window(text: &str) -> Window {
    let (from, until) = text.split_once('-').unwrap();
    Window { from: WallTime::parse(from).unwrap(), until: WallTime::parse(until).unwrap() }
}

impl Coach {
    /// Open on `day` alone, in these windows (`09:00-12:00 14:00-24:00`).
    fn on(mut self, day: &str, windows: &str) -> Self {
        self.hours.overrides.insert(date(day), windows.split_whitespace().map(window).collect());
        self
    }

    fn every_day(mut self, windows: &str) -> Self {
        self.hours.weekly.0 = std::array::from_fn(|_| windows.split_whitespace().map(window).collect());
        self
    }

    fn lasting(mut self, duration_minutes: u32, step_minutes: u32) -> Self {
        self.rules = SessionRules { duration_minutes, step_minutes, ..self.rules };
        self
    }

    fn buffers(mut self, before: u32, after: u32) -> Self {
        self.rules = SessionRules { buffer_before_minutes: before, buffer_after_minutes: after, ..self.rules };
        self
    }

    fn taken(mut self, from: &str, until: &str, kind: TakenKind) -> Self {
        self.taken.push(Taken { span: Interval { start: at(from), end: at(until) }, kind });
        self
    }

    fn at(mut self, now: &str) -> Self {
        self.now = at(now);
        self
    }

    fn ask<T>(&self, question: impl FnOnce(&Picture<'_>) -> T) -> T {
        let Self { zone, hours, rules, booked, now, .. } = self;
        question(&Picture { zone, hours, rules: *rules, taken: &TakenSet::new(self.taken.clone()), booked, now: *now })
    }

    /// The starts in a range of instants, as `2027-01-04T09:00`.
    fn starts(&self, from: &str, until: &str) -> Vec<String> {
        let range = Interval { start: at(from), end: at(until) };
        self.ask(|picture| picture.slots(range)).iter().map(|slot| slot.start.to_rfc3339()[..16].to_owned()).collect()
    }

    fn judge(&self, start: &str) -> Result<Interval, Refusal> {
        self.ask(|picture| picture.judge(at(start)))
    }
}

#[test]
fn a_plain_morning() {
    let coach = coach("Europe/Lisbon").on("2027-01-05", "09:00-12:00");
    let all = ["2027-01-05T09:00", "2027-01-05T10:00", "2027-01-05T11:00"];
    assert_eq!(coach.starts("2027-01-04T00:00", "2027-02-04T00:00"), all);
    // The range is half open, and about starts: a session may end beyond it.
    assert_eq!(coach.starts("2027-01-05T09:01", "2027-01-05T11:00"), all[1..2]);
    assert_eq!(coach.starts("2027-01-05T11:00", "2027-01-05T11:01"), all[2..]);
    assert_eq!(coach.starts("2027-01-05T11:00", "2027-01-05T11:00"), [""; 0]);
    assert_eq!(coach.judge("2027-01-05T11:30"), Err(Refusal::OffStep));
    assert_eq!(coach.judge("2027-01-05T12:00"), Err(Refusal::OutsideHours));
    assert_eq!(coach.judge("2027-01-06T09:00"), Err(Refusal::NoHoursThatDay));
}

#[test]
fn a_step_that_does_not_divide_the_window() {
    // 09:00, 09:50, 10:40; 11:30 would end at 12:30, 12:20 is not inside.
    let coach = coach("UTC").on("2027-01-05", "09:00-12:10").lasting(60, 50);
    assert_eq!(coach.starts("2027-01-05T00:00", "2027-01-06T00:00"), ["2027-01-05T09:00", "2027-01-05T09:50", "2027-01-05T10:40"]);
    assert_eq!(coach.judge("2027-01-05T11:30"), Err(Refusal::DoesNotFit));
    assert_eq!(coach.judge("2027-01-05T12:20"), Err(Refusal::OutsideHours));
}

#[test]
fn windows_of_one_day_that_touch_stay_apart() {
    let coach = coach("UTC").on("2027-01-05", "09:00-10:30 10:30-12:00");
    assert_eq!(coach.starts("2027-01-05T00:00", "2027-01-06T00:00"), ["2027-01-05T09:00", "2027-01-05T10:30"]);
    assert_eq!(coach.judge("2027-01-05T10:00"), Err(Refusal::DoesNotFit));
}

#[test]
fn midnight_joins_two_days_and_keeps_both_grids() {
    let coach = coach("UTC").on("2027-01-05", "22:30-24:00").on("2027-01-06", "00:00-02:00");
    let starts = ["2027-01-05T22:30", "2027-01-05T23:30", "2027-01-06T00:00", "2027-01-06T01:00"];
    assert_eq!(coach.starts("2027-01-05T00:00", "2027-01-07T00:00"), starts);
    // 23:30 runs to 00:30; with three hours to go it would end after 02:00.
    assert_eq!(coach.lasting(151, 60).judge("2027-01-05T23:30"), Err(Refusal::DoesNotFit));
}

#[test]
fn midnight_joins_nothing_when_the_morning_opens_later() {
    let coach = coach("UTC").on("2027-01-05", "22:30-24:00").on("2027-01-06", "00:01-02:00");
    assert_eq!(coach.starts("2027-01-05T00:00", "2027-01-06T00:00"), ["2027-01-05T22:30"]);
    assert_eq!(coach.judge("2027-01-05T23:30"), Err(Refusal::DoesNotFit));
}

#[test]
fn a_long_session_runs_over_two_midnights() {
    let coach = coach("UTC").on("2027-01-05", "23:00-24:00").on("2027-01-06", "00:00-24:00").on("2027-01-07", "00:00-01:00");
    assert!(coach.lasting(26 * 60, 60).judge("2027-01-05T23:00").is_ok());
}

#[test]
fn the_29th_of_february_2028_is_a_tuesday_like_others() {
    let mut coach = coach("Europe/Berlin").at("2028-02-20T00:00");
    coach.hours.weekly.0[1] = vec![window("09:00-10:00")];
    assert_eq!(coach.starts("2028-02-28T00:00", "2028-03-07T00:00"), ["2028-02-29T08:00"]);
    let coach = coach.on("2028-02-28", "23:00-24:00").on("2028-02-29", "00:00-01:00").lasting(90, 30);
    assert_eq!(coach.starts("2028-02-28T12:00", "2028-02-29T12:00"), ["2028-02-28T22:00", "2028-02-28T22:30"]);
}

#[test]
fn buffers_may_touch_what_is_taken_and_lie_outside_the_hours() {
    let open = || coach("UTC").on("2027-01-05", "09:00-10:00").buffers(15, 30);
    // Free from 08:45 to 10:30: exactly enough.
    let exact = open().taken("2027-01-05T08:00", "2027-01-05T08:45", TakenKind::Booking);
    let exact = exact.taken("2027-01-05T10:30", "2027-01-05T11:00", TakenKind::Busy);
    assert!(exact.judge("2027-01-05T09:00").is_ok());
    let before = open().taken("2027-01-05T08:00", "2027-01-05T08:45:00.001Z", TakenKind::Booking);
    assert_eq!(before.judge("2027-01-05T09:00"), Err(Refusal::Taken(TakenKind::Booking)));
    let after = open().taken("2027-01-05T10:29:59.999Z", "2027-01-05T11:00", TakenKind::Hold);
    assert_eq!(after.judge("2027-01-05T09:00"), Err(Refusal::Taken(TakenKind::Hold)));
}

#[test]
fn notice_and_horizon_include_their_edges() {
    let mut coach = coach("UTC").every_day("00:00-24:00").at("2027-01-05T09:00");
    coach.rules.notice_minutes = 120;
    coach.rules.horizon_days = 1;
    let (earliest, latest) = (at("2027-01-05T11:00"), at("2027-01-06T09:00"));
    let starts = coach.starts("2027-01-01T00:00", "2027-02-01T00:00");
    assert_eq!((starts.len(), &*starts[0], &*starts[22]), (23, "2027-01-05T11:00", "2027-01-06T09:00"));
    assert_eq!(coach.judge("2027-01-05T08:00"), Err(Refusal::Past));
    assert_eq!(coach.judge("2027-01-05T10:00"), Err(Refusal::InsideNotice { earliest }));
    assert_eq!(coach.judge("2027-01-06T10:00"), Err(Refusal::BeyondHorizon { latest }));
    let coach = coach.at("2027-01-05T09:00:00.001Z");
    assert!(coach.judge("2027-01-05T11:00").is_err() && coach.judge("2027-01-06T09:00").is_ok());
}

#[test]
fn caps_count_the_coachs_dates_and_weeks() {
    // Sunday 10 January ends the week; in Auckland its last morning hours are still Saturday in UTC.
    let mut coach = coach("Pacific/Auckland").every_day("09:00-10:00");
    coach.rules.weekly_cap = Some(3);
    coach.booked = [("2027-01-04", 1), ("2027-01-10", 1), ("2027-01-11", 2), ("2027-01-03", 9)].map(|(day, n)| (date(day), n)).into();
    assert!(coach.judge("2027-01-09T20:00").is_ok());
    coach.booked.insert(date("2027-01-07"), 1);
    assert_eq!(coach.judge("2027-01-09T20:00"), Err(Refusal::WeeklyCap));
    assert!(coach.judge("2027-01-10T20:00").is_ok());
    coach.rules.daily_cap = Some(1);
    assert_eq!(coach.judge("2027-01-09T20:00"), Err(Refusal::DailyCap));
    assert_eq!(coach.judge("2027-01-10T20:00"), Err(Refusal::DailyCap));
}

#[test]
fn caps_follow_the_date_on_the_day_the_clock_changes() {
    // Lisbon's 28 March 2027 has 23 hours: 23:00 UTC is the 29th already, which is full; and its 31 October has 25.
    let mut coach = coach("Europe/Lisbon").every_day("00:00-24:00");
    coach.rules.daily_cap = Some(1);
    coach.booked = [("2027-03-29", 1), ("2027-11-01", 1)].map(|(day, n)| (date(day), n)).into();
    let spring = coach.starts("2027-03-28T00:00", "2027-03-29T23:00");
    assert_eq!((spring.len(), &*spring[22]), (23, "2027-03-28T22:00"));
    let autumn = coach.starts("2027-10-30T23:00", "2027-11-02T00:00");
    assert_eq!((autumn.len(), &*autumn[24]), (25, "2027-10-31T23:00"));
}

#[test]
fn the_hour_that_is_skipped_is_not_on_offer() {
    // Lisbon, 28 March 2027: 01:00 becomes 02:00. A window from the skipped hour opens with the change.
    let day = |windows| coach("Europe/Lisbon").on("2027-03-28", windows).starts("2027-03-27T12:00", "2027-03-28T12:00");
    assert_eq!(day("00:00-03:00"), ["2027-03-28T00:00", "2027-03-28T01:00"]);
    assert_eq!(day("01:30-03:00"), ["2027-03-28T01:00"]);
    assert_eq!(day("01:00-02:00"), [""; 0]);
}

#[test]
fn the_hour_that_comes_twice_is_on_offer_twice() {
    // Lisbon, 31 October 2027: 02:00 becomes 01:00. New York, 7 November 2027.
    let starts = coach("Europe/Lisbon").on("2027-10-31", "00:30-02:00").lasting(30, 30).starts("2027-10-30T12:00", "2027-10-31T12:00");
    assert_eq!(starts, ["2027-10-30T23:30", "2027-10-31T00:00", "2027-10-31T00:30", "2027-10-31T01:00", "2027-10-31T01:30"]);
    let starts = coach("America/New_York").on("2027-11-07", "01:00-02:00").starts("2027-11-07T00:00", "2027-11-08T00:00");
    assert_eq!(starts, ["2027-11-07T05:00", "2027-11-07T06:00"]);
    // Windows that share the repeated hour do not offer it double.
    let starts = coach("America/New_York").on("2027-11-07", "00:00-01:30 01:30-03:30").lasting(30, 30);
    let starts = starts.starts("2027-11-07T00:00", "2027-11-08T00:00");
    assert!(starts.len() == 9 && starts.is_sorted_by(|a, b| a < b), "{starts:?}");
}

#[test]
fn odd_shifts() {
    // Lord Howe, 4 October 2026: 02:00 becomes 02:30. Ninety minutes on the wall are one hour.
    let coach = |zone| coach(zone).at("2010-01-01T00:00").lasting(30, 30);
    let wide = |mut coach: Coach| {
        coach.rules.horizon_days = 10_000;
        coach
    };
    let starts = wide(coach("Australia/Lord_Howe").on("2026-10-04", "01:30-03:00")).starts("2026-10-03T00:00", "2026-10-04T12:00");
    assert_eq!(starts, ["2026-10-03T15:00", "2026-10-03T15:30"]);
    // Nepal is 5:45 ahead.
    let starts = wide(coach("Asia/Kathmandu").on("2026-10-04", "09:00-10:00")).starts("2026-10-04T00:00", "2026-10-05T00:00");
    assert_eq!(starts, ["2026-10-04T03:15", "2026-10-04T03:45"]);
    // Troll springs by two hours: 29 March 2026 01:00 becomes 03:00.
    let starts = wide(coach("Antarctica/Troll").on("2026-03-29", "00:30-03:30")).starts("2026-03-28T12:00", "2026-03-29T12:00");
    assert_eq!(starts, ["2026-03-29T00:30", "2026-03-29T01:00"]);
}

#[test]
fn a_lost_day_has_no_slots_and_joins_its_neighbours() {
    // Samoa went from Thursday 29 to Saturday 31 December 2011, at 10:00 UTC.
    let coach = coach("Pacific/Apia").at("2011-12-25T00:00").on("2011-12-29", "22:30-24:00").on("2011-12-30", "09:00-17:00");
    let coach = coach.on("2011-12-31", "00:00-01:00");
    assert_eq!(coach.starts("2011-12-29T00:00", "2011-12-31T00:00"), ["2011-12-30T08:30", "2011-12-30T09:30", "2011-12-30T10:00"]);
    assert!(coach.ask(|picture| picture.windows(Interval { start: at("2011-12-29T00:00"), end: at("2012-01-01T00:00") })).len() == 2);
}

#[test]
fn midnight_gaps_and_folds_join_the_evening_and_the_morning() {
    // Beirut, 28 March 2027: 00:00 becomes 01:00. The morning's first hour does not exist.
    let gap = coach("Asia/Beirut").on("2027-03-27", "23:30-24:00").on("2027-03-28", "00:00-02:00").lasting(60, 30);
    assert_eq!(gap.starts("2027-03-27T12:00", "2027-03-28T12:00"), ["2027-03-27T21:30", "2027-03-27T22:00"]);
    // Havana, 7 November 2027: 01:00 becomes 00:00. The evening runs to the second midnight, the morning starts at the first.
    let fold = coach("America/Havana").on("2027-11-06", "23:00-24:00").on("2027-11-07", "00:00-01:00");
    assert_eq!(fold.starts("2027-11-06T12:00", "2027-11-07T12:00"), ["2027-11-07T03:00", "2027-11-07T04:00", "2027-11-07T05:00"]);
}

#[test]
fn closed_is_told_from_never_open() {
    let coach = coach("UTC").every_day("09:00-10:00").on("2027-01-06", "");
    assert_eq!(coach.judge("2027-01-06T09:00"), Err(Refusal::ClosedByOverride));
    assert_eq!(coach.judge("2027-01-07T08:00"), Err(Refusal::OutsideHours));
    assert!(coach.judge("2027-01-07T09:00").is_ok());
}

#[test]
fn looking_for_the_next_slot_stops_at_the_horizon() {
    let mut coach = coach("Europe/Lisbon").on("2028-06-01", "09:00-10:00");
    let next = |coach: &Coach| coach.ask(|picture| picture.next_slot(picture.now)).map(|slot| slot.start);
    assert_eq!(next(&coach), Some(at("2028-06-01T08:00")));
    coach.rules.horizon_days = 30;
    assert_eq!(next(&coach), None);
}

#[test]
fn nearest_prefers_the_earlier_of_two_and_keeps_time_order() {
    let coach = coach("UTC").every_day("09:00-13:00").taken("2027-01-05T11:00", "2027-01-05T12:00", TakenKind::Busy);
    let nearest = |n| coach.ask(|picture| picture.nearest(at("2027-01-05T11:00"), n)).iter().map(|slot| slot.start).collect::<Vec<_>>();
    assert_eq!(nearest(1), [at("2027-01-05T10:00")]);
    assert_eq!(nearest(3), [at("2027-01-05T09:00"), at("2027-01-05T10:00"), at("2027-01-05T12:00")]);
    assert_eq!(nearest(0), []);
}

#[test]
fn the_ends_of_time_and_empty_rules_are_no_trouble() {
    let (first, last) = (Instant::from_millis(i64::MIN), Instant::from_millis(i64::MAX));
    for now in [first, at("2027-01-04T00:00"), last] {
        let mut coach = coach("Pacific/Apia").every_day("00:00-24:00");
        coach.now = now;
        coach.taken.push(Taken { span: Interval { start: first, end: last }, kind: TakenKind::Block });
        for edge in [first, now, last] {
            assert!(coach.ask(|picture| picture.judge(edge)).is_err());
            assert_eq!(coach.ask(|picture| picture.next_slot(edge)), None);
            assert_eq!(coach.ask(|picture| picture.nearest(edge, 3)), []);
        }
        assert_eq!(coach.ask(|picture| picture.slots(Interval { start: first, end: last })), []);
        assert_eq!(coach.ask(|picture| picture.slots(Interval { start: last, end: first })), []);
    }
    for (duration, step) in [(0, 60), (60, 0)] {
        let coach = coach("UTC").every_day("00:00-24:00").lasting(duration, step);
        assert_eq!(coach.starts("2027-01-05T00:00", "2027-01-06T00:00"), [""; 0]);
        assert_eq!(coach.judge("2027-01-05T09:00"), Err(Refusal::OffStep));
    }
}

#[test]
fn mentees_learn_nothing_about_other_bookings() {
    let kinds = [TakenKind::Booking, TakenKind::Hold, TakenKind::Block, TakenKind::Busy].map(Refusal::Taken);
    for refusal in kinds {
        assert_eq!((refusal.code(), refusal.to_string()), ("taken", kinds[0].mentee_words().to_owned()));
    }
    assert_ne!(kinds[0].coach_words(), kinds[3].coach_words());
    assert_eq!(Refusal::ClosedByOverride.mentee_words(), Refusal::NoHoursThatDay.mentee_words());
}
