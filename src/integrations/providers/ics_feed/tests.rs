use crate::integrations::safe_fetch::testing::{Answer, Server, fetch as client, http};

use super::*;

const CALENDAR: &str = "\u{feff}begin:vcalendar\r\nX-WR-CALNAME:Maya\r\nX-PUBLISHED-TTL:PT1M\r\nEND:VCALENDAR\r\n";

async fn server() -> Server {
    Server::start(|request| {
        let path = request.split(' ').nth(1).unwrap();
        match path {
            "/cal" if request.contains("if-none-match: \"7\"") => http("304 Not Modified", "", b""),
            "/cal" => http("200 OK", "ETag: \"7\"\r\nContent-Type: application/json\r\n", CALENDAR.as_bytes()),
            "/page" => http("200 OK", "Content-Type: text/calendar\r\n", b"<html>BEGIN:VCALENDAR\r\nEND:VCALENDAR"),
            "/half" => http("200 OK", "", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"),
            "/broken" => Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nBEGIN:VCALENDAR\r\n".to_vec()),
            "/busy" => http("429 Too Many Requests", "Retry-After: 120\r\n", b""),
            "/secret" => http("403 Forbidden", "", b""),
            "/down" => http("502 Bad Gateway", "", b""),
            _ => http("404 Not Found", "", b""),
        }
    })
    .await
}

#[tokio::test]
async fn a_feed_is_fetched_once_and_then_asked_about() {
    let (server, client) = (server().await, client());
    let address = client.address(&server.url("/cal")).unwrap();
    let Fetched::Feed(feed) = fetch(&client, &address, &Validators::default()).await.unwrap() else { panic!("a feed") };
    assert_eq!((feed.name.as_deref(), feed.refresh_interval), (Some("Maya"), Some(SHORTEST_INTERVAL)));
    assert!(!format!("{feed:?}").contains("Maya"));
    assert_eq!(fetch(&client, &address, &feed.validators).await.unwrap(), Fetched::NotModified);
}

#[tokio::test]
async fn what_is_not_a_feed_says_what_it_is() {
    let (server, client) = (server().await, client());
    let expected = [
        ("/page", FeedError::Calendar(IcalError::NotACalendar), false),
        ("/half", FeedError::Calendar(IcalError::CutShort), true),
        ("/broken", FeedError::Fetch(FetchError::CutShort), true),
        ("/busy", FeedError::RateLimited(Some(Duration::from_mins(2))), true),
        ("/secret", FeedError::NotPublished, false),
        ("/down", FeedError::Status(502), true),
        ("/nothing", FeedError::Gone, false),
    ];
    for (path, error, transient) in expected {
        let found = fetch(&client, &client.address(&server.url(path)).unwrap(), &Validators::default()).await.unwrap_err();
        assert_eq!((&found, found.is_transient()), (&error, transient), "{path}");
    }
}
