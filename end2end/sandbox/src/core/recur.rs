//! The part of RFC 5545 recurrence that the sandbox's calendars use: DAILY and WEEKLY with INTERVAL, BYDAY, COUNT and UNTIL.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// How often a rule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Every {
    Day,
    Week,
}

/// A recurrence rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Rule {
    every: Every,
    interval: i32,
    days: Vec<Weekday>,
    count: Option<usize>,
    until: Option<Date>,
    text: String,
}

/// Days looked at before a rule without end is given up: ten years.
const HORIZON: i32 = 3660;

impl Rule {
    /// Reads `RRULE:FREQ=...`, with or without the name in front; says what it does not know.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rule = Self {
            every: Every::Day,
            interval: 1,
            days: Vec::new(),
            count: None,
            until: None,
            text: text.trim_start_matches("RRULE:").to_owned(),
        };
        let mut freq = false;
        for part in rule.text.clone().split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("no value in {part}"))?;
            let number = || value.parse::<u16>().map_err(|_| format!("no number in {part}"));
            match name {
                "FREQ" => {
                    freq = true;
                    rule.every = match value {
                        "DAILY" => Every::Day,
                        "WEEKLY" => Every::Week,
                        _ => return Err(format!("the sandbox does not expand FREQ={value}")),
                    };
                }
                "INTERVAL" => rule.interval = i32::from(number()?).max(1),
                "COUNT" => rule.count = Some(usize::from(number()?)),
                "UNTIL" => rule.until = Some(until(value).ok_or_else(|| format!("no date in {part}"))?),
                "BYDAY" => {
                    rule.days =
                        value.split(',').map(|day| weekday(day).ok_or_else(|| format!("no day in {part}"))).collect::<Result<_, _>>()?;
                }
                "WKST" if value == "MO" => {}
                _ => return Err(format!("the sandbox does not expand {name}")),
            }
        }
        if freq { Ok(rule) } else { Err("FREQ is missing".into()) }
    }

    /// The rule as text, without `RRULE:`.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The dates on which something that first begins on `first` takes place, up to and including `last`.
    pub(crate) fn dates(&self, first: Date, last: Date) -> Vec<Date> {
        let days = if self.days.is_empty() && self.every == Every::Week { vec![first.weekday()] } else { self.days.clone() };
        let last = self.until.map_or(last, |until| until.min(last));
        let lead = i32::from(first.weekday().to_monday_zero_offset());
        let mut found = Vec::new();
        for offset in 0..HORIZON {
            let Ok(date) = first.checked_add(jiff::Span::new().days(offset)) else { break };
            if date > last || self.count.is_some_and(|count| found.len() >= count) {
                break;
            }
            let step = match self.every {
                Every::Day => offset,
                Every::Week => (offset + lead) / 7,
            };
            if step % self.interval == 0 && (days.is_empty() || days.contains(&date.weekday())) {
                found.push(date);
            }
        }
        found
    }
}

impl TryFrom<String> for Rule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.text
    }
}

fn until(value: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| value.get(range)?.parse::<i16>().ok();
    let small = |range| number(range).and_then(|number| i8::try_from(number).ok());
    Date::new(number(0..4)?, small(4..6)?, small(6..8)?).ok()
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::Rule;

    fn days(rule: &str, first: (i16, i8, i8)) -> Vec<String> {
        let dates = Rule::parse(rule).unwrap().dates(date(first.0, first.1, first.2), date(2027, 2, 1));
        dates.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn weeks_begin_on_monday_and_the_interval_counts_from_the_first() {
        // 2027-01-06 is a Wednesday: the Monday of its own week lies before the beginning.
        assert_eq!(
            days("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", (2027, 1, 6)),
            ["2027-01-06", "2027-01-18", "2027-01-20", "2027-02-01"]
        );
        assert_eq!(days("FREQ=WEEKLY;COUNT=2", (2027, 1, 6)), ["2027-01-06", "2027-01-13"]);
    }

    #[test]
    fn days_end_with_count_or_until() {
        assert_eq!(days("FREQ=DAILY;INTERVAL=3;COUNT=3", (2027, 1, 1)), ["2027-01-01", "2027-01-04", "2027-01-07"]);
        assert_eq!(days("FREQ=DAILY;BYDAY=SA,SU;UNTIL=20270109T235959Z", (2027, 1, 1)), ["2027-01-02", "2027-01-03", "2027-01-09"]);
    }

    #[test]
    fn what_is_not_expanded_is_said() {
        for rule in ["FREQ=MONTHLY", "FREQ=DAILY;BYSETPOS=1", "INTERVAL=2", "FREQ=DAILY;COUNT=many", "FREQ=WEEKLY;BYDAY=1MO"] {
            assert!(Rule::parse(rule).is_err(), "{rule}");
        }
    }
}
