//! The OpenAPI document.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::problem::ProblemBody;

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
    components(schemas(ProblemBody)),
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
pub fn text() -> String {
    // Maps with texts for keys: it always can be written.
    let text = serde_json::to_string_pretty(&whole()).unwrap_or_default();
    text + "\n"
}
