//! Values of the types that busy time is made of (RFC 5545, 3.3): dates, times, durations, periods.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::lines::Property;

/// A date or a time as written, before any zone is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A whole day.
    Day(NaiveDate),
    /// Wall-clock time, of the zone that TZID names or of none.
    Wall(NaiveDateTime),
    /// Ends in `Z`.
    Utc(NaiveDateTime),
}

/// A length of time: days move the calendar, seconds pass on a stopwatch (RFC 5545, 3.3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lasting {
    pub(super) days: TimeDelta,
    pub(super) seconds: TimeDelta,
}

/// A period: where it starts, and its end in either form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: Written,
    pub(super) until: Until,
}

/// How a period ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    At(Written),
    After(Lasting),
}

impl Written {
    /// `20261120`, `20261120T090000` or `20261120T090000Z`. With `VALUE=DATE` the time, if any, is dropped.
    pub(super) fn parse(text: &str, property: &Property) -> Option<Self> {
        let written = Self::read(text)?;
        let day = property.parameter_is("VALUE", "DATE");
        Some(match written {
            Self::Wall(at) | Self::Utc(at) if day => Self::Day(at.date()),
            other => other,
        })
    }

    /// As [`Written::parse`], where no parameter has a say.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some((date, time)) = text.split_once(['T', 't']) else { return read_date(text).map(Self::Day) };
        let (time, utc) = time.strip_suffix(['Z', 'z']).map_or((time, false), |time| (time, true));
        let at = read_date(date)?.and_time(read_time(time)?);
        Some(if utc { Self::Utc(at) } else { Self::Wall(at) })
    }

    /// The date as written.
    pub(super) const fn date(self) -> NaiveDate {
        match self {
            Self::Day(date) => date,
            Self::Wall(at) | Self::Utc(at) => at.date(),
        }
    }
}

impl Lasting {
    /// `P1D`, `PT1H30M`, `P2W`, `-PT15M` and the like.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let (sign, rest) = match text.as_bytes().first()? {
            b'-' => (-1, text.get(1..)?),
            b'+' => (1, text.get(1..)?),
            _ => (1, text.as_str()),
        };
        let rest = rest.strip_prefix('P')?;
        let (date, time) = rest.split_once('T').map_or((rest, None), |(date, time)| (date, Some(time)));
        let days = sum(date, &[('W', 7), ('D', 1)])?;
        let seconds = time.map_or(Some(0), |time| if time.is_empty() { None } else { sum(time, &[('H', 3600), ('M', 60), ('S', 1)]) })?;
        if date.is_empty() && time.is_none() {
            return None;
        }
        Some(Self { days: TimeDelta::try_days(sign * days)?, seconds: TimeDelta::try_seconds(sign * seconds)? })
    }
}

impl Period {
    /// `start/end` or `start/duration`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (start, until) = text.split_once('/')?;
        let start = Written::read(start)?;
        let until = Lasting::parse(until).map(Until::After).or_else(|| Written::read(until).map(Until::At))?;
        Some(Self { start, until })
    }
}

/// `+0100`, `-0330` or `+001736`, in seconds ahead of UTC.
pub(super) fn read_offset(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let number = |range| digits.get(range).and_then(read_number);
    let seconds = if digits.len() == 6 { number(4..6)? } else { 0 };
    if !matches!(digits.len(), 4 | 6) {
        return None;
    }
    let (hours, minutes) = (number(0..2)?, number(2..4)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds)))
}

/// Digits and nothing else, at most nine.
pub(super) fn read_number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn read_date(text: &str) -> Option<NaiveDate> {
    if text.len() != 8 {
        return None;
    }
    let number = |range| text.get(range).and_then(read_number);
    NaiveDate::from_ymd_opt(i32::try_from(number(0..4)?).ok()?, number(4..6)?, number(6..8)?)
}

/// Six digits; four are read too. A leap second is the second before it.
fn read_time(text: &str) -> Option<NaiveTime> {
    let number = |range| text.get(range).and_then(read_number);
    let seconds = if text.len() == 4 { 0 } else { number(4..6)?.min(59) };
    if !matches!(text.len(), 4 | 6) {
        return None;
    }
    NaiveTime::from_hms_opt(number(0..2)?, number(2..4)?, seconds)
}

/// `2W3D` with each unit's worth; units in that order, each at most once.
fn sum(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let (mut rest, mut total) = (text, 0);
    for (unit, worth) in units {
        if let Some((number, more)) = rest.split_once(*unit) {
            total += i64::from(read_number(number)?) * worth;
            rest = more;
        }
    }
    rest.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!(Written::read("20261120"), Some(Written::Day(day)));
        assert_eq!(Written::read("20261120T090000"), Some(Written::Wall(day.and_hms_opt(9, 0, 0).unwrap())));
        assert_eq!(Written::read("20261120T235960Z"), Some(Written::Utc(day.and_hms_opt(23, 59, 59).unwrap())));
        for bad in ["", "T", "20261320", "2026-11-20", "20261120T25", "20261120T240000", "+2261120", "20261120T09000é", "٢٠٢٦١١٢٠"]
        {
            assert_eq!(Written::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_and_offsets() {
        let lasting = |text| Lasting::parse(text).map(|it| (it.days.num_days(), it.seconds.num_seconds()));
        assert_eq!(lasting("P2W"), Some((14, 0)));
        assert_eq!(lasting("P1DT2H3M4S"), Some((1, 7384)));
        assert_eq!(lasting("-PT15M"), Some((0, -900)));
        for bad in ["", "P", "PT", "1H", "P1H", "PT1D", "P999999999999D", "PT1.5H", "P1D2W"] {
            assert_eq!(lasting(bad), None, "{bad}");
        }
        assert_eq!(read_offset("-0330"), Some(-12_600));
        assert_eq!(read_offset("+001736"), Some(1056));
        assert_eq!(read_offset("+2500"), None);
    }
}
