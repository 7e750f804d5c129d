//! `Idempotency-Key`: what is asked twice is done once, on one server and on two, also when somebody goes away or a server dies.

use std::{sync::Arc, time::Duration};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use wellmet::{
    accounts::{Identity, MenteeActor, TokenScope},
    bookings::{BookAt, Terms},
    idempotency::{Begun, KEPT_FOR, LEASE, Slot},
    model::{Instant, Role},
    time::Zone,
};

use crate::{
    program::{Program, field, json, problem},
    site::{Answer, TestSite},
    support::{PASSWORD, TestDb, both_engines},
};

const TUESDAY: &str = "2026-11-03T09:00:00Z";

/// A site, a coach and a client.
struct World {
    db: TestDb,
    site: Arc<TestSite>,
    coach: Identity,
    client: Program,
    mentee: MenteeActor,
}

impl World {
    async fn on(db: TestDb) -> Self {
        let site = Arc::new(TestSite::new(&db));
        let (coach, _) = db.person("maya", Role::Coach, "Europe/Berlin").await;
        let (identity, _) = db.person("jonas", Role::Mentee, "UTC").await;
        let client = Program::of(&site.app, &identity).await;
        Self { db, site, coach, client, mentee: identity.mentee().expect("a mentee") }
    }

    fn wish(&self, start: &str) -> Value {
        json!({ "coach_id": self.coach.id(), "session_datetime": start, "duration_minutes": 60, "notes": "Nobody reads this in a dump" })
    }

    async fn post(&self, key: &str, body: &Value) -> Answer {
        post(&self.client, &self.site, "/booking", key, body).await
    }

    async fn bookings(&self) -> i64 {
        self.db.count("SELECT COUNT(*) AS n FROM bookings").await
    }

    async fn kept(&self) -> i64 {
        self.db.count("SELECT COUNT(*) AS n FROM idempotent_answers").await
    }
}

async fn post(who: &Program, site: &TestSite, path: &str, key: &str, body: &Value) -> Answer {
    who.send(site, Method::POST, path, Some(body), &[("idempotency-key", key)]).await
}

fn id(answer: &Answer) -> String {
    json(answer, StatusCode::CREATED)["id"].as_str().expect("an id").to_owned()
}

both_engines! {
    async fn the_same_again_is_the_same_answer(db: TestDb) {
        let world = World::on(db).await;
        let wish = world.wish(TUESDAY);
        let first = world.post("a-key", &wish).await;
        assert_eq!((first.status, first.header("idempotent-replayed")), (StatusCode::CREATED, ""));
        // Whatever became of it since.
        let path = format!("/booking/{}", id(&first));
        json(&world.client.delete(&world.site, &path).await, StatusCode::OK);
        world.db.clock().advance(KEPT_FOR.saturating_sub(Duration::from_millis(1)));
        let stranger = Program::new(&world.db, &world.site, "noa", Role::Mentee, "UTC").await;
        let second = world.post("a-key", &wish).await;
        assert_eq!((second.status, &second.body), (first.status, &first.body));
        assert_eq!(second.header("location"), first.header("location"));
        assert_eq!((second.header("content-type"), second.header("idempotent-replayed")), ("application/json", "true"));
        assert_eq!(world.bookings().await, 1);
        assert!(!world.db.row("SELECT answer FROM idempotent_answers").await.get::<String>("answer").expect("text").contains("Nobody"));
        // Somebody else's key of the same letters is another key.
        assert_eq!(problem(&post(&stranger, &world.site, "/booking", "a-key", &wish).await, 409).0, "slot_unavailable");
        world.db.clock().advance(Duration::from_millis(1));
        assert_eq!(problem(&world.post("a-key", &world.wish(TUESDAY)).await, 409).0, "slot_unavailable", "a day later it is another request");
        let later = world.wish("2026-11-05T09:00:00Z");
        assert_ne!(id(&world.post("b-key", &later).await), id(&first));
        world.db.clock().advance(KEPT_FOR);
        world.site.app.idempotency.sweep().await.expect("a sweep");
        assert_eq!(world.kept().await, 0);
    }

    async fn a_key_is_for_one_request(db: TestDb) {
        let world = World::on(db).await;
        let booked = id(&world.post("key", &world.wish(TUESDAY)).await);
        let other = world.post("key", &world.wish("2026-11-04T09:00:00Z")).await;
        assert_eq!(problem(&other, 422).0, "idempotency_key_reused");
        let path = format!("/booking/{booked}/reschedule");
        let moved = json!({ "session_datetime": "2026-11-04T09:00:00Z" });
        assert_eq!(problem(&post(&world.client, &world.site, &path, "key", &moved).await, 422).0, "idempotency_key_reused");
        for _ in 0..2 {
            let answer = json(&post(&world.client, &world.site, &path, "another", &moved).await, StatusCode::OK);
            assert_eq!(answer["sequence"], 1);
        }
        for key in ["", " ", "a b", "ä", &"x".repeat(256)] {
            let body = world.wish("2026-11-05T09:00:00Z").to_string();
            let request = axum::http::Request::post("/api/booking").header("content-type", "application/json");
            let request = request.header("authorization", world.client.token.clone().expect("a token"));
            let key = axum::http::HeaderValue::from_bytes(key.as_bytes()).expect("a value");
            let request = request.header("idempotency-key", key).body(axum::body::Body::from(body));
            assert_eq!(field(&world.site.send(request.expect("a request")).await), "Idempotency-Key");
        }
        let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
        assert_eq!(field(&world.client.send(&world.site, Method::POST, "/booking", Some(&moved), &twice).await), "Idempotency-Key");
        assert_eq!(id(&world.post(&"x".repeat(255), &world.wish("2026-11-05T09:00:00Z")).await).len(), 26);
        // Where nothing is created the key says nothing.
        let look = world.client.send(&world.site, Method::GET, &format!("/booking/{booked}"), None, &[("idempotency-key", "key")]).await;
        assert_eq!(look.status, StatusCode::OK);
    }

    async fn what_was_refused_before_it_began_is_not_kept(db: TestDb) {
        let world = World::on(db).await;
        let (site, wish) = (&world.site, world.wish(TUESDAY));
        assert_eq!(problem(&post(&Program::nobody(), site, "/booking", "key", &wish).await, 401).0, "unauthorized");
        let bad = Program { token: Some("Bearer wm_nonsense".to_owned()), id: String::new() };
        assert_eq!(problem(&post(&bad, site, "/booking", "key", &wish).await, 401).0, "invalid_token");
        let coach = Program::of(&site.app, &world.coach).await;
        assert_eq!(problem(&post(&coach, site, "/booking", "key", &wish).await, 403).1, "Invalid client");
        let reads = site.app.accounts.create_token(world.mentee.into(), "reads", TokenScope::Read, KEPT_FOR).await.expect("a token");
        let reads = Program { token: Some(format!("Bearer {}", reads.expose())), id: String::new() };
        // Nothing is written for who has no token that may do it: not even the key for a moment.
        world.db.run("ALTER TABLE idempotent_answers RENAME TO gone_away").await;
        for (who, status) in [(&Program::nobody(), 401), (&bad, 401), (&reads, 403)] {
            assert_eq!(post(who, site, "/booking", "key", &wish).await.status.as_u16(), status);
        }
        assert_eq!(problem(&world.post("key", &wish).await, 500).0, "internal");
        world.db.run("ALTER TABLE gone_away RENAME TO idempotent_answers").await;
        assert_eq!(problem(&post(&reads, site, "/booking", "key", &wish).await, 403).0, "read_only_token");
        let mut wrong = wish.clone();
        wrong["duration_minutes"] = json!(45);
        assert_eq!(field(&world.post("key", &wrong).await), "duration_minutes");
        assert_eq!(field(&world.post("key", &json!([])).await), "");
        assert_eq!(problem(&post(&world.client, site, "/nothing", "key", &wish).await, 404).0, "not_found");
        assert_eq!(problem(&post(&world.client, site, "/booking/1/reschedule", "key", &wish).await, 404).0, "not_found");
        assert_eq!(world.kept().await, 0);
        // A failure of ours is none either.
        world.db.run("ALTER TABLE booking_events RENAME TO gone_away").await;
        assert_eq!(problem(&world.post("key", &wish).await, 500).0, "internal");
        world.db.run("ALTER TABLE gone_away RENAME TO booking_events").await;
        assert_eq!((world.kept().await, world.bookings().await), (0, 0));
        assert_eq!(world.post("key", &wish).await.status, StatusCode::CREATED);
        // What was decided about the thing itself is kept: also when it would be decided differently by now.
        let refused = world.post("another", &wish).await;
        assert_eq!(problem(&refused, 409).0, "slot_unavailable");
        world.db.run("UPDATE bookings SET status = 'cancelled'").await;
        world.db.run("DELETE FROM claims").await;
        let again = world.post("another", &wish).await;
        assert_eq!((&again.body, again.header("idempotent-replayed")), (&refused.body, "true"));
    }

    async fn many_at_once_are_one(db: TestDb) {
        let world = World::on(db).await;
        let sites = [world.site.clone(), Arc::new(TestSite::with(world.db.deps_on(world.db.second_server().await), &[]))];
        let mut running = JoinSet::new();
        for number in 0..30 {
            let (site, client, wish) = (sites[number % 2].clone(), world.client.clone(), world.wish(TUESDAY));
            running.spawn(async move { post(&client, &site, "/booking", "key", &wish).await });
        }
        let answers = running.join_all().await;
        assert!(answers.iter().all(|answer| answer.body == answers[0].body), "one answer");
        assert_eq!(id(&answers[0]).len(), 26);
        let first = answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count();
        assert_eq!((first, world.bookings().await, world.kept().await), (1, 1, 1));
    }

    async fn who_goes_away_finds_it_done(db: TestDb) {
        let world = World::on(db).await;
        for (number, patience) in [0, 1, 3, 10, 30].into_iter().enumerate() {
            let (site, client) = (world.site.clone(), world.client.clone());
            let (key, wish) = (format!("key{number}"), world.wish(&format!("2026-11-0{}T09:00:00Z", number + 4)));
            let wish = if number < 3 { wish } else { world.wish(&format!("2026-11-{:02}T09:00:00Z", number + 6)) };
            let request = { let (key, wish) = (key.clone(), wish.clone()); async move { post(&client, &site, "/booking", &key, &wish).await } };
            let _gone = tokio::time::timeout(Duration::from_millis(patience), request).await;
            let answer = world.post(&key, &wish).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        }
        assert_eq!(world.bookings().await, 5);
    }

    async fn a_server_that_died_is_waited_for_and_then_replaced(db: TestDb) {
        let world = World::on(db).await;
        let wish = world.wish(TUESDAY);
        let slot = Slot::new(format!("user:{}", world.mentee.id()), "key");
        let body = wish.to_string();
        let parts: [&[u8]; 3] = [b"POST", b"/booking", body.as_bytes()];
        let Begun::First(held) = world.site.app.idempotency.begin(&slot, &parts).await.expect("an answer") else { panic!("it is the first") };
        // It booked, and died before it could say so.
        let offer = world.site.app.offers.by_id(world.coach.id()).await.expect("an answer").expect("a coach");
        let kind = &offer.session_types[0];
        let start = Instant::parse_rfc3339(TUESDAY).expect("an instant");
        let (coach, session_type) = (world.coach.id(), kind.id);
        let at = BookAt { coach, session_type, start, zone: Zone::utc(), notes: String::new(), terms: Terms::of(kind) };
        let made = world.site.app.bookings.book_at(&world.mentee, at, &held.once).await.expect("it is free");
        let waiting = world.post("key", &wish).await;
        assert_eq!((problem(&waiting, 409).0.as_str(), waiting.header("retry-after")), ("conflict", "2"));
        world.db.clock().advance(LEASE);
        let answer = world.post("key", &wish).await;
        assert_eq!((id(&answer), answer.header("idempotent-replayed")), (made.id.to_string(), ""));
        // The first, should it live after all, has nothing to say any more.
        world.site.app.idempotency.let_go(&held).await.expect("an answer");
        assert_eq!(world.post("key", &wish).await.header("idempotent-replayed"), "true");
        assert_eq!((world.bookings().await, world.kept().await), (1, 1));
    }

    /// What its owner was answered is nothing to a token that may not ask for it.
    async fn a_token_for_reading_is_told_no_kept_answer(db: TestDb) {
        let world = World::on(db).await;
        let wish = world.wish(TUESDAY);
        assert_eq!(world.post("key", &wish).await.status, StatusCode::CREATED);
        let reads = world.site.app.accounts.create_token(world.mentee.into(), "reads", TokenScope::Read, KEPT_FOR).await.expect("a token");
        let reads = Program { token: Some(format!("Bearer {}", reads.expose())), id: String::new() };
        assert_eq!(problem(&post(&reads, &world.site, "/booking", "key", &wish).await, 403).0, "read_only_token");
        assert_eq!(world.post("key", &wish).await.header("idempotent-replayed"), "true");
    }

    /// A key says nothing where passwords are sent: no kept answer is a token that died, and none tells a right password from a wrong one.
    async fn signing_in_is_not_kept(db: TestDb) {
        let site = TestSite::new(&db);
        let (nobody, key) = (Program::nobody(), [("idempotency-key", "key")]);
        let send = async |path: &str, body: Value| nobody.send(&site, Method::POST, path, Some(&body), &key).await;
        let wish = |password: &str| json!({ "email": "ida@example.org", "password": password, "name": "Ida", "role": "client", "time_zone": "UTC" });
        json(&send("/auth/register", wish(PASSWORD)).await, StatusCode::CREATED);
        for password in [PASSWORD, "another good one"] {
            assert_eq!(problem(&send("/auth/register", wish(password)).await, 409).1, "An account cannot be made with this address. If it is yours, sign in instead.");
        }
        let login = |password: &str| json!({ "email": "ida@example.org", "password": password });
        let first = json(&send("/auth/login", login(PASSWORD)).await, StatusCode::OK);
        let second = json(&send("/auth/login", login(PASSWORD)).await, StatusCode::OK);
        assert_ne!(first["access_token"], second["access_token"]);
        let wrong = send("/auth/login", login("not this one")).await;
        assert_eq!((problem(&wrong, 401).0.as_str(), wrong.header("idempotent-replayed")), ("wrong_credentials", ""));
        let ida = Program { token: Some(format!("Bearer {}", second["access_token"].as_str().expect("a token"))), id: String::new() };
        for status in [204, 401] {
            assert_eq!(ida.send(&site, Method::POST, "/auth/logout", None, &key).await.status.as_u16(), status);
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM idempotent_answers").await, 0);
    }

    async fn a_booking_is_found_again_whatever_became_of_the_session_type(db: TestDb) {
        let world = World::on(db).await;
        let wish = world.wish(TUESDAY);
        let first = world.post("key", &wish).await;
        // The server died before it could keep the answer, and the coach had another idea.
        world.db.run("UPDATE idempotent_answers SET status = NULL, answer = NULL").await;
        let coach = world.coach.coach().expect("a coach");
        let kind = world.site.app.coaches.session_types(&coach).await.expect("types")[0].id;
        world.site.app.coaches.archive_session_type(&coach, kind).await.expect("a change");
        world.db.clock().advance(LEASE);
        let again = world.post("key", &wish).await;
        assert_eq!((id(&again), again.header("idempotent-replayed")), (id(&first), ""));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(world.bookings().await, 1);
        assert_eq!(field(&world.post("another", &wish).await), "duration_minutes");
    }

    async fn a_session_type_is_made_once_even_if_a_server_dies(db: TestDb) {
        let world = World::on(db).await;
        let coach = Program::of(&world.site.app, &world.coach).await;
        let wish = json!({ "name": "Intro", "duration_minutes": 30 });
        let send = async || post(&coach, &world.site, "/coaches/me/session-types", "key", &wish).await;
        let first = send().await;
        world.db.run("UPDATE idempotent_answers SET status = NULL, answer = NULL").await;
        assert_eq!(problem(&send().await, 409).0, "conflict", "its lease goes on");
        world.db.clock().advance(LEASE);
        let again = send().await;
        assert_eq!((again.status, &again.body, again.header("location")), (StatusCode::CREATED, &first.body, first.header("location")));
        assert_eq!(again.header("idempotent-replayed"), "");
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM session_types WHERE name = 'Intro'").await, 1);
        // Without a key, or with another, it is another.
        assert_ne!(id(&coach.post(&world.site, "/coaches/me/session-types", &wish).await), id(&first));
    }

    async fn more_keys_than_fit_are_refused(db: TestDb) {
        let world = World::on(db).await;
        assert_eq!(world.post("key", &world.wish(TUESDAY)).await.status, StatusCode::CREATED);
        world.db.run("INSERT INTO idempotent_answers (scope, key_hash, fingerprint, holder, lease_until, created_at, expires_at)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9999)
             SELECT scope, 'key' || n, fingerprint, holder, lease_until, created_at, expires_at FROM idempotent_answers CROSS JOIN numbers").await;
        world.db.clock().advance(Duration::from_hours(1));
        let later = world.wish("2026-11-05T09:00:00Z");
        let refused = world.post("another", &later).await;
        assert_eq!((problem(&refused, 429).0.as_str(), refused.header("retry-after")), ("too_many_requests", "82801"));
        assert_eq!(world.post("key", &world.wish(TUESDAY)).await.header("idempotent-replayed"), "true");
        // Without a key it is done as ever.
        assert_eq!(world.client.post(&world.site, "/booking", &later).await.status, StatusCode::CREATED);
    }
}

#[test]
fn the_document_says_it_of_every_post() {
    let document = serde_json::to_value(app::api::document::whole()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let without = |path: &str| path.starts_with("/cal/") || path.starts_with("/auth/");
    for (path, item) in paths.iter().filter(|(path, item)| item["post"].is_object() && without(path)) {
        assert!(!item["post"].to_string().contains("idempotency_key_reused"), "{path}");
    }
    let posts: Vec<_> = paths.iter().filter(|(path, item)| item["post"].is_object() && !without(path)).collect();
    assert!(posts.len() >= 3, "{posts:?}");
    for (path, item) in posts {
        let post = &item["post"];
        let parameters = post["parameters"].as_array().expect("parameters");
        let key = parameters.iter().filter(|parameter| parameter["in"] == "header" && parameter["name"] == "Idempotency-Key");
        assert_eq!(key.count(), 1, "{path}");
        for (status, word) in [("409", "conflict"), ("422", "idempotency_key_reused")] {
            let words = post["responses"][status]["description"].as_str().expect("words");
            assert!(words.contains(&format!("`{word}`")), "{path} {status}: {words}");
        }
    }
}
