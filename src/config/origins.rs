use url::Url;

/// Whose pages may ask the REST API from a browser (CORS).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Nobody's but this site's own.
    #[default]
    None,
    /// Anybody's.
    Any,
    /// These origins', each as a browser says it.
    These(Vec<String>),
}

impl AllowedOrigins {
    /// Reads `*`, or origins separated by commas.
    ///
    /// # Errors
    /// A sentence about what is not an origin.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let origin = |text: &str| {
            let url = Url::parse(text.trim()).map_err(|_| "an origin is not an address".to_owned())?;
            let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
            if !bare || !matches!(url.scheme(), "http" | "https") {
                return Err("an origin is http:// or https:// and a host, without anything after it".to_owned());
            }
            Ok(url.origin().ascii_serialization())
        };
        text.split(',').map(origin).collect::<Result<_, _>>().map(Self::These)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_say_them() {
        assert_eq!(AllowedOrigins::parse(" * "), Ok(AllowedOrigins::Any));
        let two = AllowedOrigins::parse("https://App.example.org, http://localhost:8080/");
        assert_eq!(two, Ok(AllowedOrigins::These(vec!["https://app.example.org".to_owned(), "http://localhost:8080".to_owned()])));
        for wrong in ["app.example.org", "https://a.example/path", "ftp://a.example", "https://a.example,", "null"] {
            assert!(AllowedOrigins::parse(wrong).is_err(), "{wrong}");
        }
    }
}
