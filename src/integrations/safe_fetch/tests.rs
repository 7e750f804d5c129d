use std::{io::Write as _, sync::atomic::Ordering::SeqCst};

use super::{
    testing::{Answer, Names, Server, fetch, fetch_with, http},
    *,
};

async fn get(fetch: &Fetch, url: &str) -> Result<Reply, FetchError> {
    fetch.get(&fetch.address(url)?, None).await
}

#[tokio::test]
async fn an_answer_and_its_validators() {
    let server = Server::start(|request| {
        if request.contains("if-none-match: \"v1\"") {
            http("304 Not Modified", "", b"")
        } else {
            http("200 OK", "ETag: \"v1\"\r\nLast-Modified: then\r\n", b"hello")
        }
    })
    .await;
    let fetch = fetch();
    let reply = get(&fetch, &server.url("/a")).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"hello".as_slice()));
    let validators = reply.validators();
    assert_eq!(validators, Validators { etag: Some("\"v1\"".into()), last_modified: Some("then".into()) });
    let reply = fetch.send(&Request::get(&reply.address).newer_than(&validators)).await.unwrap();
    assert_eq!((reply.status, reply.body.len()), (304, 0));
    assert!(server.seen()[0].to_lowercase().contains(&format!("host: feed.test:{}", server.port)));
}

#[tokio::test]
async fn private_networks_are_refused_by_name_and_by_number() {
    for address in [
        "127.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:10.0.0.1",
        "fd00::1",
        "fe80::1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
    ] {
        let fetch = fetch_with("", Names::new(&[&[address]]));
        assert_eq!(get(&fetch, "http://feed.test/").await.unwrap_err(), FetchError::Refused(Refused::PrivateNetwork), "{address}");
        let literal = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        assert_eq!(
            get(&fetch, &format!("http://{literal}/")).await.unwrap_err(),
            FetchError::Refused(Refused::PrivateNetwork),
            "{address}"
        );
    }
    for other_spelling in ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/"] {
        let fetch = fetch_with("", Names::new(&[&["1.1.1.1"]]));
        assert_eq!(get(&fetch, other_spelling).await.unwrap_err(), FetchError::Refused(Refused::PrivateNetwork), "{other_spelling}");
    }
}

#[tokio::test]
async fn one_private_answer_among_public_ones_refuses_all() {
    let fetch = fetch_with("", Names::new(&[&["1.1.1.1", "2606:4700::1111", "192.168.1.1"]]));
    assert_eq!(get(&fetch, "http://feed.test/").await.unwrap_err(), FetchError::Refused(Refused::PrivateNetwork));
}

#[tokio::test]
async fn odd_ports_are_for_the_operators_networks() {
    let fetch = fetch_with("127.0.0.0/8", Names::new(&[&["1.1.1.1"]]));
    assert_eq!(get(&fetch, "http://feed.test:6379/").await.unwrap_err(), FetchError::Refused(Refused::Port));
    assert_eq!(get(&fetch, "http://1.1.1.1:25/").await.unwrap_err(), FetchError::Refused(Refused::Port));
}

#[tokio::test]
async fn a_name_is_looked_up_once() {
    let server = Server::start(|_| http("200 OK", "", b"x")).await;
    let names = Names::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let fetch = fetch_with("127.0.0.1", names.clone());
    assert_eq!(get(&fetch, &server.url("/")).await.unwrap().status, 200);
    assert_eq!(names.1.load(SeqCst), 1, "a second lookup could have answered otherwise");
    assert_eq!(get(&fetch, &server.url("/")).await.unwrap_err(), FetchError::Refused(Refused::PrivateNetwork), "the next one does");
}

#[tokio::test]
async fn redirects_stay_on_their_host() {
    let server = Server::start(|request| {
        let path = request.split(' ').nth(1).unwrap();
        match path {
            "/once" => http("301 Moved", "Location: /there\r\n", b""),
            "/there" => http("200 OK", "", request.split(' ').next().unwrap().as_bytes()),
            "/private" => http("302 Found", "Location: http://10.0.0.1/secret\r\n", b""),
            "/file" => http("302 Found", "Location: file:///etc/passwd\r\n", b""),
            _ => http("302 Found", &format!("Location: {path}x\r\n"), b""),
        }
    })
    .await;
    let fetch = fetch();
    let address = fetch.address(&server.url("/once")).unwrap();
    let report = reqwest::Method::from_bytes(b"REPORT").unwrap();
    let reply = fetch.send(&Request::new(report, &address).body("text/xml", "<a/>".into()).depth(Depth::One)).await.unwrap();
    assert_eq!((reply.body.as_slice(), reply.address.path()), (b"REPORT".as_slice(), "/there"));
    assert!(server.seen()[1].ends_with("<a/>") && server.seen()[1].contains("depth: 1"));
    let error = get(&fetch, &server.url("/private")).await.unwrap_err();
    assert!(matches!(&error, FetchError::CrossHostRedirect(to) if to.host() == "10.0.0.1"));
    assert!(!error.to_string().contains("secret") && !format!("{error:?}").contains("secret"), "{error:?}");
    assert_eq!(get(&fetch, &server.url("/file")).await.unwrap_err(), FetchError::Refused(Refused::Scheme));
    assert_eq!(get(&fetch, &server.url("/loop")).await.unwrap_err(), FetchError::TooManyRedirects);
    assert_eq!(server.seen().iter().filter(|request| request.starts_with("GET /loop")).count(), 4);
}

#[tokio::test]
async fn a_login_stays_on_its_origin() {
    let other = Server::start(|_| http("200 OK", "", b"")).await;
    let elsewhere = other.url("/");
    let server = Server::start(move |_| http("307 Temporary Redirect", &format!("Location: {elsewhere}\r\n"), b"")).await;
    let fetch = fetch();
    let login = Login { user: "maya".into(), password: "pässword".into() };
    assert_eq!(format!("{login:?}"), "Login(..)");
    fetch.get(&fetch.address(&server.url("/")).unwrap(), Some(&login)).await.unwrap();
    assert!(server.seen()[0].contains("authorization: Basic bWF5YTpww6Rzc3dvcmQ="));
    assert!(!other.seen()[0].to_lowercase().contains("authorization"), "same host, another port");
}

#[tokio::test]
async fn sizes_are_counted_after_decompression() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b'a'; 20_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 50_000);
    let server = Server::start(move |request| {
        if request.contains("/bomb") {
            http("200 OK", "Content-Encoding: gzip\r\n", &bomb)
        } else {
            http("200 OK", "", &vec![b'a'; 100_001])
        }
    })
    .await;
    let fetch = fetch();
    assert_eq!(get(&fetch, &server.url("/bomb")).await.unwrap_err(), FetchError::TooLarge);
    assert_eq!(get(&fetch, &server.url("/long")).await.unwrap_err(), FetchError::TooLarge);
}

#[tokio::test]
async fn slow_cut_and_broken_answers() {
    let server = Server::start(|request| match request.split(' ').nth(1).unwrap_or_default() {
        "/silent" => Answer::Silence,
        "/drip" => Answer::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\naaaaaaaaaaaaaaaaaaaaaaaaaaa".to_vec()),
        "/cut" => Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nBEGIN:VCALENDAR".to_vec()),
        "/gone" => Answer::Bytes(Vec::new()),
        "/headers" => http("200 OK", &"X-Many: 1\r\n".repeat(500), b""),
        _ => Answer::Bytes(b"220 mail.example.org ESMTP\r\n".to_vec()),
    })
    .await;
    let fetch = fetch();
    let error = async |path: &str| get(&fetch, &server.url(path)).await.unwrap_err();
    assert_eq!(error("/silent").await, FetchError::Timeout);
    assert_eq!(error("/drip").await, FetchError::Timeout);
    assert_eq!(error("/cut").await, FetchError::CutShort);
    assert_eq!(error("/gone").await, FetchError::Unreachable);
    assert_eq!(error("/headers").await, FetchError::Unreachable);
    assert_eq!(error("/smtp").await, FetchError::Unreachable);
    assert_eq!(get(&fetch, "https://feed.test:1/").await.unwrap_err(), FetchError::Unreachable, "nobody listens");
    assert_eq!(get(&fetch, &server.url("/").replace("http:", "https:")).await.unwrap_err(), FetchError::Tls, "no TLS there");
    assert!(FetchError::Timeout.is_transient() && !FetchError::TooLarge.is_transient());
}
