use leptos::prelude::*;

/// How long a hold still lasts. Without scripts it says until when; with scripts it counts down, and a screen reader
/// hears the minutes, not the seconds.
#[island]
pub fn HoldCountdown(
    /// When the hold ends: UTC milliseconds.
    ends: i64,
    /// What the server's clock says now: UTC milliseconds. The browser's own may be wrong.
    now: i64,
    /// `10:22`, in the shown zone.
    until: String,
) -> impl IntoView {
    let left = RwSignal::new(ends.saturating_sub(now));
    #[cfg(feature = "hydrate")]
    count_down(left, ends.saturating_sub(now));
    let minutes = Memo::new(move |_| left.get().max(0) / 60_000);
    let clock = move || {
        let seconds = left.get().max(0) / 1000;
        format!("{}:{:02}", seconds / 60, seconds % 60)
    };
    let over = Memo::new(move |_| left.get() <= 0);
    let spoken = move || match (over.get(), minutes.get()) {
        (true, _) => "Your hold has ended. You can still book the time if nobody else has taken it.".to_owned(),
        (false, 0) => "Your hold ends in less than a minute.".to_owned(),
        (false, 1) => "Your hold ends in one minute.".to_owned(),
        (false, more) => format!("Held for you for {more} more minutes."),
    };
    view! {
        <p class="hold" class:is-over=over>
            <span aria-hidden="true" class="hold-clock">{clock}</span>
            <span>{move || if over.get() {
                "The hold has ended. You can still book this time if nobody else has taken it.".to_owned()
            } else {
                format!("Held for you until {until}.")
            }}</span>
        </p>
        <p class="visually-hidden" role="status">{spoken}</p>
    }
}

/// Measures by the page's own stopwatch, which a change of the clock does not touch.
#[cfg(feature = "hydrate")]
fn count_down(left: RwSignal<i64>, total: i64) {
    use std::time::Duration;
    let stopwatch = || window().performance().map_or(0.0, |performance| performance.now());
    let began = stopwatch();
    let tick = set_interval_with_handle(
        move || {
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a page's life fit")]
            let passed = (stopwatch() - began) as i64;
            left.set(total - passed);
        },
        Duration::from_secs(1),
    );
    if let Ok(tick) = tick {
        on_cleanup(move || tick.clear());
    }
}
