//! What Cal.com answers with, as far as it is read. Fields that are not read may be anything: some are declared wrongly.

use serde::{Deserialize, Deserializer};

/// `{"status": "success", "data": ...}`.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

/// The four fields of a managed user's tokens; instants are epoch milliseconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Keys {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    #[serde(deserialize_with = "whole")]
    pub(super) access_token_expires_at: i64,
}

/// What creating a managed user gives besides its tokens.
#[derive(Deserialize)]
pub(super) struct Created {
    pub(super) user: User,
    #[serde(flatten)]
    pub(super) keys: Keys,
}

/// A user.
#[derive(Deserialize)]
pub(super) struct User {
    #[serde(deserialize_with = "whole")]
    pub(super) id: i64,
    #[serde(default)]
    pub(super) email: Option<String>,
    /// What this site wrote there.
    #[serde(default)]
    pub(super) metadata: serde_json::Value,
}

/// `GET /v2/calendars`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    pub(super) connected_calendars: Vec<Connected>,
}

/// One credential.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connected {
    #[serde(deserialize_with = "whole")]
    pub(super) credential_id: i64,
    pub(super) integration: IntegrationType,
    #[serde(default)]
    pub(super) calendars: Option<Vec<Calendar>>,
    /// Not in the published description: the provider could not be read.
    #[serde(default)]
    pub(super) error: Option<serde_json::Value>,
}

/// The kind of a credential.
#[derive(Deserialize)]
pub(super) struct IntegrationType {
    /// `google_calendar`, `office365_calendar` ...
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// One calendar.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Calendar {
    pub(super) external_id: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) primary: Option<bool>,
    #[serde(default)]
    pub(super) read_only: Option<bool>,
}

/// One busy interval, in UTC.
#[derive(Deserialize)]
pub(super) struct BusyTime {
    pub(super) start: String,
    pub(super) end: String,
}

/// Where to send the coach's browser.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connect {
    pub(super) auth_url: String,
}

/// A whole number that may be written as `1.0`, or as a text.
fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Whole(i64),
        Float(f64),
        Text(String),
    }
    let wrong = || serde::de::Error::custom("no whole number");
    match Number::deserialize(from)? {
        Number::Whole(number) => Ok(number),
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 53 bits")]
        Number::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => Ok(number as i64),
        Number::Float(_) => Err(wrong()),
        Number::Text(text) => text.parse().map_err(|_| wrong()),
    }
}
