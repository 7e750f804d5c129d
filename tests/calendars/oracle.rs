//! Random calendars: what we and an independent library take for busy must be the same.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use wellmet::{
    integrations::ical::{BusyContext, Limits, busy_of},
    model::Instant,
    time::{Interval, Zone},
};

use crate::{
    generator::{Dice, calendar},
    tools::tool,
};

/// How many calendars are compared.
const CALENDARS: u64 = 400;

fn spans(answer: &Value, part: &str) -> Vec<Interval> {
    let second = |value: &Value| Instant::from_millis(value.as_i64().unwrap() * 1000);
    answer[part].as_array().unwrap().iter().map(|span| Interval { start: second(&span[0]), end: second(&span[1]) }).collect()
}

/// The minutes of the window that the spans touch, those of `unsure` left out.
fn minutes(window: Interval, spans: &[Interval], unsure: &[Interval]) -> Vec<Instant> {
    let count = (window.end.millis() - window.start.millis()) / 60_000;
    let taken = |list: &[Interval], at: Instant| list.iter().any(|span| span.start <= at && at < span.end);
    let mut marks = vec![false; usize::try_from(count).unwrap()];
    for (span, mark) in spans.iter().map(|span| (span, true)).chain(unsure.iter().map(|span| (span, false))) {
        let minute = |at: Instant| usize::try_from(((at.millis() - window.start.millis()) / 60_000).clamp(0, count)).unwrap();
        marks[minute(span.start)..minute(span.end).max(minute(span.start))].fill(mark);
    }
    let all = (0_i64..).map(|minute| window.start.plus_minutes(minute));
    all.zip(marks).filter_map(|(at, mark)| mark.then_some(at)).filter(|at| !taken(unsure, *at)).collect()
}

#[test]
fn random_calendars_are_read_as_an_independent_library_reads_them() {
    let Some(python) = tool("python") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/calendars/oracle.py");
    // An empty path: zone data of the PyPI package, which is as new as ours, not the system's.
    let mut oracle = Command::new(python)
        .arg(script)
        .env("PYTHONTZPATH", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle starts");
    let (mut ask, mut answers) = (oracle.stdin.take().unwrap(), BufReader::new(oracle.stdout.take().unwrap()).lines());
    let (mut different, mut busy_calendars) = (Vec::new(), 0);
    for seed in 0..CALENDARS {
        let text = calendar(seed);
        let dice = &mut Dice::new(seed + 1_000_000);
        let zone = dice.pick(&["Europe/Berlin", "America/New_York", "Asia/Kolkata"]);
        let start = Instant::parse_rfc3339("2026-03-01T00:00:00Z").unwrap().plus_minutes(dice.below(240) * 1440 + dice.below(48) * 30);
        let window = Interval { start, end: start.plus_minutes(45 * 1440) };
        let question = json!({ "text": text, "zone": zone, "start": start.millis() / 1000, "end": window.end.millis() / 1000 });
        writeln!(ask, "{question}").unwrap();
        let answer = answers.next().expect("an answer").unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let context = BusyContext { home_zone: Zone::parse(zone).unwrap(), window, limits: Limits::default() };
        let ours = busy_of(&text, &context).unwrap();
        assert!(ours.notes.is_empty(), "seed {seed}: {:?}\n{text}", ours.notes);
        let unsure = spans(&answer, "unsure");
        let (ours, theirs) = (minutes(window, &ours.spans, &unsure), minutes(window, &spans(&answer, "busy"), &unsure));
        busy_calendars += u64::from(!theirs.is_empty());
        if ours != theirs {
            let only = |a: &[Instant], b: &[Instant]| a.iter().filter(|at| !b.contains(at)).take(3).copied().collect::<Vec<_>>();
            different.push(format!(
                "seed {seed}, {zone}: only ours {:?}, only theirs {:?}\n{text}",
                only(&ours, &theirs),
                only(&theirs, &ours)
            ));
        }
    }
    drop(ask);
    assert!(oracle.wait().unwrap().success());
    assert!(busy_calendars > CALENDARS / 2, "only {busy_calendars} calendars have busy time: the comparison says little");
    assert!(
        different.is_empty(),
        "{} of {CALENDARS} differ, for example\n{}",
        different.len(),
        different[..different.len().min(4)].join("\n")
    );
}
