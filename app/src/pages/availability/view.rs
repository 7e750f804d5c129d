//! The weekly editor as a page.

use leptos::prelude::*;
use wellmet::{coaches::WindowDraft, model::Weekday};

use super::{
    form::WeekForm,
    handler::{Aside, Editor},
    preview_view::Tracks,
};
use crate::{
    components::{ErrorSummary, Notice, Tone},
    dto::FormState,
    islands::HoursEditor,
};

const LABELS: &[(&str, &str)] = &[
    ("monday*", "Monday"),
    ("tuesday*", "Tuesday"),
    ("wednesday*", "Wednesday"),
    ("thursday*", "Thursday"),
    ("friday*", "Friday"),
    ("saturday*", "Saturday"),
    ("sunday*", "Sunday"),
    ("copy.*", "Copy"),
];

/// The tabs above both pages of hours.
#[component]
pub(super) fn HoursTabs(
    /// Whether the single dates are shown.
    dates: bool,
) -> impl IntoView {
    let current = |this: bool| this.then_some("page");
    view! {
        <nav class="tabs" aria-label="Availability">
            <a href="/dashboard/availability" aria-current=current(!dates)>"Weekly hours"</a>
            <a href="/dashboard/availability/dates" aria-current=current(dates)>"Single dates"</a>
        </nav>
    }
}

#[component]
pub(super) fn HoursPage(editor: Editor) -> impl IntoView {
    let Editor { form, errors, zone, clock, said, aside } = editor;
    let clock = clock.map(|words| view! { <Notice tone=Tone::Info>{words}</Notice> });
    view! {
        <h1>"Availability"</h1>
        <HoursTabs dates=false />
        <p class="muted">
            {format!("Your hours in {}. ", zone.replace('_', " "))}<a href="/dashboard/settings?tab=profile">"Change the time zone"</a>
        </p>
        {clock}
        <ErrorSummary form=errors.clone() labels=LABELS />
        <div class="hours-columns">
            <form class="card hours-form" id="hours-form" method="post" action="/dashboard/availability">
                // Enter in a field presses the first button: it must be the one that saves.
                <button class="visually-hidden" name="action" value="save" tabindex="-1" aria-hidden="true">"Save hours"</button>
                <div id="hours-rows"><Days form errors /></div>
                <p class="visually-hidden" role="status" id="hours-said">{said}</p>
                <div class="hours-save">
                    <p class="muted small">"Mentees see saved changes at once. Bookings you already have stay. An end at 00:00 is midnight."</p>
                    <button class="btn btn-primary" name="action" value="save">"Save hours"</button>
                </div>
            </form>
            <AsideCard aside />
        </div>
        <HoursEditor />
    }
}

/// The seven days of the form.
#[component]
pub(super) fn Days(form: WeekForm, errors: FormState) -> impl IntoView {
    let days = Weekday::ALL.map(|day| {
        let rows = form.rows[day as usize].clone();
        view! { <Day day rows errors=errors.clone() /> }
    });
    days.collect_view()
}

#[component]
fn Day(day: Weekday, rows: Vec<WindowDraft>, errors: FormState) -> impl IntoView {
    let (word, label) = (day.as_str(), day.label());
    let any = !rows.is_empty();
    let error = |field: String| {
        let words = errors.errors.about(&field)?.to_owned();
        Some(view! { <p class="field-error" id=format!("f-{field}-error")>{words}</p> })
    };
    let day_error = error(word.to_owned());
    let copy_error = error(format!("copy.{word}"));
    let copying = copy_error.is_some();
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(place, row)| view! { <WindowRow name=format!("{word}.{place}") of=label row errors=errors.clone() /> });
    let rows = rows.collect_view();
    let targets = Weekday::ALL.into_iter().filter(|to| *to != day).map(|to| {
        view! {
            <label class="check">
                <input type="checkbox" name=format!("copy.{word}") value=to.as_str() />
                <span>{to.label()}</span>
            </label>
        }
    });
    view! {
        <div class="hours-day" role="group" aria-labelledby=format!("day-{word}")>
            <h2 class="hours-day-name" id=format!("day-{word}")>{label}</h2>
            <div class="hours-windows" id=format!("f-{word}")>
                {(!any).then(|| view! { <p class="muted hours-closed">"Not available"</p> })}
                {rows}
                {day_error}
            </div>
            <div class="hours-actions">
                <button class="btn btn-small" id=format!("add-{word}") name="action" value=format!("add.{word}") formnovalidate=true aria-label=format!("Add a window on {label}")>
                    "Add"
                </button>
                <details class="copy-menu" name="copy" open=copying>
                    <summary class="btn btn-small" id=format!("copy-{word}") aria-label=format!("Copy {label} to other days")>"Copy to…"</summary>
                    <div class="copy-panel" id=format!("f-copy.{word}")>
                        {targets.collect_view()}
                        {copy_error}
                        <button class="btn btn-small btn-primary" name="action" value=format!("copy.{word}") formnovalidate=true>
                            "Copy "{label}
                        </button>
                    </div>
                </details>
            </div>
        </div>
    }
}

/// A window: two times and the button that takes it away. Used for weekdays and for single dates.
#[component]
pub(super) fn WindowRow(
    /// The row's name in the form: `monday.0`.
    name: String,
    /// Which day it belongs to, in words.
    #[prop(into)]
    of: String,
    /// The times as typed.
    row: WindowDraft,
    /// What is wrong.
    errors: FormState,
) -> impl IntoView {
    let ends = ["from", "until"];
    let fields = ends.map(|end| format!("{name}.{end}"));
    let row_error = errors.errors.about(&name);
    let messages: Vec<(String, String)> = std::iter::once(&name)
        .chain(&fields)
        .filter_map(|field| Some((format!("f-{field}-error"), errors.errors.about(field)?.to_owned())))
        .collect();
    let described = (!messages.is_empty()).then(|| messages.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(" "));
    let input = |at: usize, value: String| {
        let wrong = row_error.is_some() || errors.errors.about(&fields[at]).is_some();
        view! {
            <input
                type="time"
                class="input hours-time"
                id=format!("f-{}", fields[at])
                name=fields[at].clone()
                value=value
                aria-label=format!("{of} {}", ends[at])
                aria-invalid=wrong.then_some("true")
                aria-describedby=described.clone()
            />
        }
    };
    let remove =
        if row.from.is_empty() { format!("Remove this window of {of}") } else { format!("Remove {of} {} to {}", row.from, row.until) };
    let (from, until) = (input(0, row.from), input(1, row.until));
    let messages = messages.into_iter().map(|(id, words)| view! { <p class="field-error" id=id>{words}</p> });
    view! {
        <div class="hours-window" id=format!("f-{name}") tabindex="-1">
            {from}<span class="muted" aria-hidden="true">"to"</span>{until}
            <button class="btn btn-quiet btn-small" name="action" value=format!("remove.{name}") formnovalidate=true aria-label=remove>"×"</button>
        </div>
        {messages.collect_view()}
    }
}

#[component]
fn AsideCard(aside: Aside) -> impl IntoView {
    let Some(chosen) = aside.chosen.clone() else {
        return view! {
            <aside class="card preview">
                <h2>"What mentees see"</h2>
                <p class="muted">"Nothing yet: no session type can be booked. "<a href="/dashboard/session-types">"Set one up"</a>"."</p>
            </aside>
        }
        .into_any();
    };
    let options = aside.kinds.iter().map(|kind| {
        view! { <option value=kind.id.to_string() selected=kind.id == chosen.id>{kind.name.clone()}</option> }
    });
    let options = options.collect_view();
    let (date, time) = aside.why.clone();
    view! {
        <aside class="card preview" aria-labelledby="preview-title">
            <h2 id="preview-title">"What mentees see"</h2>
            <p class="muted small">
                "Green is offered, hatched is not. Open a day to read why. Changes show here before you save them."
            </p>
            <HatchPattern />
            <div class="preview-kind">
                <label for="preview-kind">"Session type"</label>
                <div class="preview-choice">
                    <select class="input" id="preview-kind" name="kind" form="hours-form">{options}</select>
                    <button class="btn" form="hours-form" name="action" value="look" formnovalidate=true>"Preview"</button>
                </div>
            </div>
            <div id="hours-preview"><PreviewResult aside /></div>
            <div class="preview-why" role="group" aria-labelledby="why-title">
                <h3 id="why-title">"Why is a time not offered?"</h3>
                <div class="preview-choice">
                    <input class="input" type="date" name="why_date" value=date form="hours-form" aria-label="Date" />
                    <input class="input hours-time" type="time" name="why_time" value=time form="hours-form" aria-label="Time" />
                    <button class="btn" form="hours-form" name="action" value="look" formnovalidate=true>"Ask"</button>
                </div>
            </div>
        </aside>
    }
    .into_any()
}

/// The part of the preview that changes with the form.
#[component]
pub(super) fn PreviewResult(aside: Aside) -> impl IntoView {
    let unread = aside.unread.then(|| {
        view! { <p class="field-error">"A window in your hours is not complete yet; its day counts as closed here."</p> }
    });
    let answer = aside.answer.map(|words| view! { <p class="preview-answer">{words}</p> });
    view! {
        {unread}
        {aside.preview.map(|preview| view! { <Tracks preview /> })}
        {answer}
    }
}

/// The hatching of what is not offered; every track refers to it.
#[component]
fn HatchPattern() -> impl IntoView {
    view! {
        <svg class="pattern-home" width="0" height="0" aria-hidden="true">
            <defs>
                <pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="hatch-line" width="3" height="8" />
                </pattern>
            </defs>
        </svg>
    }
}
