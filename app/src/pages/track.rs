//! A day as a line: where a time of the day lies on it. Drawn as SVG, because the content policy forbids inline styles.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

use leptos::prelude::*;

/// From and until what hour of the day tracks run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hours {
    from: u16,
    until: u16,
}

impl Hours {
    /// All of `spans` (minutes of the day) with an hour around them, eight hours at least; without spans, office hours.
    pub(super) fn around(spans: impl Iterator<Item = (u16, u16)>) -> Self {
        let (first, last) = spans.fold((24, 0), |(first, last), (from, until)| (first.min(from / 60), last.max(until.div_ceil(60))));
        let (first, last) = if first < last { (first, last) } else { (9, 17) };
        let from = first.saturating_sub(1).min(16);
        Self { from, until: (last + 1).max(from + 8).min(24) }
    }

    /// Where `minutes` lies, in percent.
    fn place(self, minutes: u16) -> f32 {
        let (from, until) = (f32::from(self.from) * 60.0, f32::from(self.until) * 60.0);
        ((f32::from(minutes) - from) / (until - from) * 100.0).clamp(0.0, 100.0)
    }

    /// A stretch of the day as a bar.
    pub(super) fn bar(self, class: &'static str, (from, until): (u16, u16)) -> impl IntoView + use<> {
        let (x, end) = (self.place(from), self.place(until));
        view! { <rect class=class x=format!("{x:.3}%") width=format!("{:.3}%", end - x) y="0" height="100%" /> }
    }

    /// A line where something begins.
    pub(super) fn edge(self, at: u16) -> impl IntoView + use<> {
        view! { <rect class="bar-edge" x=format!("{:.3}%", self.place(at)) width="2" y="0" height="100%" /> }
    }
}

/// The hours above a track. Says nothing to a screen reader: what the tracks show stands beside them in words.
#[component]
pub(super) fn HourMarks(hours: Hours) -> impl IntoView {
    let step = if hours.until - hours.from > 12 { 4 } else { 2 };
    let marks = (hours.from + 1..hours.until).filter(|hour| hour % step == 0).map(|hour| {
        view! { <text x=format!("{:.3}%", hours.place(hour * 60)) y="11" text-anchor="middle">{hour}</text> }
    });
    view! { <svg class="track-hours" width="100%" height="14" aria-hidden="true">{marks.collect_view()}</svg> }
}

#[cfg(test)]
mod tests {
    use super::Hours;

    #[test]
    fn tracks_show_all_there_is_and_never_less_than_eight_hours() {
        let around = |spans: &[(u16, u16)]| Hours::around(spans.iter().copied());
        assert_eq!(around(&[]), Hours { from: 8, until: 18 });
        assert_eq!(around(&[(0, 30), (1410, 1440)]), Hours { from: 0, until: 24 });
        assert_eq!(around(&[(1380, 1440)]), Hours { from: 16, until: 24 });
        let hours = around(&[(540, 1020)]);
        assert!((hours.place(8 * 60) - 0.0).abs() < 0.01 && (hours.place(13 * 60) - 50.0).abs() < 0.01);
    }
}
