//! Streams of changes: who may listen to what, what is said, and when it ends.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
    response::Response,
};
use futures::StreamExt;
use tokio::time::timeout;
use wellmet::{
    bookings::{BookRequest, Bookings, HoldRequest},
    coaches::Offers,
    limits::{LimitSettings, Limits},
    model::Role,
    time::{Secret, Zone},
};

use crate::{
    desk::{first_type, tuesday},
    site::{TestSite, cookie},
    support::{TestDb, both_engines},
};

/// A stream as a browser reads it.
struct Heard {
    frames: axum::body::BodyDataStream,
}

impl Heard {
    fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        Self { frames: response.into_body().into_data_stream() }
    }

    /// What comes next within five seconds; `None` when the stream has ended.
    async fn next(&mut self) -> Option<String> {
        let frame = timeout(Duration::from_secs(5), self.frames.next()).await.expect("something comes, or the end");
        frame.map(|bytes| String::from_utf8(bytes.expect("a frame").to_vec()).expect("text"))
    }

    async fn silent(&mut self) -> bool {
        timeout(Duration::from_millis(2300), self.frames.next()).await.is_err()
    }
}

fn listen(path: &str, secret: Option<&Secret>) -> Request<Body> {
    let request = Request::get(path).header(header::ACCEPT, "text/event-stream").header(header::ACCEPT_ENCODING, "gzip, br");
    let request = secret.map(cookie).into_iter().fold(request, |request, cookie| request.header(header::COOKIE, cookie));
    request.body(Body::empty()).expect("a request")
}

/// The id in the first frame: the mark of how things stand.
fn mark_of(frame: &str) -> String {
    let line = frame.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id");
    assert!(line.len() > 10 && line.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'), "{line}");
    line.to_owned()
}

both_engines! {
    async fn a_booking_on_another_server_is_heard_by_everyone_whom_it_concerns(db: TestDb) {
        let (coach, coach_secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        let (mentee, mentee_secret) = db.person("mia", Role::Mentee, "Europe/Lisbon").await;
        let (_, friend_secret) = db.person("fred", Role::Mentee, "Europe/Lisbon").await;
        let coach = coach.coach().unwrap();
        let kind = first_type(&db, coach, false).await;
        let site = TestSite::new(&db);
        let paths = [("/live/coach/cleo", None), ("/live/me", Some(&coach_secret)), ("/live/me", Some(&mentee_secret)), ("/live/me", Some(&friend_secret))];
        let mut heard = Vec::new();
        for (path, secret) in paths {
            let response = site.open(listen(path, secret)).await;
            let header = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
            assert_eq!(header("content-type"), "text/event-stream");
            assert_eq!((header("content-encoding"), header("cache-control"), header("x-accel-buffering")), (String::new(), "no-store".into(), "no".into()));
            let mut one = Heard::of(response);
            let first = one.next().await.unwrap();
            assert!(first.starts_with("retry: ") && !first.contains("data"), "{first}");
            mark_of(&first);
            heard.push(one);
        }
        for one in &mut heard {
            assert!(one.silent().await, "nothing has changed");
        }
        // The other server shares nothing with the site but the database.
        let deps = db.deps_on(db.second_server().await);
        let bookings = Bookings::new(deps.clone(), Offers::new(deps.store.clone()), Limits::new(deps, LimitSettings::NONE));
        let request = HoldRequest { coach: coach.id(), session_type: kind, start: tuesday(), zone: Zone::utc(), from: None };
        let (secret, _) = bookings.hold(request, None).await.unwrap();
        bookings.book(&mentee.mentee().unwrap(), &secret, BookRequest::default()).await.unwrap();
        for one in &mut heard[..3] {
            let event = one.next().await.unwrap();
            assert!(event.starts_with("event: changed\nid: ") && event.ends_with("\ndata:\n\n"), "no data: {event}");
        }
        assert!(heard[3].silent().await, "that is not fred's");
        // The server stops: everyone is let go at once, and nobody let in.
        site.app.live.close();
        for one in &mut heard {
            assert_eq!(one.next().await, None);
        }
        assert_eq!(site.open(listen("/live/coach/cleo", None)).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(heard);
        assert_eq!(site.app.live.looking(), 0);
    }

    async fn who_missed_something_hears_of_it_at_once(db: TestDb) {
        let (coach, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        let site = TestSite::new(&db);
        let page = site.get_as("/dashboard", &cookie(&secret)).await.body;
        let mark = page.split("mark&quot;:&quot;").nth(1).and_then(|rest| rest.split('&').next()).expect("the mark is in the page").to_owned();
        let same = Heard::of(site.open(listen(&format!("/live/me?since={mark}"), Some(&secret))).await).next().await.unwrap();
        assert_eq!((mark_of(&same), same.contains("event")), (mark.clone(), false));
        first_type(&db, coach.coach().unwrap(), true).await;
        let mut late = Heard::of(site.open(listen(&format!("/live/me?since={mark}"), Some(&secret))).await);
        let first = late.next().await.unwrap();
        assert!(first.contains("\n\nevent: changed\nid: ") && mark_of(&first) != mark, "{first}");
        // A browser that reconnects by itself says what it heard last; that is newer than the page.
        let mut again = listen(&format!("/live/me?since={mark}"), Some(&secret));
        again.headers_mut().insert("last-event-id", mark_of(&first).parse().unwrap());
        let first = Heard::of(site.open(again).await).next().await.unwrap();
        assert!(!first.contains("event"), "{first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_hear_nothing_and_one_address_does_not_take_all_places() {
    let db = TestDb::sqlite().await;
    let (_, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
    db.admin("ada").await;
    let site = TestSite::new(&db);
    for (path, status) in
        [("/live/coach/nobody", StatusCode::NOT_FOUND), ("/live/coach/%00", StatusCode::NOT_FOUND), ("/live/me", StatusCode::FORBIDDEN)]
    {
        assert_eq!(site.get(path).await.status, status, "{path}");
    }
    let mut open = Vec::new();
    for _ in 0..50 {
        open.push(Heard::of(site.open(listen("/live/me", Some(&secret))).await));
    }
    let refused = site.get("/live/coach/cleo").await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "60"));
    let page = site.get("/coaches/cleo").await;
    assert_eq!(page.status, StatusCode::OK, "the pages themselves are there");
    open.pop();
    assert_eq!(site.open(listen("/live/coach/cleo", None)).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_does_not_wait_for_those_who_listen() {
    let db = TestDb::sqlite().await;
    db.coach("cleo").await;
    let site = TestSite::new(&db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let live = site.app.live.clone();
    let until = async move {
        drop(stopped.await);
        live.close();
    };
    let server = tokio::spawn(app::server::serve::serve(listener, app::server::router::router(site.app.clone()), until));
    let mut response = reqwest::get(format!("http://{address}/live/coach/cleo")).await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    stop.send(()).unwrap();
    timeout(Duration::from_secs(3), server).await.expect("it does not wait").unwrap().unwrap();
    assert_eq!(response.chunk().await.unwrap(), None);
}
