//! What the slot picker asks of the browser. On the server none of it happens.

#[cfg(feature = "hydrate")]
pub(super) use in_browser::*;
#[cfg(not(feature = "hydrate"))]
pub(super) use on_server::*;

#[cfg(feature = "hydrate")]
mod in_browser {
    use std::time::Duration;

    use leptos::prelude::{document, on_cleanup, set_timeout, window, window_event_listener};
    use wasm_bindgen::JsCast;
    use web_sys::{HtmlElement, UrlSearchParams};

    /// Runs `then` after so many milliseconds.
    pub(in super::super) fn after(milliseconds: u64, then: impl FnOnce() + 'static) {
        set_timeout(then, Duration::from_millis(milliseconds));
    }

    /// Shows `address` as where we are, so that it can be shared and come back to.
    pub(in super::super) fn push_address(address: &str) {
        if let Ok(history) = window().history() {
            // A browser that refuses (too many calls) shows the old address: nothing is lost.
            drop(history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(address)));
        }
    }

    /// Tells the zone form, which the server wrote, what is shown now: another zone keeps month and day.
    pub(in super::super) fn keep_place(month: &str, day: Option<&str>) {
        for (name, value) in [("month", month), ("day", day.unwrap_or_default())] {
            if let Ok(Some(field)) = document().query_selector(&format!(".zone-bar input[name={name}]")) {
                // It can only fail for a malformed name.
                let _ = field.set_attribute("value", value);
            }
        }
    }

    /// Loads `address`, or this page again.
    pub(in super::super) fn go_to(address: Option<&str>) {
        let location = window().location();
        drop(match address {
            Some(address) => location.set_href(address),
            None => location.reload(),
        });
    }

    /// Calls `then` with the query of each address that back and forward lead to.
    pub(in super::super) fn on_history(then: impl Fn(Vec<(String, String)>) + 'static) {
        let handle = window_event_listener(leptos::ev::popstate, move |_| {
            // An address that cannot be read leaves what is shown as it is.
            if let Ok(search) = window().location().search() {
                then(pairs(&search));
            }
        });
        on_cleanup(move || handle.remove());
    }

    fn pairs(search: &str) -> Vec<(String, String)> {
        let Ok(query) = UrlSearchParams::new_with_str(search) else { return Vec::new() };
        ["month", "day", "tz"].into_iter().filter_map(|key| query.get(key).map(|value| (key.to_owned(), value))).collect()
    }

    /// Moves the focus among the days with times: by one, by a week, or to an end. Whether there was somewhere to go.
    pub(in super::super) fn walk_days(by: i32) -> bool {
        let days = days_with_times();
        let active = document().active_element().map(|element| element.id());
        let Some(at) = days.iter().position(|day| active.as_deref() == Some(day.id().as_str())) else { return false };
        let number = |index: usize| days[index].id().rsplit('-').next().and_then(|day| day.parse::<i32>().ok()).unwrap_or(0);
        let goal = match by {
            i32::MIN => Some(0),
            i32::MAX => days.len().checked_sub(1),
            1.. => (at + 1..days.len()).find(|index| number(*index) >= number(at) + by),
            _ => (0..at).rev().find(|index| number(*index) <= number(at) + by),
        };
        goal.is_some_and(|goal| days[goal].focus().is_ok())
    }

    /// Whether somebody is about to press one of the times. Where nothing hovers nobody can tell.
    pub(in super::super) fn times_in_use() -> bool {
        let there = document().query_selector("#times:hover, #times:focus-within").is_ok_and(|found| found.is_some());
        there || !window().match_media("(hover: hover)").is_ok_and(|query| query.is_some_and(|query| query.matches()))
    }

    /// The time that has the focus: its instant and its label.
    pub(in super::super) fn focused_time() -> Option<(String, String)> {
        let button = document().active_element().filter(|element| element.matches("#times button").unwrap_or(false))?;
        Some((button.get_attribute("value")?, button.query_selector("time").ok()??.text_content()?))
    }

    /// The id of the day that has the focus.
    pub(in super::super) fn focused_day() -> Option<String> {
        document().active_element().map(|element| element.id()).filter(|id| id.starts_with("day-"))
    }

    /// Whether the focus is not there any more.
    pub(in super::super) fn lost(id: &str) -> bool {
        document().active_element().is_none_or(|element| element.id() != id)
    }

    /// Moves the focus to the month's name.
    pub(in super::super) fn focus_month() {
        focus("picker-month");
    }

    /// Moves the focus to the day's name.
    pub(in super::super) fn focus_day() {
        focus("picker-day");
    }

    fn focus(id: &str) {
        if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // Something that is not drawn keeps no focus: then nothing has it.
            let _ = element.focus();
        }
    }

    fn days_with_times() -> Vec<HtmlElement> {
        let Ok(found) = document().query_selector_all(".month a.day") else { return Vec::new() };
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
    }
}

#[cfg(not(feature = "hydrate"))]
mod on_server {
    pub(in super::super) fn after(_milliseconds: u64, _then: impl FnOnce() + 'static) {}
    pub(in super::super) fn push_address(_address: &str) {}
    pub(in super::super) fn keep_place(_month: &str, _day: Option<&str>) {}
    pub(in super::super) fn go_to(_address: Option<&str>) {}
    pub(in super::super) fn on_history(_then: impl Fn(Vec<(String, String)>) + 'static) {}
    pub(in super::super) fn walk_days(_by: i32) -> bool {
        false
    }
    pub(in super::super) fn times_in_use() -> bool {
        false
    }
    pub(in super::super) fn focused_time() -> Option<(String, String)> {
        None
    }
    pub(in super::super) fn focused_day() -> Option<String> {
        None
    }
    pub(in super::super) fn lost(_id: &str) -> bool {
        false
    }
    pub(in super::super) fn focus_month() {}
    pub(in super::super) fn focus_day() {}
}
