//! Encryption for real: a server's certificate is checked for the host in the address, though the connection goes to an address
//! that was looked up and checked before.

use std::{env, net::IpAddr, process::Command, sync::Arc};

use async_trait::async_trait;
use wellmet::{
    config::Networks,
    integrations::{
        providers::caldav::{Caldav, CaldavError, discover},
        safe_fetch::{Fetch, FetchError, Limits, Login, Resolve, Rules},
    },
};

use crate::servers::{Kind, PASSWORD, Server, USER};

/// Names the server in the second run of this test.
const SERVER: &str = "WELLMET_TEST_TLS_SERVER";

/// Every name is this machine.
struct Here;

#[async_trait]
impl Resolve for Here {
    async fn resolve(&self, _host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec![IpAddr::from([127, 0, 0, 1])])
    }
}

async fn found(url: &str, password: &str) -> Result<usize, CaldavError> {
    let rules = Rules { allow_http: false, networks: Networks::parse("127.0.0.1").unwrap() };
    let fetch = Fetch::new(rules, Limits::default(), Arc::new(Here)).unwrap();
    let address = fetch.address(url).unwrap();
    let client = Caldav::new(fetch, Login { user: USER.into(), password: password.into() });
    Ok(discover(&client, &address).await?.calendars.len())
}

#[tokio::test]
async fn certificates_are_checked() {
    if let Ok(url) = env::var(SERVER) {
        return trusted(&url).await;
    }
    let Some(server) = Server::start(Kind::XandikosTls) else { return };
    assert_eq!(found(&server.url, PASSWORD).await.unwrap_err(), CaldavError::Fetch(FetchError::Tls), "nobody vouches for it");
    // Once more, where the machine trusts the certificate: that is read from the environment when a process begins.
    let mut again = Command::new(env::current_exe().unwrap());
    // The server made its certificate itself.
    let certificate = server.folder.path().join("state/certs/selfsigned.crt");
    again.args(["--exact", "tls::certificates_are_checked"]).env(SERVER, &server.url).env("SSL_CERT_FILE", certificate);
    let output = again.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

async fn trusted(url: &str) {
    assert_eq!(found(url, PASSWORD).await, Ok(1));
    assert_eq!(found(url, "wrong").await, Err(CaldavError::WrongPassword));
    let other_name = url.replace("localhost", "calendar.example.org");
    assert_eq!(found(&other_name, PASSWORD).await, Err(CaldavError::Fetch(FetchError::Tls)), "the certificate is for another name");
}
