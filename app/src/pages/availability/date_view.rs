//! The pages of single dates.

use chrono::NaiveDate;
use leptos::prelude::*;
use wellmet::{model::Hours, time::words::long_date};

use super::{
    date_form::DateForm,
    month::{MonthCalendar, windows_words},
    view::{HoursTabs, WindowRow},
};
use crate::{
    components::{Breadcrumbs, ErrorSummary, Notice, Tone},
    dto::FormState,
};

const LABELS: &[(&str, &str)] = &[("windows*", "Window"), ("date", "Date"), ("mode", "Hours")];

#[component]
pub(super) fn DatesPage(month: NaiveDate, today: NaiveDate, hours: Hours, zone: String) -> impl IntoView {
    let upcoming = hours.overrides.iter().map(|(date, windows)| {
        let remove = format!("/dashboard/availability/dates/{date}/remove");
        let name = long_date(*date);
        view! {
            <li class="list-row">
                <a class="list-main" href=format!("/dashboard/availability/dates/{date}")>
                    <strong>{name.clone()}</strong><span class="muted">{windows_words(windows)}</span>
                </a>
                <form method="post" action=remove>
                    <button class="btn btn-small" aria-label=format!("Remove {name}")>"Remove"</button>
                </form>
            </li>
        }
    });
    let upcoming = upcoming.collect_view();
    let none = hours.overrides.is_empty();
    view! {
        <h1>"Availability"</h1>
        <HoursTabs dates=true />
        <p class="muted">{format!("Choose a date to close it or to give it hours of its own, in {}. Other dates follow your week.", zone.replace('_', " "))}</p>
        <div class="dates-columns">
            <section class="card month-card" aria-label="Calendar"><MonthCalendar month today hours=hours.clone() /></section>
            <section aria-labelledby="differ">
                <h2 id="differ">"Dates that differ"</h2>
                {if none {
                    view! { <p class="muted">"None. Holidays, travel, an extra evening: they appear here."</p> }.into_any()
                } else {
                    view! { <ul class="card list">{upcoming}</ul> }.into_any()
                }}
            </section>
        </div>
    }
}

#[component]
pub(super) fn DatePage(date: NaiveDate, form: DateForm, errors: FormState, week: String, differs: bool, booked: usize) -> impl IntoView {
    let action = format!("/dashboard/availability/dates/{date}");
    let booked = (booked > 0).then(|| {
        let words = if booked == 1 { "One session is".to_owned() } else { format!("{booked} sessions are") };
        view! {
            <Notice tone=Tone::Info>
                {words}" planned on this date. Changing your hours does not call it off; cancel it from "<a href=format!("/dashboard?week={date}#week")>"your week"</a>" if you need to."
            </Notice>
        }
    });
    let mode_error = errors.errors.about("mode").or_else(|| errors.errors.about("date")).map(str::to_owned);
    let mode_error = mode_error.map(|words| view! { <p class="field-error" id="f-mode-error">{words}</p> });
    let rows = form.rows.into_iter().enumerate();
    let rows = rows.map(
        |(place, row)| view! { <WindowRow name=format!("windows.{place}") of=format!("Window {}", place + 1) row errors=errors.clone() /> },
    );
    let rows = rows.collect_view();
    let remove = differs.then(|| {
        view! {
            <form method="post" action=format!("{action}/remove") class="below-form">
                <button class="btn btn-quiet">"Follow the week again"</button>
            </form>
        }
    });
    view! {
        <Breadcrumbs links=vec![("/dashboard/availability".into(), "Availability".into()), ("/dashboard/availability/dates".into(), "Single dates".into())] />
        <div class="form-page">
            <h1>{long_date(date)}</h1>
            <p class="muted">{format!("By your week: {week}.")}</p>
            {booked}
            <ErrorSummary form=errors.clone() labels=LABELS />
            <form class="form-card" method="post" action=action>
                <button class="visually-hidden" name="action" value="save" tabindex="-1" aria-hidden="true">"Save"</button>
                <fieldset class="field" id="f-date">
                    <legend class="visually-hidden">"Hours on this date"</legend>
                    <label class="check">
                        <input type="radio" id="f-mode" name="mode" value="closed" checked=form.closed />
                        <span>"Closed all day"</span>
                    </label>
                    <label class="check">
                        <input type="radio" name="mode" value="open" checked=!form.closed />
                        <span>"Open in these windows"</span>
                    </label>
                    {mode_error}
                </fieldset>
                <div class="hours-windows date-windows">{rows}</div>
                <div class="form-buttons">
                    <button class="btn btn-primary" name="action" value="save">"Save this date"</button>
                    <button class="btn" name="action" value="add" formnovalidate=true>"Add a window"</button>
                </div>
                <p class="hint">"An end at 00:00 is midnight."</p>
            </form>
            {remove}
        </div>
    }
}
