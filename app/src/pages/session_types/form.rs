//! A session type as people write it, and as the service reads it.

use serde::Deserialize;
use wellmet::model::{Currency, FieldErrors, Minutes, Place, PlaceKind, Price, RefundPolicy, Reminders, SessionRules, SessionTypeDraft};

use crate::dto::FormState;

/// The units a notice can be written in: the word, its label, its minutes.
pub(super) const NOTICE_UNITS: [(&str, &str, u32); 3] = [("minutes", "minutes", 1), ("hours", "hours", 60), ("days", "days", 24 * 60)];

/// The reminders on offer, in minutes before the start. Others can be kept, but not chosen.
pub(super) const REMINDERS: [(Minutes, &str); 4] =
    [(7 * 24 * 60, "A week before"), (24 * 60, "A day before"), (120, "Two hours before"), (15, "15 minutes before")];

/// The form as sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    duration_minutes: String,
    #[serde(default)]
    step_minutes: String,
    #[serde(default)]
    buffer_before_minutes: String,
    #[serde(default)]
    buffer_after_minutes: String,
    #[serde(default)]
    notice: String,
    #[serde(default)]
    notice_unit: String,
    #[serde(default)]
    horizon_days: String,
    #[serde(default)]
    daily_cap: String,
    #[serde(default)]
    weekly_cap: String,
    #[serde(default)]
    price: String,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    late_refund_percent: String,
    #[serde(default)]
    no_show_percent: String,
    #[serde(default)]
    approval: String,
    #[serde(default)]
    place_kind: String,
    #[serde(default)]
    place_value: String,
    #[serde(default)]
    active: String,
    #[serde(default)]
    reminders: Vec<Minutes>,
}

impl TypeForm {
    /// What it means.
    ///
    /// # Errors
    /// Everything that is wrong, by the form's own field names.
    pub(super) fn read(&self) -> Result<SessionTypeDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let rules = self.rules(&mut errors);
        let draft = SessionTypeDraft {
            name: self.name.clone(),
            description: self.description.clone(),
            rules,
            price: self.price(&mut errors),
            approval_required: self.approval == "ask",
            place: self.place(&mut errors),
            active: self.active == "true",
            reminders: Reminders::of(self.reminders.iter().copied()),
            refund: self.refund(&mut errors),
        };
        let checked = draft.checked();
        if errors.0.is_empty() {
            return checked.map_err(renamed);
        }
        if let Err(more) = checked {
            // What could not be read has its error already; what stands in for it is not what was typed.
            let more = renamed(more).0.into_iter().filter(|error| errors.about(&error.field).is_none()).collect::<Vec<_>>();
            errors.0.extend(more);
        }
        Err(errors)
    }

    fn rules(&self, errors: &mut FieldErrors) -> SessionRules {
        let first = SessionTypeDraft::first().rules;
        let mut number = |field: &str, text: &str, instead: u32| {
            text.trim().parse().unwrap_or_else(|_| {
                errors.add(field, if text.trim().is_empty() { "This is needed." } else { "A whole number is needed here." });
                instead
            })
        };
        let unit = NOTICE_UNITS.iter().find(|(word, ..)| *word == self.notice_unit).map_or(60, |(.., minutes)| *minutes);
        let notice = number("notice", &self.notice, 0).saturating_mul(unit);
        let duration_minutes = number("duration_minutes", &self.duration_minutes, first.duration_minutes);
        // Left empty, sessions follow one another.
        let step = if self.step_minutes.trim().is_empty() {
            duration_minutes
        } else {
            number("step_minutes", &self.step_minutes, first.step_minutes)
        };
        let mut cap = |field: &str, text: &str| if text.trim().is_empty() { None } else { Some(number(field, text, 1)) };
        let (daily_cap, weekly_cap) = (cap("daily_cap", &self.daily_cap), cap("weekly_cap", &self.weekly_cap));
        let mut buffer = |field: &str, text: &str| if text.trim().is_empty() { 0 } else { number(field, text, 0) };
        let before = buffer("buffer_before_minutes", &self.buffer_before_minutes);
        let after = buffer("buffer_after_minutes", &self.buffer_after_minutes);
        SessionRules {
            duration_minutes,
            step_minutes: step,
            buffer_before_minutes: before,
            buffer_after_minutes: after,
            notice_minutes: notice,
            horizon_days: number("horizon_days", &self.horizon_days, first.horizon_days),
            daily_cap,
            weekly_cap,
        }
    }

    fn price(&self, errors: &mut FieldErrors) -> Price {
        let currency = Currency::parse(self.currency.trim());
        if currency.is_none() {
            errors.add("currency", "A currency is three letters, such as EUR.");
        }
        let currency = currency.unwrap_or(Currency::EUR);
        let amount = if self.price.trim().is_empty() { "0" } else { &self.price };
        Price::parse(amount, currency).unwrap_or_else(|| {
            let example = if currency.digits() == 0 { "9000" } else { "90 or 90.50" };
            errors.add("price", format!("Write an amount, such as {example}. 0 is free."));
            Price { minor: 0, currency }
        })
    }

    /// Left empty, or not asked for: as usual.
    fn refund(&self, errors: &mut FieldErrors) -> RefundPolicy {
        let usual = RefundPolicy::default();
        let mut percent = |field: &str, text: &str, usual: u32| match text.trim() {
            "" => usual,
            text => text.parse().unwrap_or_else(|_| {
                errors.add(field, "A whole number is needed here.");
                usual
            }),
        };
        RefundPolicy {
            late_refund_percent: percent("late_refund_percent", &self.late_refund_percent, usual.late_refund_percent),
            no_show_percent: percent("no_show_percent", &self.no_show_percent, usual.no_show_percent),
        }
    }

    fn place(&self, errors: &mut FieldErrors) -> Place {
        let kind = PlaceKind::parse(&self.place_kind).filter(|kind| *kind != PlaceKind::Provider);
        if kind.is_none() {
            errors.add("place_kind", "Choose where you meet.");
        }
        Place { kind: kind.unwrap_or(PlaceKind::Phone), value: self.place_value.clone() }
    }
}

/// The service's field names as the form's.
fn renamed(mut errors: FieldErrors) -> FieldErrors {
    for error in &mut errors.0 {
        if error.field == "notice_minutes" {
            "notice".clone_into(&mut error.field);
            "At most 60 days.".clone_into(&mut error.message);
        }
    }
    errors
}

/// A session type as the form shows it.
pub(super) fn filled(draft: &SessionTypeDraft) -> FormState {
    let rules = &draft.rules;
    let text = |cap: Option<u32>| cap.map_or_else(String::new, |cap| cap.to_string());
    let (notice, unit) = notice_words(rules.notice_minutes);
    let form = FormState::new()
        .with("name", &draft.name)
        .with("description", &draft.description)
        .with("duration_minutes", rules.duration_minutes.to_string())
        .with("step_minutes", rules.step_minutes.to_string())
        .with("buffer_before_minutes", rules.buffer_before_minutes.to_string())
        .with("buffer_after_minutes", rules.buffer_after_minutes.to_string())
        .with("notice", notice.to_string())
        .with("notice_unit", unit)
        .with("horizon_days", rules.horizon_days.to_string())
        .with("daily_cap", text(rules.daily_cap))
        .with("weekly_cap", text(rules.weekly_cap))
        .with("price", draft.price.amount())
        .with("currency", draft.price.currency.as_str())
        .with("late_refund_percent", draft.refund.late_refund_percent.to_string())
        .with("no_show_percent", draft.refund.no_show_percent.to_string())
        .with("approval", if draft.approval_required { "ask" } else { "at-once" })
        .with("place_kind", draft.place.kind.as_str())
        .with("place_value", &draft.place.value)
        .with("active", if draft.active { "true" } else { "false" });
    draft.reminders.minutes().iter().fold(form, |form, minutes| form.with("reminders", minutes.to_string()))
}

/// Minutes in the largest unit that is whole.
fn notice_words(minutes: u32) -> (u32, &'static str) {
    let unit = NOTICE_UNITS.iter().rev().find(|(.., unit)| minutes > 0 && minutes.is_multiple_of(*unit));
    unit.map_or((minutes, "hours"), |(word, _, unit)| (minutes / unit, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(draft: &SessionTypeDraft, changes: &[(&str, &str)]) -> Result<SessionTypeDraft, FieldErrors> {
        let shown = filled(draft);
        let fields = ["name", "description", "duration_minutes", "step_minutes", "buffer_before_minutes", "buffer_after_minutes", "notice"];
        let more = [
            "notice_unit",
            "horizon_days",
            "daily_cap",
            "weekly_cap",
            "price",
            "currency",
            "late_refund_percent",
            "no_show_percent",
            "approval",
            "place_kind",
            "place_value",
            "active",
        ];
        let pairs = fields.iter().chain(&more).map(|name| {
            let other = changes.iter().find(|(field, _)| field == name).map(|(_, value)| *value);
            (*name, other.unwrap_or(shown.value(name)).to_owned())
        });
        let reminders = shown.all("reminders").into_iter().map(|minutes| ("reminders", minutes.to_owned()));
        let text = serde_html_form::to_string(pairs.chain(reminders).collect::<Vec<_>>()).unwrap();
        serde_html_form::from_str::<TypeForm>(&text).unwrap().read()
    }

    #[test]
    fn what_is_shown_reads_back_as_it_was() {
        let mut draft = SessionTypeDraft::first();
        assert_eq!(sent(&draft, &[]), Ok(draft.clone()));
        draft.rules.notice_minutes = 3 * 24 * 60;
        draft.rules.daily_cap = Some(3);
        draft.price.minor = 9050;
        draft.refund = RefundPolicy { late_refund_percent: 50, no_show_percent: 80 };
        draft.reminders = Reminders::of([15, 45]);
        draft.place = Place { kind: PlaceKind::Link, value: "https://meet.example/x".to_owned() };
        assert_eq!(sent(&draft, &[]), Ok(draft.clone()));
        assert_eq!(sent(&draft, &[("price", "90,5"), ("step_minutes", "")]), Ok(draft.clone()));
        draft.reminders = Reminders::of([]);
        assert_eq!(sent(&draft, &[]), Ok(draft));
    }

    #[test]
    fn everything_wrong_is_named_once_by_the_forms_own_names() {
        let wrong = [
            ("name", " "),
            ("duration_minutes", "an hour"),
            ("notice", "90"),
            ("notice_unit", "days"),
            ("price", "ninety"),
            ("place_kind", "provider"),
            ("daily_cap", "0"),
        ];
        let errors = sent(&SessionTypeDraft::first(), &wrong).unwrap_err();
        let mut fields: Vec<_> = errors.0.iter().map(|error| error.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["daily_cap", "duration_minutes", "name", "notice", "place_kind", "price"]);
    }
}
