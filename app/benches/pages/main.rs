//! The slot page as a browser gets it: over TCP, keep-alive, eight connections, each asking again when it has its
//! answer. Server and clients share the machine, so the figures are the server's time and the clients' together.

mod client;
mod practice;

use std::time::Duration;

use practice::Practice;

const CONNECTIONS: usize = 8;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);

#[tokio::main]
async fn main() {
    println!("slot page at {CONNECTIONS} connections, SQLite, on {}", machine());
    for taken in [0, 2_000, 20_000] {
        let practice = Practice::open(taken).await;
        for encoding in ["identity", "br"] {
            client::ask(practice.address, &practice.path, encoding, CONNECTIONS, WARM_UP).await;
            let seen = client::ask(practice.address, &practice.path, encoding, CONNECTIONS, MEASURED).await;
            println!("  {taken:>6} taken, {encoding:<8} {seen}");
        }
        practice.close().await;
    }
}

/// The processor, where the system tells.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_else(|_| String::new());
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{}, {cores} cores", name.unwrap_or_else(|| std::env::consts::ARCH.to_owned()))
}
