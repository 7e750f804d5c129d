//! A month of dates to pick from.

use chrono::{Datelike, Days, Months, NaiveDate};
use leptos::prelude::*;
use wellmet::{
    model::{Hours, Weekday, Window},
    time::words::{long_date, month_and_year},
};

use crate::components::{Icon, Picture};

/// `YYYY-MM` as the first of that month.
pub(super) fn parse_month(text: &str) -> Option<NaiveDate> {
    format!("{text}-01").parse().ok()
}

/// The first of the month of `date`.
pub(super) fn first_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

/// `09:00 to 12:00, 14:00 to 18:00`, or that it is closed.
pub(super) fn windows_words(windows: &[Window]) -> String {
    if windows.is_empty() {
        return "closed".to_owned();
    }
    let words: Vec<String> = windows.iter().map(|window| format!("{} to {}", window.from, window.until)).collect();
    words.join(", ")
}

/// The calendar of one month: each date from today on leads to its form.
#[component]
pub(super) fn MonthCalendar(
    /// Its first day.
    month: NaiveDate,
    /// The coach's date.
    today: NaiveDate,
    /// The coach's hours.
    hours: Hours,
) -> impl IntoView {
    let first = month.checked_sub_days(Days::new(Weekday::of(month) as u64)).unwrap_or(month);
    let weeks = (0_u64..6).map(|week| (0..7).filter_map(move |day| first.checked_add_days(Days::new(week * 7 + day))).collect::<Vec<_>>());
    let weeks = weeks.filter(|dates| dates.iter().any(|date| date.month() == month.month())).map(|dates| {
        let cells = dates.into_iter().map(|date| {
            let inside = date.month() == month.month();
            view! { <td>{inside.then(|| view! { <DateLink date today hours=&hours /> })}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let weeks = weeks.collect_view();
    let heads = Weekday::ALL.map(|day| view! { <th scope="col"><abbr title=day.label()>{&day.label()[..2]}</abbr></th> });
    let link = |date: Option<NaiveDate>, words: &'static str, picture| {
        let path = date.map(|date| format!("/dashboard/availability/dates?month={}", date.format("%Y-%m")))?;
        Some(view! { <a class="btn btn-small" href=path aria-label=words><Icon picture /></a> })
    };
    let earlier = month.checked_sub_months(Months::new(1)).filter(|_| month > first_of(today));
    let later = month.checked_add_months(Months::new(1)).filter(|date| Some(*date) <= today.checked_add_months(Months::new(24)));
    view! {
        <div class="month-head">
            <h2 id="month-name">{month_and_year(month)}</h2>
            <span class="month-turn">
                {link(earlier, "Earlier month", Picture::Previous)}
                {link(later, "Later month", Picture::Next)}
            </span>
        </div>
        <table class="month" aria-labelledby="month-name">
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{weeks}</tbody>
        </table>
        <p class="muted small month-legend">
            <span class="month-key month-changed" aria-hidden="true"></span>" differs from the week "
            <span class="month-key month-shut" aria-hidden="true"></span>" closed"
        </p>
    }
}

#[component]
fn DateLink<'h>(date: NaiveDate, today: NaiveDate, hours: &'h Hours) -> impl IntoView + use<> {
    let (windows, differs) = hours.on(date);
    let class = match (windows.is_empty(), differs) {
        (true, true) => "month-date month-shut month-changed",
        (true, false) => "month-date month-shut",
        (false, true) => "month-date month-changed",
        (false, false) => "month-date",
    };
    let words = format!("{}, {}{}", long_date(date), windows_words(windows), if differs { ", differs from the week" } else { "" });
    if date < today {
        return view! { <span class="month-date month-past">{date.day()}</span> }.into_any();
    }
    let current = (date == today).then_some("date");
    view! { <a class=class href=format!("/dashboard/availability/dates/{date}") aria-label=words aria-current=current>{date.day()}</a> }
        .into_any()
}
