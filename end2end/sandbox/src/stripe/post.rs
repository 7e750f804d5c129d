//! Webhooks: who is told of events, when, how often, in which order; signed as Stripe signs.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, Uri, header};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::net::TcpStream;

use super::state::{Event, Stripe, new_id};
use crate::core::clock::plus;
use crate::core::state::App;
use crate::core::tokens;

/// Real time between looks at what is due.
const LOOK: Duration = Duration::from_millis(20);
/// How long an endpoint may take to answer, in real time.
const PATIENCE: Duration = Duration::from_secs(10);
/// Seconds after which a failed delivery is tried again: three times in a few hours, as for test accounts.
const AGAIN: [i64; 3] = [600, 3600, 10_800];

/// Somebody who is told.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) secret: String,
    /// The secret before, which signs as well until then.
    pub(super) previous: Option<(String, Timestamp)>,
    /// Kinds of event; `*` is every one.
    pub(super) events: Vec<String>,
    pub(super) disabled: bool,
}

/// How deliveries go wrong.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Manner {
    /// Seconds of the sandbox's clock until the first attempt.
    pub(super) delay: i64,
    /// How many times more each is sent.
    pub(super) copies: u32,
    /// What happened together arrives last things first.
    pub(super) reversed: bool,
    /// So many of the next deliveries never arrive, and are not tried again.
    pub(super) lose: u32,
    /// Nothing leaves until this ends.
    pub(super) held: bool,
    /// The kinds of event that this is for; none means all.
    pub(super) only: Vec<String>,
}

impl Manner {
    fn applies(&self, kind: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == kind)
    }
}

/// What stands of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stand {
    /// Not sent yet, or to be sent again.
    Waiting,
    /// On its way.
    Sending,
    /// Answered with 2xx.
    Delivered,
    /// Given up.
    Failed,
    /// Lost on purpose.
    Lost,
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Delivery {
    pub(super) id: String,
    pub(super) event: String,
    pub(super) kind: &'static str,
    pub(super) endpoint: String,
    pub(super) due: Timestamp,
    /// Sorts what is due at the same time.
    place: (u64, i64),
    /// Sent even while others are held.
    urgent: bool,
    pub(super) stand: Stand,
    /// The status of each attempt; `None` where no answer came.
    pub(super) attempts: Vec<Option<u16>>,
}

/// `Stripe-Signature` of `body` at `now`.
fn signature(endpoint: &Endpoint, body: &[u8], now: Timestamp) -> String {
    let second = now.as_second();
    let previous = endpoint.previous.iter().filter(|(_, until)| *until > now).map(|(secret, _)| secret);
    let signed = std::iter::once(&endpoint.secret).chain(previous).filter_map(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(format!("{second}.").as_bytes());
        mac.update(body);
        Some(format!(",v1={}", tokens::hex(&mac.finalize().into_bytes())))
    });
    format!("t={second}{}", signed.collect::<String>())
}

/// Queues `event` for every endpoint that wants it.
pub(super) fn queue(stripe: &mut Stripe, event: &Event, now: Timestamp, burst: u64) {
    let Stripe { endpoints, deliveries, manner, .. } = stripe;
    let wants = |endpoint: &&Endpoint| !endpoint.disabled && endpoint.events.iter().any(|kind| kind == "*" || kind == event.kind);
    let strange = manner.applies(event.kind);
    for endpoint in endpoints.iter().filter(wants) {
        for _ in 0..=(if strange { manner.copies } else { 0 }) {
            let count = i64::try_from(deliveries.len()).unwrap_or(i64::MAX);
            let lost = strange && manner.lose > 0;
            if lost {
                manner.lose -= 1;
            }
            deliveries.push(Delivery {
                id: new_id("whd"),
                event: event.id.clone(),
                kind: event.kind,
                endpoint: endpoint.id.clone(),
                due: if strange { plus(now, manner.delay) } else { now },
                place: (burst, if strange && manner.reversed { -count } else { count }),
                urgent: false,
                stand: if lost { Stand::Lost } else { Stand::Waiting },
                attempts: Vec::new(),
            });
        }
    }
}

/// A delivery on its way out.
struct Letter {
    delivery: String,
    url: String,
    signature: String,
    body: Vec<u8>,
}

impl Stripe {
    /// How many endpoints have yet to be told of the event `id`, or never were.
    pub(super) fn pending(&self, id: &str) -> usize {
        let about = |delivery: &&Delivery| delivery.event == id && !delivery.urgent;
        let told = |delivery: &&Delivery| {
            self.deliveries.iter().any(|other| other.event == id && other.endpoint == delivery.endpoint && other.stand == Stand::Delivered)
        };
        let untold: std::collections::BTreeSet<&str> =
            self.deliveries.iter().filter(about).filter(|delivery| !told(delivery)).map(|delivery| delivery.endpoint.as_str()).collect();
        untold.len()
    }

    /// Sends the event `id` once more, at once. Gives how many endpoints are told.
    pub(super) fn send_again(&mut self, id: &str, now: Timestamp) -> usize {
        let Some(kind) = self.events.iter().find(|event| event.id == id).map(|event| event.kind) else { return 0 };
        let endpoints: Vec<String> =
            self.endpoints.iter().filter(|endpoint| !endpoint.disabled).map(|endpoint| endpoint.id.clone()).collect();
        let told = endpoints.len();
        for endpoint in endpoints {
            let place = (u64::MAX, i64::try_from(self.deliveries.len()).unwrap_or(i64::MAX));
            let (event, attempts) = (id.to_owned(), Vec::new());
            self.deliveries.push(Delivery {
                id: new_id("whd"),
                event,
                kind,
                endpoint,
                due: now,
                place,
                urgent: true,
                stand: Stand::Waiting,
                attempts,
            });
        }
        told
    }

    /// The next delivery that is due, marked as on its way.
    fn next_letter(&mut self, now: Timestamp) -> Option<Letter> {
        let Self { deliveries, manner, .. } = self;
        let held = |delivery: &Delivery| manner.held && manner.applies(delivery.kind) && !delivery.urgent;
        let due = deliveries
            .iter()
            .enumerate()
            .filter(|(_, delivery)| delivery.stand == Stand::Waiting && delivery.due <= now && !held(delivery));
        let (index, _) = due.min_by_key(|(_, delivery)| (delivery.due, delivery.place))?;
        let Delivery { id, event, endpoint, .. } = self.deliveries[index].clone();
        let endpoint = self.endpoints.iter().find(|known| known.id == endpoint);
        let event = self.events.iter().find(|known| known.id == event);
        let (Some(endpoint), Some(event)) = (endpoint, event) else {
            self.deliveries[index].stand = Stand::Failed;
            return None;
        };
        let body = serde_json::to_vec_pretty(&self.show_event(event)).unwrap_or_else(|_| Vec::new());
        let letter = Letter { delivery: id, url: endpoint.url.clone(), signature: signature(endpoint, &body, now), body };
        self.deliveries[index].stand = Stand::Sending;
        Some(letter)
    }

    fn note(&mut self, id: &str, status: Option<u16>, now: Timestamp) {
        let Some(delivery) = self.deliveries.iter_mut().find(|delivery| delivery.id == id) else { return };
        delivery.attempts.push(status);
        let again = AGAIN.get(delivery.attempts.len() - 1).filter(|_| !delivery.urgent);
        delivery.stand = match (status, again) {
            (Some(200..=299), _) => Stand::Delivered,
            (_, Some(seconds)) => {
                delivery.due = plus(now, *seconds);
                Stand::Waiting
            }
            (_, None) => Stand::Failed,
        };
    }
}

/// Lets time pass and sends what is due, one after the other, until dropped.
pub(crate) async fn postman(app: App) {
    loop {
        let now = app.clock.now();
        let letter = {
            let stripe = &mut app.world().stripe;
            stripe.tick(&app.base, now);
            stripe.next_letter(now)
        };
        let Some(letter) = letter else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let id = letter.delivery.clone();
        let status = tokio::time::timeout(PATIENCE, send(letter)).await.ok().flatten();
        app.world().stripe.note(&id, status, app.clock.now());
    }
}

/// Whether `url` can be an endpoint: `http` on this machine, since nothing may leave it.
pub(super) fn is_local(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    uri.scheme_str() == Some("http") && matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

async fn send(letter: Letter) -> Option<u16> {
    let uri: Uri = letter.url.parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driven = tokio::spawn(connection);
    let request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, uri.authority()?.as_str())
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(header::USER_AGENT, "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", letter.signature)
        .body(Full::new(Bytes::from(letter.body)))
        .ok()?;
    let response = sender.send_request(request).await.ok()?;
    let status = response.status().as_u16();
    // What the endpoint says besides does not matter; its end frees the connection.
    let _ = Body::new(response.into_body()).collect().await;
    driven.abort();
    Some(status)
}
