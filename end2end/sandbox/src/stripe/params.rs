//! Parameters: a form's nested names as a tree, every name of which must be known.

use std::collections::BTreeMap;

use super::error::Error;

/// A value of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// A text.
    Text(String),
    /// What stands in brackets behind the name; a list is one whose names are numbers.
    Map(BTreeMap<String, Node>),
}

/// The parameters of a request, or of one object among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Params {
    /// The name that this object has in the request; empty for the request itself.
    prefix: String,
    map: BTreeMap<String, Node>,
}

/// The most texts that Stripe keeps as metadata of an object, and their lengths in characters.
const METADATA: (usize, usize, usize) = (50, 40, 500);

/// `line_items[0][price_data]` as its names.
fn names(text: &str) -> Option<Vec<&str>> {
    let (first, mut rest) = text.find('[').map_or((text, ""), |at| text.split_at(at));
    let mut names = vec![first];
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix('[')?.split_once(']')?;
        names.push(name);
        rest = after;
    }
    (!first.is_empty()).then_some(names)
}

fn insert(map: &mut BTreeMap<String, Node>, names: &[&str], value: &str) -> bool {
    let Some((first, rest)) = names.split_first() else { return false };
    // `[]` appends.
    let name = if first.is_empty() { map.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        return map.insert(name, Node::Text(value.to_owned())).is_none();
    }
    match map.entry(name).or_insert_with(|| Node::Map(BTreeMap::new())) {
        Node::Map(inner) => insert(inner, rest, value),
        Node::Text(_) => false,
    }
}

impl Params {
    /// Reads forms, of a query and of a body. A name that stands twice is refused, where Stripe takes the last.
    pub(super) fn parse(texts: &[&[u8]]) -> Result<Self, Error> {
        let mut params = Self::default();
        for (name, value) in texts.iter().flat_map(|text| form_urlencoded::parse(text)) {
            let path = names(&name).ok_or_else(|| Error::request(format!("Invalid parameter name: {name}")))?;
            if !insert(&mut params.map, &path, &value) {
                return Err(Error::parameter(&name, format!("The parameter {name} is given twice, or as a text and as an object.")));
            }
        }
        Ok(params)
    }

    /// The name of `name` in the request.
    pub(super) fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.prefix) }
    }

    /// Refuses names that are not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Error> {
        let unknown: Vec<String> = self.map.keys().filter(|name| !known.contains(&name.as_str())).map(|name| self.full(name)).collect();
        let Some(first) = unknown.first() else { return Ok(()) };
        let many = if unknown.len() > 1 { "s" } else { "" };
        Err(Error::parameter(first, format!("Received unknown parameter{many}: {}", unknown.join(", "))).code("parameter_unknown"))
    }

    /// Whether `name` is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// A text, of `most` characters at most; an empty one is refused.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<Option<&str>, Error> {
        let full = self.full(name);
        match self.map.get(name) {
            None => Ok(None),
            Some(Node::Map(_)) => Err(Error::parameter(&full, format!("Invalid string: {full} is an object"))),
            Some(Node::Text(text)) if text.is_empty() => Err(Error::parameter(
                &full,
                format!(
                    "You passed an empty string for '{full}'. We assume empty values are an attempt to unset a parameter; however '{full}' \
                     cannot be unset. You should remove '{full}' from your request or supply a non-empty value."
                ),
            )
            .code("parameter_invalid_empty")),
            Some(Node::Text(text)) if text.chars().count() > most => {
                Err(Error::parameter(&full, format!("Invalid string: {text}; must be at most {most} characters")))
            }
            Some(Node::Text(text)) => Ok(Some(text)),
        }
    }

    /// As `text`, for one that must be there.
    pub(super) fn need(&self, name: &str, most: usize) -> Result<&str, Error> {
        self.text(name, most)?.ok_or_else(|| self.lacks(name))
    }

    /// The error that `name` is missing.
    pub(super) fn lacks(&self, name: &str) -> Error {
        let full = self.full(name);
        Error::parameter(&full, format!("Missing required param: {full}.")).code("parameter_missing")
    }

    /// A whole number.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        let full = self.full(name);
        let wrong = |text: &str| Error::parameter(&full, format!("Invalid integer: {text}")).code("parameter_invalid_integer");
        self.text(name, 40)?.map(|text| text.parse().map_err(|_| wrong(text))).transpose()
    }

    /// A whole number of at least `least`.
    pub(super) fn at_least(&self, name: &str, least: i64) -> Result<Option<i64>, Error> {
        let full = self.full(name);
        match self.integer(name)? {
            Some(number) if number < least => {
                Err(Error::parameter(&full, format!("This value must be greater than or equal to {least}."))
                    .code("parameter_invalid_integer"))
            }
            number => Ok(number),
        }
    }

    /// One of `values`.
    pub(super) fn choice(&self, name: &str, values: &[&'static str]) -> Result<Option<&'static str>, Error> {
        let Some(text) = self.text(name, 500)? else { return Ok(None) };
        let found = values.iter().find(|value| **value == text).copied();
        let full = self.full(name);
        let words = || Error::parameter(&full, format!("Invalid {full}: must be one of {}", values.join(", ")));
        found.map(Some).ok_or_else(words)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let full = self.full(name);
        match self.text(name, 40)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(Error::parameter(&full, format!("Invalid boolean: {other}"))),
        }
    }

    /// An address with `http` or `https`.
    pub(super) fn url(&self, name: &str) -> Result<Option<&str>, Error> {
        let full = self.full(name);
        let url = self.text(name, 5000)?;
        match url {
            Some(text) if !(text.starts_with("http://") || text.starts_with("https://")) || text.contains(char::is_whitespace) => {
                Err(Error::parameter(&full, "Not a valid URL").code("url_invalid"))
            }
            _ => Ok(url),
        }
    }

    /// An object.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, Error> {
        let full = self.full(name);
        match self.map.get(name) {
            None => Ok(None),
            Some(Node::Text(_)) => Err(Error::parameter(&full, "Invalid object")),
            Some(Node::Map(map)) => Ok(Some(Self { prefix: full, map: map.clone() })),
        }
    }

    /// A list of objects.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Error> {
        let Some(list) = self.list(name)? else { return Ok(Vec::new()) };
        list.sorted().into_iter().map(|index| list.object(&index).transpose().unwrap_or_else(|| Err(list.lacks(&index)))).collect()
    }

    /// A list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Error> {
        let Some(list) = self.list(name)? else { return Ok(Vec::new()) };
        list.sorted().into_iter().map(|index| list.need(&index, 500).map(str::to_owned)).collect()
    }

    fn list(&self, name: &str) -> Result<Option<Self>, Error> {
        let wrong = || Error::parameter(&self.full(name), "Invalid array");
        let Some(Node::Map(_)) = self.map.get(name) else { return if self.has(name) { Err(wrong()) } else { Ok(None) } };
        let list = self.object(name)?;
        match &list {
            Some(inner) if inner.map.keys().any(|index| index.parse::<u16>().is_err()) => Err(wrong()),
            _ => Ok(list),
        }
    }

    /// The numbers of a list in their order, `2` before `10`.
    fn sorted(&self) -> Vec<String> {
        let mut indices: Vec<String> = self.map.keys().cloned().collect();
        indices.sort_by_key(|index| index.parse::<u16>().unwrap_or(u16::MAX));
        indices
    }

    /// Texts by name, within Stripe's limits.
    pub(super) fn metadata(&self) -> Result<BTreeMap<String, String>, Error> {
        let (most, longest_key, longest) = METADATA;
        let Some(inner) = self.object("metadata")? else { return Ok(BTreeMap::new()) };
        if inner.map.len() > most {
            return Err(Error::parameter(&inner.prefix, format!("You cannot set more than {most} metadata keys.")));
        }
        let pair = |key: &String| {
            let full = inner.full(key);
            if key.chars().count() > longest_key {
                return Err(Error::parameter(&full, format!("Metadata keys can have up to {longest_key} characters, but {key} has more.")));
            }
            let Some(Node::Text(value)) = inner.map.get(key) else {
                return Err(Error::parameter(&full, "Metadata values must be strings"));
            };
            let count = value.chars().count();
            if count > longest {
                let words =
                    format!("Metadata values can have up to {longest} characters, but you passed in a value that is {count} characters.");
                return Err(Error::parameter(&full, words));
            }
            Ok((key.clone(), value.clone()))
        };
        // An empty value unsets: at the making there is nothing to unset.
        inner.map.keys().map(pair).filter(|pair| pair.as_ref().map_or(true, |(_, value)| !value.is_empty())).collect()
    }
}
