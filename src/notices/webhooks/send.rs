use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};

use super::{
    attempts::{Attempt, note},
    endpoint::{DeliveryId, EndpointId, Sealed, place},
    signature, told,
};
use crate::{
    Deps,
    error::Internal,
    integrations::{
        safe_fetch::{Address, Fetch, FetchError, Refused, Request},
        tokens::{Clear, Unopenable, Vault},
    },
    jobs::{Handler, Job, Verdict},
    model::{Instant, UserId},
    store::{Row, StoreError, sql},
};

/// A receiver may ask to be left alone for so long, no longer.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Sends deliveries.
#[derive(Clone)]
pub struct WebhookSender {
    deps: Deps,
    vault: Vault,
    fetch: Fetch,
}

/// A delivery and where it goes, as they are now.
struct Parcel {
    id: DeliveryId,
    endpoint: EndpointId,
    coach: Option<UserId>,
    event: String,
    kind: String,
    body: String,
    delivered: bool,
    active: bool,
    url_sealed: String,
    secret_sealed: String,
    /// The former secret, while it signs as well.
    former_sealed: Option<String>,
}

/// What a try came to.
struct Outcome {
    status: Option<u16>,
    /// Nothing: it was delivered.
    problem: Option<String>,
    after: Option<Duration>,
}

impl Outcome {
    fn failed(problem: impl Into<String>) -> Self {
        Self { status: None, problem: Some(problem.into()), after: None }
    }
}

#[async_trait]
impl Handler for WebhookSender {
    async fn run(&self, job: &Job) -> Result<Verdict, Internal> {
        let id = job.payload["delivery"].as_str().and_then(|id| id.parse().ok());
        let Some(parcel) = self.load(id).await? else { return Ok(Verdict::Moot("The webhook was removed.".into())) };
        if !parcel.active {
            return Ok(Verdict::Moot("The webhook is switched off.".into()));
        }
        if parcel.delivered && job.payload.get("replay").is_none() {
            // It arrived, and whoever noted that did not get to end the job.
            return Ok(Verdict::Done);
        }
        let begun = self.deps.clock.now();
        let outcome = self.send(&parcel, begun).await;
        self.note(&parcel, begun, &outcome).await?;
        tracing::debug!(target: "webhooks", delivery = %parcel.id, status = outcome.status, "sent");
        let Some(why) = outcome.problem else { return Ok(Verdict::Done) };
        if parcel.kind == told::PING {
            return Ok(Verdict::Moot(why));
        }
        if outcome.status == Some(410) {
            return Ok(Verdict::Hopeless(why));
        }
        Ok(Verdict::Failed { why, after: outcome.after })
    }
}

impl WebhookSender {
    pub(super) const fn new(deps: Deps, vault: Vault, fetch: Fetch) -> Self {
        Self { deps, vault, fetch }
    }

    async fn load(&self, id: Option<DeliveryId>) -> Result<Option<Parcel>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        let row = sql("SELECT d.*, e.coach_id, e.active, e.url_sealed, e.secret_sealed,
                CASE WHEN e.previous_until > $2 THEN e.previous_sealed END AS former
             FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE d.id = $1");
        let row = row.bind(id).bind(self.deps.clock.now()).optional(&self.deps.store).await?;
        row.as_ref().map(parcel_of).transpose()
    }

    async fn send(&self, parcel: &Parcel, now: Instant) -> Outcome {
        let Ok((address, signature)) = self.open(parcel, now) else {
            return Outcome::failed("This site's keys do not open the webhook's address or secret.");
        };
        let address = match address {
            Ok(address) => address,
            Err(refused) => return Outcome::failed(words_of(&refused.into())),
        };
        let Ok(signature) = HeaderValue::from_str(&signature) else { return Outcome::failed("It could not be signed.") };
        let Ok(event) = HeaderValue::from_str(&parcel.event) else { return Outcome::failed("It has no id.") };
        let request = Request::new(Method::POST, &address).body("application/json", parcel.body.clone());
        let request = request.header(HeaderName::from_static("webhook-id"), event);
        let request = request.header(HeaderName::from_static("wellmet-signature"), signature);
        match self.fetch.send_once(&request).await {
            Ok((status, headers)) => self.judge(status, &headers),
            Err(error) => Outcome::failed(words_of(&error)),
        }
    }

    /// Where it goes, and its signature with every secret that is good now.
    fn open(&self, parcel: &Parcel, now: Instant) -> Result<(Result<Address, Refused>, String), Unopenable> {
        let (endpoint, keeper) = (parcel.endpoint.to_string(), parcel.coach.map_or_else(String::new, |coach| coach.to_string()));
        let open = |sealed: &str, what| self.vault.open(sealed, place(what, &endpoint, &keeper));
        let (url, secret) = (open(&parcel.url_sealed, Sealed::Url)?, open(&parcel.secret_sealed, Sealed::Secret)?);
        // One that no key opens any more is no reason not to send.
        let former = parcel.former_sealed.as_deref().and_then(|sealed| open(sealed, Sealed::Secret).ok());
        let secrets = std::iter::once(&secret).chain(&former).map(Clear::expose);
        Ok((self.fetch.address(url.expose()), signature(secrets, now, &parcel.body)))
    }

    fn judge(&self, status: u16, headers: &HeaderMap) -> Outcome {
        let problem = match status {
            200..300 => None,
            410 => Some("The receiver answered that it is gone (410). The webhook was switched off.".to_owned()),
            300..400 => {
                Some(format!("The receiver answered with a redirect ({status}). Webhooks follow none: type the address it leads to."))
            }
            _ => Some(format!("The receiver answered with status {status}.")),
        };
        Outcome { status: Some(status), problem, after: self.retry_after(headers) }
    }

    /// How long the receiver wants to be left alone: in seconds or until a date (RFC 9110, 10.2.3), at most an hour.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let after = if let Ok(seconds) = text.parse() {
            Duration::from_secs(seconds)
        } else {
            let until = DateTime::parse_from_rfc2822(text).ok()?.timestamp_millis();
            Duration::from_millis(u64::try_from(until - self.deps.clock.now().millis()).ok()?)
        };
        Some(after.min(LONGEST_PAUSE))
    }

    async fn note(&self, parcel: &Parcel, begun: Instant, outcome: &Outcome) -> Result<(), StoreError> {
        let now = self.deps.clock.now();
        let attempt = Attempt {
            at: begun,
            status: outcome.status.map(u32::from),
            problem: outcome.problem.clone(),
            millis: (now.millis() - begun.millis()).max(0),
        };
        let mut tx = self.deps.store.begin().await?;
        note(&mut tx, &*self.deps.ids, parcel.id, &attempt).await?;
        if outcome.problem.is_none() {
            let delivered = sql("UPDATE webhook_deliveries SET delivered_at = $2 WHERE id = $1");
            delivered.bind(parcel.id).bind(now).run(&mut tx).await?;
        }
        if outcome.status == Some(410) {
            // Unless another address was typed meanwhile: it is not that one which is gone.
            let off = sql("UPDATE webhook_endpoints SET active = 0, gone_at = $3, updated_at = $3 WHERE id = $1 AND url_sealed = $2");
            off.bind(parcel.endpoint).bind(&parcel.url_sealed).bind(now).run(&mut tx).await?;
        }
        tx.commit().await
    }
}

/// Why there was no answer, for the endpoint's keeper.
fn words_of(error: &FetchError) -> String {
    match error {
        FetchError::Refused(Refused::PrivateNetwork) => "The address leads into a private network. Nothing is sent there.".to_owned(),
        FetchError::Refused(refused) => format!("Nothing was sent: {refused}."),
        FetchError::Timeout => "The receiver did not answer within 10 seconds.".to_owned(),
        FetchError::Tls => "The receiver's certificate is not valid.".to_owned(),
        _ => "The receiver could not be reached, or ended the connection without an answer.".to_owned(),
    }
}

fn parcel_of(row: &Row) -> Result<Parcel, StoreError> {
    let delivered: Option<Instant> = row.get("delivered_at")?;
    Ok(Parcel {
        id: row.get("id")?,
        endpoint: row.get("endpoint_id")?,
        coach: row.get("coach_id")?,
        event: row.get("event_id")?,
        kind: row.get("kind")?,
        body: row.get("payload")?,
        delivered: delivered.is_some(),
        active: row.get("active")?,
        url_sealed: row.get("url_sealed")?,
        secret_sealed: row.get("secret_sealed")?,
        former_sealed: row.get("former")?,
    })
}
