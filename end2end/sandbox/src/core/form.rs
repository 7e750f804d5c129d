//! Fields of a query or a form in which a name may stand once only.

use std::collections::HashMap;

/// The fields of a query or form body.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    values: HashMap<String, String>,
    repeated: Option<String>,
}

impl Fields {
    /// Reads `name=value&...`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if fields.values.insert(name.to_string(), value.into_owned()).is_some() {
                fields.repeated = Some(name.into_owned());
            }
        }
        fields
    }

    /// A name that stands more than once.
    pub(crate) fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// The value of `name`; an empty one counts as missing.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A name that is not among `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.values.keys().map(String::as_str).find(|name| !known.contains(name))
    }

    /// The PKCE challenge: 43 characters of base64url, by S256 (RFC 7636). Providers take `plain` as well; a client has no reason to send it.
    pub(crate) fn challenge(&self) -> Result<Option<String>, String> {
        match (self.get("code_challenge"), self.get("code_challenge_method")) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err("code_challenge_method without code_challenge".into()),
            (Some(challenge), Some("S256")) => {
                let fits =
                    challenge.len() == 43 && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
                if fits { Ok(Some(challenge.to_owned())) } else { Err("code_challenge is not an S256 challenge".into()) }
            }
            (Some(_), _) => Err("The sandbox takes code_challenge_method=S256 only".into()),
        }
    }
}
