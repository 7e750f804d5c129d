//! What is sent: fields that are texts, each known by name.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use wellmet::integrations::providers::Behind;

use super::envelope::Failure;
use crate::server::{AppState, PageError};

/// A calendar behind Cal.com.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum CalendarKind {
    /// Google Calendar.
    Google,
    /// Office 365 and Outlook.com.
    Office365,
}

/// Which calendar.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CalWhich)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(super) struct Which {
    /// The calendar.
    calendar_type: CalendarKind,
}

/// That it is connected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CalConnected)]
pub(super) struct IsConnected {
    /// `google` or `office365`.
    #[schema(example = "google")]
    pub(super) calendar_type: &'static str,
    /// True.
    #[schema(example = true)]
    pub(super) connected: bool,
}

/// The fields of a query or of a JSON object. `Debug` shows no value: one may be a credential.
#[derive(Clone)]
pub(super) struct Fields(HashMap<String, String>);

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fields").field(&self.0.keys()).finish()
    }
}

impl Fields {
    /// Refuses names that are not among `known`.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, Failure> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Failure::Field(format!("{}: this field is not known here.", shown(name)))),
            None => Ok(self),
        }
    }

    /// The field `name`, if it is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The field `name`.
    pub(super) fn need(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::Field(format!("{name}: this field is needed.")))
    }

    /// The field `name`, read by `parse`; `wants` says what it should be.
    pub(super) fn parse<T>(&self, name: &str, wants: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Failure> {
        parse(self.need(name)?).ok_or_else(|| Failure::Field(format!("{name}: {wants} is wanted.")))
    }

    /// The field `name`: which calendar.
    pub(super) fn behind(&self, name: &str) -> Result<Behind, Failure> {
        self.parse(name, "google or office365", Behind::parse)
    }
}

/// A name from outside, cut short and without what is not a letter or digit.
fn shown(name: &str) -> String {
    name.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_').take(40).collect()
}

impl FromRequestParts<AppState> for Fields {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> =
            serde_html_form::from_str(query).map_err(|_| Failure::Field("The query cannot be read.".to_owned()))?;
        let mut fields = HashMap::new();
        for (name, value) in pairs {
            if fields.contains_key(&name) {
                return Err(Failure::Field(format!("{}: this field is there twice.", shown(&name))));
            }
            fields.insert(name, value);
        }
        Ok(Self(fields))
    }
}

/// The fields of a body in JSON.
#[derive(Debug, Clone)]
pub(super) struct JsonFields(pub(super) Fields);

impl FromRequest<AppState> for JsonFields {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let body = Bytes::from_request(request, app).await.map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Failure::Page(PageError::TooLarge { limit: app.config.body_limit.unwrap_or(usize::MAX) }),
            _ => Failure::Field("The body ended too early.".to_owned()),
        })?;
        if body.is_empty() {
            return Ok(Self(Fields(HashMap::new())));
        }
        let json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let (true, Ok(Value::Object(object))) = (json, serde_json::from_slice(&body)) else {
            return Err(Failure::Field("The body is to be a JSON object (application/json).".to_owned()));
        };
        let text = |(name, value): (String, Value)| match value {
            Value::String(text) => Ok((name, text)),
            _ => Err(Failure::Field(format!("{}: a text is wanted.", shown(&name)))),
        };
        Ok(Self(Fields(object.into_iter().map(text).collect::<Result<_, _>>()?)))
    }
}
