//! The slot picker hears that a time was taken or has come free, and shows it without moving what somebody is about to press.

use leptos::prelude::*;

use super::sheet;
use crate::{
    dto::{
        LiveAt,
        picker::{PickerView, times},
    },
    srv::picker,
};

/// The parts of a picker that a change concerns.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// What is drawn.
    pub(super) view: RwSignal<PickerView>,
    /// What a screen reader hears.
    pub(super) said: RwSignal<String>,
    /// How often another month or day was asked for.
    pub(super) asked: RwSignal<u32>,
    /// How many times have come free that are not drawn yet.
    pub(super) more: RwSignal<u32>,
}

/// Listens at `at` for as long as the page lives.
pub(super) fn follow(at: Option<LiveAt>, shown: Shown) {
    #[cfg(feature = "hydrate")]
    if let Some(at) = at {
        let asked = RwSignal::new(0_u32);
        super::listening::listen(at, move || catch_up(shown, asked, false));
    }
    #[cfg(not(feature = "hydrate"))]
    drop((at, shown));
}

/// What has come free is drawn too, as somebody wants to see it.
pub(super) fn show_all(shown: Shown) {
    catch_up(shown, RwSignal::new(0), true);
}

/// Asks for what is shown again and shows what has changed. Only the last question's answer counts; `all`: nothing is held back.
fn catch_up(shown: Shown, questions: RwSignal<u32>, all: bool) {
    let Some(before) = questions.try_get_untracked() else { return };
    let number = before + 1;
    questions.set(number);
    leptos::task::spawn_local(async move {
        loop {
            let (place, view) = (shown.asked.get_untracked(), shown.view.get_untracked());
            let day = view.day.map(|day| day.date);
            let answer = picker(view.source, view.month.key, day, view.zone).await;
            if questions.try_get_untracked() != Some(number) {
                return;
            }
            if shown.asked.get_untracked() != place {
                // They went elsewhere meanwhile, perhaps with an answer from before the change.
                continue;
            }
            // Whatever is wrong, what is shown can still be asked for, and is refused in words if it has to be.
            let Ok(newer) = answer else { return };
            draw(shown, newer, all);
            return;
        }
    });
}

fn draw(shown: Shown, newer: PickerView, all: bool) {
    let (at_time, at_day) = (sheet::focused_time(), sheet::focused_day());
    let caught = shown.view.with_untracked(|view| view.caught_up(newer, !all && sheet::times_in_use()));
    if caught.changed || all {
        let lost = at_time.filter(|(start, _)| caught.view.is_taken(start)).map(|(_, label)| label);
        let parts = [
            Some(format!("Times have changed: {}.", caught.view.announcement())),
            lost.map(|label| format!("{label}, where you are, has been taken.")),
            (caught.more > 0).then(|| format!("{} more, after the ones shown.", times(caught.more))),
        ];
        shown.said.set(parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    }
    shown.more.set(caught.more);
    shown.view.set(caught.view);
    if let Some(id) = at_day {
        // When it has been drawn.
        sheet::after(0, move || {
            if sheet::lost(&id) {
                sheet::focus_month();
                shown.said.update(|said| *said += " The day you were at has no free times left.");
            }
        });
    }
    if all {
        sheet::after(0, sheet::focus_day);
    }
}
