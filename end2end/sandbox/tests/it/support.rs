//! A running sandbox and a client that drives it like a site and a person would.

use std::collections::HashMap;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use sandbox::{Provider, RunningSandbox, Sandbox, SandboxConfig, client_id, client_secret};
use serde_json::{Value, json};

/// A verifier and its S256 challenge, computed elsewhere (RFC 7636, appendix B).
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const MAYA: &str = "maya@google.example";

pub(crate) struct Bed {
    pub(crate) sandbox: RunningSandbox,
    pub(crate) client: Client,
}

/// A sandbox on a port of its own.
pub(crate) async fn bed() -> Bed {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    // In a build of the whole workspace the client has no TLS of its own; here it needs none but asks for one.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    Bed { sandbox, client }
}

pub(crate) fn callback(provider: Provider) -> String {
    format!("http://127.0.0.1:3000/integrations/{}/callback", provider.slug())
}

/// The pairs of a form or query.
pub(crate) type Pairs = Vec<(&'static str, String)>;

/// `pairs` with `name` set to `value`; an empty value removes it.
pub(crate) fn with(mut pairs: Pairs, name: &'static str, value: &str) -> Pairs {
    pairs.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        pairs.push((name, value.to_owned()));
    }
    pairs
}

pub(crate) async fn body(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The reason of a Google error.
pub(crate) fn reason(value: &Value) -> &str {
    value.pointer("/error/errors/0/reason").and_then(Value::as_str).unwrap_or("")
}

impl Bed {
    pub(crate) fn authorize_path(provider: Provider) -> &'static str {
        match provider {
            Provider::Google => "/google/o/oauth2/v2/auth",
            _ => "/microsoft/common/oauth2/v2.0/authorize",
        }
    }

    pub(crate) fn token_path(provider: Provider) -> &'static str {
        match provider {
            Provider::Google => "/google/token",
            _ => "/microsoft/common/oauth2/v2.0/token",
        }
    }

    /// What a correct authorization request says.
    pub(crate) fn ask(provider: Provider, scope: &str) -> Pairs {
        let pairs = vec![
            ("client_id", client_id(provider)),
            ("redirect_uri", callback(provider)),
            ("response_type", "code".to_owned()),
            ("scope", scope.to_owned()),
            ("state", "st a&te".to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
            ("nonce", "n0nce".to_owned()),
        ];
        if provider == Provider::Google { with(with(pairs, "access_type", "offline"), "prompt", "consent") } else { pairs }
    }

    /// What a correct exchange says.
    pub(crate) fn exchange(provider: Provider, code: &str) -> Pairs {
        vec![
            ("client_id", client_id(provider)),
            ("client_secret", client_secret(provider)),
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", callback(provider)),
            ("code_verifier", VERIFIER.to_owned()),
        ]
    }

    /// What a correct refresh says.
    pub(crate) fn refresh(provider: Provider, token: &str) -> Pairs {
        vec![
            ("client_id", client_id(provider)),
            ("client_secret", client_secret(provider)),
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", token.to_owned()),
        ]
    }

    pub(crate) async fn authorize(&self, provider: Provider, ask: &Pairs) -> Response {
        self.client.get(self.sandbox.url(Self::authorize_path(provider))).query(ask).send().await.unwrap()
    }

    /// Answers the consent page; gives the pairs of the redirect.
    pub(crate) async fn answer(
        &self,
        provider: Provider,
        page: &str,
        account: &str,
        scopes: &[&str],
        decision: &str,
    ) -> HashMap<String, String> {
        let request = page.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut form = vec![("request", request), ("account", account), ("decision", decision)];
        form.extend(scopes.iter().map(|scope| ("scope", *scope)));
        let response = self.client.post(self.sandbox.url(&format!("/{}/consent", provider.slug()))).form(&form).send().await.unwrap();
        assert_eq!(response.status(), 302);
        let target = response.headers()["location"].to_str().unwrap().to_owned();
        let (uri, query) = target.split_once('?').unwrap();
        assert_eq!(uri, callback(provider));
        query.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(name, value)| (name.to_owned(), decode(value))).collect()
    }

    /// Goes through consent, all scopes granted; gives the code.
    pub(crate) async fn code(&self, provider: Provider, account: &str, ask: &Pairs) -> String {
        let page = self.authorize(provider, ask).await.text().await.unwrap();
        let scopes: Vec<&str> = page.split("name=\"scope\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        self.answer(provider, &page, account, &scopes, "allow").await.remove("code").unwrap()
    }

    pub(crate) async fn token(&self, provider: Provider, form: &Pairs) -> (StatusCode, Value) {
        body(self.client.post(self.sandbox.url(Self::token_path(provider))).form(form).send().await.unwrap()).await
    }

    /// Signs in; gives the token answer.
    pub(crate) async fn sign_in(&self, provider: Provider, account: &str, scope: &str) -> Value {
        let code = self.code(provider, account, &Self::ask(provider, scope)).await;
        let (status, tokens) = self.token(provider, &Self::exchange(provider, &code)).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// An access token by way of the control surface.
    pub(crate) async fn grant(&self, provider: Provider, account: &str, scope: &str) -> String {
        let made = self.control(Method::POST, "/grants", json!({ "provider": provider, "account": account, "scope": scope })).await;
        made["access_token"].as_str().unwrap().to_owned()
    }

    /// A control action that succeeds.
    pub(crate) async fn control(&self, method: Method, path: &str, what: Value) -> Value {
        let request = self.client.request(method, self.sandbox.url(&format!("/_control{path}")));
        let request = if what.is_null() { request } else { request.json(&what) };
        let (status, answer) = body(request.send().await.unwrap()).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) fn call(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.client.request(method, self.sandbox.url(path)).bearer_auth(token)
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        body(self.call(Method::GET, path, token).send().await.unwrap()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, token: &str, what: Value) -> (StatusCode, Value) {
        body(self.call(method, path, token).json(&what).send().await.unwrap()).await
    }
}

fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap()
}
