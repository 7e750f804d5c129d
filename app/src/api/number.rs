//! Whole numbers as they are sent. To JSON Schema 60.0 is an integer like 60, and some languages write it so.

use serde::{Deserialize, Deserializer, de};
use serde_json::Number;

/// Reads a whole number, with or without `.0`: `#[serde(deserialize_with = "whole")]`.
///
/// # Errors
/// For anything else, and for what a `T` cannot hold.
pub(super) fn whole<'de, T: TryFrom<i64>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    read(&Number::deserialize(from)?).ok_or_else(unfit)
}

/// As [`whole`], where it is there: with `#[serde(default)]`, null is refused.
///
/// # Errors
/// As [`whole`].
pub(super) fn given_whole<'de, T: TryFrom<i64>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    whole(from).map(Some)
}

/// As [`whole`], or null.
///
/// # Errors
/// As [`whole`].
pub(super) fn whole_or_null<'de, T: TryFrom<i64>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    Option::<Number>::deserialize(from)?.map(|number| read(&number).ok_or_else(unfit)).transpose()
}

fn unfit<E: de::Error>() -> E {
    E::custom("this number is too small, too large or not whole")
}

fn read<T: TryFrom<i64>>(number: &Number) -> Option<T> {
    let float = || number.as_f64().filter(|float| float.fract() == 0.0).and_then(|float| format!("{float:.0}").parse().ok());
    number.as_i64().or_else(float).and_then(|whole| T::try_from(whole).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_is_sixty() {
        let read = |text: &str| whole::<u32, _>(&mut serde_json::Deserializer::from_str(text)).ok();
        for sixty in ["60", "60.0", "6e1", "60.000"] {
            assert_eq!(read(sixty), Some(60), "{sixty}");
        }
        assert_eq!(read("-0.0"), Some(0));
        for not in ["60.5", "-1", "-1.0", "\"60\"", "null", "true", "4294967296", "1e300", "99999999999999999999"] {
            assert_eq!(read(not), None, "{not}");
        }
    }
}
