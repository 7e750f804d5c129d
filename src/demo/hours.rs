//! Hours in the shortest spelling: `Mon-Thu 09:00-12:00 13:00-17:00; Fri 09:00-13:00`.

use crate::coaches::{WeeklyHoursDraft, WindowDraft};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The week that `text` spells. Days that it does not name are closed.
pub(super) fn week(text: &str) -> WeeklyHoursDraft {
    let mut week = WeeklyHoursDraft::default();
    for part in text.split("; ") {
        let Some((days, rest)) = part.split_once(' ') else { continue };
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let named = DAYS.iter().skip_while(|day| **day != first).count();
        let after = DAYS.iter().skip_while(|day| **day != last).count();
        for day in DAYS.len() - named..=DAYS.len() - after {
            week.0[day] = windows(rest);
        }
    }
    week
}

/// `09:00-12:00 13:00-17:00` as rows; nothing for an empty text.
pub(super) fn windows(text: &str) -> Vec<WindowDraft> {
    let rows = text.split(' ').filter_map(|window| window.split_once('-'));
    rows.map(|(from, until)| WindowDraft { from: from.to_owned(), until: until.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges_and_single_days() {
        let week = week("Mon-Wed 09:00-12:00 13:00-17:00; Sun 20:00-24:00").0;
        assert_eq!(week.each_ref().map(Vec::len), [2, 2, 2, 0, 0, 0, 1]);
        assert_eq!((week[2][1].from.as_str(), week[6][0].until.as_str()), ("13:00", "24:00"));
        assert_eq!(windows(""), []);
    }
}
