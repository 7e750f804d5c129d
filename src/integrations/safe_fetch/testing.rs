//! A server for tests that answers what it is told to, and names that mean what they are told to.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// Names with addresses, one list for each time they are asked for; the last stays.
pub(crate) struct Names(Vec<Vec<&'static str>>, pub(crate) AtomicUsize);

impl Names {
    pub(crate) fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        Arc::new(Self(answers.iter().map(|answer| answer.to_vec()).collect(), AtomicUsize::new(0)))
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
        let turn = self.1.fetch_add(1, SeqCst).min(self.0.len() - 1);
        Ok(self.0[turn].iter().map(|address| address.parse().unwrap()).collect())
    }
}

/// What a server does with a request.
pub(crate) enum Answer {
    Bytes(Vec<u8>),
    /// These bytes, one at a time, with pauses.
    Drip(Vec<u8>),
    Silence,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request by its head, one for each connection.
    pub(crate) async fn start(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buffer = vec![0; 65_536];
                let length = stream.read(&mut buffer).await.unwrap();
                let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
                let answer = answer(&request);
                seen.lock().unwrap().push(request);
                tokio::spawn(async move {
                    match answer {
                        Answer::Bytes(bytes) => drop(stream.write_all(&bytes).await),
                        Answer::Drip(bytes) => {
                            for byte in bytes {
                                if stream.write_all(&[byte]).await.is_err() {
                                    return;
                                }
                                tokio::time::sleep(Duration::from_millis(30)).await;
                            }
                        }
                        Answer::Silence => tokio::time::sleep(Duration::from_secs(30)).await,
                    }
                });
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://feed.test:{}{path}", self.port)
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A whole answer.
pub(crate) fn http(status: &str, headers: &str, body: &[u8]) -> Answer {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    Answer::Bytes([head.as_bytes(), body].concat())
}

/// A client that may enter `networks`, with short limits.
pub(crate) fn fetch_with(networks: &str, names: Arc<Names>) -> Fetch {
    let rules = Rules { allow_http: true, networks: Networks::parse(networks).unwrap() };
    let limits = Limits { connect: Duration::from_secs(2), total: Duration::from_millis(900), body: 100_000 };
    Fetch::new(rules, limits, names).unwrap()
}

/// A client for which every name is this machine.
pub(crate) fn fetch() -> Fetch {
    fetch_with("127.0.0.0/8", Names::new(&[&["127.0.0.1"]]))
}
