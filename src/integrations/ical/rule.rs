//! Recurrence rules as written (RFC 5545, 3.3.10).

use chrono::{Datelike, NaiveDateTime, Weekday};

use super::values::{Written, read_number};

/// How often a rule recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

/// A weekday (as days after Monday), and which one of its kind in the month or year: 0 for each, -1 for the last.
pub(super) type NthWeekday = (i32, u32);

/// An RRULE. Empty lists say nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    /// At least 1.
    pub(super) interval: i64,
    pub(super) count: Option<u32>,
    pub(super) until: Option<Written>,
    pub(super) seconds: Vec<u32>,
    pub(super) minutes: Vec<u32>,
    pub(super) hours: Vec<u32>,
    pub(super) weekdays: Vec<NthWeekday>,
    pub(super) month_days: Vec<i32>,
    pub(super) year_days: Vec<i32>,
    pub(super) weeks: Vec<i32>,
    pub(super) months: Vec<u32>,
    pub(super) positions: Vec<i32>,
    pub(super) week_start: Weekday,
}

impl Rule {
    /// Reads a rule. `None` if any part of it is wrong or not known here: half a rule would be another rule.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let mut rule = Self::new(Frequency::Daily);
        let mut frequency = None;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            match (name.trim(), value.trim()) {
                ("FREQ", value) => frequency = Some(read_frequency(value)?),
                (name, value) => rule.set(name, value)?,
            }
        }
        rule.frequency = frequency?;
        Some(rule)
    }

    fn new(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            seconds: Vec::new(),
            minutes: Vec::new(),
            hours: Vec::new(),
            weekdays: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            weeks: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Mon,
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "INTERVAL" => self.interval = read_number(value).filter(|n| *n > 0)?.into(),
            "COUNT" => self.count = Some(read_number(value).filter(|n| *n > 0)?),
            "UNTIL" => self.until = Some(Written::read(value)?),
            "WKST" => self.week_start = read_weekday(value)?,
            // A leap second is the second before it.
            "BYSECOND" => self.seconds = list(value, |item| read_number(item).filter(|second| *second <= 60).map(|second| second.min(59)))?,
            "BYMINUTE" => self.minutes = naturals(value, 0, 59)?,
            "BYHOUR" => self.hours = naturals(value, 0, 23)?,
            "BYMONTH" => self.months = naturals(value, 1, 12)?,
            "BYDAY" => self.weekdays = list(value, read_nth_weekday)?,
            "BYMONTHDAY" => self.month_days = list(value, |item| read_signed(item, 31))?,
            "BYYEARDAY" => self.year_days = list(value, |item| read_signed(item, 366))?,
            "BYWEEKNO" => self.weeks = list(value, |item| read_signed(item, 53))?,
            "BYSETPOS" => self.positions = list(value, |item| read_signed(item, 366))?,
            // RFC 7529: our calendar by name is our calendar; any other is not known here.
            "RSCALE" if value == "GREGORIAN" => {}
            _ => return None,
        }
        Some(())
    }

    /// What looking at one day costs: long lists cost more.
    pub(super) fn cost(&self) -> u32 {
        let lists = [self.month_days.len(), self.year_days.len(), self.weeks.len(), self.positions.len(), self.weekdays.len()];
        1 + u32::try_from(lists.iter().sum::<usize>() / 16).unwrap_or(u32::MAX - 1)
    }

    /// What the rule leaves out, taken from where the series starts ("Information, not contained in the rule,
    /// ... derived from the Start Time", 3.3.10).
    pub(super) fn completed(&self, start: NaiveDateTime) -> Self {
        use Frequency::{Daily, Hourly, Minutely, Monthly, Weekly, Yearly};
        let mut rule = self.clone();
        let no_days = rule.weekdays.is_empty() && rule.month_days.is_empty() && rule.year_days.is_empty();
        match rule.frequency {
            Yearly if no_days && !rule.weeks.is_empty() => rule.weekdays = vec![(0, start.weekday().num_days_from_monday())],
            Yearly if no_days => {
                rule.month_days = vec![i32::try_from(start.day()).unwrap_or(1)];
                if rule.months.is_empty() {
                    rule.months = vec![start.month()];
                }
            }
            Monthly if no_days => rule.month_days = vec![i32::try_from(start.day()).unwrap_or(1)],
            Weekly if no_days => rule.weekdays = vec![(0, start.weekday().num_days_from_monday())],
            _ => {}
        }
        let time = start.time();
        let (hour, minute, second) = (chrono::Timelike::hour(&time), chrono::Timelike::minute(&time), chrono::Timelike::second(&time));
        if rule.frequency <= Daily && rule.hours.is_empty() {
            rule.hours = vec![hour];
        }
        if rule.frequency <= Hourly && rule.minutes.is_empty() {
            rule.minutes = vec![minute];
        }
        if rule.frequency <= Minutely && rule.seconds.is_empty() {
            rule.seconds = vec![second];
        }
        rule
    }
}

fn read_frequency(word: &str) -> Option<Frequency> {
    Some(match word {
        "YEARLY" => Frequency::Yearly,
        "MONTHLY" => Frequency::Monthly,
        "WEEKLY" => Frequency::Weekly,
        "DAILY" => Frequency::Daily,
        "HOURLY" => Frequency::Hourly,
        "MINUTELY" => Frequency::Minutely,
        "SECONDLY" => Frequency::Secondly,
        _ => return None,
    })
}

fn read_weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

/// `MO`, `2TU`, `-1FR`.
fn read_nth_weekday(item: &str) -> Option<NthWeekday> {
    let (nth, day) = item.split_at_checked(item.len().checked_sub(2)?)?;
    let nth = if nth.is_empty() { 0 } else { read_signed(nth, 53)? };
    Some((nth, read_weekday(day)?.num_days_from_monday()))
}

/// A number from 1 to `most`, or one from the end.
fn read_signed(item: &str, most: u32) -> Option<i32> {
    let (sign, digits) = item.strip_prefix('-').map_or((1, item.strip_prefix('+').unwrap_or(item)), |digits| (-1, digits));
    let number = read_number(digits).filter(|number| (1..=most).contains(number))?;
    Some(sign * i32::try_from(number).ok()?)
}

fn naturals(value: &str, least: u32, most: u32) -> Option<Vec<u32>> {
    list(value, |item| read_number(item).filter(|number| (least..=most).contains(number)))
}

/// A list in order, each value once: however long it is written, there are not many different ones.
fn list<T: Ord>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let items: Option<std::collections::BTreeSet<T>> = value.split(',').map(|item| read(item.trim())).collect();
    Some(items?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_whole_or_not_at_all() {
        let rule = Rule::parse("freq=monthly;interval=2;byday=-1FR,+2mo,tu;WKST=SU;UNTIL=20261231;COUNT=4;").unwrap();
        assert_eq!((rule.frequency, rule.interval, rule.count, rule.week_start), (Frequency::Monthly, 2, Some(4), Weekday::Sun));
        assert_eq!(rule.weekdays, [(-1, 4), (0, 1), (2, 0)]);
        for bad in [
            "",
            "INTERVAL=1",
            "FREQ=FORTNIGHTLY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=-1",
            "FREQ=DAILY;BYDAY=XX",
            "FREQ=DAILY;BYDAY=",
            "FREQ=DAILY;BYDAY=é",
            "FREQ=DAILY;BYHOUR=24",
            "FREQ=DAILY;BYMONTHDAY=0",
            "FREQ=DAILY;BYMONTH=1,,2",
            "FREQ=DAILY;UNTIL=soon",
            "FREQ=YEARLY;RSCALE=HEBREW",
            "FREQ=YEARLY;BYEASTER=1",
            "FREQ",
        ] {
            assert_eq!(Rule::parse(bad), None, "{bad}");
        }
    }
}
