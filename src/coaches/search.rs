//! What the directory searches, and how two spellings are the same.

use super::ProfileDraft;

/// At most so many characters of a search are looked at.
const MAX_QUERY: usize = 200;

/// The form in which words are compared: lower case, letter by letter. (`str::to_lowercase` looks at a letter's
/// neighbours for the Greek sigma, so part of a word would not be found in the word.)
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The words of a search, each of which must be found.
pub(super) fn words(query: &str) -> Vec<String> {
    let query: String = query.chars().take(MAX_QUERY).collect();
    query.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).map(fold).collect()
}

/// What a profile is found by, beside the name: headline, topics and bio, each on lines of its own.
pub(super) fn searchable(draft: &ProfileDraft) -> String {
    let parts: Vec<&str> =
        [draft.headline.as_str()].into_iter().chain(draft.topics.iter().map(String::as_str)).chain([draft.bio.as_str()]).collect();
    fold(&parts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_beyond_ascii_and_out_of_context() {
        assert_eq!(fold("ÅÄÖ Ćma"), "åäö ćma");
        assert!(fold("ΟΔΟΣΑ").contains(&fold("ΟΔΟΣ")));
    }

    #[test]
    fn words_are_cut_at_anything_that_is_not_seen() {
        assert_eq!(words("  Career\u{0}CHANGE\t%_' \u{a0}Ö "), ["career", "change", "%_'", "ö"]);
        assert_eq!(words("\u{0} \n"), Vec::<String>::new());
        assert_eq!(words(&"x".repeat(1_000_000))[0].len(), MAX_QUERY);
    }
}
