//! The preview as a drawing with words: each day's track opens to the list of what is offered and what is not, and why.

use chrono::Days;
use leptos::prelude::*;
use wellmet::time::words::{day_and_month, long_date};

use super::preview::{Preview, PreviewDay, Span};
use crate::pages::track::{HourMarks, Hours};

/// The tracks of a week, and the way to the weeks around it.
#[component]
pub(super) fn Tracks(preview: Preview) -> impl IntoView {
    let Preview { monday, hours, days } = preview;
    let around = [
        (monday.checked_sub_days(Days::new(7)), "Earlier week", "preview-earlier"),
        (monday.checked_add_days(Days::new(7)), "Later week", "preview-later"),
    ];
    let around = around.map(|(date, words, id)| {
        date.map(|date| {
            view! {
                <button class="btn btn-quiet" id=id form="hours-form" name="action" value=format!("week.{date}") formnovalidate=true>
                    {words}
                </button>
            }
        })
    });
    let total: usize = days.iter().flat_map(|day| &day.spans).map(|span| span.times).sum();
    let words = match total {
        0 => "No times in this week.".to_owned(),
        1 => "1 time in this week.".to_owned(),
        times => format!("{times} times in this week."),
    };
    let rows = days.into_iter().map(|day| view! { <Track day hours /> }).collect_view();
    view! {
        <input type="hidden" name="week" value=monday.to_string() form="hours-form" />
        <h3 class="preview-week">{format!("Week of {}", long_date(monday).split_once(' ').map_or("", |(_, rest)| rest))}</h3>
        <div class="preview-tracks">
            <div class="track-row track-scale"><span></span><HourMarks hours /><span></span></div>
            {rows}
        </div>
        <p class="small muted">{words}</p>
        <div class="preview-weeks">{around}</div>
    }
}

#[component]
fn Track(day: PreviewDay, hours: Hours) -> impl IntoView {
    let bars = day.spans.iter().map(|span| {
        let class = if span.refused.is_some() { "bar bar-refused" } else { "bar bar-offered" };
        hours.bar(class, (span.from, span.until))
    });
    // Where one window or reason meets the next, a line.
    let edges = day.spans.iter().filter(|span| span.refused.is_none()).map(|span| hours.edge(span.from));
    let drawing = view! {
        <svg class="track" width="100%" height="28" aria-hidden="true">{bars.collect_view()}{edges.collect_view()}</svg>
    };
    let head = view! {
        <span class="track-day">{day.label.clone()}</span>
        {drawing}
        <span class="track-words muted">{day.words.clone()}</span>
    };
    if day.spans.is_empty() {
        return view! { <div class="track-row">{head}</div> }.into_any();
    }
    let list = day.spans.into_iter().map(|span| view! { <SpanWords span /> }).collect_view();
    view! {
        <details class="track-day-details">
            <summary class="track-row">{head}</summary>
            <ul class="track-list small">{list}</ul>
        </details>
    }
    .into_any()
}

#[component]
fn SpanWords(span: Span) -> impl IntoView {
    let what = match (span.refused, span.times) {
        (Some(refusal), _) => refusal.coach_words().to_owned(),
        (None, 1) => "Offered: 1 time.".to_owned(),
        (None, times) => format!("Offered: {times} times."),
    };
    view! { <li><span class="track-span">{span.words()}</span>" "<span class="muted">{what}</span></li> }
}

/// A change of the clock that is near, in words.
pub(super) fn clock_words(zone: &wellmet::time::Zone, now: wellmet::model::Instant) -> Option<String> {
    let change = *zone.transitions(now, now.plus_minutes(28 * 24 * 60)).first()?;
    let before = zone.local(change.plus_minutes(-1));
    let forward = zone.offset_seconds(change) > before.offset_seconds;
    Some(format!(
        "Clocks go {} on {}. Your 09:00 stays 09:00 here; for mentees whose clocks do not change with yours it moves.",
        if forward { "forward" } else { "back" },
        day_and_month(zone.date_of(change)),
    ))
}
