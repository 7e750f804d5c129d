//! The zone module against the raw data, read a second time and independently, and against chrono-tz.

#![expect(clippy::unwrap_used, reason = "a test may stop at what cannot be")]

mod cross_check;
mod known;
mod sweep;
mod tzif;

use chrono::NaiveDate;
use wellmet::model::{Instant, WallTime};
use wellmet::time::Zone;

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap_or_else(|| panic!("{name} is a zone"))
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn wall(text: &str) -> WallTime {
    WallTime::parse(text).unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse_rfc3339(text).unwrap()
}

fn second(at: i64) -> Instant {
    Instant::from_millis(at * 1000)
}
