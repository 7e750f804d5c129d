//! Drives the sandbox's Stripe as a site does, pays as a customer does, and listens as a site's webhook does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode as Status};
use axum::routing::post;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use sandbox::{STRIPE_SECRET_KEY, Sandbox, SandboxConfig, StripeConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::{Bed, body};

/// The version that the sandbox speaks; written out, so that a change of it is noticed.
pub(crate) const VERSION: &str = "2026-10-28.endive";

/// A form as name and value.
pub(crate) type Form = Vec<(String, String)>;

/// A sandbox with a Stripe.
pub(crate) struct Desk(pub(crate) Bed);

pub(crate) async fn desk() -> Desk {
    desk_with(StripeConfig::default()).await
}

pub(crate) async fn desk_with(stripe: StripeConfig) -> Desk {
    let sandbox = Sandbox::start(SandboxConfig { stripe: Some(stripe), ..SandboxConfig::default() }).await.unwrap();
    let _already = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    Desk(Bed { sandbox, client })
}

/// A form of `pairs`.
pub(crate) fn form(pairs: &[(&str, &str)]) -> Form {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A correct session: twenty-five euros for an hour.
pub(crate) fn hour() -> Form {
    form(&[
        ("mode", "payment"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "2500"),
        ("line_items[0][price_data][product_data][name]", "An hour with Maya <3"),
        ("success_url", "http://127.0.0.1:3000/paid?session={CHECKOUT_SESSION_ID}&x=1"),
        ("cancel_url", "http://127.0.0.1:3000/back"),
        ("client_reference_id", "booking-1"),
        ("metadata[booking]", "booking-1"),
        ("payment_intent_data[metadata][booking]", "booking-1"),
    ])
}

/// As [`hour`], the money held for later.
pub(crate) fn held() -> Form {
    and(hour(), "payment_intent_data[capture_method]", "manual")
}

/// `form` with `name` set to `value`; an empty value removes it and what is within.
pub(crate) fn and(mut form: Form, name: &str, value: &str) -> Form {
    form.retain(|(known, _)| known != name && !known.starts_with(&format!("{name}[")));
    if !value.is_empty() {
        form.push((name.to_owned(), value.to_owned()));
    }
    form
}

/// A member of an error.
pub(crate) fn told<'a>(answer: &'a Value, member: &str) -> &'a str {
    answer["error"][member].as_str().unwrap_or("")
}

/// The id of an object.
pub(crate) fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap_or_else(|| panic!("no id in {object}"))
}

impl Desk {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.0.sandbox.url(&format!("/stripe/v1{path}"));
        self.0.client.request(method, url).bearer_auth(STRIPE_SECRET_KEY).header("Stripe-Version", VERSION)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        body(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, form: &Form) -> (StatusCode, Value) {
        body(self.request(Method::POST, path).form(form).send().await.unwrap()).await
    }

    /// With an idempotency key; the whole response.
    pub(crate) async fn keyed(&self, path: &str, form: &Form, key: &str) -> Response {
        self.request(Method::POST, path).header("Idempotency-Key", key).form(form).send().await.unwrap()
    }

    /// What `path` answers with, which is no error.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let (status, answer) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// What a POST answers with, which is no error.
    pub(crate) async fn done(&self, path: &str, form: &Form) -> Value {
        let (status, answer) = self.post(path, form).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// The refusal of a POST: status, type, code, param.
    pub(crate) async fn refused(&self, path: &str, form: &Form) -> (u16, String, String, String) {
        let (status, answer) = self.post(path, form).await;
        let told = |member: &str| told(&answer, member).to_owned();
        assert_ne!(told("message"), "", "{answer}");
        (status.as_u16(), told("type"), told("code"), told("param"))
    }

    pub(crate) async fn session(&self, form: &Form) -> Value {
        self.done("/checkout/sessions", form).await
    }

    pub(crate) async fn control(&self, method: Method, path: &str, what: Value) -> Value {
        self.0.control(method, &format!("/stripe{path}"), what).await
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        self.0.control(Method::POST, "/clock", json!({ "advance": seconds })).await;
    }

    /// Pays a new session; gives its payment as it is then.
    pub(crate) async fn paid(&self, form: &Form, with: &str) -> Value {
        let session = self.session(form).await;
        self.pay(id(&session), with).await;
        let session = self.read(&format!("/checkout/sessions/{}?expand[]=payment_intent", id(&session))).await;
        session["payment_intent"].clone()
    }

    pub(crate) async fn pay(&self, session: &str, with: &str) -> Value {
        self.control(Method::POST, &format!("/sessions/{session}/pay"), json!({ "with": with })).await
    }

    /// The kinds of all events, oldest first.
    pub(crate) async fn kinds(&self) -> Vec<String> {
        let events = self.read("/events?limit=100").await;
        assert_eq!(events["has_more"], false);
        events["data"].as_array().unwrap().iter().rev().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// The charge of a payment.
    pub(crate) async fn charge(&self, intent: &Value) -> Value {
        self.read(&format!("/charges/{}?expand[]=refunds", intent["latest_charge"].as_str().unwrap())).await
    }
}

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) signature: String,
    pub(crate) body: Vec<u8>,
}

impl Arrived {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.event()["type"].as_str().unwrap().to_owned()
    }
}

#[derive(Default)]
struct Heard {
    arrived: Vec<Arrived>,
    answers: Vec<u16>,
}

/// Somebody who is told of events.
pub(crate) struct Ear {
    pub(crate) url: String,
    heard: Arc<Mutex<Heard>>,
    task: JoinHandle<()>,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An ear that answers with `answers`, one after the other, and 200 afterwards.
pub(crate) async fn ear(answers: &[u16]) -> Ear {
    let heard = Arc::new(Mutex::new(Heard { arrived: Vec::new(), answers: answers.iter().rev().copied().collect() }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(hear)).with_state(Arc::clone(&heard));
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Ear { url, heard, task }
}

async fn hear(State(heard): State<Arc<Mutex<Heard>>>, headers: HeaderMap, body: Bytes) -> Status {
    let mut heard = heard.lock().unwrap();
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    heard.arrived.push(Arrived { signature, body: body.to_vec() });
    Status::from_u16(heard.answers.pop().unwrap_or(200)).unwrap()
}

impl Ear {
    pub(crate) fn so_far(&self) -> Vec<Arrived> {
        self.heard.lock().unwrap().arrived.clone()
    }

    /// Waits until `count` webhooks came; fails when more did.
    pub(crate) async fn hears(&self, count: usize) -> Vec<Arrived> {
        for _ in 0..500 {
            if self.so_far().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.silent().await;
        let arrived = self.so_far();
        assert_eq!(arrived.len(), count, "{:?}", arrived.iter().map(Arrived::kind).collect::<Vec<_>>());
        arrived
    }

    /// Long enough for anything that is due to arrive.
    pub(crate) async fn silent(&self) {
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
}
