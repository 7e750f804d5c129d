//! The slot page as a browser gets it: over TCP, keep-alive, eight connections, each asking again when it has its
//! answer. Server and clients share the machine. The server's time is from a request's head to the last byte of its
//! answer, waiting for each other's turn on the processors included; the clients' has the network and their own work besides.
//! Then the same month of the same coach over the REST API, as a program gets it.

mod client;
mod practice;

use std::time::Duration;

use client::Seen;
use practice::{Practice, Source};

const CONNECTIONS: usize = 8;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

#[tokio::main]
async fn main() {
    println!("slot page at {CONNECTIONS} connections, SQLite, on {}", machine());
    let full = [(0, Source::Claims), (2_000, Source::Claims), (20_000, Source::Claims), (20_000, Source::FiveCalendars)];
    for (taken, source) in full {
        let practice = Practice::open(taken, source).await;
        for encoding in ["identity", "gzip", "br"] {
            client::ask(practice.address, &practice.path, encoding, CONNECTIONS, WARM_UP).await;
            practice.times();
            let seen = client::ask(practice.address, &practice.path, encoding, CONNECTIONS, MEASURED).await;
            let server = client::quantiles(practice.times());
            println!("  {taken:>6} taken by {:<14} {encoding:<8} server {server}; clients {seen}", source.words());
        }
        let (page, free) = compare(&practice).await;
        println!("  {taken:>6} taken by {:<14} a month over the API: {free}", source.words());
        println!("         {:.1} times the requests of the slot page in the same run", free.rate() / page.rate());
        practice.close().await;
    }
}

/// The slot page and the month that it shows over the API, in turns, so that both have the machine as it is.
async fn compare(practice: &Practice) -> (Seen, Seen) {
    let (mut page, mut free) = (Seen::none(), Seen::none());
    for _ in 0..4 {
        page.add(client::ask(practice.address, &practice.path, "identity", CONNECTIONS, WARM_UP).await);
        free.add(client::ask(practice.address, &practice.free, "identity", CONNECTIONS, WARM_UP).await);
    }
    (page, free)
}

/// The processor, where the system tells.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_else(|_| String::new());
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{}, {cores} cores", name.unwrap_or_else(|| std::env::consts::ARCH.to_owned()))
}
