//! A browser's side of HTTP/1.1, as thin as can be.

use std::{
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What the clients saw: latencies, and the size of an answer.
pub(crate) struct Seen {
    pub(crate) latencies: Vec<Duration>,
    bytes: usize,
    span: Duration,
}

impl Seen {
    /// Nothing yet.
    pub(crate) const fn none() -> Self {
        Self { latencies: Vec::new(), bytes: 0, span: Duration::ZERO }
    }

    /// And what was seen later.
    pub(crate) fn add(&mut self, later: Self) {
        self.latencies.extend(later.latencies);
        (self.bytes, self.span) = (later.bytes, self.span + later.span);
    }

    /// Answers in a second.
    pub(crate) fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.latencies.len()).unwrap_or(u32::MAX)) / self.span.as_secs_f64()
    }
}

/// Median and 99th percentile, in words.
pub(crate) fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let millis = |percent: usize| times.get(times.len().saturating_sub(1) * percent / 100).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    format!("p50 {:.2} ms, p99 {:.2} ms", millis(50), millis(99))
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.latencies.len() as u128 * 1000 / self.span.as_millis().max(1);
        let kilobytes = f64::from(u32::try_from(self.bytes).unwrap_or(0)) / 1000.0;
        write!(f, "{}; {rate}/s, {kilobytes:.1} kB each", quantiles(self.latencies.clone()))
    }
}

/// Asks for `path` over `connections` for `span`.
pub(crate) async fn ask(server: SocketAddr, path: &str, encoding: &str, connections: usize, span: Duration) -> Seen {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nAccept-Encoding: {encoding}\r\nCookie: tz=Europe/Lisbon\r\n\r\n");
    let clients = (0..connections).map(|_| tokio::spawn(one(server, request.clone(), span)));
    let mut all = Seen { latencies: Vec::new(), bytes: 0, span };
    for client in clients.collect::<Vec<_>>() {
        let (latencies, bytes) = client.await.expect("a client ends");
        all.latencies.extend(latencies);
        all.bytes = bytes;
    }
    all
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the stopwatch")]
async fn one(server: SocketAddr, request: String, span: Duration) -> (Vec<Duration>, usize) {
    let mut stream = TcpStream::connect(server).await.expect("the server listens");
    stream.set_nodelay(true).expect("a TCP option");
    let (mut latencies, mut bytes, began) = (Vec::new(), 0, Instant::now());
    while began.elapsed() < span {
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        bytes = answer(&mut stream).await;
        latencies.push(asked.elapsed());
    }
    (latencies, bytes)
}

/// Reads one answer to its end; its size with the head. Anything but 200 ends the benchmark.
async fn answer(stream: &mut TcpStream) -> usize {
    let mut read = Vec::with_capacity(128 * 1024);
    let mut whole = None;
    loop {
        if whole.is_some_and(|whole| read.len() >= whole) {
            return read.len();
        }
        let got = stream.read_buf(&mut read).await.expect("the server answers");
        assert!(got > 0, "the server hung up");
        whole = whole.or_else(|| length(&read));
        if whole.is_none() && read.ends_with(b"\r\n0\r\n\r\n") {
            return read.len();
        }
    }
}

/// The size of the whole answer, once its head is there and tells it.
fn length(read: &[u8]) -> Option<usize> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&read[..end]).expect("a head is text");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(end + length.parse::<usize>().expect("a length"))
}
