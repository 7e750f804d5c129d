//! Path segments: which there may be, and finding one that is free.

use crate::model::UserId;

/// The longest there may be.
const MAX_SLUG: usize = 60;

/// Whether `text` can be a coach's path segment: 2 to 60 of `a-z`, `0-9` and `-`.
pub(super) fn is_slug(text: &str) -> bool {
    (2..=MAX_SLUG).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether a coach's page cannot have this path: it is one of ours, or reads as an id. (Whoever takes the form of
/// another coach's id could stand in for that coach where either is accepted.)
pub(super) fn is_reserved_slug(slug: &str) -> bool {
    ["me", "new"].contains(&slug) || slug.parse::<UserId>().is_ok()
}

/// `base`, `base-2`, `base-3` ..., none longer than a slug may be. `base` is what `slugify` gave.
pub(super) fn candidates(base: &str) -> impl Iterator<Item = String> + '_ {
    let numbered = (2_u64..).map(move |number| {
        let suffix = format!("-{number}");
        let kept: String = base.chars().take(MAX_SLUG.saturating_sub(suffix.len())).collect();
        format!("{}{suffix}", kept.trim_end_matches('-'))
    });
    std::iter::once(base.to_owned()).chain(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_ones_fit() {
        assert_eq!(candidates("maya").take(3).collect::<Vec<_>>(), ["maya", "maya-2", "maya-3"]);
        let long = format!("{}-b", "a".repeat(57));
        let second = candidates(&long).nth(1).unwrap();
        assert_eq!(second, format!("{}-2", "a".repeat(57)));
        assert!(candidates(&"x".repeat(60)).take(200).all(|slug| is_slug(&slug)));
    }
}
