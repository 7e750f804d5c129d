//! Forms: read strictly, and kept as typed so that a page with errors loses nothing.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{StatusCode, header},
};
use serde::de::DeserializeOwned;

use super::{AppState, PageError};
use crate::dto::FormState;

/// A submitted form: as a `T`, and as it was typed. Give `T` `#[serde(deny_unknown_fields)]` and text fields with
/// `#[serde(default)]`, and let the service judge the text: then a mistake is shown beside its field. What serde
/// refuses (fields no browser of ours would send) is a page of its own that names the field.
#[derive(Debug, Clone)]
pub struct Form<T>(pub T, pub FormState);

impl<T: DeserializeOwned> FromRequest<AppState> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request<Body>, app: &AppState) -> Result<Self, PageError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(PageError::Malformed("This address takes a form (application/x-www-form-urlencoded).".to_owned()));
        }
        let body = Bytes::from_request(request, app).await.map_err(|error| unread(&error, app))?;
        let values: Vec<(String, String)> = serde_html_form::from_bytes(&body).map_err(|error| refused(&error))?;
        let read = serde_html_form::from_bytes(&body).map_err(|error| refused(&error))?;
        Ok(Self(read, FormState::sent(values)))
    }
}

fn unread(error: &BytesRejection, app: &AppState) -> PageError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return PageError::TooLarge { limit: app.config.body_limit.unwrap_or(usize::MAX) };
    }
    PageError::Malformed("What was sent ended too early. Please send it again.".to_owned())
}

fn refused(error: &serde_html_form::de::Error) -> PageError {
    PageError::Unprocessable(complaint("The form", &error.to_string()))
}

/// serde's complaint in our words. Its own text names types; what stands between back quotes is a field's name.
pub(super) fn complaint(subject: &str, serde: &str) -> String {
    let field: String = serde.split('`').nth(1).unwrap_or_default().chars().filter(|c| !c.is_control()).take(60).collect();
    if serde.starts_with("unknown field") {
        format!("{subject} has a field that is not known here: “{field}”.")
    } else if serde.starts_with("missing field") {
        format!("{subject} lacks the field “{field}”.")
    } else if serde.starts_with("duplicate field") {
        format!("{subject} has the field “{field}” twice.")
    } else {
        format!("{subject} has a field whose value is not of the expected kind ({}).", serde.chars().take(120).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "read by serde alone")]
        name: String,
    }

    #[test]
    fn complaints_name_the_field() {
        let about = |form: &str| complaint("The form", &serde_html_form::from_str::<Sample>(form).unwrap_err().to_string());
        assert_eq!(about("name=a&admin=1"), "The form has a field that is not known here: “admin”.");
        assert_eq!(about(""), "The form lacks the field “name”.");
        assert!(about("name=a&name=b").contains("name"));
    }
}
