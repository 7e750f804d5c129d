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

/// Latencies in microseconds, sorted, and the size of an answer.
pub(crate) struct Seen {
    micros: Vec<u128>,
    bytes: usize,
    span: Duration,
}

impl Seen {
    fn quantile(&self, share: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures for people")]
        let at = (self.micros.len() as f64 * share) as usize;
        let micros = self.micros.get(at.min(self.micros.len().saturating_sub(1))).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let millis = micros as f64 / 1000.0;
        millis
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.micros.len() as u128 * 1000 / self.span.as_millis().max(1);
        let (p50, p99) = (self.quantile(0.5), self.quantile(0.99));
        write!(
            f,
            "p50 {p50:.2} ms, p99 {p99:.2} ms, {rate} pages/s, {:.1} kB a page",
            f64::from(u32::try_from(self.bytes).unwrap_or(0)) / 1000.0
        )
    }
}

/// Asks for `path` over `connections` for `span`.
pub(crate) async fn ask(server: SocketAddr, path: &str, encoding: &str, connections: usize, span: Duration) -> Seen {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nAccept-Encoding: {encoding}\r\nCookie: tz=Europe/Lisbon\r\n\r\n");
    let clients = (0..connections).map(|_| tokio::spawn(one(server, request.clone(), span)));
    let mut all = Seen { micros: Vec::new(), bytes: 0, span };
    for client in clients.collect::<Vec<_>>() {
        let (micros, bytes) = client.await.expect("a client ends");
        all.micros.extend(micros);
        all.bytes = bytes;
    }
    all.micros.sort_unstable();
    all
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the stopwatch")]
async fn one(server: SocketAddr, request: String, span: Duration) -> (Vec<u128>, usize) {
    let mut stream = TcpStream::connect(server).await.expect("the server listens");
    stream.set_nodelay(true).expect("a TCP option");
    let (mut micros, mut bytes, began) = (Vec::new(), 0, Instant::now());
    while began.elapsed() < span {
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        bytes = answer(&mut stream).await;
        micros.push(asked.elapsed().as_micros());
    }
    (micros, bytes)
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
