//! The engine says what the obvious engine says.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use wellmet::{
    availability::{Taken, TakenSet},
    model::Instant,
};

use crate::{
    reference::{MINUTE, Open, Reference, World, minutes_in},
    tzif::DAY,
    world::{Desk, interval, taken, world},
};

/// Trying every minute of days is dear; `PROPTEST_CASES` asks for more.
fn some() -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig { cases: (all.cases / 2).max(1), ..all }
}

/// A world and two instants around its day, in any order, not always on whole minutes.
fn world_and_range() -> impl Strategy<Value = (World, i64, i64)> {
    let odd = || prop_oneof![2 => Just(0), 1 => 0..MINUTE];
    (world(), -3000..3000_i64, -200..5000_i64, odd(), odd()).prop_map(|((world, day), start, length, odd_start, odd_end)| {
        let start = (day * 1440 + start) * MINUTE + odd_start;
        (world, start, start + length * MINUTE + odd_end)
    })
}

fn told(slots: &[wellmet::time::Interval]) -> Vec<i64> {
    slots.iter().map(|slot| slot.start.millis()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn slots_are_those_found_by_trying_every_minute((world, from, until) in world_and_range()) {
        let desk = Desk::of(&world);
        let slots = desk.picture().slots(interval(from, until));
        prop_assert_eq!(told(&slots), Reference::of(&world).starts(from, until));
        for slot in slots {
            prop_assert_eq!(slot.end, slot.start.plus_minutes(world.rules.duration_minutes.into()));
        }
    }

    #[test]
    fn windows_are_those_that_were_written((world, from, until) in world_and_range()) {
        let windows = Desk::of(&world).picture().windows(interval(from, until)).into_iter();
        let mut told: Vec<_> = windows.map(|open| (open.span.start.millis(), open.span.end.millis())).collect();
        let reference = Reference::of(&world);
        let near = |open: &Open| open.from < until && from < open.until;
        let mut expected: Vec<_> = reference.windows(from, until).into_iter().filter(near).map(|open| (open.from, open.until)).collect();
        told.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn the_first_overlap_is_the_first_by_start(spans in taken(0), from in -100_000..500_000_i64, length in 0..3000_i64) {
        let (from, until) = (from * 1000, (from + length) * 1000);
        let set = TakenSet::new(spans.iter().map(|(from, until, kind)| Taken { span: interval(*from, *until), kind: *kind }).collect());
        let over = spans.iter().filter(|(start, end, _)| start < end && *start < until && from < *end);
        let first = over.map(|(start, _, kind)| (*start, *kind)).min();
        prop_assert_eq!(set.first_overlap(interval(from, until)).map(|taken| (taken.span.start.millis(), taken.kind)), first);
    }
}

proptest! {
    #![proptest_config(some())]

    #[test]
    fn judge_gives_the_first_reason_for_every_minute((world, day) in world()) {
        let (desk, reference) = (Desk::of(&world), Reference::of(&world));
        let (from, until) = ((day * DAY - 50_000) * 1000, (day + 1) * DAY * 1000 + 50_000_000);
        let windows = reference.windows(from, until);
        let slots: BTreeSet<i64> = told(&desk.picture().slots(interval(from, until))).into_iter().collect();
        for at in minutes_in(from, until) {
            let judged = desk.picture().judge(Instant::from_millis(at));
            prop_assert_eq!(judged.err().map(wellmet::availability::Refusal::code), reference.refusal(&windows, at), "at {}", at);
            prop_assert_eq!(judged.is_ok(), slots.contains(&at), "at {}", at);
        }
        for at in slots {
            for odd in [-1, 1, 30_000] {
                prop_assert!(desk.picture().judge(Instant::from_millis(at + odd)).is_err(), "{} ms from {}", odd, at);
            }
        }
    }

    #[test]
    fn the_next_and_the_nearest_are_picked_from_all((world, day) in world(), minute in -4000..14_000_i64, n in 0..9_usize) {
        let desk = Desk::of(&world);
        let to = (day * 1440 + minute) * MINUTE;
        let last = world.now + i64::from(world.rules.horizon_days) * DAY * 1000;
        let mut all = Reference::of(&world).starts(world.now, last + 1);
        let next = desk.picture().next_slot(Instant::from_millis(to)).map(|slot| slot.start.millis());
        prop_assert_eq!(next, all.iter().copied().find(|start| *start >= to));
        all.sort_by_key(|start| ((start - to).abs(), *start));
        all.truncate(n);
        all.sort_unstable();
        prop_assert_eq!(told(&desk.picture().nearest(Instant::from_millis(to), n)), all);
    }
}

/// The properties above hold for worlds without slots as well, so there had better be others: every reason has to
/// come up, and so have days with a gap, with a fold, and none at all.
#[test]
fn the_worlds_are_worth_looking_at() {
    let mut runner = TestRunner::deterministic();
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut with_slots, mut short, mut long, mut lost, mut beyond_midnight) = (0, 0, 0, 0, 0);
    for _ in 0..300 {
        let (world, day) = world().new_tree(&mut runner).unwrap().current();
        let reference = Reference::of(&world);
        let (from, until) = (day * DAY * 1000, (day + 1) * DAY * 1000);
        let windows = reference.windows(from, until);
        with_slots += u32::from(!reference.starts(from, until).is_empty());
        beyond_midnight += u32::from(windows.iter().any(|open| open.sessions_until > open.until));
        for at in minutes_in(from, until) {
            *reasons.entry(reference.refusal(&windows, at).unwrap_or("free")).or_default() += 1;
        }
        match reference.table.first_of_day(day + 1) - reference.table.first_of_day(day) {
            0 => lost += 1,
            1..DAY => short += 1,
            DAY => {}
            _ => long += 1,
        }
    }
    let rare = reasons.iter().find(|(_, count)| **count < 50);
    assert!(reasons.len() == 12 && rare.is_none(), "{reasons:?}");
    let seen = [with_slots, short, long, lost, beyond_midnight];
    assert!(with_slots > 60 && short > 40 && long > 40 && lost > 1 && beyond_midnight > 40, "{seen:?}");
}
