use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;

use super::error::StripeError;
use crate::{
    config::{Hidden, StripeConfig},
    integrations::http::Http,
};

/// The version of Stripe's API that requests are written for and answers are read by.
pub(super) const VERSION: &str = "2026-10-28.endive";

/// A form as Stripe reads it: names such as `line_items[0][quantity]`, each with its value.
pub(super) type Form = Vec<(String, String)>;

/// Asks Stripe. Cheap to clone. Nothing that is sent or answered is logged.
#[derive(Debug, Clone)]
pub struct Stripe {
    http: Http,
    key: Hidden,
    api_url: String,
}

impl Stripe {
    /// With the account of `config`, over `http`, whose time-outs hold.
    pub fn new(http: Http, config: &StripeConfig) -> Self {
        Self { http, key: config.secret_key.clone(), api_url: config.api_url.clone() }
    }

    /// Reads the object at `path`, with the objects that `expand` names in the place of their ids.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, StripeError> {
        let request = self.http.client().get(self.url(path)).query(query);
        self.send(request).await
    }

    /// Asks for `form` at `path`. `key` names what is asked: asked again under it, it is not done again.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, form: &Form, key: &str) -> Result<T, StripeError> {
        let request = self.http.client().post(self.url(path)).header("Idempotency-Key", key).form(form);
        self.send(request).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.api_url)
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, StripeError> {
        let request = request.bearer_auth(self.key.expose()).header("Stripe-Version", VERSION);
        let reply = self.http.send(request).await?;
        if !reply.status.is_success() {
            return Err(StripeError::of_reply(&reply));
        }
        Ok(reply.json()?)
    }
}
