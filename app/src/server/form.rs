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
        let values: Vec<(String, String)> = serde_html_form::from_bytes(&body).map_err(PageError::internal)?;
        match serde_html_form::from_bytes(&body) {
            Ok(read) => Ok(Self(read, FormState::sent(values))),
            Err(error) => Err(PageError::Unprocessable(complaint::<T>("The form", &error.to_string(), &values))),
        }
    }
}

fn unread(error: &BytesRejection, app: &AppState) -> PageError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return PageError::TooLarge { limit: app.config.body_limit.unwrap_or(usize::MAX) };
    }
    PageError::Malformed("What was sent ended too early. Please send it again.".to_owned())
}

/// serde's complaint in our words. Its own text names types, and the field only where that is unknown or missing.
pub(super) fn complaint<T: DeserializeOwned>(subject: &str, serde: &str, values: &[(String, String)]) -> String {
    let short = |name: &str| name.chars().filter(|c| !c.is_control()).take(60).collect::<String>();
    let quoted = short(serde.split('`').nth(1).unwrap_or_default());
    if serde.starts_with("unknown field") {
        format!("{subject} has a field that is not known here: “{quoted}”.")
    } else if serde.starts_with("missing field") {
        format!("{subject} lacks the field “{quoted}”.")
    } else if let Some(field) = culprit::<T>(values) {
        format!("{subject} has a value that does not fit, or several, in the field “{}”.", short(field))
    } else {
        format!("{subject} has a value that does not fit its field.")
    }
}

/// The field without which the form would be read, or would fail for the lack of that very field.
fn culprit<T: DeserializeOwned>(values: &[(String, String)]) -> Option<&str> {
    // Each field is tried, so a flood of them is not worth it.
    values.iter().take(100).map(|(name, _)| name.as_str()).find(|name| {
        let others: Vec<_> = values.iter().filter(|(other, _)| other != name).collect();
        let Ok(form) = serde_html_form::to_string(&others) else { return false };
        serde_html_form::from_str::<T>(&form).map_or_else(|error| error.to_string() == format!("missing field `{name}`"), |_| true)
    })
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
        #[expect(dead_code, reason = "read by serde alone")]
        #[serde(default)]
        minutes: Option<u32>,
    }

    #[test]
    fn complaints_name_the_field() {
        let about = |form: &str| {
            let values: Vec<(String, String)> = serde_html_form::from_str(form).unwrap();
            complaint::<Sample>("The form", &serde_html_form::from_str::<Sample>(form).unwrap_err().to_string(), &values)
        };
        assert_eq!(about("name=a&admin=1"), "The form has a field that is not known here: “admin”.");
        assert_eq!(about("minutes=1"), "The form lacks the field “name”.");
        assert!(about("minutes=1&name=a&name=b").contains("“name”"));
        assert!(about("name=a&minutes=x").contains("“minutes”"));
    }
}
