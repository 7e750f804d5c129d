//! Drives the sandbox's Cal.com, and holds its answers against the published description.

use reqwest::{Method, RequestBuilder, StatusCode};
use sandbox::{Provider, client_id, client_secret};
use serde_json::{Value, json};

use crate::cal_schema;
use crate::support::{Bed, bed, body};

/// A managed user with its tokens.
pub(crate) struct Managed {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// A sandbox whose Cal.com is asked.
pub(crate) struct Cal(pub(crate) Bed);

pub(crate) async fn cal() -> Cal {
    Cal(bed().await)
}

/// The message of an error.
pub(crate) fn message(answer: &Value) -> &str {
    assert_eq!(answer["status"], "error", "{answer}");
    assert!(answer["path"].as_str().is_some_and(|path| path.starts_with("/v2/")), "{answer}");
    answer["error"]["message"].as_str().expect("a message")
}

impl Cal {
    pub(crate) fn url(&self, path: &str) -> String {
        self.0.sandbox.url(&format!("/cal{path}"))
    }

    /// A request with the platform client's credentials.
    pub(crate) fn platform(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.0.client.request(method, self.url(path));
        request.header("x-cal-client-id", client_id(Provider::Cal)).header("x-cal-secret-key", client_secret(Provider::Cal))
    }

    pub(crate) fn bearer(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.0.client.request(method, self.url(path)).bearer_auth(token)
    }

    /// Sends, and checks a success against the description of `template`.
    pub(crate) async fn send(&self, method: Method, template: &str, request: RequestBuilder) -> (StatusCode, Value) {
        let (status, answer) = body(request.send().await.unwrap()).await;
        if status.is_success() {
            cal_schema::check(method.as_str(), template, status.as_u16(), &answer);
        }
        (status, answer)
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        let template = path.split('?').next().unwrap();
        self.send(Method::GET, template, self.bearer(Method::GET, path, token)).await
    }

    pub(crate) fn users(rest: &str) -> String {
        format!("/v2/oauth-clients/{}/users{rest}", client_id(Provider::Cal))
    }

    pub(crate) async fn create(&self, body: Value) -> (StatusCode, Value) {
        let request = self.platform(Method::POST, &Self::users("")).json(&body);
        self.send(Method::POST, "/v2/oauth-clients/{clientId}/users", request).await
    }

    pub(crate) async fn managed(&self, name: &str) -> Managed {
        let (status, made) =
            self.create(json!({ "email": format!("{name}@example.org"), "name": name, "timeZone": "Europe/Madrid" })).await;
        assert_eq!(status, 201, "{made}");
        let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
        Managed {
            id: made["data"]["user"]["id"].as_i64().unwrap(),
            email: text("/data/user/email"),
            access: text("/data/accessToken"),
            refresh: text("/data/refreshToken"),
        }
    }

    pub(crate) async fn refresh(&self, token: &str) -> (StatusCode, Value) {
        let path = format!("/v2/oauth/{}/refresh", client_id(Provider::Cal));
        let request = self.platform(Method::POST, &path).json(&json!({ "refreshToken": token }));
        self.send(Method::POST, "/v2/oauth/{clientId}/refresh", request).await
    }

    pub(crate) async fn force(&self, user: i64) -> (StatusCode, Value) {
        let request = self.platform(Method::POST, &Self::users(&format!("/{user}/force-refresh")));
        self.send(Method::POST, "/v2/oauth-clients/{clientId}/users/{userId}/force-refresh", request).await
    }

    /// Connects an account at Google or Microsoft as if consent had been given; gives the credential's number.
    pub(crate) async fn link(&self, user: &Managed, kind: &str, account: &str) -> i64 {
        let what = json!({ "user": user.email, "kind": kind, "account": account });
        self.0.control(Method::POST, "/cal/credentials", what).await["id"].as_i64().unwrap()
    }
}
