//! A site to ask.

use std::{collections::HashMap, fs, net::SocketAddr, path::Path};

use app::server::{AppState, outbox, router::router, site::Site};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use tempfile::TempDir;
use tower::ServiceExt;
use wellmet::{
    Deps,
    accounts::{HashCost, Identity, PasswordHasher, TokenScope},
    config::{Config, SecretKey},
    integrations::tokens::Vault,
    time::Secret,
};

use crate::support::TestDb;

/// A site over the database of a test.
pub(crate) struct TestSite {
    router: Router,
    /// What the site stands on.
    pub(crate) app: AppState,
    _files: TempDir,
}

/// A vault as every test has it.
pub(crate) fn vault(deps: &Deps) -> Vault {
    Vault::new(&SecretKey::from_bytes([7; 32]), &[], deps.ids.clone())
}

/// What it answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl TestSite {
    /// At `http://wellmet.test`.
    pub(crate) fn new(db: &TestDb) -> Self {
        Self::with(db.deps(), &[])
    }

    /// With variables of the environment besides.
    pub(crate) fn with(deps: Deps, settings: &[(&str, &str)]) -> Self {
        Self::with_app(deps, settings).0
    }

    /// And the services behind it.
    pub(crate) fn with_app(deps: Deps, settings: &[(&str, &str)]) -> (Self, AppState) {
        let mut env = HashMap::from([("PUBLIC_URL".to_owned(), "http://wellmet.test".to_owned())]);
        let files = tempfile::tempdir().expect("a folder");
        env.insert("MAIL_DIR".to_owned(), files.path().join("mail").display().to_string());
        env.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        built_site(files.path());
        let site = Site::at(files.path(), None, false).expect("the site is found");
        let config = Config::from_env(&env).expect("the configuration is right");
        let app = AppState::new(deps.clone(), config, site, PasswordHasher::new(HashCost::CHEAPEST), vault(&deps)).expect("a site");
        (Self { router: router(app.clone()), app: app.clone(), _files: files }, app)
    }

    /// Does the jobs that are due, as the program does beside its pages.
    pub(crate) async fn work(&self) {
        outbox::worker(&self.app).drain().await.expect("the work is done");
    }

    /// Sends a request and gives the answer before its body has come.
    pub(crate) async fn open(&self, mut request: Request<Body>) -> axum::response::Response {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4711))));
        self.router.clone().oneshot(request).await.expect("a response")
    }

    /// Sends any request; from a browser at a documentation address.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("text");
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Looks at a page.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// Looks at a page with cookies.
    pub(crate) async fn get_as(&self, path: &str, cookie: &str) -> Answer {
        self.send(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).expect("a request")).await
    }

    /// Sends a form from the site's own page.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(form_request(path).body(Body::from(form.to_owned())).expect("a request")).await
    }
}

/// A form's request, to add headers to.
pub(crate) fn form_request(path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "wellmet.test")
        .header(header::ORIGIN, "http://wellmet.test")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

/// What a program sends as `Authorization`: a token of this person's for everything they may do.
pub(crate) async fn bearer(app: &AppState, identity: &Identity) -> String {
    let token = app.accounts.create_token(identity.actor(), "a test's", TokenScope::Write, std::time::Duration::from_hours(1)).await;
    format!("Bearer {}", token.expect("a token").expose())
}

/// The cookie of someone who is signed in, on plain http.
pub(crate) fn cookie(secret: &Secret) -> String {
    format!("wellmet={}", secret.expose())
}

impl Answer {
    /// A header's text; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in text"))
    }
}

fn built_site(root: &Path) {
    let packed = root.join("pkg");
    fs::create_dir(&packed).expect("a folder");
    for (name, text) in [("wellmet.css", "body{}"), ("wellmet.js", "export{}"), ("wellmet.wasm", "\0asm")] {
        fs::write(packed.join(name), text).expect("a file");
    }
    fs::write(root.join("robots.txt"), "User-agent: *\n").expect("a file");
}
