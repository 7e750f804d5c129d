//! Where a form or a link may send someone afterwards: a path of this site and nothing else.

use std::fmt;

/// A path on this site, with its query: `/bookings?past=1`. Never another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// The front page.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// Takes text from a form or a URL. `None` unless it starts with exactly one `/` and holds no backslash, no
    /// control character and no other character that a header or a browser would read in its own way.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '<' | '>' | '`');
        let local = text.starts_with('/') && !text.starts_with("//") && text.len() <= 2000 && text.chars().all(plain);
        local.then(|| Self(text.to_owned()))
    }

    /// The path of a whole URL such as a `Referer`'s, by the same rules.
    pub fn of_url(url: &str) -> Option<Self> {
        let (_, rest) = url.split_once("://")?;
        Self::parse(rest.find('/').map_or("/", |at| &rest[at..]))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as a value inside another URL's query.
    pub fn encoded(&self) -> String {
        encode(&self.0)
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `text` as a value in a query: everything but letters, digits and `-._~/` becomes `%XX`.
pub fn encode(text: &str) -> String {
    use fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site() {
        for good in ["/", "/bookings", "/coaches/ada?month=2026-12&tz=Europe%2FLisbon", "/a//b", "/@x"] {
            assert!(LocalPath::parse(good).is_some(), "{good}");
        }
        let long = format!("/{}", "a".repeat(2000));
        for bad in ["", "bookings", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y", "/a b", "/\u{e9}", &long] {
            assert!(LocalPath::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn referers_lose_their_host() {
        assert_eq!(LocalPath::of_url("http://x.example/a?b=c").unwrap().as_str(), "/a?b=c");
        assert_eq!(LocalPath::of_url("http://x.example").unwrap().as_str(), "/");
        assert!(LocalPath::of_url("http://x.example//evil").is_none());
        assert_eq!(LocalPath::parse("/a?b=c&d").unwrap().encoded(), "/a%3Fb%3Dc%26d");
    }
}
