//! A second reading of the zone data, small and slow, that shares nothing with the crate: the `TZif` file (RFC 9636)
//! as a list of changes, and wall-clock times turned round by trying every stretch between two changes.

/// Seconds in a day.
pub(super) const DAY: i64 = 86_400;
/// The rule at the end of a file is written out for these years.
const YEARS: std::ops::RangeInclusive<i64> = 1995..=2045;

/// A zone as stretches of constant offset.
pub(super) struct Table {
    /// When each stretch begins, and its offset in seconds. The first begins at the beginning of time.
    stretches: Vec<(i64, i64)>,
}

impl Table {
    /// Reads the 64-bit block and the footer.
    pub(super) fn read(data: &[u8]) -> Self {
        let first = Header::read(data);
        assert!(first.version >= b'2', "only the first, 32-bit block");
        let data = &data[Header::SIZE + first.body(4)..];
        let header = Header::read(data);
        let body = &data[Header::SIZE..];
        let (times, rest) = body.split_at(header.times * 8);
        let (kinds, rest) = rest.split_at(header.times);
        let offset = |kind: u8| -> i64 {
            let at = usize::from(kind) * 6;
            i32::from_be_bytes(rest[at..at + 4].try_into().unwrap()).into()
        };
        let times = times.chunks(8).map(|time| i64::from_be_bytes(time.try_into().unwrap()));
        let mut stretches = vec![(i64::MIN, offset(0))];
        stretches.extend(times.zip(kinds).map(|(time, kind)| (time, offset(*kind))));
        let last = stretches[stretches.len() - 1].0;
        let footer = std::str::from_utf8(&body[header.body(8)..]).unwrap().trim_matches('\n');
        stretches.extend(changes_of(footer).into_iter().filter(|(time, _)| *time > last));
        stretches.dedup_by_key(|(_, offset)| *offset);
        Self { stretches }
    }

    /// The offset at a second.
    pub(super) fn offset(&self, at: i64) -> i64 {
        self.stretches[self.stretches.partition_point(|(start, _)| *start <= at) - 1].1
    }

    /// Changes from `from` until `until`: when, the offset before, the offset after.
    pub(super) fn changes(&self, from: i64, until: i64) -> Vec<(i64, i64, i64)> {
        let pairs = self.stretches.windows(2).map(|pair| (pair[1].0, pair[0].1, pair[1].1));
        pairs.filter(|(at, ..)| (from..until).contains(at)).collect()
    }

    /// Each stretch near the wall-clock second: from, until, offset.
    fn near(&self, wall: i64) -> impl Iterator<Item = (i64, i64, i64)> {
        let low = self.stretches.partition_point(|(start, _)| *start < wall - 3 * DAY).saturating_sub(2);
        (low..self.stretches.len())
            .map(|i| {
                let (start, offset) = self.stretches[i];
                (start, self.stretches.get(i + 1).map_or(i64::MAX, |next| next.0), offset)
            })
            .take_while(move |(start, ..)| *start < wall + 3 * DAY)
    }

    /// Every instant at which the clock shows `wall` (seconds since 1970-01-01 00:00 as the clock counts).
    pub(super) fn shows(&self, wall: i64) -> Vec<i64> {
        let there = self.near(wall).map(|(start, end, offset)| (wall - offset, start, end));
        there.filter(|(at, start, end)| start <= at && at < end).map(|(at, ..)| at).collect()
    }

    /// The change at which the clock jumps over `wall`.
    pub(super) fn jumps_over(&self, wall: i64) -> i64 {
        let over = |(at, before, after): &(i64, i64, i64)| at + before <= wall && wall < at + after;
        self.changes(wall - 3 * DAY, wall + 3 * DAY).into_iter().find(over).expect("shown or skipped").0
    }

    /// The first instant whose date is the `day`th since 1970-01-01 or a later one.
    pub(super) fn first_of_day(&self, day: i64) -> i64 {
        let midnight = day * DAY;
        let first = |(start, end, offset): (i64, i64, i64)| Some(start.max(midnight - offset)).filter(|at| *at < end);
        self.near(midnight).filter_map(first).min().expect("time goes on")
    }
}

struct Header {
    version: u8,
    utc_marks: usize,
    std_marks: usize,
    leaps: usize,
    times: usize,
    kinds: usize,
    letters: usize,
}

impl Header {
    const SIZE: usize = 44;

    fn read(data: &[u8]) -> Self {
        assert_eq!(&data[..4], b"TZif");
        let count = |i: usize| u32::from_be_bytes(data[20 + i * 4..24 + i * 4].try_into().unwrap()) as usize;
        let [utc_marks, std_marks, leaps, times, kinds, letters] = [0, 1, 2, 3, 4, 5].map(count);
        Self { version: data[4], utc_marks, std_marks, leaps, times, kinds, letters }
    }

    /// The bytes after the header, when a time takes `width` bytes.
    fn body(&self, width: usize) -> usize {
        self.times * (width + 1) + self.kinds * 6 + self.letters + self.leaps * (width + 4) + self.std_marks + self.utc_marks
    }
}

/// The changes of a POSIX rule (`CET-1CEST,M3.5.0,M10.5.0/3`) in [`YEARS`].
fn changes_of(rule: &str) -> Vec<(i64, i64)> {
    let mut parts = rule.split(',');
    let names = parts.next().unwrap();
    let (standard, names) = offset_after_name(names, None);
    let (Some(begins), Some(ends)) = (parts.next(), parts.next()) else {
        assert!(names.is_empty(), "summer time without dates: {rule}");
        return Vec::new();
    };
    let (summer, _) = offset_after_name(names, Some(standard + 3600));
    let yearly = |year| [(date_and_time(begins, year) - standard, summer), (date_and_time(ends, year) - summer, standard)];
    let mut changes: Vec<_> = YEARS.flat_map(yearly).collect();
    changes.sort_unstable();
    changes
}

/// Skips a name (`CET` or `<+0330>`) and reads the offset behind it, whose sign is turned round in these rules.
fn offset_after_name(text: &str, default: Option<i64>) -> (i64, &str) {
    let after = match text.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>').unwrap().1,
        None => text.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
    };
    let end = after.find(|c: char| !(c.is_ascii_digit() || "+-:".contains(c))).unwrap_or(after.len());
    let offset = if end == 0 { default.unwrap() } else { -seconds(&after[..end]) };
    (offset, &after[end..])
}

/// `[+-]h[:mm[:ss]]` in seconds.
fn seconds(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.trim_start_matches('+')),
    };
    let units = digits.split(':').zip([3600, 60, 1]).map(|(number, unit)| number.parse::<i64>().unwrap() * unit);
    sign * units.sum::<i64>()
}

/// `M3.5.0/2`, `J60` or `59` in `year`, as the clock counts seconds since 1970-01-01 00:00.
fn date_and_time(text: &str, year: i64) -> i64 {
    let (date, time) = text.split_once('/').unwrap_or((text, "2"));
    let new_year = day_number(year, 1, 1);
    let day = if let Some(month) = date.strip_prefix('M') {
        let [month, week, weekday] = month.split('.').map(|n| n.parse().unwrap()).collect::<Vec<i64>>().try_into().unwrap();
        // The 1st of 1970 was a Thursday; Sunday is 0 here.
        let first = day_number(year, month, 1);
        let first = first + (weekday - (first + 4)).rem_euclid(7);
        let next_month = if month == 12 { day_number(year + 1, 1, 1) } else { day_number(year, month + 1, 1) };
        (0..week).map(|week| first + 7 * week).take_while(|day| *day < next_month).last().unwrap()
    } else if let Some(day) = date.strip_prefix('J') {
        let day: i64 = day.parse().unwrap();
        let leap = day_number(year, 3, 1) - day_number(year, 2, 28) == 2;
        new_year + day - 1 + i64::from(leap && day >= 60)
    } else {
        new_year + date.parse::<i64>().unwrap()
    };
    day * DAY + seconds(time)
}

/// Days since 1970-01-01, counted one year and one month at a time.
pub(super) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months: i64 = lengths.iter().zip(1..month).map(|(length, _)| length).sum();
    years + months + day - 1
}

#[test]
fn the_reader_knows_a_rule_by_heart() {
    // The European rule in 2026: the last Sundays of March and October, 01:00 UTC.
    let changes = changes_of("CET-1CEST,M3.5.0,M10.5.0/3");
    let at = |month, day| day_number(2026, month, day) * DAY + 3600;
    assert!(changes.contains(&(at(3, 29), 7200)) && changes.contains(&(at(10, 25), 3600)));
    assert_eq!(changes_of("<+0545>-5:45"), []);
    assert_eq!(date_and_time("J60/-1", 2028), day_number(2028, 3, 1) * DAY - 3600);
    assert_eq!(date_and_time("59", 2028), day_number(2028, 2, 29) * DAY + 7200);
}
