//! How long one server takes, after a cold start with everything overdue, until what it knows of 2,000 connected accounts is
//! fresher than five minutes, and whether it stays so: the provider is in the same process, answers after 100 ms and
//! fails in 2 of 100 calls. Also what that costs in processor time and memory. SQLite; PostgreSQL too when
//! `TEST_POSTGRES_URL` names one.
//!
//! `SYNC_BENCH_SECONDS` is for how long it is watched after it was fresh (60 by default).

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/support/calendars.rs"]
mod calendars;
#[expect(dead_code, reason = "the other benchmark uses the rest")]
#[path = "../bookings/database.rs"]
mod database;
mod practice;
mod usage;

use std::time::Duration;

use database::Database;
use practice::Practice;
use usage::Usage;

const ACCOUNTS: usize = 2_000;
/// What is aimed at: no data is older, ten minutes after the start.
const FRESH: Duration = Duration::from_mins(5);

#[tokio::main]
async fn main() {
    let watched = std::env::var("SYNC_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    println!("{ACCOUNTS} accounts at a provider that takes 100 ms and fails in 2 % of calls");
    for database in Database::all().await {
        let practice = Practice::open(database.store(), ACCOUNTS).await;
        let before = Usage::now();
        let worker = practice.start();
        let fresh_after = practice.until_fresh(FRESH).await;
        let fresh = Usage::now();
        tokio::time::sleep(Duration::from_secs(watched)).await;
        let (oldest, calls) = practice.oldest().await;
        let after = Usage::now();
        println!(
            "  {:<10} all fresher than 5 minutes after {:.1} s ({})",
            practice.engine(),
            fresh_after.as_secs_f64(),
            fresh.since(before)
        );
        println!(
            "  {:<10} then {watched} s: oldest data {oldest} s, {calls} calls in all, {}, {}",
            "",
            after.since(fresh),
            after.growth(before)
        );
        worker.stop().await;
        database.remove().await;
    }
}
