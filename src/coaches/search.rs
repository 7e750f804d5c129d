//! What the directory searches, and how two spellings are the same.

use crate::{
    model::UserId,
    store::{StoreError, Tx, sql, sql_for},
};

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

/// What a coach is ordered by and found by.
pub(super) struct Searchable {
    /// Orders the directory.
    pub(super) name_key: String,
    /// Name, headline, topics and bio, each on lines of its own.
    pub(super) text: String,
}

/// Reads what `coach` is found by, as it stands in `tx`. `None` when there is no such coach.
pub(super) async fn searchable(tx: &mut Tx, coach: UserId) -> Result<Option<Searchable>, StoreError> {
    let row = sql_for(
        "SELECT u.name, c.headline, c.bio FROM coaches c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1",
        // Locked before it is read, in case the caller has not: what is written later is made of what is read here.
        "SELECT u.name, c.headline, c.bio FROM coaches c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1 FOR UPDATE OF c",
    );
    let Some(row) = row.bind(coach).optional(&mut *tx).await? else { return Ok(None) };
    let topics = sql("SELECT word_key FROM coach_words WHERE coach_id = $1 AND kind = 'topic' ORDER BY position").bind(coach);
    let name_key = fold(&row.get::<String>("name")?);
    let mut text = name_key.clone();
    let (headline, bio): (String, String) = (row.get("headline")?, row.get("bio")?);
    let mut line = |part: &str| {
        text.push('\n');
        text.push_str(part);
    };
    line(&fold(&headline));
    for topic in topics.all(tx).await? {
        line(&topic.get::<String>("word_key")?);
    }
    line(&fold(&bio));
    Ok(Some(Searchable { name_key, text }))
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
