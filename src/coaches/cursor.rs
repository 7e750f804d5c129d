use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::model::UserId;

/// Where a page of the directory ended: opaque text that fits a URL (`Display` writes it, [`Cursor::parse`] reads it).
///
/// It names a place in the order, not a coach, so it stays good when that coach is renamed or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(super) name_key: String,
    pub(super) id: UserId,
}

impl Cursor {
    /// Takes what a browser sent; `None` when it cannot be a cursor of ours.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 2000 {
            return None;
        }
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (id, name_key) = text.split_at_checked(26)?;
        let plain = !name_key.chars().any(char::is_control);
        Some(Self { id: id.parse().ok()?, name_key: name_key.to_owned() }).filter(|_| plain)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{}{}", self.id, self.name_key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_trip_through_a_url() {
        let cursor = Cursor { name_key: "åsa \"öberg\" & co".to_owned(), id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap() };
        let text = cursor.to_string();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
        assert_eq!(Cursor::parse(&text), Some(cursor));
    }

    #[test]
    fn noise_is_refused() {
        let control = URL_SAFE_NO_PAD.encode("01ARZ3NDEKTSV4RRFFQ69G5FAVa\0b");
        let no_id = URL_SAFE_NO_PAD.encode("01ARZ3NDEKTSV4RRFFQ69G5FAU");
        let split_char = URL_SAFE_NO_PAD.encode("01ARZ3NDEKTSV4RRFFQ69G5FAå");
        for bad in ["", "x", "åå", "AAAA", &control, &no_id, &split_char, &"A".repeat(2001)] {
            assert_eq!(Cursor::parse(bad), None, "{bad}");
        }
    }
}
