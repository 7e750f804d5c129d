//! The stand-in for the providers: Google, Microsoft, Cal.com and, when asked for, Stripe on one loopback port, strict and stateful. It shares no
//! code with Wellmet, so that a misunderstanding of a protocol is not the same on both sides.

mod cal_com;
mod core;
mod google;
mod microsoft;
mod stripe;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use crate::core::config::{
    CAL_OAUTH_CLIENT, CAL_OAUTH_SECRET, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, SandboxConfig, StripeConfig, client_id, client_secret,
};
pub use crate::core::provider::Provider;
use crate::core::state::{App, Shared};

/// The way to start a sandbox.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox;

/// A sandbox that runs until it is dropped.
#[derive(Debug)]
pub struct RunningSandbox {
    address: SocketAddr,
    stripe: bool,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox in the current tokio runtime. Fails when the address is not a loopback one or is taken, and when webhooks were to
    /// leave this machine.
    pub async fn start(config: SandboxConfig) -> io::Result<RunningSandbox> {
        if !config.listen.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the sandbox listens on loopback only"));
        }
        let stripe = config.stripe.is_some();
        if config.stripe.iter().flat_map(|stripe| &stripe.webhook_urls).any(|url| !crate::stripe::can_be_told(url)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "webhooks go to http addresses of this machine only"));
        }
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let app = Arc::new(Shared::new(config, format!("http://{address}")));
        let served = crate::core::serve::serve(listener, router(Arc::clone(&app)));
        let task = if stripe {
            // One task, so that dropping the sandbox ends both.
            tokio::spawn(async move {
                tokio::join!(served, crate::stripe::postman(app));
            })
        } else {
            tokio::spawn(served)
        };
        Ok(RunningSandbox { address, stripe, task })
    }
}

impl RunningSandbox {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://host:port` and `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The settings with which a site uses it, as name and value.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(self.address, self.stripe)
    }

    /// Waits until the server ends, which it does not by itself.
    pub async fn wait(mut self) {
        // The only error is that the task was stopped, which is the end waited for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The settings with which a site uses a sandbox at `address`, with its Stripe or without, as name and value.
pub fn environment(address: SocketAddr, stripe: bool) -> Vec<(String, String)> {
    crate::core::config::environment(&format!("http://{address}"), stripe)
}

fn router(app: App) -> Router {
    let mut router = Router::new();
    if app.config.stripe.is_some() {
        router = router.nest("/_control/stripe", crate::stripe::control::routes()).nest("/stripe", crate::stripe::routes());
    }
    router
        .nest("/_control", crate::core::control::routes())
        .nest("/_control/cal", crate::cal_com::control::routes())
        .nest("/cal", crate::cal_com::routes(Arc::clone(&app)))
        .nest("/google", crate::google::routes())
        .nest("/microsoft", crate::microsoft::routes())
        .route("/_sandbox/style.css", get(crate::core::consent::style))
        .layer(from_fn_with_state(Arc::clone(&app), crate::core::gate::gate))
        .with_state(app)
}
