//! What was measured, in lines.

use std::{fmt, time::Duration};

use crate::run::{Timing, rate};

/// A booking may cost as much as two bare inserts.
const GOAL: f64 = 0.5;

/// The rounds of one engine with so many clients.
pub(crate) struct Report {
    pub(crate) engine: &'static str,
    pub(crate) clients: usize,
    pub(crate) bare: Vec<Timing>,
    pub(crate) hold: Vec<Timing>,
    pub(crate) book: Vec<Timing>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, clients, bare, hold, book } = self;
        writeln!(f, "\n{engine}, clients: {clients}; {} rounds of {}", bare.len(), bare[0].each.len())?;
        for (name, rounds) in [("bare insert", bare), ("hold", hold), ("book", book)] {
            line(f, name, rounds)?;
        }
        let both: Vec<f64> = hold.iter().zip(book).map(|(hold, book)| rate(book.each.len(), hold.took + book.took)).collect();
        let of_bare = |rates: &mut dyn Iterator<Item = f64>| median(rates.zip(bare).map(|(rate, bare)| rate / bare.rate()));
        let booked = of_bare(&mut book.iter().map(Timing::rate));
        let word = if booked >= GOAL { "met" } else { "missed" };
        writeln!(f, "  {:<14} {:>7.0}/s", "hold and book", median(both.iter().copied()))?;
        let whole = of_bare(&mut both.iter().copied());
        write!(f, "  ratio to bare inserts: book {booked:.2} (goal {GOAL} {word}), hold and book {whole:.2}")
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, rounds: &[Timing]) -> fmt::Result {
    let mut each: Vec<Duration> = rounds.iter().flat_map(|round| round.each.iter().copied()).collect();
    each.sort_unstable();
    let millis = |percent: usize| each[(each.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    let rate = median(rounds.iter().map(Timing::rate));
    writeln!(f, "  {name:<14} {rate:>7.0}/s   median {:.2} ms, p99 {:.2} ms", millis(50), millis(99))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The machine that the figures are of.
pub(crate) fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_else(|_| String::new());
    let model = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model);
    format!("{cpus} x {model}, {}", std::env::consts::OS)
}
