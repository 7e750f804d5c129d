//! Stripe's own Python library as the client: what the sandbox takes for a request, an answer, an error and a signature is what the
//! library takes for one. `scripts/python-tools.sh` installs it and prints its folder, which `TEST_CALENDAR_TOOLS` names here.

use std::env;
use std::fmt::Write as _;
use std::path::PathBuf;

use sandbox::{STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, StripeConfig};
use serde_json::json;
use tokio::process::Command;

use crate::stripe_support::{desk_with, ear, form, held, hour, id};

/// The Python that has the library. `None`, and a word about it, without.
fn python() -> Option<PathBuf> {
    let Ok(folder) = env::var("TEST_CALENDAR_TOOLS") else {
        assert!(env::var("REQUIRE_STRIPE").is_err(), "TEST_CALENDAR_TOOLS is not set: see scripts/python-tools.sh");
        eprintln!("skipped: TEST_CALENDAR_TOOLS is not set, see scripts/python-tools.sh");
        return None;
    };
    let path = PathBuf::from(folder).join("bin").join("python3");
    assert!(path.exists(), "{} is missing: see scripts/python-tools.sh", path.display());
    Some(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn stripes_own_library_drives_it() {
    let Some(python) = python() else { return };
    let ear = ear(&[]).await;
    let desk = desk_with(StripeConfig { webhook_urls: vec![ear.url.clone()] }).await;
    let paid = desk.paid(&hour(), "card").await;
    desk.done("/refunds", &form(&[("payment_intent", id(&paid))])).await;
    let held = desk.paid(&held(), "card").await;
    desk.done(&format!("/payment_intents/{}/cancel", id(&held)), &form(&[])).await;
    let lines = ear.hears(14).await.iter().fold(String::new(), |mut lines, webhook| {
        let body = String::from_utf8(webhook.body.clone()).unwrap();
        writeln!(lines, "{}", json!({ "signature": webhook.signature, "body": body })).unwrap();
        lines
    });
    let heard = env::temp_dir().join(format!("wellmet-stripe-{}-{}.jsonl", std::process::id(), desk.0.sandbox.address().port()));
    std::fs::write(&heard, lines).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/stripe_sdk.py");
    let done = Command::new(python)
        .arg(script)
        .args([desk.0.sandbox.url("/stripe"), desk.0.sandbox.url("/_control")])
        .arg(&heard)
        .args([STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET])
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .env("NO_PROXY", "127.0.0.1")
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    std::fs::remove_file(&heard).unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}\n{err}");
    assert_eq!(out.lines().filter(|line| line.starts_with("ok ")).count(), 7, "{out}\n{err}");
}
