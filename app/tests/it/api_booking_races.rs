//! Many programs want the same time at once.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;
use wellmet::model::Role;

use crate::{
    program::{Program, json, problem},
    site::TestSite,
    support::{TestDb, both_engines},
};

both_engines! {
    async fn fifty_clients_want_one_time(db: TestDb) {
        // Two servers, a client for every two requests.
        let first = Arc::new(TestSite::new(&db));
        let sites = [first.clone(), Arc::new(TestSite::with(db.deps_on(db.second_server().await), &[]))];
        let coach = Program::new(&db, &first, "maya", Role::Coach, "Europe/Berlin").await;
        let mut clients = Vec::new();
        for number in 0..25 {
            clients.push(Program::new(&db, &first, &format!("client{number}"), Role::Mentee, "UTC").await);
        }
        let wish = json!({ "coach_id": coach.id, "session_datetime": "2026-11-03T09:00:00Z", "duration_minutes": 60 });
        let mut running = JoinSet::new();
        for number in 0..50 {
            let (site, client, wish) = (sites[number % 2].clone(), clients[number / 2].clone(), wish.clone());
            running.spawn(async move { client.send(&site, Method::POST, "/booking", Some(&wish), &[]).await });
        }
        let (mut booked, mut refused) = (Vec::new(), 0);
        for answer in running.join_all().await {
            if answer.status == StatusCode::CREATED {
                booked.push(json(&answer, StatusCode::CREATED));
            } else {
                assert_eq!(problem(&answer, 409).0, "slot_unavailable");
                refused += 1;
            }
        }
        assert_eq!((booked.len(), refused), (1, 49));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims WHERE kind = 'booking'").await, 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM claims").await, 1);
    }
}
