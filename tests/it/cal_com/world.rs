//! A site, a sandbox beside it, and a person who clicks through consent pages.

use std::{collections::HashMap, time::Duration};

use sandbox::{RunningSandbox, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use url::Url;
use wellmet::{
    Deps,
    accounts::CoachActor,
    config::{Config, SecretKey},
    integrations::{
        CalConnectError, Connected, Integration, Integrations, Providers,
        busy::BusySync,
        http::{Http, Reply},
        providers::Behind,
        tokens::{Tokens, Vault},
    },
    model::{Instant, IntegrationId, Role},
    time::Secret,
};

use crate::support::TestDb;

/// Where people come back to. Nothing listens there: tests read the redirect.
pub(super) const SITE: &str = "http://127.0.0.1:3000";
/// Whose calendar at Google is connected.
pub(super) const MAYA: &str = "maya@google.example";

/// One server.
pub(super) struct Server {
    pub(super) integrations: Integrations,
    pub(super) tokens: Tokens,
    pub(super) sync: BusySync,
}

/// See the module.
pub(super) struct World {
    pub(super) db: TestDb,
    pub(super) sandbox: RunningSandbox,
    pub(super) http: Http,
    pub(super) config: Config,
    pub(super) server: Server,
}

/// A coach, signed in.
pub(super) struct Coach {
    pub(super) actor: CoachActor,
    pub(super) sign_in: Secret,
    /// The address of the managed user.
    pub(super) alias: String,
}

impl World {
    /// The site's clock shows the sandbox's time.
    pub(super) async fn on(db: TestDb) -> Self {
        let sandbox = Sandbox::start(SandboxConfig::default()).await.expect("a sandbox");
        let mut env: HashMap<String, String> = sandbox.environment().into_iter().collect();
        env.insert("PUBLIC_URL".to_owned(), SITE.to_owned());
        let config = Config::from_env(&env).expect("the sandbox's settings");
        let http = Http::new().expect("a client");
        let server = Server::on(db.deps(), &config, &http);
        let world = Self { db, sandbox, http, config, server };
        let now = world.control("GET", "clock", Value::Null).await["now"].as_str().and_then(Instant::parse_rfc3339);
        world.db.clock().set(now.expect("the sandbox's time"));
        world
    }

    /// Another server on the same database.
    pub(super) async fn second_server(&self) -> Server {
        Server::on(self.db.deps_on(self.db.second_server().await), &self.config, &self.http)
    }

    pub(super) async fn coach(&self, name: &str) -> Coach {
        let (identity, sign_in) = self.db.person(name, Role::Coach, "Europe/Berlin").await;
        let alias = format!("{name}+wellmet-sandbox-cal@example.org");
        Coach { actor: identity.coach().expect("a coach"), sign_in, alias }
    }

    /// Time passes, here and there.
    pub(super) async fn advance(&self, by: Duration) {
        self.db.clock().advance(by);
        self.control("POST", "clock", json!({ "advance": by.as_secs() })).await;
    }

    /// Sends a request to the control surface.
    pub(super) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = method.parse().expect("a method");
        let mut request = self.http.client().request(method, self.sandbox.url(&format!("/_control/{path}")));
        if !body.is_null() {
            request = request.json(&body);
        }
        let reply = self.http.send(request).await.expect("the sandbox answers");
        assert!(reply.status.is_success(), "{path}: {}", String::from_utf8_lossy(&reply.body));
        reply.json().expect("JSON")
    }

    /// What was asked of Cal.com since [`World::forget`], below `path`.
    pub(super) async fn requests(&self, path: &str) -> Vec<Value> {
        let log = self.control("GET", &format!("requests?provider=cal&path_prefix=/cal{path}"), Value::Null).await;
        log["requests"].as_array().expect("a list").clone()
    }

    /// How often a token was refreshed regularly, and by force.
    pub(super) async fn refreshes(&self) -> (usize, usize) {
        let forced = self.requests("/v2/oauth-clients").await;
        let forced = forced.iter().filter(|request| request["path"].as_str().is_some_and(|path| path.ends_with("/force-refresh")));
        (self.requests("/v2/oauth/").await.len(), forced.count())
    }

    pub(super) async fn forget(&self) {
        self.control("DELETE", "requests", Value::Null).await;
    }

    /// `times` requests to Cal.com below `path` go wrong as `fault` says.
    pub(super) async fn fault(&self, path: &str, fault: Value, times: Value) {
        let rule = json!({ "provider": "cal", "match": { "path_prefix": path }, "fault": fault, "times": times });
        self.control("POST", "faults", rule).await;
    }

    pub(super) async fn clear_faults(&self) {
        self.control("DELETE", "faults", Value::Null).await;
    }

    async fn send(&self, method: &str, url: &str, form: Option<&[(&str, &str)]>) -> Reply {
        let request = self.http.client().request(method.parse().expect("a method"), url);
        let request = match form {
            Some(form) => request.form(form),
            None => request,
        };
        self.http.send(request).await.expect("an answer")
    }

    /// Answers the consent page at `page` as `account`; gives the address on this site at which the browser ends.
    pub(super) async fn visit(&self, page: &str, account: &str, decision: &str) -> Url {
        let html = self.send("GET", page, None).await;
        assert!(html.status.is_success(), "{}", html.status);
        let html = String::from_utf8(html.body).expect("text");
        let after = |start: &str| html.split(start).nth(1).and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
        let (action, request) = (after("action=\""), after("name=\"request\" value=\""));
        let scopes: Vec<String> =
            html.split("name=\"scope\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
        let mut form = vec![("request", request.as_str()), ("account", account), ("decision", decision)];
        form.extend(scopes.iter().map(|scope| ("scope", scope.as_str())));
        let mut reply = self.send("POST", &self.sandbox.url(&action), Some(&form)).await;
        for _ in 0..5 {
            let words = || String::from_utf8_lossy(&reply.body).into_owned();
            let to = reply.headers.get("location").unwrap_or_else(|| panic!("{}: {}", reply.status, words())).to_str().expect("text");
            if to.starts_with(SITE) {
                return Url::parse(to).expect("an address");
            }
            let to = to.to_owned();
            reply = self.send("GET", &to, None).await;
        }
        panic!("it does not end");
    }

    /// Goes to the consent page and back, and gives what came of it.
    pub(super) async fn try_connect(
        &self,
        coach: &Coach,
        behind: Behind,
        account: &str,
        decision: &str,
    ) -> Result<IntegrationId, CalConnectError> {
        let integrations = &self.server.integrations;
        let page = integrations.start_cal_connect(&coach.actor, &coach.sign_in, behind).await?;
        let back = self.visit(page.expose(), account, decision).await;
        integrations.finish_cal_connect(&coach.actor, &coach.sign_in, behind, state(&back).as_deref()).await
    }

    /// Connects Maya's calendar at Google.
    pub(super) async fn connect(&self, coach: &Coach) -> Integration {
        let id = self.try_connect(coach, Behind::Google, MAYA, "allow").await.expect("a connection");
        self.found(coach, id).await.integration
    }

    pub(super) async fn found(&self, coach: &Coach, id: IntegrationId) -> Connected {
        self.server.integrations.find(&coach.actor, id).await.expect("an answer").expect("an integration")
    }

    /// The credentials at Cal.com.
    pub(super) async fn credentials(&self) -> Vec<Value> {
        let all = self.control("GET", "cal/credentials", Value::Null).await;
        let mine = |credential: &&Value| credential["user"].as_str().is_some_and(|user| user.ends_with("@example.org"));
        all["credentials"].as_array().expect("a list").iter().filter(mine).cloned().collect()
    }

    /// The number of the only credential of a managed user.
    pub(super) async fn credential(&self) -> i64 {
        let all = self.credentials().await;
        assert_eq!(all.len(), 1, "{all:?}");
        all[0]["id"].as_i64().expect("a number")
    }
}

impl Server {
    fn on(deps: Deps, config: &Config, http: &Http) -> Self {
        let providers = Providers::of_config(&config.providers, http);
        let vault = Vault::new(&SecretKey::from_bytes([7; 32]), &[], deps.ids.clone());
        let tokens = Tokens::new(deps.clone(), vault, providers.clone());
        let sync = BusySync::new(tokens.clone(), Duration::from_mins(4));
        let integrations = Integrations::new(deps, tokens.clone(), providers, config.providers.clone(), config.public_url.clone());
        Self { integrations, tokens, sync }
    }
}

/// The state with which a browser came back.
pub(super) fn state(back: &Url) -> Option<String> {
    back.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned())
}

/// The token that travels in the address of a consent page.
pub(super) fn travelling(page: &str) -> String {
    let state = state(&Url::parse(page).expect("an address")).expect("a state");
    let state: Value = serde_json::from_str(&state).expect("JSON");
    state["accessToken"].as_str().expect("a token").to_owned()
}
