//! Somebody else's system that takes webhooks, strict as its documentation: what is not signed, dated and shaped as promised is refused.
//! It shares no code with what sends.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What it does with a request that it has checked.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status, with header lines (`Retry-After: 5\r\n`).
    Status(u16, String),
    /// Takes it and never answers.
    Hang,
    /// Takes it and ends the connection.
    Cut,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Status(status, String::new())
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
    /// Whether it was answered with a 2xx.
    pub(crate) accepted: bool,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn id(&self) -> String {
        self.headers["webhook-id"].clone()
    }

    /// The time of the signature, and each of its values.
    pub(crate) fn signature(&self) -> (i64, Vec<String>) {
        parse_signature(&self.headers["wellmet-signature"]).expect("a signature")
    }
}

#[derive(Default)]
struct State {
    secrets: Vec<String>,
    now: i64,
    script: VecDeque<Reply>,
    otherwise: Option<Reply>,
    received: Vec<Received>,
    complaints: Vec<String>,
}

/// A receiver on a port of this machine, until the test ends.
#[derive(Clone)]
pub(crate) struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let receiver = Self { port, state: Arc::default() };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.answer(stream).await });
            }
        });
        receiver
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The secrets it believes, and its clock in unix seconds.
    pub(crate) fn trust(&self, secrets: &[&str], now: i64) {
        let mut state = self.state.lock().expect("the state");
        state.secrets = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        state.now = now;
    }

    /// What it does with the next requests, one each; then it answers 204.
    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().expect("the state").script = replies.into_iter().collect();
    }

    /// What it does when the script is over.
    pub(crate) fn otherwise(&self, reply: Option<Reply>) {
        self.state.lock().expect("the state").otherwise = reply;
    }

    /// What came since this was asked last. Fails when anything that came was not as promised.
    pub(crate) fn received(&self) -> Vec<Received> {
        let mut state = self.state.lock().expect("the state");
        assert!(state.complaints.is_empty(), "{:?}", state.complaints);
        std::mem::take(&mut state.received)
    }

    async fn answer(&self, mut stream: TcpStream) {
        let Some((head, body)) = read(&mut stream).await else { return };
        let (reply, accepted) = {
            let mut state = self.state.lock().expect("the state");
            match check(&head, &body, &state) {
                Err(complaint) => {
                    state.complaints.push(complaint);
                    (Reply::status(400), None)
                }
                Ok((path, headers)) => {
                    let reply = state.script.pop_front().or_else(|| state.otherwise.clone()).unwrap_or_else(|| Reply::status(204));
                    let accepted = matches!(reply, Reply::Status(200..300, _));
                    (reply, Some(Received { path, headers, body, accepted }))
                }
            }
        };
        self.state.lock().expect("the state").received.extend(accepted);
        match reply {
            Reply::Status(status, headers) => {
                let answer = format!("HTTP/1.1 {status} Said\r\nConnection: close\r\n{headers}Content-Length: 2\r\n\r\nok");
                let answer = if status == 204 { format!("HTTP/1.1 204 None\r\nConnection: close\r\n{headers}\r\n") } else { answer };
                drop(stream.write_all(answer.as_bytes()).await);
            }
            Reply::Hang => tokio::time::sleep(std::time::Duration::from_mins(1)).await,
            Reply::Cut => {}
        }
    }
}

/// A whole request: its head and its body.
async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let length = stream.read(&mut chunk).await.ok()?;
        if length == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..length]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if bytes.len() - end - 4 >= length.unwrap_or(0) {
            return Some((head, String::from_utf8(bytes[end + 4..].to_vec()).ok()?));
        }
    }
}

/// The path and the headers of a request that is as promised.
fn check(head: &str, body: &str, state: &State) -> Result<(String, HashMap<String, String>), String> {
    let mut lines = head.lines();
    let first: Vec<_> = lines.next().unwrap_or_default().split(' ').collect();
    let ["POST", path, "HTTP/1.1"] = first[..] else { return Err(format!("not a POST: {first:?}")) };
    let mut headers = HashMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
        if headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()).is_some() {
            return Err(format!("{name} comes twice"));
        }
    }
    let header = |name: &str| headers.get(name).map(String::as_str).ok_or(format!("{name} is missing"));
    if header("content-type")? != "application/json" || !header("user-agent")?.starts_with("Wellmet/") {
        return Err("not JSON, or from somebody else".to_owned());
    }
    if header("content-length")? != body.len().to_string() {
        return Err("not as long as it says".to_owned());
    }
    let json: Value = serde_json::from_str(body).map_err(|_| "not JSON".to_owned())?;
    if json["id"] != header("webhook-id")? || !json["type"].is_string() || !json["created_at"].is_string() {
        return Err("id, type or time is missing, or the id is another".to_owned());
    }
    let (at, values) = parse_signature(header("wellmet-signature")?).ok_or("no signature")?;
    if (at - state.now).abs() > 300 {
        return Err(format!("signed at {at}, and it is {}", state.now));
    }
    let right = state.secrets.iter().any(|secret| values.contains(&hmac_sha256(secret.as_bytes(), format!("{at}.{body}").as_bytes())));
    if right { Ok((path.to_owned(), headers)) } else { Err("the signature is wrong".to_owned()) }
}

fn parse_signature(text: &str) -> Option<(i64, Vec<String>)> {
    let mut parts = text.split(',');
    let at = parts.next()?.strip_prefix("t=")?.parse().ok()?;
    let values: Option<Vec<_>> = parts.map(|part| part.strip_prefix("v1=").map(str::to_owned)).collect();
    values.filter(|values| !values.is_empty()).map(|values| (at, values))
}

/// HMAC (RFC 2104) written out, over SHA-256.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::digest([block.map(|byte| byte ^ 0x36).as_slice(), message].concat());
    let outer = Sha256::digest([block.map(|byte| byte ^ 0x5c).as_slice(), &inner].concat());
    outer.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes it");
        text
    })
}

#[test]
fn hmac_is_that_of_the_rfc() {
    // RFC 4231, test cases 1, 2 and 6.
    assert_eq!(hmac_sha256(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    let jefe = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(jefe, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    let long = hmac_sha256(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
    assert_eq!(long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
