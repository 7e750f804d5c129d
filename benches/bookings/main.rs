//! Bookings per second, against what the same database commits as bare single-row durable inserts in the same run.
//!
//! A booking is what sending the form of a hold costs in the database, by a mentee who has an account: find the hold, lock
//! the coach, judge, write booking, claim and history, commit. Both sides run with the same clients and the same durability,
//! on warm connections, and share the machine with the database.
//!
//! Rounds alternate: bare inserts, holds, bookings of those holds; each client waits for its answer before it asks
//! again. Figures are medians over rounds; a ratio is the median of the rounds' own ratios, so that a disk which
//! slows down half-way slows both sides. SQLite always; PostgreSQL when `TEST_POSTGRES_URL` names one.

mod bare;
mod database;
mod practice;
mod report;
mod run;

use std::time::Duration;

use bare::Bare;
use database::Database;
use practice::Practice;
use report::Report;
use run::run;

/// Rounds of each kind for each engine and number of clients.
const ROUNDS: usize = 9;
/// About how long the bare inserts of one round take.
const ROUND: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() {
    println!("bookings on {}", report::machine());
    for database in Database::all().await {
        let practice = Practice::open(database.store()).await;
        let bare = Bare::open(database.url()).await;
        for clients in [1, 8] {
            println!("{}", measure(&practice, &bare, clients).await);
        }
        practice.check().await;
        bare.close().await;
        database.remove().await;
    }
}

async fn measure(practice: &Practice, bare: &Bare, clients: usize) -> Report {
    let insert = |total| {
        let bare = bare.clone();
        run(clients, total, move |_| {
            let bare = bare.clone();
            async move { bare.insert().await }
        })
    };
    let round = insert(50 * clients).await.fitting(ROUND);
    let mut report = Report { engine: practice.engine(), clients, bare: Vec::new(), hold: Vec::new(), book: Vec::new() };
    for _ in 0..ROUNDS {
        report.bare.push(insert(round).await.0);
        let booker = practice.clone();
        let (holds, secrets) = run(clients, round, move |n| {
            let booker = booker.clone();
            async move { booker.hold(n).await }
        })
        .await
        .split();
        practice.pass(round);
        let booker = practice.clone();
        let books = run(clients, round, move |n| {
            let (booker, secret) = (booker.clone(), secrets[n].clone());
            async move { booker.book(n, &secret).await }
        })
        .await;
        report.hold.push(holds);
        report.book.push(books.0);
    }
    report
}
