//! What mentees would see in a week, worked out from hours that may not be saved yet.

use std::cmp::Ordering;

use chrono::{Days, NaiveDate};
use wellmet::{
    availability::{OpenWindow, Picture, Refusal},
    bookings::SlotQuery,
    coaches::{CoachOffer, SessionType},
    error::Internal,
    model::{Instant, WallTime, Weekday},
    time::{
        Interval,
        words::{day_and_month, short_date},
    },
};

use crate::{pages::track::Hours, server::AppState};

/// A week of one session type.
pub(super) struct Preview {
    /// Its Monday.
    pub(super) monday: NaiveDate,
    /// What hours of the day the tracks show.
    pub(super) hours: Hours,
    /// Monday to Sunday.
    pub(super) days: Vec<PreviewDay>,
}

/// One day.
pub(super) struct PreviewDay {
    /// `Mon 7 Dec`.
    pub(super) label: String,
    /// `5 times`, `closed`, `all taken`.
    pub(super) words: String,
    /// The windows, then what is offered and what is not within them, in minutes of the day.
    pub(super) spans: Vec<Span>,
}

/// A stretch of a day.
pub(super) struct Span {
    /// Minutes after midnight.
    pub(super) from: u16,
    /// Minutes after midnight.
    pub(super) until: u16,
    /// Why nothing is offered then; `None`: it is.
    pub(super) refused: Option<Refusal>,
    /// How many times it holds.
    pub(super) times: usize,
}

impl Span {
    /// `09:00 to 12:00`.
    pub(super) fn words(&self) -> String {
        let time = |minutes| WallTime::from_minutes(minutes).map_or_else(String::new, |time| time.to_string());
        format!("{} to {}", time(self.from), time(self.until))
    }
}

/// The Monday of the week of `date`.
pub(super) fn monday_of(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(Weekday::of(date) as u64)).unwrap_or(date)
}

/// The week of `date` for `kind`, by the hours in `offer`.
///
/// # Errors
/// When the database fails.
pub(super) async fn look(app: &AppState, offer: &CoachOffer, kind: &SessionType, date: NaiveDate) -> Result<Preview, Internal> {
    let monday = monday_of(date);
    let dates: Vec<NaiveDate> = monday.iter_days().take(7).collect();
    let day = |date: Option<&NaiveDate>| date.and_then(|date| offer.zone.day(*date));
    let range = match (day(dates.first()), day(dates.last())) {
        (Some(first), Some(last)) => Interval { start: first.start, end: last.end },
        _ => return Ok(Preview { monday, hours: Hours::default(), days: Vec::new() }),
    };
    let query = SlotQuery::booking(offer, kind);
    let days: Vec<PreviewDay> = app
        .bookings
        .slots()
        .look(&query, range, |picture| {
            let windows = picture.windows(range);
            dates.iter().map(|date| one_day(picture, *date, windows.iter().filter(|window| window.date == *date))).collect()
        })
        .await?;
    let hours = Hours::around(days.iter().flat_map(|day| &day.spans).map(|span| (span.from, span.until)));
    Ok(Preview { monday, hours, days })
}

/// The date of the first time that is offered, or of today when there is none: the week to begin with.
///
/// # Errors
/// When the database fails.
pub(super) async fn first_date(app: &AppState, offer: &CoachOffer, kind: &SessionType) -> Result<NaiveDate, Internal> {
    let now = app.deps.clock.now();
    let first = app.bookings.slots().next(&SlotQuery::booking(offer, kind), now).await?;
    Ok(offer.zone.date_of(first.map_or(now, |slot| slot.start)))
}

/// Why `date` at `time`, both as typed, is or is not offered, in a sentence.
///
/// # Errors
/// When the database fails.
pub(super) async fn why(
    app: &AppState,
    offer: &CoachOffer,
    kind: &SessionType,
    date: &str,
    time: &str,
) -> Result<Option<String>, Internal> {
    if date.is_empty() && time.is_empty() {
        return Ok(None);
    }
    let (Ok(date), Some(time)) = (date.trim().parse::<NaiveDate>(), WallTime::parse(time.trim())) else {
        return Ok(Some("Choose a date and a time to ask about.".to_owned()));
    };
    let Some(start) = offer.zone.start_of(date, time) else { return Ok(Some("There is no such time.".to_owned())) };
    let query = SlotQuery::booking(offer, kind);
    let near = Interval::of_minutes(start, kind.rules.duration_minutes);
    let verdict = app.bookings.slots().look(&query, near, |picture| picture.judge(start)).await?;
    let asked = format!("{}, {time}", day_and_month(date));
    Ok(Some(match verdict {
        Ok(_) => format!("{asked} is offered."),
        Err(refusal) => format!("{asked} is not offered. {}", refusal.coach_words()),
    }))
}

fn one_day<'w>(picture: &Picture<'_>, date: NaiveDate, windows: impl Iterator<Item = &'w OpenWindow>) -> PreviewDay {
    let minutes = |at: Instant| {
        let local = picture.zone.local(at);
        match local.date.cmp(&date) {
            Ordering::Greater => 1440,
            Ordering::Less => 0,
            Ordering::Equal => local.minutes,
        }
    };
    let mut spans: Vec<Span> = Vec::new();
    for window in windows {
        for (span, refused) in walk(picture, window) {
            let (from, until) = (minutes(span.start), minutes(span.end));
            let times = usize::from(refused.is_none());
            match spans
                .last_mut()
                .filter(|last| last.until >= from && last.refused.map(Refusal::coach_words) == refused.map(Refusal::coach_words))
            {
                Some(last) => (last.until, last.times) = (last.until.max(until), last.times + times),
                None => spans.push(Span { from, until, refused, times }),
            }
        }
    }
    let words = day_words(picture, date, &spans);
    PreviewDay { label: short_date(date), words, spans }
}

/// A window from start to start: each session that is offered, and in between why none is.
fn walk(picture: &Picture<'_>, window: &OpenWindow) -> Vec<(Interval, Option<Refusal>)> {
    let (step, mut at, mut offered_until) = (picture.rules.step_minutes.max(5), window.span.start, window.span.start);
    let mut found = Vec::new();
    while at < window.span.end {
        let next = at.plus_minutes(step.into());
        match picture.judge(at) {
            Ok(session) => {
                offered_until = session.end;
                found.push((session, None));
            }
            Err(refusal) => {
                let span = Interval { start: at.max(offered_until), end: next.min(window.span.end) };
                if span.start < span.end {
                    found.push((span, Some(refusal)));
                }
            }
        }
        at = next;
    }
    found
}

fn day_words(picture: &Picture<'_>, date: NaiveDate, spans: &[Span]) -> String {
    let times: usize = spans.iter().map(|span| span.times).sum();
    if times > 0 {
        return if times == 1 { "1 time".to_owned() } else { format!("{times} times") };
    }
    let short = |refusal: Refusal| match refusal {
        Refusal::Past => "past",
        Refusal::InsideNotice { .. } => "too soon",
        Refusal::BeyondHorizon { .. } => "too far ahead",
        Refusal::Taken(_) => "all taken",
        Refusal::DailyCap | Refusal::WeeklyCap => "full",
        Refusal::DoesNotFit => "too short",
        _ => "no times",
    };
    let mut reasons = spans.iter().filter_map(|span| span.refused).map(short);
    match reasons.next() {
        Some(first) if reasons.all(|other| other == first) => first.to_owned(),
        Some(_) => "no times".to_owned(),
        None if picture.hours.on(date).1 => "you closed it".to_owned(),
        None => "closed".to_owned(),
    }
}
