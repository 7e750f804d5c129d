use std::fmt;

use serde::{Deserialize, Serialize};

use super::{FieldErrors, Minutes};

/// How long before a session both people are reminded of it: elapsed minutes before the start, the longest first, each once.
///
/// A day is 24 hours here, whatever the clocks do in between: what was promised is the time that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reminders(Vec<Minutes>);

impl Reminders {
    /// At most so many.
    pub const MOST: usize = 3;
    /// The shortest, in minutes: the mail has to arrive before the session begins.
    pub const SHORTEST: Minutes = 5;
    /// The longest, in minutes: four weeks.
    pub const LONGEST: Minutes = 28 * 24 * 60;

    /// A day before: what session types have unless the coach says otherwise.
    pub fn usual() -> Self {
        Self(vec![24 * 60])
    }

    /// Of any minutes, in any order; nothing is checked.
    pub fn of(minutes: impl IntoIterator<Item = Minutes>) -> Self {
        let mut minutes: Vec<_> = minutes.into_iter().collect();
        minutes.sort_unstable_by(|one, other| other.cmp(one));
        minutes.dedup();
        Self(minutes)
    }

    /// Of the stored text (`10080,1440`; empty: never). `None` when it is no such text.
    pub fn parse(text: &str) -> Option<Self> {
        let minutes = text.split(',').filter(|part| !part.is_empty()).map(|part| part.parse().ok());
        minutes.collect::<Option<Vec<_>>>().map(Self::of)
    }

    /// The minutes, the longest first.
    pub fn minutes(&self) -> &[Minutes] {
        &self.0
    }

    /// Whether one of them is so long before.
    pub fn has(&self, minutes: Minutes) -> bool {
        self.0.contains(&minutes)
    }

    /// In order and each once; what is wrong with them is noted under `reminders`.
    pub(super) fn check(self, errors: &mut FieldErrors) -> Self {
        let sorted = Self::of(self.0);
        if sorted.0.len() > Self::MOST {
            errors.add("reminders", format!("At most {} reminders.", Self::MOST));
        } else if sorted.0.iter().any(|minutes| !(Self::SHORTEST..=Self::LONGEST).contains(minutes)) {
            errors.add("reminders", format!("A reminder is between {} minutes and four weeks before.", Self::SHORTEST));
        }
        sorted
    }
}

/// What is stored: minutes with commas between.
impl fmt::Display for Reminders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&words.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back_in_order_and_once() {
        assert_eq!(Reminders::of([15, 10_080, 15, 120]).to_string(), "10080,120,15");
        for text in ["", "1440", "10080,1440,15"] {
            assert_eq!(Reminders::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["a", "1,-2", "1440;15", "1 ,2"] {
            assert_eq!(Reminders::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn too_many_too_soon_and_too_early_are_named() {
        let wrong = |minutes: &[Minutes]| {
            let mut errors = FieldErrors::new();
            drop(Reminders::of(minutes.iter().copied()).check(&mut errors));
            errors.about("reminders").map(str::to_owned)
        };
        assert_eq!(wrong(&[]), None);
        assert_eq!(wrong(&[5, 60, 28 * 24 * 60]), None);
        assert_eq!(wrong(&[5, 10, 15, 20]).as_deref(), Some("At most 3 reminders."));
        assert_eq!(wrong(&[15, 15, 30, 60]), None, "the same one twice is one");
        for minutes in [0, 4, 28 * 24 * 60 + 1] {
            assert!(wrong(&[minutes]).is_some(), "{minutes}");
        }
    }
}
