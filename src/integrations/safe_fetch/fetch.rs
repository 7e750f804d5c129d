use std::{error::Error, fmt, io, sync::Arc, time::Duration};

use reqwest::{
    Client, Response,
    header::{AUTHORIZATION, ETAG, HeaderMap, LAST_MODIFIED, LOCATION},
    redirect,
};

use super::{Address, Login, Refused, Request, Resolve, Rules, Validators, guard::Guard};

/// A chain of redirects is at most so long.
const MAX_REDIRECTS: usize = 3;
/// An answer has at most so many headers, and over HTTP/2 so many bytes of them (over HTTP/1 the library's own bound holds).
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: u32 = 64 * 1024;

/// Bounds on an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// For everything, redirects and body included.
    pub total: Duration,
    /// Bytes of the body, after decompression.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20), body: 5 * 1024 * 1024 }
    }
}

/// Fetches from addresses that people typed. Cheap to clone.
#[derive(Clone)]
pub struct Fetch {
    web: (Client, Guard),
    /// For ports that are not the web's: refuses public addresses.
    inside: (Client, Guard),
    rules: Arc<Rules>,
    limits: Limits,
}

/// An answer, whatever its status, read to its end.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed. Its text is a stranger's.
    pub body: Vec<u8>,
    /// Where it came from, after redirects.
    pub address: Address,
}

/// Why there is no answer. Never shows more of an address than its host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address, or one that it led to on its own host, is not fetched.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No such host, no connection, or one that gave no answer in HTTP.
    #[error("the server cannot be reached")]
    Unreachable,
    /// No connection, or no complete answer, in time.
    #[error("the server took too long")]
    Timeout,
    /// More body than is read.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer ended in the middle, or is not compressed as it says.
    #[error("the answer was cut short")]
    CutShort,
    /// It leads to another host. Whoever typed the address may type that one.
    #[error("the address leads on to another host, {0}")]
    CrossHostRedirect(Address),
    /// It leads on and on.
    #[error("the address leads on too many times")]
    TooManyRedirects,
    /// The server's certificate is not valid for its host, or no encryption could be agreed on.
    #[error("the server's certificate is not valid")]
    Tls,
}

impl FetchError {
    /// Whether the same request may well succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout | Self::CutShort)
    }
}

impl Fetch {
    /// A client by the operator's rules.
    ///
    /// # Errors
    /// When the machine's trusted certificates cannot be read.
    pub fn new(rules: Rules, limits: Limits, resolver: Arc<dyn Resolve>) -> Result<Self, reqwest::Error> {
        // The first to install one decides; ring is what the database driver uses too.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let networks = Arc::new(rules.networks.clone());
        let web = Guard { resolver, networks, inside_only: false };
        let inside = Guard { inside_only: true, ..web.clone() };
        Ok(Self { web: (client(&web, limits)?, web), inside: (client(&inside, limits)?, inside), rules: Arc::new(rules), limits })
    }

    /// Reads an address that a person typed, by the operator's rules.
    ///
    /// # Errors
    /// See [`Refused`]; whether the host is in a private network shows only when it is fetched.
    pub fn address(&self, text: &str) -> Result<Address, Refused> {
        Address::parse(text, &self.rules)
    }

    /// What `reference`, found at `base`, means.
    ///
    /// # Errors
    /// As [`Fetch::address`].
    pub fn join(&self, base: &Address, reference: &str) -> Result<Address, Refused> {
        base.join(reference, &self.rules)
    }

    /// Sends a request and reads its answer. Redirects on the same host are followed with the same method and body; the login is not
    /// sent to another origin.
    ///
    /// # Errors
    /// See [`FetchError`]. A status is never an error here.
    pub async fn send(&self, request: &Request<'_>) -> Result<Reply, FetchError> {
        tokio::time::timeout(self.limits.total, self.follow(request)).await.map_err(|_| FetchError::Timeout)?
    }

    /// Sends a request and reads of its answer the status and the headers, no body. A redirect is an answer like any other: nothing
    /// is followed.
    ///
    /// # Errors
    /// As [`Fetch::send`].
    pub async fn send_once(&self, request: &Request<'_>) -> Result<(u16, HeaderMap), FetchError> {
        let sent = tokio::time::timeout(self.limits.total, self.once(request, request.address));
        let answer = sent.await.map_err(|_| FetchError::Timeout)??;
        Ok((answer.status().as_u16(), answer.headers().clone()))
    }

    /// Whether the host of `address` may be connected to as its name is resolved now, to tell a person early. Each request is
    /// judged again. A name that cannot be resolved now may be, later.
    ///
    /// # Errors
    /// See [`Refused`].
    pub async fn may_connect(&self, address: &Address) -> Result<(), Refused> {
        let guard = if address.odd_port() { &self.inside.1 } else { &self.web.1 };
        if let Some(literal) = address.literal() {
            return guard.check(literal);
        }
        match tokio::time::timeout(self.limits.connect, guard.addresses(address.host())).await {
            Ok(Err(error)) => error.downcast_ref::<Refused>().map_or(Ok(()), |refused| Err(*refused)),
            Ok(Ok(_)) | Err(_) => Ok(()),
        }
    }

    async fn follow(&self, request: &Request<'_>) -> Result<Reply, FetchError> {
        let mut address = request.address.clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.once(request, &address).await?;
            let target =
                if matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) { answer.headers().get(LOCATION) } else { None };
            let Some(target) = target.and_then(|target| target.to_str().ok()) else { return self.read(answer, address).await };
            let next = address.join(target, &self.rules)?;
            if next.host() != address.host() {
                return Err(FetchError::CrossHostRedirect(next));
            }
            if address.url().scheme() == "https" && next.url().scheme() != "https" {
                return Err(Refused::Scheme.into());
            }
            address = next;
        }
        Err(FetchError::TooManyRedirects)
    }

    async fn once(&self, request: &Request<'_>, address: &Address) -> Result<Response, FetchError> {
        let (client, guard) = if address.odd_port() { &self.inside } else { &self.web };
        if let Some(literal) = address.literal() {
            // The client resolves names only.
            guard.check(literal)?;
        }
        let mut sent = client.request(request.method.clone(), address.url().clone()).headers(request.headers.clone());
        if let Some(authorization) = request.authorization.clone().filter(|_| request.address.shares_login_with(address)) {
            sent = sent.header(AUTHORIZATION, authorization);
        }
        if let Some(body) = &request.body {
            sent = sent.body(body.clone());
        }
        sent.send().await.map_err(|error| failure(&error))
    }

    async fn read(&self, mut answer: Response, address: Address) -> Result<Reply, FetchError> {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error))? {
            if body.len() + chunk.len() > self.limits.body {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body, address })
    }

    /// `GET`, optionally as someone.
    ///
    /// # Errors
    /// As [`Fetch::send`].
    pub async fn get(&self, address: &Address, login: Option<&Login>) -> Result<Reply, FetchError> {
        let request = Request::get(address);
        self.send(&login.into_iter().fold(request, Request::login)).await
    }
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch").field("rules", &self.rules).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Reply {
    /// What to ask with next time.
    pub fn validators(&self) -> Validators {
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Validators { etag: header(ETAG), last_modified: header(LAST_MODIFIED) }
    }
}

fn client(guard: &Guard, limits: Limits) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(concat!("Wellmet/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(guard.clone())
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .pool_idle_timeout(Duration::from_secs(30))
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES)
        .build()
}

/// What a failure of the client means. Its own text names the address: it is not kept.
fn failure(error: &reqwest::Error) -> FetchError {
    if let Some(refused) = cause::<Refused>(error) {
        FetchError::Refused(*refused)
    } else if cause::<rustls::Error>(error).is_some() {
        FetchError::Tls
    } else if error.is_timeout() {
        FetchError::Timeout
    } else if error.is_body() || error.is_decode() {
        FetchError::CutShort
    } else {
        FetchError::Unreachable
    }
}

/// The error of that type behind an error. An `io::Error` skips the one it was made of when asked for its source.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.and_then(|inner| cause(inner)).or_else(|| error.source().and_then(|source| cause(source)))
}
