//! The two kinds of request. A type has the credentials of one kind and no way to the other's.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::failure::{bearer_failure, platform_failure};
use crate::{
    config::Client,
    integrations::{
        http::{Http, Reply},
        outcome::CallError,
        tokens::Clear,
    },
};

/// Requests with an access token and nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bearer<'a> {
    pub(super) http: &'a Http,
    pub(super) api_url: &'a str,
    pub(super) token: &'a Clear,
    /// Whether it is an OAuth 2.0 token: their refusals read differently.
    pub(super) oauth: bool,
}

impl Bearer<'_> {
    /// A request for `path`, which begins with `/v2`.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.client().request(method, format!("{}{path}", self.api_url)).bearer_auth(self.token.expose())
    }

    /// Sends `request`; a refusal is what Cal.com's words make of it.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Reply, CallError> {
        let reply = self.http.send(request).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(bearer_failure(&reply, self.oauth)) }
    }
}

/// Requests with the platform client's id and secret and nothing else. The id as well as the secret: requests are counted
/// by it, and without it all share one small limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Platform<'a> {
    pub(super) http: &'a Http,
    pub(super) api_url: &'a str,
    pub(super) client: &'a Client,
}

impl Platform<'_> {
    /// A request for `path`, which begins with `/v2` and may name the client.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.client().request(method, format!("{}{path}", self.api_url));
        request.header("x-cal-client-id", &self.client.id).header("x-cal-secret-key", self.client.secret.expose())
    }

    /// `/v2/oauth-clients/{client}/users` and `rest`.
    pub(super) fn users(&self, rest: &str) -> String {
        format!("/v2/oauth-clients/{}/users{rest}", segment(&self.client.id))
    }

    /// Posts `body` and reads the answer, whatever its status.
    pub(super) async fn post(&self, path: &str, body: Option<&Value>) -> Result<Reply, CallError> {
        let request = self.request(Method::POST, path);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.http.send(request).await
    }

    /// Reads `path`; a refusal is what Cal.com's words make of it.
    pub(super) async fn get(&self, path: &str) -> Result<Reply, CallError> {
        let reply = self.http.send(self.request(Method::GET, path)).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(platform_failure(&reply)) }
    }
}

/// `text` as one segment of a path.
pub(super) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
