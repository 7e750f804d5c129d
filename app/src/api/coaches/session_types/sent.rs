//! A session type as it is sent: all of a new one, or what changes.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use wellmet::model::{Currency, FieldErrors, Place, PlaceKind, SessionTypeDraft};

use crate::api::{
    moment::check_text,
    number::{given_whole, whole_or_null},
    problem::Problem,
    text,
};

/// What changes. What is left out stays as it is, or is as it usually is in a new session type.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionTypeChanges {
    /// What clients read first: one line. Spaces around it are dropped.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        required = false,
        nullable = false,
        min_length = 1,
        max_length = 80,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Career crossroads"
    )]
    name: Option<String>,
    /// A paragraph or two of plain text. Usually empty.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        required = false,
        nullable = false,
        max_length = 2000,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$",
        example = "Where you stand, where you could go, and what to try first."
    )]
    description: Option<String>,
    /// How long a session takes, in minutes.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(required = false, nullable = false, minimum = 5, maximum = 720, example = 60)]
    duration_minutes: Option<u32>,
    /// From one start on offer to the next, in minutes, counted from where a window of the hours opens. In a new session type usually
    /// its length.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(required = false, nullable = false, minimum = 5, maximum = 720, example = 30)]
    step_minutes: Option<u32>,
    /// Minutes kept free before a session. Usually 0.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(required = false, nullable = false, minimum = 0, maximum = 240, example = 0)]
    buffer_before_minutes: Option<u32>,
    /// Minutes kept free after a session. Usually 0.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(required = false, nullable = false, minimum = 0, maximum = 240, example = 15)]
    buffer_after_minutes: Option<u32>,
    /// How many minutes ahead a session must be booked, and may be moved or cancelled by the client: 60 days at most. Usually 720.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(required = false, nullable = false, minimum = 0, maximum = 86_400, example = 720)]
    notice_minutes: Option<u32>,
    /// How many days ahead it may be booked, of 24 hours each. Usually 60.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(required = false, nullable = false, minimum = 1, maximum = 730, example = 60)]
    horizon_days: Option<u32>,
    /// At most so many sessions of this type on one date of the coach's. Null: as many as fit, which is usual.
    #[serde(default, deserialize_with = "given")]
    #[schema(required = false, value_type = Option<u32>, minimum = 1, maximum = 100, example = 4)]
    daily_cap: Option<Cap>,
    /// At most so many in one week of the coach's, Monday to Sunday. Null: as many as fit, which is usual.
    #[serde(default, deserialize_with = "given")]
    #[schema(required = false, value_type = Option<u32>, minimum = 1, maximum = 500, example = 12)]
    weekly_cap: Option<Cap>,
    /// What it costs, in the currency's smallest unit (cents). 0 is free, which is usual.
    #[serde(default, deserialize_with = "given_whole")]
    #[schema(required = false, nullable = false, minimum = 0, maximum = 100_000_000, example = 9000)]
    price_minor: Option<i64>,
    /// The currency of the price: ISO 4217, three capital letters. Usually EUR.
    #[serde(default, deserialize_with = "given")]
    #[schema(required = false, nullable = false, min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$", example = "EUR")]
    currency: Option<String>,
    /// Whether each request waits for the coach to accept it. Usually false.
    #[serde(default, deserialize_with = "given")]
    #[schema(required = false, nullable = false, example = false)]
    approval_required: Option<bool>,
    /// Where it takes place. Usually by phone. It is replaced as a whole.
    #[serde(default, deserialize_with = "given")]
    #[schema(required = false, nullable = false, value_type = SentPlace)]
    place: Option<SentPlace>,
    /// Whether it can be booked now. Usually true.
    #[serde(default, deserialize_with = "given")]
    #[schema(required = false, nullable = false, example = true)]
    active: Option<bool>,
}

/// At most so many; null: as many as fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
struct Cap(#[serde(deserialize_with = "whole_or_null")] Option<u32>);

/// What is there, null included: what is not there is `None` by default.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Where a session takes place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentPlace {
    kind: PlaceKind,
    #[serde(default)]
    value: String,
}

impl PartialSchema for SentPlace {
    /// What each kind wants, as [`SessionTypeDraft::checked`] wants it.
    fn schema() -> RefOr<Schema> {
        const TEXT: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";
        const LINK: &str = r"^https?://[^\x00-\x1f\x7f-\x9f]*$";
        let kind = |kind: &str, says: &str, pattern: &str, needed: bool, example: &str| {
            let mut value = json!({ "type": "string", "description": says, "maxLength": 300, "pattern": pattern });
            let mut required = vec!["kind"];
            let mut sample = json!({ "kind": kind });
            if needed {
                required.push("value");
                value["minLength"] = json!(1);
            }
            if !example.is_empty() {
                value["example"] = json!(example);
                sample["value"] = json!(example);
            }
            let kind = json!({ "type": "string", "enum": [kind], "description": "How." });
            json!({
                "type": "object",
                "additionalProperties": false,
                "required": required,
                "properties": { "kind": kind, "value": value },
                "example": sample,
            })
        };
        let schema = json!({
            "description": "Where a session takes place.",
            "oneOf": [
                kind("provider", "Nothing is wanted: the coach's calendar makes a link.", TEXT, false, ""),
                kind("link", "The coach's own link.", LINK, true, "https://meet.example.com/maya"),
                kind("jitsi", "The Jitsi server; empty for the usual one.", r"^(https?://[^\x00-\x1f\x7f-\x9f]*)?$", false, ""),
                kind("phone", "A number; empty: it is agreed otherwise.", TEXT, false, "+46 8 123 45 67"),
                kind("in_person", "The address.", r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$", true, "Storgatan 1, Stockholm"),
            ],
        });
        read(schema)
    }
}

impl ToSchema for SentPlace {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("NewPlace")
    }
}

/// `schema` as the document's own types. It is ours and is one; a test would notice.
fn read(schema: Value) -> RefOr<Schema> {
    serde_json::from_value(schema).unwrap_or_else(|_| Schema::default().into())
}

/// A new session type: the same, with a name and a length.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct NewSessionType(SessionTypeChanges);

impl PartialSchema for NewSessionType {
    fn schema() -> RefOr<Schema> {
        let mut schema = SessionTypeChanges::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description = Some("A new session type. What is left out is as it usually is.".to_owned());
            object.required = vec!["name".to_owned(), "duration_minutes".to_owned()];
        }
        schema
    }
}

impl ToSchema for NewSessionType {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("NewSessionType")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        SessionTypeChanges::schemas(schemas);
    }
}

impl NewSessionType {
    /// The whole of it.
    ///
    /// # Errors
    /// What is missing, or cannot be stored; what it means is for the service to judge.
    pub(super) fn draft(self) -> Result<SessionTypeDraft, Problem> {
        let Self(mut changes) = self;
        let mut errors = FieldErrors::new();
        for (field, there) in [("name", changes.name.is_some()), ("duration_minutes", changes.duration_minutes.is_some())] {
            if !there {
                errors.add(field, "This is needed.");
            }
        }
        errors.or(())?;
        changes.check()?;
        // A length that cannot stand is named once.
        changes.step_minutes = changes.step_minutes.or(changes.duration_minutes.filter(|minutes| (5..=720).contains(minutes)));
        let mut draft = SessionTypeDraft::first();
        changes.apply(&mut draft);
        Ok(draft)
    }
}

impl SessionTypeChanges {
    /// Checks what the service would clean rather than refuse.
    ///
    /// # Errors
    /// By field.
    pub(super) fn check(&self) -> Result<(), Problem> {
        check_text("description", self.description.as_deref(), 2000)?;
        let mut errors = FieldErrors::new();
        text::line(&mut errors, "name", self.name.as_deref().unwrap_or_default(), 80);
        text::line(&mut errors, "place.value", self.place.as_ref().map_or("", |place| &place.value), 300);
        let known = |code: &String| Currency::parse(code).is_some_and(|currency| currency.as_str() == code);
        if self.currency.as_ref().is_some_and(|code| !known(code)) {
            errors.add("currency", "Three capital letters are wanted, such as EUR.");
        }
        Ok(errors.or(())?)
    }

    /// Makes the changes.
    pub(super) fn apply(self, draft: &mut SessionTypeDraft) {
        fn set<T>(field: &mut T, sent: Option<T>) {
            if let Some(sent) = sent {
                *field = sent;
            }
        }
        let rules = &mut draft.rules;
        set(&mut rules.duration_minutes, self.duration_minutes);
        set(&mut rules.step_minutes, self.step_minutes);
        set(&mut rules.buffer_before_minutes, self.buffer_before_minutes);
        set(&mut rules.buffer_after_minutes, self.buffer_after_minutes);
        set(&mut rules.notice_minutes, self.notice_minutes);
        set(&mut rules.horizon_days, self.horizon_days);
        set(&mut rules.daily_cap, self.daily_cap.map(|Cap(most)| most));
        set(&mut rules.weekly_cap, self.weekly_cap.map(|Cap(most)| most));
        set(&mut draft.name, self.name);
        set(&mut draft.description, self.description);
        set(&mut draft.price.minor, self.price_minor);
        set(&mut draft.price.currency, self.currency.as_deref().and_then(Currency::parse));
        set(&mut draft.approval_required, self.approval_required);
        set(&mut draft.place, self.place.map(|SentPlace { kind, value }| Place { kind, value }));
        set(&mut draft.active, self.active);
    }
}

/// The service's field names as they were sent.
pub(super) fn renamed(mut errors: FieldErrors) -> FieldErrors {
    for error in &mut errors.0 {
        let name = match error.field.as_str() {
            "place_value" => "place.value",
            "price" => "price_minor",
            _ => continue,
        };
        name.clone_into(&mut error.field);
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_described_by_its_kinds() {
        let RefOr::T(Schema::OneOf(kinds)) = SentPlace::schema() else { panic!("no choice") };
        assert_eq!(kinds.items.len(), PlaceKind::ALL.len());
    }

    #[test]
    fn null_is_not_left_out() {
        let read = |text: &str| serde_json::from_str::<SessionTypeChanges>(text);
        assert_eq!(read("{}").unwrap().daily_cap, None);
        assert_eq!(read(r#"{"daily_cap": null}"#).unwrap().daily_cap, Some(Cap(None)));
        assert_eq!(read(r#"{"daily_cap": 3}"#).unwrap().daily_cap, Some(Cap(Some(3))));
        assert_eq!(read(r#"{"daily_cap": 3.0, "horizon_days": 60.0}"#).unwrap().daily_cap, Some(Cap(Some(3))));
        for null in [r#"{"name": null}"#, r#"{"horizon_days": null}"#] {
            assert!(read(null).is_err(), "{null}");
        }
    }
}
