//! Our side of OAuth against a strict server that others wrote (npm `oidc-provider`; `end2end/oidc.js`): PKCE is required,
//! codes are good once, refresh tokens are rotated. Skipped, with a word about it, where `npm ci` has not run in `end2end`;
//! with `REQUIRE_OIDC=1` it fails there.

use std::{
    collections::HashMap,
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use reqwest::RequestBuilder;
use url::Url;
use wellmet::{
    config::{Client, Config, GoogleConfig},
    integrations::{
        Callback, Integrations, ProviderKind, Providers, Start,
        health::Health,
        http::{Http, Reply},
        outcome::CallError,
        providers::{CalendarProvider as _, CodeAsk, Consent as _, google::Google},
        tokens::{Clear, Force, Tokens},
    },
    time::hash_secret,
};

use super::world::{Coach, vault};
use crate::support::{TestDb, both_engines};

const BACK: &str = "http://127.0.0.1:3000/integrations/google/callback";

/// The running server. Stopped when dropped.
struct Strict {
    child: Child,
    url: String,
}

impl Strict {
    fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("end2end");
        if !folder.join("node_modules/oidc-provider").is_dir() {
            assert!(env::var("REQUIRE_OIDC").is_err(), "oidc-provider is missing: run `npm ci` in end2end");
            eprintln!("skipped: oidc-provider is missing, run `npm ci` in end2end");
            return None;
        }
        let mut command = Command::new("node");
        command.arg(folder.join("oidc.js")).args(["us", "a long enough secret", BACK]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("node starts");
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("its words")).read_line(&mut port).expect("a port");
        Some(Self { child, url: format!("http://127.0.0.1:{}", port.trim()) })
    }

    fn config(&self) -> GoogleConfig {
        GoogleConfig {
            client: Some(Client { id: "us".to_owned(), secret: "a long enough secret".into() }),
            auth_url: format!("{}/auth", self.url),
            token_url: format!("{}/token", self.url),
            revoke_url: format!("{}/token/revocation", self.url),
            api_url: self.url.clone(),
        }
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser: it keeps cookies and follows redirects until they leave the server.
struct Browser<'a> {
    http: &'a Http,
    home: &'a str,
    cookies: HashMap<String, String>,
}

impl Browser<'_> {
    async fn send(&mut self, request: RequestBuilder) -> Reply {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let reply = self.http.send(request.header("cookie", cookies.join("; "))).await.expect("an answer");
        for cookie in reply.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = cookie.split_once('=').expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        reply
    }

    /// From `address` on, through sign-in and consent as `login`, to where the server sends people back.
    async fn through(&mut self, address: &str, login: &str) -> Callback {
        let mut request = self.http.client().get(address);
        let mut at = Url::parse(address).expect("an address");
        for _ in 0..12 {
            let reply = self.send(request).await;
            if let Some(to) = reply.headers.get("location") {
                at = at.join(to.to_str().expect("text")).expect("an address");
                if !at.as_str().starts_with(self.home) {
                    assert!(at.as_str().starts_with(BACK), "{at}");
                    let mut query: HashMap<_, _> = at.query_pairs().into_owned().collect();
                    return Callback {
                        state: query.remove("state"),
                        code: query.remove("code"),
                        error: query.remove("error"),
                        ..Callback::default()
                    };
                }
                request = self.http.client().get(at.clone());
                continue;
            }
            let html = String::from_utf8_lossy(&reply.body).into_owned();
            let prompt = if html.contains("value=\"login\"") { "login" } else { "consent" };
            assert!(html.contains(&format!("value=\"{prompt}\"")), "{} {html}", reply.status);
            request = self.http.client().post(at.clone()).form(&[("prompt", prompt), ("login", login), ("password", "any")]);
        }
        panic!("the server never sends people back");
    }
}

both_engines! {
    async fn a_strict_server_takes_us_for_a_proper_client(db: TestDb) {
        let Some(strict) = Strict::start() else { return };
        let http = Http::new().expect("a client");
        let google = Google::of_config(&strict.config(), &http).expect("configured");
        let providers = Providers::default().with(ProviderKind::Google, Arc::new(google.clone()));
        let config = Config::from_env(&HashMap::from([("PUBLIC_URL".to_owned(), "http://127.0.0.1:3000".to_owned())])).expect("settings");
        let tokens = Tokens::new(db.deps(), vault(&db.deps(), &[7]), providers.clone());
        let integrations = Integrations::new(db.deps(), tokens.clone(), providers, config.providers, config.public_url);
        let (identity, sign_in) = db.person("amelie", wellmet::model::Role::Coach, "Europe/Berlin").await;
        let coach = Coach { actor: identity.coach().expect("a coach"), sign_in };
        let kind = ProviderKind::Google;
        let page = integrations.start_oauth(&coach.actor, &coach.sign_in, kind, Start::default()).await.expect("a page").page;
        let mut browser = Browser { http: &http, home: &strict.url, cookies: HashMap::new() };
        let callback = browser.through(&page, "maya").await;
        let id = integrations.finish_oauth(&coach.actor, &coach.sign_in, kind, callback).await.expect("a connection");
        let integration = integrations.find(&coach.actor, id).await.unwrap().expect("an integration").integration;
        assert_eq!((integration.account_key.as_str(), integration.account_label.as_str()), ("maya", "maya@example.org"));
        // Each refresh needs the token that the one before left.
        for _ in 0..3 {
            let held = tokens.ensure_valid(&integration, Force::No).await.expect("a token");
            let next = tokens.ensure_valid(&integration, Force::Rejected(held.revision)).await.expect("a new token");
            assert!(next.revision > held.revision && next.secret != held.secret);
        }
        let relisted = integrations.relist(&integration).await.expect("the new token is a good one");
        assert_eq!((relisted.added, relisted.vanished), (0, 0));
        assert_eq!(integrations.find(&coach.actor, id).await.unwrap().unwrap().integration.state.health, Health::Healthy);

        // And it is strict: a wrong verifier is refused, and so is a code that was used.
        let verifier = db.ids().secret();
        for (sent, expected) in [(db.ids().secret(), Err(CallError::Refused(400))), (verifier.clone(), Ok("maya".to_owned()))] {
            let page = google.consent().expect("a consent page").page(&wellmet::integrations::providers::ConsentAsk {
                redirect_uri: BACK,
                state: "x",
                challenge: &hash_secret(verifier.expose()),
                wants_writing: false,
                granted: "",
                account: None,
            });
            let callback = browser.through(&page.expect("a page"), "maya").await;
            let (code, verifier) = (Clear::new(callback.code.expect("a code")), Clear::new(sent.expose()));
            let ask = CodeAsk { code: &code, verifier: &verifier, redirect_uri: BACK };
            let exchange = async || google.exchange(&ask, db.now()).await.map(|granted| granted.account.key);
            assert_eq!(exchange().await, expected);
            assert_eq!(exchange().await, Err(CallError::Refused(400)));
        }
    }
}
