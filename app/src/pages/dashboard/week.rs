//! The week: a track of each day with the hours and the sessions in it, and the sessions as a list.

use chrono::{Days, NaiveDate};
use leptos::prelude::*;
use wellmet::{
    bookings::Booking,
    coaches::CoachOffer,
    model::{Instant, Weekday},
    time::words::{long_date, short_date},
};

use super::line::Line;
use crate::{
    components::{Chip, Icon, Picture},
    pages::track::{HourMarks, Hours},
};

/// The seven days.
#[derive(Debug, Default)]
pub(super) struct Week {
    days: Vec<WeekDay>,
    /// What hours of the day the tracks show.
    hours: Hours,
    /// Whether the week of today.
    current: bool,
}

#[derive(Debug)]
struct WeekDay {
    date: NaiveDate,
    today: bool,
    /// Open windows, in minutes of the day.
    windows: Vec<(u16, u16)>,
    lines: Vec<Line>,
}

/// Monday to Sunday of the week of `date`.
pub(super) fn dates_of(date: NaiveDate) -> Vec<NaiveDate> {
    let monday = date.checked_sub_days(Days::new(Weekday::of(date) as u64)).unwrap_or(date);
    monday.iter_days().take(7).collect()
}

impl Week {
    /// `dates` with the hours of `offer` and with `bookings`.
    pub(super) fn of(offer: &CoachOffer, dates: &[NaiveDate], bookings: &[Booking], now: Instant) -> Self {
        let today = offer.zone.date_of(now);
        let days: Vec<WeekDay> = dates
            .iter()
            .map(|date| {
                let windows = offer.hours.on(*date).0.iter().map(|window| (window.from.minutes(), window.until.minutes()));
                let lines = bookings.iter().filter(|booking| offer.zone.date_of(booking.starts_at) == *date);
                let lines = lines.map(|booking| Line::of(booking, &offer.zone, now));
                WeekDay { date: *date, today: *date == today, windows: windows.collect(), lines: lines.collect() }
            })
            .collect();
        let spans = days.iter().flat_map(|day| day.windows.iter().copied().chain(day.lines.iter().map(|line| line.minutes)));
        Self { hours: Hours::around(spans), current: dates.contains(&today), days }
    }
}

#[component]
pub(super) fn WeekView(week: Week) -> impl IntoView {
    let Week { days, hours, current } = week;
    let Some(monday) = days.first().map(|day| day.date) else { return ().into_any() };
    let sessions: usize = days.iter().map(|day| day.lines.len()).sum();
    let count = match sessions {
        0 => "No sessions in this week.".to_owned(),
        1 => "One session in this week.".to_owned(),
        many => format!("{many} sessions in this week."),
    };
    let path = |date: Option<NaiveDate>| date.map(|date| format!("/dashboard?week={date}#week"));
    let earlier = path(monday.checked_sub_days(Days::new(7)));
    let later = path(monday.checked_add_days(Days::new(7)));
    let title = long_date(monday).split_once(' ').map_or_else(String::new, |(_, date)| format!("Week of {date}"));
    let days = days.into_iter().map(|day| view! { <DayRow day hours /> }).collect_view();
    view! {
        <section class="week" id="week" aria-labelledby="week-title" tabindex="-1">
            <div class="week-head">
                <div>
                    <h2 id="week-title">{title}</h2>
                    <p class="muted small">{count}</p>
                </div>
                <nav class="week-turn" aria-label="Weeks">
                    {earlier.map(|path| view! { <a class="btn btn-small" href=path aria-label="Earlier week"><Icon picture=Picture::Previous /></a> })}
                    {(!current).then(|| view! { <a class="btn btn-small" href="/dashboard#week">"This week"</a> })}
                    {later.map(|path| view! { <a class="btn btn-small" href=path aria-label="Later week"><Icon picture=Picture::Next /></a> })}
                </nav>
            </div>
            <div class="card week-days">
                <div class="week-scale"><HourMarks hours /></div>
                {days}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn DayRow(day: WeekDay, hours: Hours) -> impl IntoView {
    let open = day.windows.iter().map(|span| hours.bar("bar-open", *span)).collect_view();
    let taken = day.lines.iter().map(|line| hours.bar(if line.waits() { "bar-asked" } else { "bar-session" }, line.minutes)).collect_view();
    let nothing = match (day.lines.is_empty(), day.windows.is_empty()) {
        (true, true) => Some("Closed"),
        (true, false) => Some("Nothing booked"),
        _ => None,
    };
    let lines = day.lines.into_iter().map(|line| {
        let chip = line.chip().map(|(tone, words)| view! { <Chip tone words /> });
        view! {
            <li>
                <a class="week-session" href=format!("/bookings/{}", line.id)>
                    <span class="week-time">{line.time}</span><span>{line.mentee}", "{line.title}</span>
                </a>
                {chip}
            </li>
        }
    });
    let class = if day.today { "week-day week-today" } else { "week-day" };
    view! {
        <div class=class>
            <h3 class="week-date">{short_date(day.date)}{day.today.then(|| view! { <span class="week-now">" today"</span> })}</h3>
            <svg class="track week-track" width="100%" height="20" aria-hidden="true">{open}{taken}</svg>
            {nothing.map(|words| view! { <p class="muted small week-nothing">{words}</p> })}
            {nothing.is_none().then(|| view! { <ul class="week-list">{lines.collect_view()}</ul> })}
        </div>
    }
}
