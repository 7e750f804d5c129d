//! The preview as a drawing with words: each day's track opens to the list of what is offered and what is not, and why.

use chrono::Days;
use leptos::prelude::*;
use wellmet::time::words::{day_and_month, long_date};

use super::preview::{Preview, PreviewDay, Span};

/// The tracks of a week, and the way to the weeks around it.
#[component]
pub(super) fn Tracks(preview: Preview) -> impl IntoView {
    let Preview { monday, hours, days } = preview;
    let around = [(monday.checked_sub_days(Days::new(7)), "Earlier week", "preview-earlier"), (monday.checked_add_days(Days::new(7)), "Later week", "preview-later")];
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
    let words = if total == 1 { "1 time in all.".to_owned() } else { format!("{total} times in all.") };
    let rows = days.into_iter().map(|day| view! { <Track day hours /> }).collect_view();
    view! {
        <input type="hidden" name="week" value=monday.to_string() form="hours-form" />
        <h3 class="preview-week">{format!("Week of {}", long_date(monday).split_once(' ').map_or("", |(_, rest)| rest))}</h3>
        <div class="preview-tracks">
            <Scale hours />
            {rows}
        </div>
        <p class="small muted">{words}</p>
        <div class="preview-weeks">{around}</div>
    }
}

/// Where `minutes` lies on a track, in percent.
fn place(minutes: u16, (from, until): (u16, u16)) -> String {
    let (from, until) = (f32::from(from) * 60.0, f32::from(until) * 60.0);
    format!("{:.3}%", ((f32::from(minutes) - from) / (until - from) * 100.0).clamp(0.0, 100.0))
}

fn width(from: u16, until: u16, (first, last): (u16, u16)) -> String {
    format!("{:.3}%", f32::from(until.saturating_sub(from)) / (f32::from(last - first) * 60.0) * 100.0)
}

/// The hours above the tracks. Says nothing to a screen reader: the lists name their times.
#[component]
fn Scale(hours: (u16, u16)) -> impl IntoView {
    let (from, until) = hours;
    let step = if until - from > 12 { 4 } else { 2 };
    let marks = (from + 1..until).filter(|hour| hour % step == 0).map(|hour| {
        view! { <text x=place(hour * 60, hours) y="11" text-anchor="middle">{hour}</text> }
    });
    view! {
        <div class="track-row track-scale" aria-hidden="true">
            <span></span>
            <svg class="track-hours" width="100%" height="14">{marks.collect_view()}</svg>
            <span></span>
        </div>
    }
}

#[component]
fn Track(day: PreviewDay, hours: (u16, u16)) -> impl IntoView {
    let bars = day.spans.iter().map(|span| {
        let class = if span.refused.is_some() { "bar bar-refused" } else { "bar bar-offered" };
        view! { <rect class=class x=place(span.from, hours) width=width(span.from, span.until, hours) y="0" height="100%" /> }
    });
    // Where one window or reason meets the next, a line.
    let edges = day.spans.iter().filter(|span| span.refused.is_none()).map(|span| {
        view! { <rect class="bar-edge" x=place(span.from, hours) width="2" y="0" height="100%" /> }
    });
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
