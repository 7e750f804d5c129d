//! A site, a sandbox beside it, and people who click through consent pages.

use std::{collections::HashMap, sync::Arc};

use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use url::Url;
use wellmet::{
    Deps,
    accounts::CoachActor,
    config::{Config, SecretKey},
    integrations::{
        Callback, Connected, FinishError, Integrations, ProviderKind, Providers, Start,
        http::Http,
        safe_fetch::{Fetch, Limits, Rules, SystemResolver},
        tokens::{Tokens, Vault},
    },
    model::{Instant, IntegrationId, Role},
    time::Secret,
};

use crate::support::TestDb;

/// Where people come back to. Nothing listens there: tests read the redirect.
const SITE: &str = "http://127.0.0.1:3000";

/// The providers that are connected on a consent page of their own, as the sandbox calls them.
pub(super) const CONSENT: [(ProviderKind, &str); 2] = [(ProviderKind::Google, "google"), (ProviderKind::Microsoft, "microsoft")];

/// See the module.
pub(super) struct World {
    pub(super) db: TestDb,
    pub(super) sandbox: RunningSandbox,
    pub(super) config: Config,
    http: Http,
    pub(super) providers: Providers,
    pub(super) integrations: Integrations,
    pub(super) tokens: Tokens,
}

/// A coach, signed in.
pub(super) struct Coach {
    pub(super) actor: CoachActor,
    pub(super) sign_in: Secret,
}

/// What a person does on a consent page.
#[derive(Clone, Copy)]
pub(super) enum Decision<'a> {
    Allow,
    /// Allows all but the scopes that end so.
    AllowBut(&'a str),
    Refuse,
}

impl World {
    /// The site's clock shows the sandbox's time.
    pub(super) async fn on(db: TestDb) -> Self {
        let sandbox = Sandbox::start(SandboxConfig::default()).await.expect("a sandbox");
        let mut env: HashMap<String, String> = sandbox.environment().into_iter().collect();
        for (name, value) in [("PUBLIC_URL", SITE), ("ALLOW_HTTP_CALENDARS", "yes"), ("CALENDAR_NETWORKS", "127.0.0.0/8")] {
            env.insert(name.to_owned(), value.to_owned());
        }
        let config = Config::from_env(&env).expect("the sandbox's settings");
        let http = Http::new().expect("a client");
        let providers = providers(&config, &http);
        let (integrations, tokens) = server(db.deps(), &config, &http, &[7]);
        let world = Self { db, sandbox, config, http, providers, integrations, tokens };
        let now = world.control("GET", "clock", &Value::Null).await["now"].as_str().and_then(Instant::parse_rfc3339);
        world.db.clock().set(now.expect("the sandbox's time"));
        world
    }

    /// Another server on the same database, with keys of these bytes, the newest first.
    pub(super) async fn second_server(&self, keys: &[u8]) -> (Integrations, Tokens) {
        server(self.db.deps_on(self.db.second_server().await), &self.config, &self.http, keys)
    }

    pub(super) async fn coach(&self, name: &str) -> Coach {
        let (identity, sign_in) = self.db.person(name, Role::Coach, "Europe/Berlin").await;
        Coach { actor: identity.coach().expect("a coach"), sign_in }
    }

    /// Sends a request to the control surface.
    pub(super) async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let method = method.parse().expect("a method");
        let mut request = self.http.client().request(method, self.sandbox.url(&format!("/_control/{path}")));
        if !body.is_null() {
            request = request.json(body);
        }
        let reply = self.http.send(request).await.expect("the sandbox answers");
        assert!(reply.status.is_success(), "{path}: {}", String::from_utf8_lossy(&reply.body));
        reply.json().expect("JSON")
    }

    /// What was asked of the providers, as `filter` (a query) narrows it.
    pub(super) async fn requests(&self, filter: &str) -> Vec<Value> {
        let log = self.control("GET", &format!("requests?{filter}"), &Value::Null).await;
        log["requests"].as_array().expect("a list").clone()
    }

    pub(super) async fn forget_requests(&self) {
        self.control("DELETE", "requests", &Value::Null).await;
    }

    /// `times` requests of `slug` below `path` go wrong as `fault` says.
    pub(super) async fn fault(&self, slug: &str, path: &str, fault: Value, times: Value) {
        let rule = json!({ "provider": slug, "match": { "path_prefix": path }, "fault": fault, "times": times });
        self.control("POST", "faults", &rule).await;
    }

    pub(super) async fn clear_faults(&self) {
        self.control("DELETE", "faults", &Value::Null).await;
    }

    /// Goes through the consent page at `page` as `account` and comes back.
    pub(super) async fn visit(&self, page: &str, account: &str, decision: Decision<'_>) -> Callback {
        let reply = self.http.send(self.http.client().get(page)).await.expect("a consent page");
        let html = String::from_utf8(reply.body).expect("text");
        assert!(reply.status.is_success(), "{html}");
        let request = values(&html, "request").pop().expect("a request");
        let mut form = vec![("request".to_owned(), request), ("account".to_owned(), account.to_owned())];
        for scope in values(&html, "scope") {
            if !matches!(decision, Decision::AllowBut(but) if scope.ends_with(but)) {
                form.push(("scope".to_owned(), scope));
            }
        }
        let word = if matches!(decision, Decision::Refuse) { "refuse" } else { "allow" };
        form.push(("decision".to_owned(), word.to_owned()));
        let slug =
            Url::parse(page).expect("an address").path_segments().and_then(|mut parts| parts.next().map(str::to_owned)).expect("a slug");
        let answer = self.http.client().post(self.sandbox.url(&format!("/{slug}/consent"))).form(&form);
        let reply = self.http.send(answer).await.expect("an answer");
        let back = reply.headers.get("location").expect("a redirect").to_str().expect("text");
        assert!(back.starts_with(SITE), "{back}");
        callback(back)
    }

    /// Sends `coach` to the page of `kind` and back as `account`.
    pub(super) async fn journey(&self, coach: &Coach, kind: ProviderKind, start: Start, account: &str, decision: Decision<'_>) -> Callback {
        let page = self.integrations.start_oauth(&coach.actor, &coach.sign_in, kind, start).await.expect("a page").page;
        self.visit(&page, account, decision).await
    }

    pub(super) async fn finish(&self, coach: &Coach, kind: ProviderKind, callback: Callback) -> Result<IntegrationId, FinishError> {
        self.integrations.finish_oauth(&coach.actor, &coach.sign_in, kind, callback).await
    }

    /// Connects `account`.
    pub(super) async fn connect(&self, coach: &Coach, kind: ProviderKind, account: &str) -> IntegrationId {
        let callback = self.journey(coach, kind, Start::default(), account, Decision::Allow).await;
        self.finish(coach, kind, callback).await.expect("a connection")
    }

    pub(super) async fn found(&self, coach: &Coach, id: IntegrationId) -> Connected {
        self.integrations.find(&coach.actor, id).await.expect("an answer").expect("an integration")
    }

    /// Servers started from now on have a wrong client secret.
    pub(super) fn break_client(&mut self, slug: &str) {
        let providers = &mut self.config.providers;
        let client = if slug == "google" { &mut providers.google.client } else { &mut providers.microsoft.client };
        client.as_mut().expect("a client").secret = "outdated".into();
    }

    /// Nothing of a connection is stored.
    pub(super) async fn nothing_stored(&self) {
        assert_eq!(self.db.count("SELECT COUNT(*) AS n FROM calendar_integrations").await, 0);
        assert_eq!(self.db.count("SELECT COUNT(*) AS n FROM integration_calendars").await, 0);
        assert_eq!(self.db.count("SELECT COUNT(*) AS n FROM oauth_states").await, 0);
    }
}

/// The services of one server, with keys of these bytes.
pub(super) fn server(deps: Deps, config: &Config, http: &Http, keys: &[u8]) -> (Integrations, Tokens) {
    let providers = providers(config, http);
    let tokens = Tokens::new(deps.clone(), vault(&deps, keys), providers.clone());
    (Integrations::new(deps, tokens.clone(), providers, config.providers.clone(), config.public_url.clone()), tokens)
}

fn providers(config: &Config, http: &Http) -> Providers {
    let fetch = Fetch::new(Rules::of_config(&config.providers), Limits::default(), Arc::new(SystemResolver)).expect("a client");
    Providers::of_config(&config.providers, http).with_typed(fetch)
}

pub(super) fn vault(deps: &Deps, keys: &[u8]) -> Vault {
    let keys: Vec<_> = keys.iter().map(|byte| SecretKey::from_bytes([*byte; 32])).collect();
    Vault::new(&keys[0], &keys[1..], deps.ids.clone())
}

/// The values of the inputs called `name`.
fn values(html: &str, name: &str) -> Vec<String> {
    let start = format!("name=\"{name}\" value=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(|value| value.replace("&amp;", "&")).collect()
}

/// The query of the address that a browser comes back to.
fn callback(address: &str) -> Callback {
    let url = Url::parse(address).expect("an address");
    let mut query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    Callback { state: query.remove("state"), code: query.remove("code"), error: query.remove("error"), ..Callback::default() }
}
