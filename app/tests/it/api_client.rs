//! A program that asks the REST API.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::Value;
use wellmet::{accounts::Identity, model::Role};

use crate::{
    site::{Answer, TestSite, bearer},
    support::TestDb,
};

/// Asks with a token, or without.
pub(crate) struct Program<'a> {
    site: &'a TestSite,
    /// What it sends as `Authorization`; empty: nothing.
    pub(crate) authorization: String,
}

impl<'a> Program<'a> {
    /// Of nobody.
    pub(crate) const fn nobody(site: &'a TestSite) -> Self {
        Self { site, authorization: String::new() }
    }

    /// With this token.
    pub(crate) fn with(site: &'a TestSite, token: &str) -> Self {
        Self { site, authorization: format!("Bearer {token}") }
    }

    /// Of this person, for everything they may do.
    pub(crate) async fn of(site: &'a TestSite, who: &Identity) -> Self {
        Self { site, authorization: bearer(&site.app, who).await }
    }

    /// Of someone new.
    pub(crate) async fn of_new(db: &TestDb, site: &'a TestSite, name: &str, role: Role, zone: &str) -> (Self, Identity) {
        let (identity, _) = db.person(name, role, zone).await;
        (Self::of(site, &identity).await, identity)
    }

    /// Sends `body`, if there is one, as JSON; `path` comes after `/api`.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api{path}"));
        if !self.authorization.is_empty() {
            request = request.header(header::AUTHORIZATION, &self.authorization);
        }
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.site.send(request.expect("a request")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }
}

/// The answer's JSON; the status must be this one.
pub(crate) fn done(answer: &Answer, status: StatusCode) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/json"), "{}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

/// The code of a problem with this status.
pub(crate) fn code(answer: &Answer, status: u16) -> String {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, "application/problem+json"), "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(body["status"], status);
    body["code"].as_str().expect("a code").to_owned()
}

/// The fields that are named as wrong.
pub(crate) fn fields(answer: &Answer) -> Vec<String> {
    assert_eq!(code(answer, 422), "invalid_field");
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    body["errors"].as_array().expect("errors").iter().map(|error| error["field"].as_str().expect("a name").to_owned()).collect()
}
