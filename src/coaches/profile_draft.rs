//! A profile as the coach typed it, and what may be kept of it.

use std::collections::HashSet;

use super::{
    search::fold,
    slug::{is_reserved_slug, is_slug},
};
use crate::model::{FieldErrors, clean_line, clean_text};

/// At most so many languages.
const MAX_LANGUAGES: usize = 10;
/// At most so many topics.
const MAX_TOPICS: usize = 12;
/// A language or a topic has at most so many characters.
const MAX_WORD: usize = 40;

/// What a coach may change about the profile. (Name and zone belong to the account.)
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileDraft {
    /// The path segment: 2 to 60 of `a-z`, `0-9` and `-`, no other coach's.
    pub slug: String,
    /// One line, at most 120 characters.
    pub headline: String,
    /// A few paragraphs, at most 4000 characters.
    pub bio: String,
    /// At most 10 of at most 40 characters; blank and repeated ones are dropped.
    pub languages: Vec<String>,
    /// At most 12 of at most 40 characters; blank and repeated ones are dropped.
    pub topics: Vec<String>,
    /// Whether the directory shows this coach.
    pub listed: bool,
}

impl ProfileDraft {
    /// The draft with its text cleaned, or what is wrong with it, field by field.
    pub(super) fn checked(self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let slug = self.slug.trim().to_owned();
        if !is_slug(&slug) {
            errors.add("slug", "Use 2 to 60 of the small letters a to z, the digits 0 to 9 and -.");
        } else if is_reserved_slug(&slug) {
            errors.add("slug", "This address is reserved. Choose another.");
        }
        let draft = Self {
            slug,
            headline: clean_line(&mut errors, "headline", &self.headline, 0, 120),
            bio: clean_text(&mut errors, "bio", &self.bio, 0, 4000),
            languages: clean_words(&mut errors, "languages", &self.languages, MAX_LANGUAGES),
            topics: clean_words(&mut errors, "topics", &self.topics, MAX_TOPICS),
            listed: self.listed,
        };
        errors.or(draft)
    }
}

/// The words in their order, without blank ones and without repeats in whatever case.
fn clean_words(errors: &mut FieldErrors, field: &str, words: &[String], max: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut ignored = FieldErrors::new();
    let lines = words.iter().map(|word| clean_line(&mut ignored, field, word, 0, usize::MAX));
    let kept: Vec<String> = lines.filter(|word| !word.is_empty() && seen.insert(fold(word))).collect();
    if kept.len() > max {
        errors.add(field, format!("At most {max} fit here; these are {}.", kept.len()));
    } else if let Some(long) = kept.iter().map(|word| word.chars().count()).find(|length| *length > MAX_WORD) {
        errors.add(field, format!("Each has at most {MAX_WORD} characters; one has {long}."));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ProfileDraft {
        ProfileDraft { slug: "maya-chen".to_owned(), ..ProfileDraft::default() }
    }

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn words_lose_blanks_and_repeats_but_keep_their_order_and_spelling() {
        let languages = strings(&[" Svenska ", "", "ÅLÄNDSKA", "svenska", "åländska", "  ", "English\u{0}\t(UK)"]);
        let kept = ProfileDraft { languages, ..draft() }.checked().unwrap().languages;
        assert_eq!(kept, ["Svenska", "ÅLÄNDSKA", "English (UK)"]);
    }

    #[test]
    fn html_is_text() {
        let bio = "</textarea><script>alert(1)</script>\n& \"quotes\" 'too'";
        assert_eq!(ProfileDraft { bio: bio.to_owned(), ..draft() }.checked().unwrap().bio, bio);
    }

    #[test]
    fn slugs() {
        for good in ["ab", "maya-chen", "7", "-"].map(|slug| slug.repeat(2)) {
            assert!(ProfileDraft { slug: good.clone(), ..draft() }.checked().is_ok(), "{good}");
        }
        let long = "a".repeat(61);
        let bad = ["", "a", "Maya", "ma ya", "måya", "a/b", "a_b", "me", "new", "01arz3ndektsv4rrffq69g5fav", &long];
        for slug in bad {
            let errors = ProfileDraft { slug: slug.to_owned(), ..draft() }.checked().unwrap_err();
            assert!(errors.about("slug").is_some(), "{slug}");
        }
    }

    #[test]
    fn every_field_that_is_wrong_is_named_at_once() {
        let wrong = ProfileDraft {
            slug: "?".to_owned(),
            headline: "h".repeat(121),
            bio: "b".repeat(1_000_000),
            languages: (0..11).map(|i| i.to_string()).collect(),
            topics: vec!["t".repeat(41)],
            listed: true,
        };
        let fields: Vec<_> = wrong.checked().unwrap_err().0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["slug", "headline", "bio", "languages", "topics"]);
    }

    #[test]
    fn limits_count_characters_and_what_is_kept() {
        let topics: Vec<String> = (0..12).map(|i| format!("{i:0>2}{}", "å".repeat(38))).chain(strings(&["", " "])).collect();
        let kept = ProfileDraft { topics, headline: "ö".repeat(120), ..draft() }.checked().unwrap();
        assert_eq!(kept.topics.len(), 12);
    }
}
