//! What can be booked.

use serde::{Deserialize, Serialize};

use super::{Currency, FieldErrors, Price, RefundPolicy, Reminders, clean_line, clean_text};

/// Whole minutes.
pub type Minutes = u32;

/// How and where a session takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A link made by the coach's calendar provider when the session is booked.
    Provider,
    /// The coach's own fixed link.
    Link,
    /// A Jitsi room made for the booking.
    Jitsi,
    /// By phone.
    Phone,
    /// At an address.
    InPerson,
}

impl PlaceKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Provider, Self::Link, Self::Jitsi, Self::Phone, Self::InPerson];

    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Link => "link",
            Self::Jitsi => "jitsi",
            Self::Phone => "phone",
            Self::InPerson => "in_person",
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a session takes place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// How.
    pub kind: PlaceKind,
    /// The link, the number or the address; empty where the kind needs none.
    #[serde(default)]
    pub value: String,
}

/// The rules of a session type that decide which slots there are. All spans in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRules {
    /// How long it takes.
    pub duration_minutes: Minutes,
    /// From one start to the next on offer.
    pub step_minutes: Minutes,
    /// Kept free before.
    pub buffer_before_minutes: Minutes,
    /// Kept free after.
    pub buffer_after_minutes: Minutes,
    /// How long ahead it must be booked, and may be moved or cancelled by the mentee.
    pub notice_minutes: Minutes,
    /// How many days ahead it may be booked, counted as 24 hours each.
    pub horizon_days: u32,
    /// At most so many live bookings of this type on one of the coach's dates.
    pub daily_cap: Option<u32>,
    /// At most so many in one of the coach's weeks, Monday to Sunday.
    pub weekly_cap: Option<u32>,
}

/// A session type as the coach writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTypeDraft {
    /// What mentees read first.
    pub name: String,
    /// A paragraph or two, plain text.
    pub description: String,
    /// When it is on offer.
    #[serde(flatten)]
    pub rules: SessionRules,
    /// What it costs.
    pub price: Price,
    /// Whether each request waits for the coach to accept it.
    pub approval_required: bool,
    /// Where it takes place.
    pub place: Place,
    /// Whether it can be booked now.
    pub active: bool,
    /// When both people are reminded of it.
    #[serde(default = "Reminders::usual")]
    pub reminders: Reminders,
    /// What goes back when it does not take place, where it is paid here.
    #[serde(default)]
    pub refund: RefundPolicy,
}

impl SessionTypeDraft {
    /// What a new coach starts with: 60 minutes, free, by the coach's link-less default place.
    pub fn first() -> Self {
        Self {
            name: "Coaching session".to_owned(),
            description: String::new(),
            rules: SessionRules {
                duration_minutes: 60,
                step_minutes: 60,
                buffer_before_minutes: 0,
                buffer_after_minutes: 0,
                notice_minutes: 12 * 60,
                horizon_days: 60,
                daily_cap: None,
                weekly_cap: None,
            },
            price: Price { minor: 0, currency: Currency::EUR },
            approval_required: false,
            place: Place { kind: PlaceKind::Phone, value: String::new() },
            active: true,
            reminders: Reminders::usual(),
            refund: RefundPolicy::default(),
        }
    }

    /// The draft with its text cleaned, or what is wrong with it, field by field.
    ///
    /// # Errors
    /// One entry a field, named as in the REST API.
    pub fn checked(mut self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        self.name = clean_line(&mut errors, "name", &self.name, 1, 80);
        self.description = clean_text(&mut errors, "description", &self.description, 0, 2000);
        self.place.value = clean_line(&mut errors, "place_value", &self.place.value, 0, 300);
        check_place(&mut errors, &self.place);
        check_rules(&mut errors, &self.rules);
        self.reminders = self.reminders.check(&mut errors);
        self.refund.check(&mut errors);
        if !(0..=Price::MAX_MINOR).contains(&self.price.minor) {
            errors.add("price", "A price is 0 or more, and at most a million.");
        }
        errors.or(self)
    }
}

fn check_place(errors: &mut FieldErrors, place: &Place) {
    let link = place.value.starts_with("https://") || place.value.starts_with("http://");
    match place.kind {
        PlaceKind::Link if !link => errors.add("place_value", "A link starts with https://."),
        PlaceKind::Jitsi if !place.value.is_empty() && !link => {
            errors.add("place_value", "The Jitsi server's address starts with https://.");
        }
        PlaceKind::InPerson if place.value.is_empty() => errors.add("place_value", "Say where you meet."),
        _ => {}
    }
}

fn check_rules(errors: &mut FieldErrors, rules: &SessionRules) {
    let mut within = |field: &str, value: u32, min: u32, max: u32, unit: &str| {
        if !(min..=max).contains(&value) {
            errors.add(field, format!("Between {min} and {max} {unit}."));
        }
    };
    within("duration_minutes", rules.duration_minutes, 5, 720, "minutes");
    within("step_minutes", rules.step_minutes, 5, 720, "minutes");
    within("buffer_before_minutes", rules.buffer_before_minutes, 0, 240, "minutes");
    within("buffer_after_minutes", rules.buffer_after_minutes, 0, 240, "minutes");
    within("notice_minutes", rules.notice_minutes, 0, 60 * 24 * 60, "minutes");
    within("horizon_days", rules.horizon_days, 1, 730, "days");
    if let Some(cap) = rules.daily_cap {
        within("daily_cap", cap, 1, 100, "sessions a day");
    }
    if let Some(cap) = rules.weekly_cap {
        within("weekly_cap", cap, 1, 500, "sessions a week");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_each_field_that_is_wrong() {
        let mut draft = SessionTypeDraft::first();
        draft.name = " ".into();
        draft.rules.duration_minutes = 4;
        draft.rules.horizon_days = 731;
        draft.rules.daily_cap = Some(0);
        draft.place = Place { kind: PlaceKind::Link, value: "javascript:alert(1)".into() };
        draft.reminders = Reminders::of([0]);
        let errors = draft.checked().unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["name", "place_value", "duration_minutes", "horizon_days", "daily_cap", "reminders"]);
    }

    #[test]
    fn the_first_type_of_a_new_coach_stands() {
        let draft = SessionTypeDraft::first();
        assert_eq!(draft.clone().checked(), Ok(draft));
    }
}
