//! The OpenAPI document.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{
    cal::Failed,
    problem::ProblemBody,
    shapes::{Time, Ulid, ZoneName},
};

/// What stands around the endpoints.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Wellmet",
        description = include_str!("document.md"),
        license(name = "MIT OR Apache-2.0"),
    ),
    servers((url = "/api", description = "This site")),
    tags(
        (name = "auth", description = "Signing in and out. Bearer tokens."),
        (name = "coaches", description = "Finding coaches, and what a coach sets: hours and session types."),
        (name = "bookings", description = "Free times and bookings."),
        (name = "calendar", description = "Calendars that coaches connect, and bookings in them."),
        (name = "cal.com", description = "Calendars connected through Cal.com. These endpoints answer in an envelope of their own: `{success, data}` or `{success, error}`."),
    ),
    // What is named in parameters and problems only is not found by itself.
    components(schemas(ProblemBody, Failed, Ulid, Time, ZoneName)),
    modifiers(&Token),
)]
struct Frame;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description = Some("A token from `POST /auth/login`, or a personal one made in the settings.".to_owned());
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document without endpoints.
pub(super) fn frame() -> openapi::OpenApi {
    Frame::openapi()
}

/// The whole document.
pub fn whole() -> openapi::OpenApi {
    super::described().into_openapi()
}

/// The whole document as it is served, committed and printed: JSON, indented, with a line end.
///
/// # Panics
/// When it cannot be written as JSON; every build that does is refused by the tests.
#[expect(clippy::expect_used, reason = "maps with texts for keys always can be written, and a site without its document must not start")]
pub fn text() -> String {
    serde_json::to_string_pretty(&whole()).expect("the document is JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    /// Every object in `value` with the way to it.
    fn objects<'a>(value: &'a Value, way: &str, found: &mut Vec<(String, &'a serde_json::Map<String, Value>)>) {
        match value {
            Value::Object(object) => {
                found.push((way.to_owned(), object));
                object.iter().for_each(|(name, value)| objects(value, &format!("{way}/{name}"), found));
            }
            Value::Array(list) => list.iter().enumerate().for_each(|(n, value)| objects(value, &format!("{way}/{n}"), found)),
            _ => {}
        }
    }

    #[test]
    fn whoever_reads_the_document_needs_nothing_else() {
        let document: Value = serde_json::from_str(&text()).unwrap();
        let mut found = Vec::new();
        objects(&document, "", &mut found);
        let mut names = HashSet::new();
        for (way, object) in found {
            if let Some(Value::String(to)) = object.get("$ref") {
                assert!(document.pointer(&to[1..]).is_some(), "{way}: {to} leads nowhere");
            }
            // A link names an operation, too.
            if let Some(Value::String(name)) = object.get("operationId").filter(|_| object.contains_key("responses")) {
                assert!(names.insert(name.clone()), "{name} names two operations");
                assert!(object.contains_key("summary") && object.contains_key("tags"), "{way} is not introduced");
            }
            let properties = object.get("properties").and_then(Value::as_object).filter(|_| object.get("type").is_some());
            for (name, property) in properties.into_iter().flatten() {
                let says = |value: &Value| value.get("description").is_some() || value.get("$ref").is_some();
                let some = property.get("oneOf").and_then(Value::as_array).is_some_and(|of| of.iter().any(says));
                assert!(says(property) || some, "{way}: nothing is said about {name}");
            }
        }
        assert!(names.len() > 5);
    }
}
