//! A program that asks the REST API.

use std::time::Duration;

use app::server::AppState;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use serde_json::Value;
use wellmet::{
    accounts::{ClientInfo, Identity, TokenScope},
    model::Role,
};

use crate::{
    site::{Answer, TestSite},
    support::{PASSWORD, TestDb},
};

/// Someone with a token for everything they may do, or nobody.
#[derive(Clone)]
pub(crate) struct Program {
    /// What is sent as `Authorization`.
    pub(crate) token: Option<String>,
    /// Whose token it is; empty for nobody's.
    pub(crate) id: String,
}

impl Program {
    /// Without a token.
    pub(crate) const fn nobody() -> Self {
        Self { token: None, id: String::new() }
    }

    /// With a token of this person's.
    pub(crate) async fn of(app: &AppState, identity: &Identity) -> Self {
        // Good for longer than any test's clock goes.
        let lasts = Duration::from_hours(60 * 24);
        let token = app.accounts.create_token(identity.actor(), "a program's", TokenScope::Write, lasts).await.expect("a token");
        Self { token: Some(format!("Bearer {}", token.expose())), id: identity.id().to_string() }
    }

    /// With a token of a new person's.
    pub(crate) async fn new(db: &TestDb, site: &TestSite, name: &str, role: Role, zone: &str) -> Self {
        let identity = if role == Role::Admin {
            db.admin(name).await;
            db.accounts().sign_in(&format!("{name}@example.org"), PASSWORD, &ClientInfo::default()).await.expect("an admin").0
        } else {
            db.person(name, role, zone).await.0
        };
        Self::of(&site.app, &identity).await
    }

    /// Sends a request with these headers besides.
    pub(crate) async fn send(&self, site: &TestSite, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        site.send(request.header(header::CONTENT_TYPE, "application/json").body(body).expect("a request")).await
    }

    pub(crate) async fn get(&self, site: &TestSite, path: &str) -> Answer {
        self.send(site, Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, site: &TestSite, path: &str, body: &Value) -> Answer {
        self.send(site, Method::POST, path, Some(body), &[]).await
    }

    pub(crate) async fn patch(&self, site: &TestSite, path: &str, body: &Value) -> Answer {
        self.send(site, Method::PATCH, path, Some(body), &[]).await
    }

    pub(crate) async fn delete(&self, site: &TestSite, path: &str) -> Answer {
        self.send(site, Method::DELETE, path, None, &[]).await
    }
}

/// The body of an answer that is to be JSON with this status.
pub(crate) fn json(answer: &Answer, status: StatusCode) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/json"), "{}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

/// A problem's code and detail; its status is to be this one.
pub(crate) fn problem(answer: &Answer, status: u16) -> (String, String) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, "application/problem+json"), "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(body["status"], status);
    (body["code"].as_str().expect("a code").to_owned(), body["detail"].as_str().expect("words").to_owned())
}

/// The field that a 422 names.
pub(crate) fn field(answer: &Answer) -> String {
    assert_eq!(problem(answer, 422).0, "invalid_field");
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    body["errors"][0]["field"].as_str().expect("a field").to_owned()
}
