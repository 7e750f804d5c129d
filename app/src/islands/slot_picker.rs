//! The slot picker: a month, a day, its times. Every link and button works without this island's script; with it,
//! days change in place, arrow keys walk the sheet, and a screen reader hears what changed.

use leptos::{ev, prelude::*};

use super::{
    picker_live::{self, Shown},
    sheet,
};
use crate::{
    components::{Notice, Tone},
    dto::LiveAt,
    dto::picker::{DayCell, DayView, MonthView, NextFree, PickerSource, PickerView, times},
    srv::picker,
};

/// Where to go on the sheet.
#[derive(Clone)]
struct Goal {
    source: PickerSource,
    zone: String,
    month: String,
    day: Option<String>,
    /// The address to show for it; `None` when the browser went there by itself.
    address: Option<String>,
}

/// Draws `view`, and what changes in it as `live` tells; `children` stand below the month (the zone switch).
#[island]
pub fn SlotPicker(view: PickerView, live: Option<LiveAt>, children: Children) -> impl IntoView {
    let shown = RwSignal::new(view);
    let said = RwSignal::new(String::new());
    let (asked, more) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    let (busy, go) = navigation(shown, said, (asked, more));
    on_back(shown, go);
    let parts = Shown { view: shown, said, asked, more };
    picker_live::follow(live, parts);
    view! {
        <div class="picker" class:is-busy=busy>
            <section class="picker-month" aria-labelledby="picker-month">
                {move || shown.with(|view| view.calendar.clone()).map(|words| view! { <Notice tone=Tone::Warn><p>{words}</p></Notice> })}
                {move || month(shown.get(), go)}
                {children()}
            </section>
            <section class="picker-day" aria-labelledby="picker-day">
                {move || shown.with(|view| day(view, go))}
                {more_times(parts)}
            </section>
            <p class="visually-hidden" role="status">{said}</p>
        </div>
    }
}

/// Asks the server for another month or day and shows it. Only the last question's answer counts.
fn navigation(
    shown: RwSignal<PickerView>,
    said: RwSignal<String>,
    (asked, more): (RwSignal<u32>, RwSignal<u32>),
) -> (Signal<bool>, Callback<Goal>) {
    let slow = RwSignal::new(false);
    let go = Callback::new(move |goal: Goal| {
        let number = asked.get_untracked() + 1;
        asked.set(number);
        sheet::after(300, move || {
            if asked.try_get_untracked() == Some(number) {
                slow.set(true);
            }
        });
        leptos::task::spawn_local(async move {
            let answer = picker(goal.source.clone(), goal.month.clone(), goal.day.clone(), goal.zone.clone()).await;
            if asked.try_get_untracked() != Some(number) {
                return;
            }
            asked.set(number + 1);
            slow.set(false);
            match answer {
                Ok(view) => {
                    if let Some(address) = &goal.address {
                        sheet::push_address(address);
                    }
                    said.set(view.announcement());
                    sheet::keep_place(&view.month.key, view.day.as_ref().map(|day| day.date.as_str()));
                    more.set(0);
                    shown.set(view);
                }
                // The link itself still works, and shows what is wrong in words.
                Err(_) => sheet::go_to(goal.address.as_deref()),
            }
        });
    });
    (slow.into(), go)
}

/// Back and forward walk through what was looked at.
fn on_back(shown: RwSignal<PickerView>, go: Callback<Goal>) {
    sheet::on_history(move |query| {
        let view = shown.get_untracked();
        let part = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let month = part("month").unwrap_or_default();
        go.run(Goal { source: view.source, zone: part("tz").unwrap_or(view.zone), month, day: part("day"), address: None });
    });
}

/// A link that stays in the page when scripts run and the click is a plain one.
fn stay(view: &PickerView, month: &str, day: Option<&str>, go: Callback<Goal>) -> (String, impl Fn(ev::MouseEvent) + Clone + use<>) {
    let address = view.link(month, day);
    let goal = Goal {
        source: view.source.clone(),
        zone: view.zone.clone(),
        month: month.to_owned(),
        day: day.map(str::to_owned),
        address: Some(address.clone()),
    };
    let click = move |event: ev::MouseEvent| {
        if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
            event.prevent_default();
            go.run(goal.clone());
        }
    };
    (address, click)
}

fn month(view: PickerView, go: Callback<Goal>) -> impl IntoView {
    let MonthView { label, weeks, count, .. } = view.month.clone();
    let chosen = view.day.as_ref().map(|day| day.date.clone());
    let rows: Vec<_> = weeks.into_iter().map(|week| week_row(&view, week, chosen.as_deref(), go)).collect();
    let previous = step(&view, view.month.previous.clone(), "‹", go);
    let next = step(&view, view.month.next.clone(), "›", go);
    view! {
        <div class="month-bar">
            <h2 id="picker-month" tabindex="-1">{label}</h2>
            <nav class="month-moves" aria-label="Month">{previous}{next}</nav>
        </div>
        <table class="month" on:keydown=walk aria-describedby="picker-key">
            <thead><tr>{weekday_heads()}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p id="picker-key" class="picker-key">
            {if count == 0 { "Nothing is free in this month." } else { "Numbers under a day: free times." }}
        </p>
    }
}

fn weekday_heads() -> Vec<impl IntoView> {
    let days = [
        ("Mon", "Monday"),
        ("Tue", "Tuesday"),
        ("Wed", "Wednesday"),
        ("Thu", "Thursday"),
        ("Fri", "Friday"),
        ("Sat", "Saturday"),
        ("Sun", "Sunday"),
    ];
    days.into_iter().map(|(short, long)| view! { <th scope="col" abbr=long>{short}</th> }).collect()
}

/// To the month before or after; a sign without a link where there is nothing to see.
fn step(view: &PickerView, to: Option<(String, String)>, sign: &'static str, go: Callback<Goal>) -> impl IntoView + use<> {
    match to {
        Some((key, label)) => {
            let (href, click) = stay(view, &key, None, go);
            view! { <a class="btn btn-icon" href=href aria-label=label on:click=click>{sign}</a> }.into_any()
        }
        None => view! { <span class="btn btn-icon is-off" aria-hidden="true">{sign}</span> }.into_any(),
    }
}

fn week_row(view: &PickerView, week: Vec<Option<DayCell>>, chosen: Option<&str>, go: Callback<Goal>) -> impl IntoView + use<> {
    let cells: Vec<_> = week.into_iter().map(|cell| view! { <td>{cell.map(|cell| day_link(view, cell, chosen, go))}</td> }).collect();
    view! { <tr>{cells}</tr> }
}

fn day_link(view: &PickerView, cell: DayCell, chosen: Option<&str>, go: Callback<Goal>) -> impl IntoView + use<> {
    let is_chosen = chosen == Some(cell.date.as_str());
    let today = if cell.today { " day-today" } else { "" };
    if cell.count == 0 {
        let class = format!("day is-none{today}{}", if is_chosen { " is-chosen" } else { "" });
        return view! { <span class=class>{cell.number}</span> }.into_any();
    }
    let (href, click) = stay(view, &view.month.key, Some(&cell.date), go);
    let label = format!("{}, {}", cell.label, times(cell.count));
    view! {
        <a class=format!("day{today}") href=href id=format!("day-{}", cell.date) aria-label=label aria-current=is_chosen.then_some("date") on:click=click>
            {cell.number}<span class="day-count">{cell.count}</span>
        </a>
    }
    .into_any()
}

fn day(view: &PickerView, go: Callback<Goal>) -> impl IntoView + use<> {
    let next = view.next.clone().map(|next| next_link(view, next, go));
    match view.day.clone() {
        Some(chosen) => {
            let DayView { label, count, clock_change, .. } = chosen.clone();
            view! {
                <h2 id="picker-day" tabindex="-1">{label}</h2>
                <p class="picker-count">{times(count)}</p>
                {clock_change.map(|words| view! { <p class="picker-change">{words}</p> })}
                {day_times(view, chosen)}
                {next}
            }
            .into_any()
        }
        None => view! {
            <h2 id="picker-day">"No free times"</h2>
            <p class="picker-count">{format!("in {}", view.month.label)}</p>
            {next}
        }
        .into_any(),
    }
}

/// One form; each time is a button, since choosing one holds it.
fn day_times(view: &PickerView, day: DayView) -> impl IntoView + use<> {
    let spoken = day.label;
    let parts: Vec<_> = day
        .parts
        .into_iter()
        .map(|part| {
            let buttons: Vec<_> = part
                .times
                .into_iter()
                .map(|time| {
                    let (start, at, label) = (time.start.clone(), time.start, time.label);
                    // The offset is there where the clock shows the same time twice: without it two buttons would sound alike.
                    let clock = time.offset.as_ref().map_or_else(|| label.clone(), |offset| format!("{label} {offset}"));
                    let spoken = if time.taken { format!("{clock}, {spoken}, taken") } else { format!("{clock}, {spoken}") };
                    let offset = time.offset.map(|offset| view! { <small>{offset}</small> });
                    view! {
                        <li><button
                            class=if time.taken { "btn is-taken" } else { "btn" }
                            type=if time.taken { "button" } else { "submit" }
                            name="start"
                            value=start
                            aria-label=spoken
                            aria-disabled=time.taken.then_some("true")
                        >
                            <time datetime=at>{label}</time>{offset}
                        </button></li>
                    }
                })
                .collect();
            view! { <h3 class="times-part">{part.label}</h3><ol class="times">{buttons}</ol> }
        })
        .collect();
    view! {
        <form id="times" method="post" action=view.action.clone()>
            <input type="hidden" name="tz" value=view.zone.clone()/>
            {parts}
        </form>
    }
}

/// Times that have come free while somebody was about to press another one: shown when they say so.
fn more_times(parts: Shown) -> impl IntoView {
    move || {
        let more = parts.more.get();
        (more > 0).then(|| {
            view! {
                <p class="picker-more">
                    {times(more)}" more."" "
                    <button type="button" class="btn btn-small" on:click=move |_| picker_live::show_all(parts)>"Show"</button>
                </p>
            }
        })
    }
}

fn next_link(view: &PickerView, next: NextFree, go: Callback<Goal>) -> impl IntoView + use<> {
    let (href, click) = stay(view, &next.month, Some(&next.date), go);
    let lead =
        if view.day.as_ref().is_some_and(|day| day.count > 0) { "Nothing suits? Next day with free times: " } else { "Next free time: " };
    view! { <p class="picker-next">{lead}<a href=href on:click=click>{next.label}</a></p> }
}

/// Arrow keys move between the days that have times; Home and End to the first and last.
fn walk(event: ev::KeyboardEvent) {
    let by = match event.key().as_str() {
        "ArrowRight" => 1,
        "ArrowLeft" => -1,
        "ArrowDown" => 7,
        "ArrowUp" => -7,
        "Home" => i32::MIN,
        "End" => i32::MAX,
        _ => return,
    };
    if sheet::walk_days(by) {
        event.prevent_default();
    }
}
