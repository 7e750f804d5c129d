//! Finding a coach.

use std::collections::HashMap;

use super::{
    Coaches, Cursor,
    search::{fold, words},
};
use crate::{
    error::Internal,
    model::{Minutes, Price, UserId},
    store::{Row, Statement, Store, StoreError, sql_for},
    time::Zone,
};

/// A page has at most so many coaches.
const MAX_PAGE: u32 = 100;

/// What someone looks for. The default is everyone, 20 a page.
#[derive(Debug, Clone)]
pub struct DirectoryQuery {
    /// Words as typed: each must be part of the name, the headline, a topic or the bio, in whatever case. Empty
    /// finds everyone; beyond 200 characters it is not looked at.
    pub q: String,
    /// Only coaches with this topic, in whatever case.
    pub topic: Option<String>,
    /// Only coaches with this language, in whatever case.
    pub language: Option<String>,
    /// The `next` of the page before.
    pub after: Option<Cursor>,
    /// At most so many coaches, 1 to 100; what lies outside is taken as the nearer end.
    pub limit: u32,
}

impl Default for DirectoryQuery {
    fn default() -> Self {
        Self { q: String::new(), topic: None, language: None, after: None, limit: 20 }
    }
}

/// A coach in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoachCard {
    /// The coach.
    pub id: UserId,
    /// The coach's path segment.
    pub slug: String,
    /// The coach's name.
    pub name: String,
    /// One line; may be empty.
    pub headline: String,
    /// The languages the coach works in, in the coach's order.
    pub languages: Vec<String>,
    /// What the coach helps with, in the coach's order.
    pub topics: Vec<String>,
    /// The coach's zone.
    pub zone: Zone,
    /// The lowest price of what can be booked now (by the number alone, should a coach mix currencies).
    pub from_price: Price,
    /// The shortest session that can be booked now.
    pub shortest_minutes: Minutes,
}

/// A topic or language, as a coach spells it, and how many coaches choosing it would leave.
pub type Facet = (String, u32);

/// A part of the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryPage {
    /// The coaches, by name.
    pub coaches: Vec<CoachCard>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// The most common topics, most coaches first, at most 40: among all coaches found, whatever topic was asked for.
    pub topics: Vec<Facet>,
    /// The same for languages, whatever language was asked for.
    pub languages: Vec<Facet>,
    /// How many coaches are found, on all pages together.
    pub total: u32,
}

/// Some of the coaches found, without what all of them have in common.
pub(crate) struct Batch {
    /// The coaches, each with the place right after it.
    pub(crate) cards: Vec<(Cursor, CoachCard)>,
    /// Where the next batch begins; `None` on the last.
    pub(crate) next: Option<Cursor>,
}

/// What all coaches found have in common, as in [`DirectoryPage`].
#[derive(Default)]
pub(crate) struct Facets {
    pub(crate) topics: Vec<Facet>,
    pub(crate) languages: Vec<Facet>,
    pub(crate) total: u32,
}

// The parts both statements share. $1 is the words as a JSON array, $2 the topic, $3 the language.
macro_rules! bookable {
    () => {
        "u.active = 1 AND c.listed = 1 AND EXISTS (SELECT 1 FROM session_types t
            WHERE t.coach_id = c.user_id AND t.active = 1 AND t.archived_at IS NULL)"
    };
}
// Looking for the word itself, not for a pattern: `%` and `_` are letters like any other.
macro_rules! all_words_sqlite {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM json_each($1) q WHERE instr(c.name_key || char(10) || c.search, q.value) = 0)"
    };
}
macro_rules! all_words_postgres {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($1::json) q (value)
            WHERE strpos(c.name_key || chr(10) || c.search, q.value) = 0)"
    };
}
macro_rules! topic {
    () => {
        "$2 IS NULL OR EXISTS (SELECT 1 FROM coach_words x
            WHERE x.coach_id = c.user_id AND x.kind = 'topic' AND x.word_key = $2)"
    };
}
macro_rules! language {
    () => {
        "$3 IS NULL OR EXISTS (SELECT 1 FROM coach_words x
            WHERE x.coach_id = c.user_id AND x.kind = 'language' AND x.word_key = $3)"
    };
}
macro_rules! page_sql {
    ($words:ident) => {
        concat!(
            "SELECT c.user_id, c.slug, c.headline, c.name_key, u.name, u.time_zone
             FROM coaches c JOIN users u ON u.id = c.user_id WHERE ",
            bookable!(),
            $words!(),
            " AND (",
            topic!(),
            ") AND (",
            language!(),
            ") AND (c.name_key, c.user_id) > ($4, $5) ORDER BY c.name_key, c.user_id LIMIT $6"
        )
    };
}
macro_rules! facets_sql {
    ($words:ident) => {
        concat!(
            // Who is found is decided once for each coach, not for each word.
            "WITH found AS MATERIALIZED (SELECT c.user_id, (",
            topic!(),
            ") AS has_topic, (",
            language!(),
            ") AS has_language FROM coaches c JOIN users u ON u.id = c.user_id WHERE ",
            bookable!(),
            $words!(),
            ")
            SELECT kind, word, coaches, place FROM (
                SELECT w.kind, MIN(w.word) AS word, COUNT(*) AS coaches,
                    ROW_NUMBER() OVER (PARTITION BY w.kind ORDER BY COUNT(*) DESC, w.word_key) AS place
                FROM found f JOIN coach_words w ON w.coach_id = f.user_id
                WHERE (w.kind = 'topic' OR f.has_topic) AND (w.kind = 'language' OR f.has_language)
                GROUP BY w.kind, w.word_key
            ) ranked WHERE place <= 40
            UNION ALL SELECT 'all', '', COUNT(*), 0 FROM found WHERE has_topic AND has_language
            ORDER BY kind, place"
        )
    };
}

impl Coaches {
    /// A page of the active, listed coaches with something to book, by name. Going from page to page by `next`
    /// shows each coach once, whatever is added or removed meanwhile; only one whose own name changes meanwhile
    /// may move to where the reader has already been, or has yet to come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn directory(&self, query: DirectoryQuery) -> Result<DirectoryPage, Internal> {
        let (batch, facets) = (self.batch(&query).await?, self.facets(&query).await?);
        let coaches = batch.cards.into_iter().map(|(_, card)| card).collect();
        Ok(DirectoryPage { coaches, next: batch.next, topics: facets.topics, languages: facets.languages, total: facets.total })
    }

    /// The coaches of a page, and nothing about the others.
    pub(crate) async fn batch(&self, query: &DirectoryQuery) -> Result<Batch, Internal> {
        let store = &self.deps.store;
        let limit = query.limit.clamp(1, MAX_PAGE);
        let after = query.after.as_ref();
        let (name_key, id) = after.map_or_else(Default::default, |after| (after.name_key.clone(), after.id.to_string()));
        let page = sql_for(page_sql!(all_words_sqlite), page_sql!(all_words_postgres));
        let mut rows = Wanted::of(query)?.bind(page).bind(name_key).bind(id).bind(limit + 1).all(store).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(cursor_of).transpose()?;
        Ok(Batch { cards: cards(store, &rows).await?, next })
    }

    /// What is common to all coaches found, on whatever page.
    pub(crate) async fn facets(&self, query: &DirectoryQuery) -> Result<Facets, Internal> {
        let mut facets = Facets::default();
        let rows = sql_for(facets_sql!(all_words_sqlite), facets_sql!(all_words_postgres));
        for row in Wanted::of(query)?.bind(rows).all(&self.deps.store).await? {
            match row.get::<String>("kind")?.as_str() {
                "all" => facets.total = row.get("coaches")?,
                "topic" => facets.topics.push((row.get("word")?, row.get("coaches")?)),
                _ => facets.languages.push((row.get("word")?, row.get("coaches")?)),
            }
        }
        Ok(facets)
    }
}

/// What is looked for, in the form it is compared in.
struct Wanted {
    words: String,
    topic: Option<String>,
    language: Option<String>,
}

impl Wanted {
    fn of(query: &DirectoryQuery) -> Result<Self, Internal> {
        // A control character is in no stored word, and PostgreSQL refuses one of them outright.
        let word = |word: &Option<String>| word.as_deref().map(|word| fold(&word.trim().replace(char::is_control, " ")));
        Ok(Self { words: json(&words(&query.q))?, topic: word(&query.topic), language: word(&query.language) })
    }

    fn bind(&self, statement: Statement) -> Statement {
        statement.bind(&self.words).bind(self.topic.as_deref()).bind(self.language.as_deref())
    }
}

fn json(texts: &[impl AsRef<str>]) -> Result<String, Internal> {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    serde_json::to_string(&texts).map_err(Internal::new)
}

fn cursor_of(row: &Row) -> Result<Cursor, StoreError> {
    Ok(Cursor { name_key: row.get("name_key")?, id: row.get("user_id")? })
}

/// The cards of `rows`, with two statements however many there are. A coach whose last session type went away
/// since the rows were read has no card.
async fn cards(store: &Store, rows: &[Row]) -> Result<Vec<(Cursor, CoachCard)>, Internal> {
    let ids = rows.iter().map(|row| row.get("user_id")).collect::<Result<Vec<UserId>, _>>()?;
    let list = json(&ids.iter().map(UserId::as_str).collect::<Vec<_>>())?;
    let mut words = words_of(store, &list).await?;
    let cheapest = offers_of(store, &list).await?;
    let mut cards = Vec::with_capacity(rows.len());
    for (id, row) in ids.into_iter().zip(rows) {
        let Some(&(from_price, shortest_minutes)) = cheapest.get(&id) else { continue };
        let (languages, topics) = words.remove(&id).unwrap_or_default();
        let card = CoachCard {
            id,
            slug: row.get("slug")?,
            name: row.get("name")?,
            headline: row.get("headline")?,
            languages,
            topics,
            zone: row.parse("time_zone", Zone::parse)?,
            from_price,
            shortest_minutes,
        };
        cards.push((cursor_of(row)?, card));
    }
    Ok(cards)
}

/// Languages and topics of the coaches in a JSON array of ids.
async fn words_of(store: &Store, ids: &str) -> Result<HashMap<UserId, (Vec<String>, Vec<String>)>, StoreError> {
    let rows = sql_for(
        "SELECT coach_id, kind, word FROM coach_words WHERE coach_id IN (SELECT value FROM json_each($1)) ORDER BY position",
        "SELECT coach_id, kind, word FROM coach_words
         WHERE coach_id = ANY (ARRAY(SELECT json_array_elements_text($1::json))) ORDER BY position",
    );
    let mut words: HashMap<UserId, (Vec<String>, Vec<String>)> = HashMap::new();
    for row in rows.bind(ids).all(store).await? {
        let (languages, topics) = words.entry(row.get("coach_id")?).or_default();
        if row.get::<String>("kind")? == "topic" { topics } else { languages }.push(row.get("word")?);
    }
    Ok(words)
}

/// Lowest price and shortest session of the coaches in a JSON array of ids.
async fn offers_of(store: &Store, ids: &str) -> Result<HashMap<UserId, (Price, Minutes)>, StoreError> {
    let rows = sql_for(
        "SELECT coach_id, duration_minutes, price_minor, currency FROM session_types
         WHERE coach_id IN (SELECT value FROM json_each($1)) AND active = 1 AND archived_at IS NULL ORDER BY id",
        "SELECT coach_id, duration_minutes, price_minor, currency FROM session_types
         WHERE coach_id = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND active = 1 AND archived_at IS NULL ORDER BY id",
    );
    let mut offers: HashMap<UserId, (Price, Minutes)> = HashMap::new();
    for row in rows.bind(ids).all(store).await? {
        let price = super::offer::price_of(&row)?;
        let minutes: Minutes = row.get("duration_minutes")?;
        let known = offers.entry(row.get("coach_id")?).or_insert((price, minutes));
        known.0 = if price.minor < known.0.minor { price } else { known.0 };
        known.1 = known.1.min(minutes);
    }
    Ok(offers)
}
