//! Limits of the REST API by person and by address, on one server and on two.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::json;
use wellmet::model::Role;

use crate::{
    program::{Program, json, problem},
    site::{Answer, TestSite},
    support::{PASSWORD, TestDb, both_engines},
};

const FEW: [(&str, &str); 2] = [("LIMIT_API_PER_TOKEN", "5"), ("LIMIT_API_PER_ADDRESS", "3")];

/// What the answer says of limits.
fn told(answer: &Answer) -> (u16, String, String) {
    (answer.status.as_u16(), answer.header("ratelimit-policy").to_owned(), answer.header("ratelimit").to_owned())
}

fn expected(status: u16, policy: &str, limit: u32, left: u32, rest: u32) -> (u16, String, String) {
    (status, format!("\"{policy}\";q={limit};w=60"), format!("\"{policy}\";r={left};t={rest}"))
}

both_engines! {
    async fn every_answer_says_what_is_left(db: TestDb) {
        let site = TestSite::with(db.deps(), &FEW);
        let client = Program::new(&db, &site, "jonas", Role::Mentee, "UTC").await;
        db.clock().advance(Duration::from_millis(17_500));
        for left in (0..5).rev() {
            assert_eq!(told(&client.get(&site, "/auth/me").await), expected(200, "user", 5, left, 43));
        }
        let refused = client.get(&site, "/auth/me").await;
        assert_eq!(told(&refused), expected(429, "user", 5, 0, 43));
        assert_eq!((problem(&refused, 429).0.as_str(), refused.header("retry-after")), ("too_many_requests", "43"));
        // Somebody else's token, and nobody's, are counted by themselves; so is a bad one, with nobody's.
        let other = Program::new(&db, &site, "noa", Role::Mentee, "UTC").await;
        assert_eq!(told(&other.get(&site, "/auth/me").await), expected(200, "user", 5, 4, 43));
        let nobody = Program::nobody();
        assert_eq!(told(&nobody.get(&site, "/auth/me").await), expected(401, "address", 3, 2, 43));
        let bad = Program { token: Some("Bearer wm_0123456789012345678901234567890123456789012".to_owned()), id: String::new() };
        assert_eq!(told(&bad.get(&site, "/auth/me").await), expected(401, "address", 3, 1, 43));
        assert_eq!(told(&nobody.get(&site, "/nothing").await), expected(404, "address", 3, 0, 43));
        assert_eq!(told(&bad.get(&site, "/auth/me").await), expected(429, "address", 3, 0, 43));
        db.clock().advance(Duration::from_millis(42_500));
        assert_eq!(told(&client.get(&site, "/auth/me").await), expected(200, "user", 5, 4, 60));
        assert_eq!(told(&nobody.get(&site, "/auth/me").await), expected(401, "address", 3, 2, 60));
    }

    /// Another token of the same person is no other limit, however it was made.
    async fn more_tokens_are_not_more_requests(db: TestDb) {
        let site = TestSite::with(db.deps(), &[("LIMIT_API_PER_TOKEN", "5"), ("LIMIT_API_PER_ADDRESS", "20")]);
        let (jonas, _) = db.person("jonas", Role::Mentee, "UTC").await;
        let (first, second) = (Program::of(&site.app, &jonas).await, Program::of(&site.app, &jonas).await);
        for left in [4, 3] {
            assert_eq!(told(&first.get(&site, "/auth/me").await), expected(200, "user", 5, left, 60));
        }
        assert_eq!(told(&second.get(&site, "/auth/me").await), expected(200, "user", 5, 2, 60));
        // Signing in is counted by address, also for who sends a good token along.
        let login = json!({ "email": "jonas@example.org", "password": PASSWORD });
        let answer = first.post(&site, "/auth/login", &login).await;
        assert_eq!(told(&answer), expected(200, "address", 20, 19, 60));
        let token = json(&answer, StatusCode::OK)["access_token"].as_str().expect("a token").to_owned();
        let third = Program { token: Some(format!("Bearer {token}")), id: String::new() };
        assert_eq!(told(&third.get(&site, "/auth/me").await), expected(200, "user", 5, 1, 60));
        assert_eq!(told(&third.get(&site, "/auth/me").await), expected(200, "user", 5, 0, 60));
        assert_eq!(told(&second.get(&site, "/auth/me").await), expected(429, "user", 5, 0, 60));
        let join = first.post(&site, "/auth/register", &json!({})).await;
        assert_eq!(told(&join), expected(422, "address", 20, 18, 60));
    }

    async fn two_servers_share_what_they_count(db: TestDb) {
        let settings = [("LIMIT_API_PER_TOKEN", "10")];
        let sites = [TestSite::with(db.deps(), &settings), TestSite::with(db.deps_on(db.second_server().await), &settings)];
        let client = Program::new(&db, &sites[0], "jonas", Role::Mentee, "UTC").await;
        for _ in 0..4 {
            assert_eq!(client.get(&sites[0], "/auth/me").await.status, StatusCode::OK);
            assert_eq!(client.get(&sites[1], "/auth/me").await.status, StatusCode::OK);
        }
        // Nothing was written for them yet, or by the exchange of a slow run; then each learns of the other.
        for site in [&sites[0], &sites[1], &sites[0]] {
            site.app.requests.exchange().await.expect("an exchange");
        }
        assert_eq!(db.count("SELECT CAST(SUM(count) AS BIGINT) AS n FROM attempts WHERE key LIKE 'api-user:%'").await, 8);
        // The second learns when it has something to tell itself.
        assert_eq!(client.get(&sites[1], "/auth/me").await.status, StatusCode::OK);
        sites[1].app.requests.exchange().await.expect("an exchange");
        let last = client.get(&sites[1], "/auth/me").await;
        assert_eq!((last.status, last.header("ratelimit")), (StatusCode::OK, "\"user\";r=0;t=60"));
        sites[1].app.requests.exchange().await.expect("an exchange");
        assert_eq!(client.get(&sites[1], "/auth/me").await.status, StatusCode::TOO_MANY_REQUESTS);
        // The first knows of eight or nine: one or two more at most, and no more once it has told.
        let mut more = 0;
        for _ in 0..10 {
            more += u32::from(client.get(&sites[0], "/auth/me").await.status == StatusCode::OK);
            sites[0].app.requests.exchange().await.expect("an exchange");
        }
        assert!(more <= 1, "{more} beyond the limit, one of them before it was known");
        db.clock().advance(Duration::from_mins(1));
        for site in &sites {
            assert_eq!(client.get(site, "/auth/me").await.status, StatusCode::OK);
        }
    }

    async fn the_exchange_happens_by_itself(db: TestDb) {
        let site = TestSite::with(db.deps(), &FEW);
        Program::nobody().get(&site, "/auth/me").await;
        Program::nobody().get(&site, "/auth/me").await;
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if db.count("SELECT COUNT(*) AS n FROM attempts").await == 1 {
                assert_eq!(db.count("SELECT count AS n FROM attempts").await, 2);
                return;
            }
        }
        panic!("nothing was exchanged in ten seconds");
    }

    async fn none_is_none(db: TestDb) {
        let site = TestSite::with(db.deps(), &[("LIMIT_API_PER_TOKEN", "0"), ("LIMIT_API_PER_ADDRESS", "0")]);
        let client = Program::new(&db, &site, "jonas", Role::Mentee, "UTC").await;
        for _ in 0..20 {
            assert_eq!(told(&client.get(&site, "/auth/me").await), (200, String::new(), String::new()));
            assert_eq!(told(&Program::nobody().get(&site, "/auth/me").await), (401, String::new(), String::new()));
        }
        site.app.requests.exchange().await.expect("an exchange");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM attempts").await, 0);
    }

    async fn a_refused_request_does_nothing(db: TestDb) {
        let site = TestSite::with(db.deps(), &FEW);
        let coach = Program::new(&db, &site, "maya", Role::Coach, "Europe/Berlin").await;
        let client = Program::new(&db, &site, "jonas", Role::Mentee, "UTC").await;
        for _ in 0..5 {
            client.get(&site, "/auth/me").await;
        }
        let wish = json!({ "coach_id": coach.id, "session_datetime": "2026-11-03T09:00:00Z", "duration_minutes": 60 });
        let keyed = [("idempotency-key", "once")];
        let refused = client.send(&site, Method::POST, "/booking", Some(&wish), &keyed).await;
        assert_eq!(problem(&refused, 429).0, "too_many_requests");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 0);
        db.clock().advance(Duration::from_mins(1));
        assert_eq!(client.send(&site, Method::POST, "/booking", Some(&wish), &keyed).await.status, StatusCode::CREATED);
    }
}
