//! A program at a site, and its answers read.

use axum::http::Method;
use serde_json::Value;
use wellmet::{accounts::Identity, model::Role};

pub(crate) use crate::program::json as done;
use crate::{
    program::{self, problem},
    site::{Answer, TestSite},
    support::TestDb,
};

/// Asks one site.
pub(crate) struct Program<'a> {
    site: &'a TestSite,
    program: program::Program,
}

impl<'a> Program<'a> {
    /// Of nobody.
    pub(crate) const fn nobody(site: &'a TestSite) -> Self {
        Self { site, program: program::Program::nobody() }
    }

    /// With this as its `Authorization`.
    pub(crate) fn authorized(site: &'a TestSite, authorization: &str) -> Self {
        Self { site, program: program::Program { token: Some(authorization.to_owned()), id: String::new() } }
    }

    /// With this token.
    pub(crate) fn with(site: &'a TestSite, token: &str) -> Self {
        Self::authorized(site, &format!("Bearer {token}"))
    }

    /// Of this person, for everything they may do.
    pub(crate) async fn of(site: &'a TestSite, who: &Identity) -> Self {
        Self { site, program: program::Program::of(&site.app, who).await }
    }

    /// Of someone new.
    pub(crate) async fn of_new(db: &TestDb, site: &'a TestSite, name: &str, role: Role, zone: &str) -> (Self, Identity) {
        let (identity, _) = db.person(name, role, zone).await;
        (Self::of(site, &identity).await, identity)
    }

    /// Sends `body`, if there is one, as JSON; `path` comes after `/api`.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.program.send(self.site, method, path, body, &[]).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.program.get(self.site, path).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.program.post(self.site, path, body).await
    }
}

/// The code of a problem with this status.
pub(crate) fn code(answer: &Answer, status: u16) -> String {
    problem(answer, status).0
}

/// The fields that are named as wrong.
pub(crate) fn fields(answer: &Answer) -> Vec<String> {
    assert_eq!(code(answer, 422), "invalid_field");
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    body["errors"].as_array().expect("errors").iter().map(|error| error["field"].as_str().expect("a name").to_owned()).collect()
}
