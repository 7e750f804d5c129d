//! Instants and texts as they are sent.

use serde::{Deserialize, Deserializer, de};
use wellmet::model::Instant;

use super::problem::Problem;

/// An instant that was sent: RFC 3339 with any offset, fractions of a second welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Instant);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        Instant::parse_rfc3339(&text).map(Self).ok_or_else(|| {
            de::Error::custom("an instant with an offset is wanted, such as 2026-11-15T14:00:00Z (in an address the sign + is written %2B)")
        })
    }
}

/// Refuses a text that is longer than `max` characters, or has control characters other than tabs and line ends: what is sent is kept or refused,
/// never cut. The schema says the same: `max_length`, and the pattern `^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$`.
///
/// # Errors
/// A problem that names `field`.
pub fn check_text(field: &str, text: Option<&str>, max: usize) -> Result<(), Problem> {
    let text = text.unwrap_or_default();
    let length = text.chars().count();
    if length > max {
        return Err(Problem::field(field, format!("At most {max} characters fit here; this has {length}.")));
    }
    if text.chars().any(|char| char.is_control() && !matches!(char, '\t' | '\n' | '\r')) {
        return Err(Problem::field(field, "Control characters other than tabs and line ends are not taken."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_an_offset() {
        let read = |text: &str| serde_json::from_value::<Moment>(text.into()).map(|moment| moment.0.to_rfc3339()).ok();
        // As Python's `utcnow().isoformat() + "Z"` writes it.
        assert_eq!(read("2026-11-15T00:00:00.123456Z").as_deref(), Some("2026-11-15T00:00:00Z"));
        assert_eq!(read("2026-11-15T01:00:00+01:00").as_deref(), Some("2026-11-15T00:00:00Z"));
        for text in ["2026-11-15T00:00:00", "2026-11-15", "", "now", "2026-11-15T01:00:00 01:00", "2026-11-15T25:00:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn texts_are_kept_or_refused() {
        assert!(check_text("notes", Some("Two\r\n\tlines, an ä and a 🦀"), 30).is_ok());
        assert!(check_text("notes", None, 0).is_ok());
        for text in ["\0", "\u{1b}[2J", "\u{85}", "four"] {
            assert!(check_text("notes", Some(text), 3).is_err(), "{text:?}");
        }
    }
}
