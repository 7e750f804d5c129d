//! CalDAV servers of others, on loopback for the length of a test, and a client of others to write with.

use std::{
    fs,
    io::{BufRead as _, BufReader, Lines, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::tools::tool;

/// Who has an account on the servers.
pub(crate) const USER: &str = "coach";
/// The password on Radicale; Xandikos asks for none over plain HTTP.
pub(crate) const PASSWORD: &str = "app pässword";

/// The same as `htpasswd -s` writes it: its SHA-1 in base64.
const PASSWORD_SHA: &str = "{SHA}87N3FtaHQ5nVZWsAARb2aeZOkfg=";

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Radicale,
    Xandikos,
    /// Xandikos over TLS, for `https://localhost` with a certificate of its own, and with a password.
    XandikosTls,
}

/// A running server. Stopped when dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    child: Child,
    pub(crate) folder: TempDir,
}

impl Server {
    /// Starts one and waits until it listens. `None` without the tools.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = match kind {
            Kind::Radicale => {
                let users = folder.path().join("users");
                fs::write(&users, format!("{USER}:{PASSWORD}\n")).unwrap();
                let mut command = Command::new(tool("radicale")?);
                command.args(["--config", "", "--auth-type", "htpasswd", "--auth-htpasswd-encryption", "plain", "--auth-delay", "0"]);
                command.arg("--server-hosts").arg(format!("127.0.0.1:{port}"));
                command.arg("--auth-htpasswd-filename").arg(users).arg("--storage-filesystem-folder").arg(folder.path().join("data"));
                command
            }
            Kind::Xandikos | Kind::XandikosTls => {
                let mut command = Command::new(tool("xandikos")?);
                command.args(["serve", "--defaults", "--current-user-principal", "/coach/", "--no-detect-systemd"]);
                if kind == Kind::XandikosTls {
                    let users = folder.path().join("users");
                    fs::write(&users, format!("{USER}:{PASSWORD_SHA}\n")).unwrap();
                    command.args(["-l", "localhost", "--autocert", "--htpasswd"]).arg(users);
                } else {
                    command.args(["-l", "127.0.0.1"]);
                }
                command.arg("-p").arg(port.to_string()).arg("-d").arg(folder.path().join("data"));
                command.arg("--state-dir").arg(folder.path().join("state"));
                command
            }
        };
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().expect("the server starts");
        let origin = if kind == Kind::XandikosTls { "https://localhost" } else { "http://127.0.0.1" };
        let mut server = Self { url: format!("{origin}:{port}/"), child, folder };
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            assert!(server.child.try_wait().unwrap().is_none(), "{kind:?} ended: {}", server.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{kind:?} does not listen: {}", server.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_else(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Another program's client, signed in.
pub(crate) struct Writer {
    child: Child,
    ask: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    pub(crate) fn to(server: &Server) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/calendars/writer.py");
        let mut child = Command::new(tool("python")?).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (ask, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()).lines());
        let mut writer = Self { child, ask, answers };
        writer.order(&json!({ "do": "login", "url": server.url, "user": USER, "password": PASSWORD }));
        Some(writer)
    }

    /// Makes a calendar unless it is there; what it answers is its address.
    pub(crate) fn calendar(&mut self, id: &str, name: &str) -> String {
        self.order(&json!({ "do": "calendar", "id": id, "name": name })).as_str().unwrap().to_owned()
    }

    /// Writes one object: components of one UID.
    pub(crate) fn put(&mut self, calendar: &str, components: &str) {
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n{}END:VCALENDAR\r\n", components.replace('\n', "\r\n"));
        self.order(&json!({ "do": "put", "calendar": calendar, "text": text }));
    }

    pub(crate) fn delete(&mut self, calendar: &str, uid: &str) {
        self.order(&json!({ "do": "delete", "calendar": calendar, "uid": uid }));
    }

    /// Has the script do something; see there.
    pub(crate) fn order(&mut self, order: &Value) -> Value {
        writeln!(self.ask, "{order}").unwrap();
        let answer = self.answers.next().unwrap_or_else(|| panic!("the writer failed at {order}")).unwrap();
        serde_json::from_str::<Value>(&answer).unwrap()["ok"].clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
