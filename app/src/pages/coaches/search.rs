//! What someone looks for, as it stands in the address.

use serde::Deserialize;
use wellmet::{
    coaches::{Cursor, DirectoryQuery},
    time::Zone,
};

use crate::server::local_path::encode;

/// At most so many characters of a search are looked at, and repeated in links.
const MAX_WORDS: usize = 200;

/// The query of `/coaches` as sent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Sent {
    q: Option<String>,
    topic: Option<String>,
    language: Option<String>,
    free_from: Option<String>,
    free_until: Option<String>,
    tz: Option<String>,
    after: Option<String>,
}

/// A search that every link on the page repeats, with a change here or there. Empty text is nothing asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Words.
    pub q: String,
    /// A topic.
    pub topic: String,
    /// A language.
    pub language: String,
    /// The first day, as typed.
    pub free_from: String,
    /// The last day, as typed.
    pub free_until: String,
    /// A zone asked for in the address; one that exists.
    pub tz: String,
}

impl Search {
    /// What was sent, and the place to go on from.
    pub(super) fn of(sent: Sent) -> (Self, Option<Cursor>) {
        let text = |text: Option<String>| text.unwrap_or_else(String::new).trim().chars().take(MAX_WORDS).collect::<String>();
        let search = Self {
            q: text(sent.q),
            topic: text(sent.topic),
            language: text(sent.language),
            free_from: text(sent.free_from),
            free_until: text(sent.free_until),
            tz: sent.tz.as_deref().and_then(Zone::parse).map(|zone| zone.name().to_owned()).unwrap_or_else(String::new),
        };
        (search, sent.after.as_deref().and_then(Cursor::parse))
    }

    /// For the service, without the days.
    pub(super) fn query(&self, after: Option<Cursor>) -> DirectoryQuery {
        let asked = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        DirectoryQuery { q: self.q.clone(), topic: asked(&self.topic), language: asked(&self.language), after, ..DirectoryQuery::default() }
    }

    /// Whether anything narrows the directory.
    pub(super) fn narrows(&self) -> bool {
        self.pairs().iter().any(|(name, value)| *name != "tz" && !value.is_empty())
    }

    /// Whether days were asked for.
    pub(super) const fn has_days(&self) -> bool {
        !self.free_from.is_empty() || !self.free_until.is_empty()
    }

    /// This search after a change.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// Everybody, in the same zone.
    pub(super) fn cleared(&self) -> Self {
        Self { tz: self.tz.clone(), ..Self::default() }
    }

    /// Names and values, in the order of the address.
    pub(super) fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("q", &self.q),
            ("topic", &self.topic),
            ("language", &self.language),
            ("free_from", &self.free_from),
            ("free_until", &self.free_until),
            ("tz", &self.tz),
        ]
    }

    /// The address of its first page.
    pub fn path(&self) -> String {
        self.path_after(None)
    }

    /// The address of the page that begins at `after`.
    pub(super) fn path_after(&self, after: Option<&Cursor>) -> String {
        let asked = self.pairs().into_iter().filter(|(_, value)| !value.is_empty());
        let mut query: Vec<String> = asked.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        query.extend(after.map(|cursor| format!("after={cursor}")));
        if query.is_empty() { "/coaches".to_owned() } else { format!("/coaches?{}", query.join("&")) }
    }

    /// `path` with the zone asked for, if one was.
    pub(super) fn keep_zone(&self, path: &str) -> String {
        if self.tz.is_empty() {
            return path.to_owned();
        }
        format!("{path}{}tz={}", if path.contains('?') { '&' } else { '?' }, encode(&self.tz))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_repeat_the_search_and_escape_it() {
        let sent = Sent { q: Some(" a&b=\"ö ".to_owned()), tz: Some("europe/lisbon".to_owned()), ..Sent::default() };
        let (search, _) = Search::of(sent);
        assert_eq!(search.path(), "/coaches?q=a%26b%3D%22%C3%B6&tz=Europe/Lisbon");
        assert_eq!(
            search.with(|search| search.topic = "C++".to_owned()).path(),
            "/coaches?q=a%26b%3D%22%C3%B6&topic=C%2B%2B&tz=Europe/Lisbon"
        );
        assert_eq!(search.cleared().path(), "/coaches?tz=Europe/Lisbon");
        assert_eq!(search.keep_zone("/coaches/ada?day=1"), "/coaches/ada?day=1&tz=Europe/Lisbon");
    }

    #[test]
    fn what_is_no_zone_or_place_is_not_asked() {
        let (search, after) = Search::of(Sent { tz: Some("Mars/Olympus".to_owned()), after: Some("x".to_owned()), ..Sent::default() });
        assert_eq!((search.path().as_str(), after, search.narrows()), ("/coaches", None, false));
    }
}
