//! The form of one date: closed, or windows of its own.

use wellmet::{
    coaches::{OverrideDraft, WindowDraft},
    model::{FieldErrors, MAX_WINDOWS_A_DAY, Window},
};

use super::form::{read_until, suggested};

/// What a button of the form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateAction {
    /// Store the date.
    Save,
    /// One more window.
    Add,
    /// Without that window.
    Remove(usize),
}

/// The form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DateForm {
    /// Whether the whole date is closed, whatever the rows say.
    pub(super) closed: bool,
    /// The rows as typed.
    pub(super) rows: Vec<WindowDraft>,
}

impl DateForm {
    /// To begin with: as the date is now.
    pub(super) fn of(windows: &[Window]) -> Self {
        let mut rows: Vec<WindowDraft> = windows.iter().map(WindowDraft::from).collect();
        for row in rows.iter_mut().filter(|row| row.until == "24:00") {
            "00:00".clone_into(&mut row.until);
        }
        let closed = rows.is_empty();
        if closed {
            rows.push(suggested(None));
        }
        Self { closed, rows }
    }

    /// As sent, and what was asked for.
    pub(super) fn read(values: &[(String, String)]) -> (Self, DateAction) {
        let (mut form, mut action) = (Self::default(), DateAction::Save);
        for (name, value) in values {
            match name.as_str() {
                "mode" => form.closed = value == "closed",
                "action" => action = action_of(value),
                _ => form.type_in(name, value),
            }
        }
        (form, action)
    }

    fn type_in(&mut self, name: &str, value: &str) {
        let mut parts = name.split('.');
        let (Some("windows"), Some(Ok(place)), Some(end)) = (parts.next(), parts.next().map(str::parse::<usize>), parts.next()) else {
            return;
        };
        if place > MAX_WINDOWS_A_DAY {
            return;
        }
        if self.rows.len() <= place {
            self.rows.resize_with(place + 1, WindowDraft::default);
        }
        let row = &mut self.rows[place];
        if end == "from" { value.clone_into(&mut row.from) } else { value.clone_into(&mut row.until) }
    }

    /// What the service reads.
    ///
    /// # Errors
    /// When the date is said to be open and no window is typed.
    pub(super) fn draft(&self, date: String) -> Result<OverrideDraft, FieldErrors> {
        if self.closed {
            return Ok(OverrideDraft { date, windows: Vec::new() });
        }
        if self.rows.iter().all(|row| row.from.trim().is_empty() && row.until.trim().is_empty()) {
            return Err(FieldErrors::one("mode", "Add a window, or choose closed."));
        }
        Ok(OverrideDraft { date, windows: self.rows.iter().map(read_until).collect() })
    }

    /// Does what `action` asks of the rows.
    pub(super) fn apply(&mut self, action: DateAction) {
        match action {
            DateAction::Add if self.rows.len() < MAX_WINDOWS_A_DAY => {
                self.closed = false;
                self.rows.push(suggested(self.rows.last()));
            }
            DateAction::Remove(place) if place < self.rows.len() => drop(self.rows.remove(place)),
            DateAction::Save | DateAction::Add | DateAction::Remove(_) => {}
        }
    }
}

fn action_of(word: &str) -> DateAction {
    match word.strip_prefix("remove.windows.").and_then(|place| place.parse().ok()) {
        Some(place) => DateAction::Remove(place),
        None if word == "add" => DateAction::Add,
        None => DateAction::Save,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_wins_over_rows_and_open_needs_one() {
        let sent = |mode: &str, from: &str| {
            let pairs = [("mode", mode), ("windows.0.from", from), ("windows.0.until", "00:00"), ("action", "add")];
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            DateForm::read(&pairs)
        };
        let (form, action) = sent("closed", "09:00");
        assert_eq!((form.draft("d".into()).unwrap().windows.len(), action), (0, DateAction::Add));
        assert_eq!(sent("open", "09:00").0.draft("d".into()).unwrap().windows[0].until, "24:00");
        assert!(DateForm::default().draft("d".into()).is_err());
    }
}
