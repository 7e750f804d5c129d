//! How long the slot engine takes: a 31-day month of one coach, with much or very much taken in it.
//!
//! `cargo bench -p wellmet --bench engine` prints median and 99th percentile in microseconds.

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant as Stopwatch},
};

use wellmet::{
    availability::{Picture, Taken, TakenKind, TakenSet},
    model::{Hours, Instant, SessionRules, WeeklyHours, Window},
    time::{Interval, Zone},
};

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(2);
/// 2026-10-01T00:00:00Z: the month in which Lisbon's clocks go back.
const MONTH_START: Instant = Instant::from_millis(1_790_812_800_000);
const MONTH_MINUTES: i64 = 31 * 24 * 60;

#[expect(clippy::disallowed_methods, reason = "a stopwatch, not a clock")]
fn measure<T>(name: &str, mut work: impl FnMut() -> T) {
    let begun = Stopwatch::now();
    let mut times = Vec::new();
    while begun.elapsed() < MEASURED {
        let start = Stopwatch::now();
        black_box(work());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let micros = |per_cent: usize| times[(times.len() - 1) * per_cent / 100].as_secs_f64() * 1e6;
    println!("{name:<58} median {:>9.1} µs   p99 {:>9.1} µs   ({} runs)", micros(50), micros(99), times.len());
}

/// Spans of 1 to 20 minutes strewn over the month, the same each time (a linear congruential generator).
fn taken(count: usize) -> Vec<Taken> {
    let mut state = 42_u64;
    let mut below = move |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % limit).unwrap_or(0)
    };
    let span = |_| {
        let start = MONTH_START.plus_minutes(below(MONTH_MINUTES.unsigned_abs()));
        Taken { span: Interval { start, end: start.plus_minutes(1 + below(20)) }, kind: TakenKind::Busy }
    };
    (0..count).map(span).collect()
}

fn main() {
    // Cargo's other runs of this file only want to know that it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let zone = Zone::parse("Europe/Lisbon").unwrap_or_else(Zone::utc);
    let day: Vec<Window> = [Window::hours(9, 13), Window::hours(14, 18)].into_iter().flatten().collect();
    let hours = Hours { weekly: WeeklyHours(std::array::from_fn(|_| day.clone())), overrides: BTreeMap::new() };
    let mut rules = SessionRules {
        duration_minutes: 30,
        step_minutes: 15,
        buffer_before_minutes: 5,
        buffer_after_minutes: 5,
        notice_minutes: 0,
        horizon_days: 60,
        daily_cap: None,
        weekly_cap: None,
    };
    let month = Interval { start: MONTH_START, end: MONTH_START.plus_minutes(MONTH_MINUTES) };
    let booked = BTreeMap::new();
    for count in [0, 2_000, 20_000] {
        let spans = taken(count);
        let set = TakenSet::new(spans.clone());
        for (caps, cap) in [("", None), (", caps", Some(99))] {
            (rules.daily_cap, rules.weekly_cap) = (cap, cap);
            let picture = Picture { zone: &zone, hours: &hours, rules, taken: &set, booked: &booked, now: MONTH_START };
            let slots = picture.slots(month).len();
            measure(&format!("slots of 31 days, {count} taken{caps} ({slots} slots)"), || picture.slots(black_box(month)));
        }
        let picture = Picture { zone: &zone, hours: &hours, rules, taken: &set, booked: &booked, now: MONTH_START };
        let middle = MONTH_START.plus_minutes(MONTH_MINUTES / 2);
        measure(&format!("judge one start, {count} taken"), || picture.judge(black_box(middle)));
        measure(&format!("next slot, {count} taken"), || picture.next_slot(black_box(middle)));
        measure(&format!("TakenSet::new, {count} taken (copying them included)"), || TakenSet::new(black_box(spans.clone())));
    }
}
