//! The weekly form as it is sent: rows of windows, and the button that sent it.

use chrono::NaiveDate;
use wellmet::{
    coaches::{WeeklyHoursDraft, WindowDraft},
    model::{FieldErrors, MAX_WINDOWS_A_DAY, SessionTypeId, WallTime, Weekday, WeeklyHours},
};

/// What a button of the editor asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Store the hours.
    Save,
    /// Look at what mentees would see, or ask about one time.
    Look,
    /// Look at another week.
    Week(NaiveDate),
    /// One more window on that day.
    Add(Weekday),
    /// Without that window.
    Remove(Weekday, usize),
    /// The day's windows on the ticked days too.
    Copy(Weekday),
}

impl Action {
    fn parse(word: &str) -> Self {
        let mut parts = word.split('.');
        let verb = parts.next().unwrap_or_default();
        let object = parts.next().unwrap_or_default();
        let day = Weekday::parse(object);
        let place = parts.next().and_then(|place| place.parse().ok());
        match (verb, day, place) {
            ("add", Some(day), None) => Self::Add(day),
            ("remove", Some(day), Some(place)) => Self::Remove(day, place),
            ("copy", Some(day), None) => Self::Copy(day),
            ("save", ..) => Self::Save,
            ("week", ..) => object.parse().map_or(Self::Look, Self::Week),
            // What cannot be read must not store anything.
            _ => Self::Look,
        }
    }
}

/// The form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WeekForm {
    /// The rows of each day, Monday first, as typed.
    pub(super) rows: [Vec<WindowDraft>; 7],
    /// The session type to preview.
    pub(super) kind: Option<SessionTypeId>,
    /// A date in the week to preview.
    pub(super) week: Option<NaiveDate>,
    /// The date and time asked about, as typed.
    pub(super) why: (String, String),
    /// The days ticked for copying, by the day they are ticked at.
    pub(super) copy_to: [Vec<Weekday>; 7],
}

impl WeekForm {
    /// The stored week, ready to edit.
    pub(super) fn of(weekly: &WeeklyHours) -> Self {
        let mut rows = WeeklyHoursDraft::of(weekly).0;
        for row in rows.iter_mut().flatten().filter(|row| row.until == "24:00") {
            // A time field has no 24:00; as an end, 00:00 can mean nothing else.
            "00:00".clone_into(&mut row.until);
        }
        Self { rows, ..Self::default() }
    }

    /// As sent, and what was asked for. What no form of ours would send is left out.
    pub(super) fn read(values: &[(String, String)]) -> (Self, Action) {
        let (mut form, mut action) = (Self::default(), Action::Look);
        for (name, value) in values {
            let mut parts = name.split('.');
            match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
                ("action", None, None) => action = Action::parse(value),
                ("kind", None, None) => form.kind = value.parse().ok(),
                ("week", None, None) => form.week = value.parse().ok(),
                ("why_date", None, None) => value.clone_into(&mut form.why.0),
                ("why_time", None, None) => value.clone_into(&mut form.why.1),
                ("copy", Some(day), None) => form.tick(day, value),
                (day, Some(place), Some(end)) => form.type_in(day, place, end, value),
                _ => {}
            }
        }
        (form, action)
    }

    fn tick(&mut self, from: &str, to: &str) {
        if let (Some(from), Some(to)) = (Weekday::parse(from), Weekday::parse(to)) {
            self.copy_to[from as usize].push(to);
        }
    }

    fn type_in(&mut self, day: &str, place: &str, end: &str, value: &str) {
        let (Some(day), Ok(place)) = (Weekday::parse(day), place.parse::<usize>()) else { return };
        // One more than fits, so that the error about it has something to stand beside.
        if place > MAX_WINDOWS_A_DAY {
            return;
        }
        let rows = &mut self.rows[day as usize];
        if rows.len() <= place {
            rows.resize_with(place + 1, WindowDraft::default);
        }
        let row = &mut rows[place];
        if end == "from" { value.clone_into(&mut row.from) } else { value.clone_into(&mut row.until) }
    }

    /// What the service reads: an end at 00:00 is the end of the day.
    pub(super) fn draft(&self) -> WeeklyHoursDraft {
        WeeklyHoursDraft(self.rows.each_ref().map(|rows| rows.iter().map(read_until).collect()))
    }

    /// Does what `action` asks of the rows. Gives the id of the control to go on from and a sentence about what
    /// happened.
    ///
    /// # Errors
    /// When nothing was ticked to copy to, or no more windows fit.
    pub(super) fn apply(&mut self, action: Action) -> Result<Option<(String, String)>, FieldErrors> {
        match action {
            Action::Add(day) => {
                let rows = &mut self.rows[day as usize];
                if rows.len() >= MAX_WINDOWS_A_DAY {
                    return Err(FieldErrors::one(day.as_str(), format!("At most {MAX_WINDOWS_A_DAY} windows fit in a day.")));
                }
                rows.push(suggested(rows.last()));
                Ok(Some((format!("f-{}.{}.from", day.as_str(), rows.len() - 1), format!("A window was added on {}.", day.label()))))
            }
            Action::Remove(day, place) => {
                let rows = &mut self.rows[day as usize];
                if place < rows.len() {
                    rows.remove(place);
                }
                Ok(Some((format!("add-{}", day.as_str()), format!("The window on {} was removed.", day.label()))))
            }
            Action::Copy(day) => self.copy(day).map(Some),
            Action::Week(date) => {
                self.week = Some(date);
                Ok(None)
            }
            Action::Save | Action::Look => Ok(None),
        }
    }

    fn copy(&mut self, from: Weekday) -> Result<(String, String), FieldErrors> {
        let targets = std::mem::take(&mut self.copy_to[from as usize]);
        let rows = self.rows[from as usize].clone();
        if targets.is_empty() {
            return Err(FieldErrors::one(format!("copy.{}", from.as_str()), "Tick the days to copy to first."));
        }
        for to in &targets {
            self.rows[*to as usize].clone_from(&rows);
        }
        let names: Vec<&str> = targets.iter().map(|day| day.label()).collect();
        Ok((format!("copy-{}", from.as_str()), format!("{} was copied to {}.", from.label(), names.join(", "))))
    }
}

/// A row as the service reads it.
pub(super) fn read_until(row: &WindowDraft) -> WindowDraft {
    let midnight = matches!(row.until.trim(), "00:00" | "00:00:00");
    WindowDraft { from: row.from.clone(), until: if midnight { "24:00".to_owned() } else { row.until.clone() } }
}

/// A window to begin with: after the last one with an hour between, or office hours.
pub(super) fn suggested(last: Option<&WindowDraft>) -> WindowDraft {
    let Some(last) = last else { return WindowDraft { from: "09:00".to_owned(), until: "17:00".to_owned() } };
    let from = WallTime::parse(last.until.trim()).filter(|until| until.minutes() > 0).map(|until| until.minutes() + 60);
    let time = |minutes: u16| WallTime::from_minutes(minutes).map(|time| time.to_string());
    match from.and_then(|from| Some((time(from)?, time(from + 120)?))) {
        Some((from, until)) => WindowDraft { from, until: if until == "24:00" { "00:00".to_owned() } else { until } },
        None => WindowDraft::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> (WeekForm, Action) {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        WeekForm::read(&pairs)
    }

    fn row(from: &str, until: &str) -> WindowDraft {
        WindowDraft { from: from.to_owned(), until: until.to_owned() }
    }

    #[test]
    fn an_end_at_midnight_is_the_end_of_the_day_and_comes_back_as_it_was() {
        let (form, action) = sent(&[("monday.0.from", "20:00"), ("monday.0.until", "00:00"), ("action", "save")]);
        assert_eq!((action, form.draft().0[0].as_slice()), (Action::Save, &[row("20:00", "24:00")][..]));
        let (weekly, errors) = form.draft().look();
        assert!(errors.0.is_empty());
        assert_eq!(WeekForm::of(&weekly).rows[0], [row("20:00", "00:00")]);
    }

    #[test]
    fn buttons_change_the_rows_and_lose_nothing() {
        let typed = [("monday.0.from", "x"), ("monday.1.from", "13:00"), ("monday.1.until", "15:00"), ("copy.monday", "sunday")];
        let (mut form, _) = sent(&typed);
        form.apply(Action::Add(Weekday::Monday)).unwrap();
        assert_eq!(form.rows[0], [row("x", ""), row("13:00", "15:00"), row("16:00", "18:00")]);
        form.apply(Action::Remove(Weekday::Monday, 1)).unwrap();
        form.apply(Action::Copy(Weekday::Monday)).unwrap();
        assert_eq!(form.rows[6], [row("x", ""), row("16:00", "18:00")]);
        assert!(form.apply(Action::Copy(Weekday::Tuesday)).is_err());
    }

    #[test]
    fn what_no_form_sends_is_left_out() {
        let (form, action) =
            sent(&[("monday.999999999.from", "1"), ("someday.0.from", "1"), ("action", "remove.monday.x"), ("a.b.c.d", "")]);
        assert_eq!((form, action), (WeekForm::default(), Action::Look));
        assert_eq!(suggested(Some(&row("20:00", "23:30"))), WindowDraft::default());
        assert_eq!(suggested(Some(&row("20:00", "21:00"))).until, "00:00");
    }
}
