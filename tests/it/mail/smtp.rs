//! A mail server that is strict: TLS that must be trusted, a sign-in, and every way to say no.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tempfile::TempDir;
use wellmet::{
    config::SmtpConfig,
    model::Instant,
    notices::mail::{Delivery, Letter, Smtp, Transport},
};

use super::world::Desk;
use crate::{bookings_world::at, support::TestDb, tools::tool};

/// Names the server's port in the second run of this test.
const SERVER: &str = "WELLMET_TEST_SMTP_SERVER";

struct Server {
    child: Child,
    said: Receiver<String>,
    port: u64,
    certificate: String,
    _folder: TempDir,
}

impl Server {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mail/server.py");
        let mut command = Command::new(tool("python")?);
        let mut child = command.arg(script).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, said) = channel();
        // Read all the time: a server that nobody listens to stands still.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let begun: Value = serde_json::from_str(&said.recv().unwrap()).unwrap();
        let certificate = begun["certificate"].as_str().unwrap().to_owned();
        Some(Self { child, said, port: begun["port"].as_u64().unwrap(), certificate, _folder: folder })
    }

    /// The next mail that it took: to whom, and the bytes.
    fn taken(&self) -> (String, Vec<u8>) {
        let mail: Value = serde_json::from_str(&self.said.recv_timeout(Duration::from_secs(10)).unwrap()).unwrap();
        (mail["to"][0].as_str().unwrap().to_owned(), STANDARD.decode(mail["content"].as_str().unwrap()).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn smtp(url: &str) -> Smtp {
    Smtp::new(&SmtpConfig::parse(url).unwrap()).unwrap()
}

fn url(port: &str, password: &str) -> String {
    format!("smtp://wellmet:{password}@localhost:{port}?tls=required")
}

const PASSWORD: &str = "p%C3%A4ssword%401";

/// A real mail with everything, to `name`.
async fn letter(name: &str) -> Letter {
    let desk = Desk::new(TestDb::sqlite().await);
    let (coach, mentee) = desk.people().await;
    let mut tx = desk.db.store().begin().await.unwrap();
    let rename = wellmet::store::sql("UPDATE users SET email = $1, name = 'Zoë 😀' WHERE role = 'client'");
    rename.bind(format!("{name}@example.org")).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let kind = desk.kind(&coach, |_| ()).await;
    desk.book(&mentee, &coach, &kind, at("2026-11-10T12:00:00Z"), &"Grüße ".repeat(330)).await;
    desk.mail().await.into_iter().find(|letter| letter.to.starts_with(name)).unwrap()
}

fn not_now(delivery: &Delivery, words: &str) {
    assert!(matches!(delivery, Delivery::NotNow(why) if why.contains(words)), "{delivery:?}");
}

fn refused(delivery: &Delivery, words: &str) {
    assert!(matches!(delivery, Delivery::Refused(why) if why.contains(words)), "{delivery:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_server_takes_our_mail() {
    if let Ok(port) = env::var(SERVER) {
        return trusted(&port).await;
    }
    let Some(server) = Server::start() else { return };
    let untrusted = smtp(&url(&server.port.to_string(), PASSWORD)).send(&letter("ada").await).await;
    not_now(&untrusted, "encryption cannot be trusted");
    // Once more, where the machine trusts the certificate: that is read from the environment when a process begins.
    let mut again = Command::new(env::current_exe().unwrap());
    again.args(["--exact", "mail::smtp::a_strict_server_takes_our_mail"]);
    again.env(SERVER, server.port.to_string()).env("SSL_CERT_FILE", &server.certificate);
    let output = again.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let taken = [server.taken(), server.taken(), server.taken(), server.taken(), server.taken()];
    let names = taken.each_ref().map(|(to, _)| to.split('@').next().unwrap());
    assert_eq!(names, ["ada", "ada", "full", "cut", "cut"]);
    assert!(taken[0].1 == taken[1].1, "byte for byte");
    assert!(taken[3].1 == taken[4].1, "the second try is the same mail");
}

async fn trusted(port: &str) {
    let server = smtp(&url(port, PASSWORD));
    server.knock().await.unwrap();
    let ada = letter("ada").await;
    assert_eq!(server.send(&ada).await, Delivery::Accepted);
    assert_eq!(server.send(&ada).await, Delivery::Accepted, "through the connection of before");
    refused(&server.send(&letter("nobody").await).await, "(550)");
    refused(&server.send(&letter("spam").await).await, "(554)");
    not_now(&server.send(&letter("busy").await).await, "(451)");
    let full = letter("full").await;
    not_now(&server.send(&full).await, "(452)");
    assert_eq!(server.send(&full).await, Delivery::Accepted);
    let cut = letter("cut").await;
    not_now(&server.send(&cut).await, "broke off");
    assert_eq!(server.send(&cut).await, Delivery::Accepted);
    // A wrong password is the operator's to mend, not the end of a mail.
    let stranger = smtp(&url(port, "wrong"));
    not_now(&stranger.send(&ada).await, "sign-in (535)");
    assert!(stranger.knock().await.unwrap_err().contains("535"));
    // Without encryption it says 530 to everything.
    let plain = smtp(&format!("smtp://localhost:{port}"));
    not_now(&plain.send(&ada).await, "(530)");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_no_reason_to_give_up() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mail = Letter {
        id: "x@example.org".into(),
        at: Instant::from_millis(0),
        from: "a@example.org".into(),
        to: "b@example.org".into(),
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        invite: None,
        bytes: b"Subject: x\r\n\r\nx\r\n".to_vec(),
    };
    let nobody = smtp(&format!("smtp://127.0.0.1:{port}"));
    not_now(&nobody.send(&mail).await, "cannot be reached");
    refused(&nobody.send(&Letter { to: "b@".into(), ..mail }).await, "such an address");
}
