//! The outgoing HTTP client for providers whose addresses the operator configures. Addresses that people type go
//! through `safe_fetch` instead.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, header::HeaderMap, redirect};
use serde::de::DeserializeOwned;

use super::outcome::CallError;

/// No provider needs longer to let us in.
const CONNECT: Duration = Duration::from_secs(5);
/// No answer is worth waiting for longer, its body included.
const TOTAL: Duration = Duration::from_secs(20);
/// No answer is longer than this, after decompression: a month of a very full calendar has a few hundred kB.
const LONGEST: usize = 8 * 1024 * 1024;

/// Sends requests and reads bounded answers. Cheap to clone. Follows no redirects: an API that redirects is not the
/// one that was configured, and credentials do not travel.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Http {
    /// A client that speaks TLS with the roots of the system.
    ///
    /// # Errors
    /// When the TLS roots cannot be read.
    pub fn new() -> Result<Self, reqwest::Error> {
        // The first to install one decides; ring is what the database driver uses too.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("Wellmet/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .redirect(redirect::Policy::none())
            .referer(false)
            .pool_idle_timeout(Duration::from_mins(1))
            .build()?;
        Ok(Self { client })
    }

    /// The client to build a request with; it is sent by [`Http::send`].
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Sends `request` and reads the answer, whatever its status.
    ///
    /// # Errors
    /// `Unreachable`, `TimedOut`, or `BadAnswer` when it is cut short or too long.
    pub async fn send(&self, request: RequestBuilder) -> Result<Reply, CallError> {
        let mut answer = request.send().await.map_err(failure)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(CallError::BadAnswer("too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }
}

/// What a failure of the client means. Its text names addresses: it is not kept.
fn failure(error: reqwest::Error) -> CallError {
    if error.is_timeout() {
        CallError::TimedOut
    } else if error.is_body() || error.is_decode() {
        CallError::BadAnswer("cut short")
    } else {
        CallError::Unreachable
    }
}

impl Reply {
    /// The body as a `T`.
    ///
    /// # Errors
    /// `BadAnswer`. The parser's text is not kept: it may quote what was sent.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        serde_json::from_slice(&self.body).map_err(|_| CallError::BadAnswer("not the documented JSON"))
    }

    /// How long `Retry-After` asks to wait, if it gives seconds (RFC 9110 10.2.3); at most an hour is believed.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds: u64 = self.headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds.min(3600)))
    }

    /// What a status means that is the same everywhere: 429 and 5xx. `None` for the rest, which the provider's own
    /// documentation decides.
    pub fn common_failure(&self) -> Option<CallError> {
        match self.status.as_u16() {
            429 => Some(CallError::RateLimited(self.retry_after())),
            status @ 500.. => Some(CallError::ProviderDown(status)),
            300..400 => Some(CallError::BadAnswer("a redirect")),
            _ => None,
        }
    }
}
