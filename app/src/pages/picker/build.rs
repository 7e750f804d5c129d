//! Lays slots out on the mentee's calendar.

use chrono::{Datelike, Months, NaiveDate};
use wellmet::{
    bookings::{SlotQuery, Slots},
    error::Internal,
    model::{Instant, Weekday},
    time::{Interval, Zone, words},
};

use super::calendar_note;
use crate::dto::picker::{DayCell, DayPart, DayView, MonthView, NextFree, PickerSource, PickerView, TimeCell};

/// What the visitor asked to see; what does not parse is as good as not asked.
#[derive(Debug, Clone, Default)]
pub struct PickerRequest {
    /// `2026-12`.
    pub month: Option<String>,
    /// `2026-12-08`.
    pub day: Option<String>,
}

/// A month of slots in `zone`, laid out. Without a request it opens at the first free time.
///
/// # Errors
/// What the database says.
pub async fn build(
    slots: &Slots,
    query: &SlotQuery<'_>,
    place: (PickerSource, String, String),
    zone: &Zone,
    now: Instant,
    request: &PickerRequest,
) -> Result<PickerView, Internal> {
    let today = zone.date_of(now);
    let asked_day = request.day.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
    let asked_month = request.month.as_deref().and_then(parse_month).or(asked_day.and_then(first_of_month));
    let (first, day) = if let Some(first) = asked_month {
        (first, asked_day.filter(|day| first_of_month(*day) == Some(first)))
    } else {
        let opening = slots.next(query, now).await?.map_or(today, |slot| zone.date_of(slot.start));
        (first_of_month(opening).unwrap_or(opening), Some(opening))
    };
    let sheet = Sheet::new(zone, first);
    let found = slots.within(query, sheet.range()).await?;
    let days = sheet.group(&found);
    let day = day.or_else(|| days.iter().find(|(_, free)| !free.is_empty()).map(|(date, _)| *date));
    let shown_until = day.and_then(|day| zone.day(day)).map_or(sheet.range().end, |day| day.end);
    let next = match found.iter().find(|slot| slot.start >= shown_until) {
        Some(slot) => Some(*slot),
        None => slots.next(query, shown_until).await?,
    };
    let latest = zone.date_of(now.plus_minutes(i64::from(query.rules.horizon_days) * 24 * 60));
    let (source, path, action) = place;
    Ok(PickerView {
        source,
        path,
        action,
        zone: zone.name().to_owned(),
        month: month_view(first, &days, today, latest),
        day: day.map(|day| day_view(zone, day, &days)),
        next: next.map(|slot| next_free(zone, slot)),
        calendar: calendar_note(&query.offer.name, slots.standing_for(query).await?, now),
    })
}

/// A month's dates with the instant each begins.
struct Sheet {
    days: Vec<(NaiveDate, Interval)>,
}

impl Sheet {
    fn new(zone: &Zone, first: NaiveDate) -> Self {
        let dates = first.iter_days().take_while(|date| date.month() == first.month() && date.year() == first.year());
        Self { days: dates.filter_map(|date| zone.day(date).map(|day| (date, day))).collect() }
    }

    fn range(&self) -> Interval {
        match (self.days.first(), self.days.last()) {
            (Some((_, first)), Some((_, last))) => Interval { start: first.start, end: last.end },
            _ => Interval { start: Instant::from_millis(0), end: Instant::from_millis(0) },
        }
    }

    /// The slots of each date. Both are in time order, so one pass does.
    fn group<'s>(&self, mut slots: &'s [Interval]) -> Vec<(NaiveDate, &'s [Interval])> {
        let mut days = Vec::with_capacity(self.days.len());
        for (date, day) in &self.days {
            let (today, later) = slots.split_at(slots.partition_point(|slot| slot.start < day.end));
            days.push((*date, today));
            slots = later;
        }
        days
    }
}

fn month_view(first: NaiveDate, days: &[(NaiveDate, &[Interval])], today: NaiveDate, latest: NaiveDate) -> MonthView {
    let previous = first.checked_sub_months(Months::new(1)).filter(|_| first > today);
    let next = first.checked_add_months(Months::new(1)).filter(|month| *month <= latest);
    let blank = usize::try_from(first.weekday().num_days_from_monday()).unwrap_or(0);
    let mut cells: Vec<Option<DayCell>> = vec![None; blank];
    cells.extend(days.iter().map(|(date, free)| Some(day_cell(*date, free.len(), today))));
    // Always six weeks, so that nothing below moves from month to month.
    cells.resize(6 * Weekday::ALL.len(), None);
    MonthView {
        key: month_key(first),
        label: words::month_and_year(first),
        previous: previous.map(|month| (month_key(month), words::month_and_year(month))),
        next: next.map(|month| (month_key(month), words::month_and_year(month))),
        weeks: cells.chunks(Weekday::ALL.len()).map(<[_]>::to_vec).collect(),
        count: days.iter().map(|(_, free)| count(free.len())).sum(),
    }
}

fn day_cell(date: NaiveDate, free: usize, today: NaiveDate) -> DayCell {
    DayCell { date: date.to_string(), number: date.day(), label: words::day_and_month(date), count: count(free), today: date == today }
}

fn day_view(zone: &Zone, date: NaiveDate, days: &[(NaiveDate, &[Interval])]) -> DayView {
    let free = days.iter().find(|(day, _)| *day == date).map_or(&[][..], |(_, free)| free);
    let times: Vec<TimeCell> = free.iter().map(|slot| time_cell(zone, *slot)).collect();
    let twice = |cell: &TimeCell| times.iter().filter(|other| other.label == cell.label).count() > 1;
    let part = |label: &str, from: &str, until: &str| {
        let inside = times.iter().filter(|cell| cell.label.as_str() >= from && cell.label.as_str() < until);
        let times = inside.map(|cell| TimeCell { offset: cell.offset.clone().filter(|_| twice(cell)), ..cell.clone() }).collect();
        DayPart { label: label.to_owned(), times }
    };
    let parts = [part("Morning", "00:00", "12:00"), part("Afternoon", "12:00", "18:00"), part("Evening", "18:00", "24:00")];
    DayView {
        date: date.to_string(),
        label: words::day_and_month(date),
        count: count(free.len()),
        parts: parts.into_iter().filter(|part| !part.times.is_empty()).collect(),
        clock_change: clock_change(zone, date),
    }
}

fn time_cell(zone: &Zone, slot: Interval) -> TimeCell {
    TimeCell { start: slot.start.to_rfc3339(), label: zone.wall(slot.start), offset: Some(zone.utc_offset_label(slot.start)), taken: false }
}

/// A sentence for the days on which elapsed time and the clock on the wall part ways.
fn clock_change(zone: &Zone, date: NaiveDate) -> Option<String> {
    let day = zone.day(date)?;
    let at = zone.transitions(day.start, day.end).into_iter().next()?;
    let before = zone.offset_seconds(at.plus_minutes(-1));
    let after = zone.offset_seconds(at);
    let direction = if after > before { "forward" } else { "back" };
    let minutes = u32::try_from((after - before).abs() / 60).ok().filter(|minutes| *minutes > 0)?;
    Some(format!("Clocks in {} go {direction} {} on this day, to {}.", zone.name(), words::span_minutes(minutes), zone.wall(at)))
}

fn next_free(zone: &Zone, slot: Interval) -> NextFree {
    let date = zone.date_of(slot.start);
    NextFree { label: format!("{}, {}", words::short_date(date), zone.wall(slot.start)), month: month_key(date), date: date.to_string() }
}

fn month_key(date: NaiveDate) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

fn first_of_month(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)
}

/// The first day of `2026-12`; years that a person may mean only.
fn parse_month(key: &str) -> Option<NaiveDate> {
    let (year, month) = key.split_once('-')?;
    let year: i32 = year.parse().ok().filter(|year| (1970..=9000).contains(year))?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, 1)
}

fn count(slots: usize) -> u32 {
    u32::try_from(slots).unwrap_or(u32::MAX)
}
