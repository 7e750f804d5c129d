//! `wellmet serve`.

use std::time::Duration;

use anyhow::Context;
use tokio::{net::TcpListener, sync::oneshot};
use wellmet::{
    accounts::{HashCost, PasswordHasher, Swept},
    config::Config,
    error::Internal,
    integrations::busy::{SyncSettings, SyncWorker},
};

use super::keys;
use crate::server::{
    AppState, outbox,
    router::router,
    serve::{serve, told_to_stop},
    site::Site,
};

/// How often what has expired is cleared away.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// Serves the site until the program is told to stop.
pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let site = Site::find(config.site_root.as_deref())?;
    for problem in site.missing() {
        tracing::warn!(target: "site", "{problem}");
    }
    if let Some(words) = config.mail.warning() {
        tracing::warn!(target: "mail", "{words}");
    }
    let deps = super::connect(&config).await?;
    deps.store.migrate().await.context("cannot bring the database up to date")?;
    let vault = keys::vault(&config, &deps)?;
    let (address, url) = (config.site_addr, config.public_url.origin().to_owned());
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let app = AppState::new(deps.clone(), config, site, PasswordHasher::new(HashCost::OWASP), vault)?;
    let sweeper = tokio::spawn(sweep(app.clone()));
    let (stop, stopped) = oneshot::channel::<()>();
    let reader = SyncWorker::new(app.tokens.clone(), SyncSettings { period: app.config.calendar_period, ..SyncSettings::default() });
    let reader = tokio::spawn(reader.run(async move { drop(stopped.await) }));
    let (stop_outbox, outbox_stopped) = oneshot::channel::<()>();
    let outbox = tokio::spawn(outbox::worker(&app).run(async move { drop(outbox_stopped.await) }));
    println!("Wellmet is at {url} ({}, listening on {address})", deps.store.engine_name());
    let live = app.live.clone();
    let stop_serving = async move {
        told_to_stop().await;
        // They would go on for minutes: requests under way are waited for.
        live.close();
    };
    serve(listener, router(app), stop_serving).await?;
    sweeper.abort();
    drop(stop);
    drop(stop_outbox);
    reader.await.context("reading calendars failed")?;
    outbox.await.context("working on what is outstanding failed")?;
    deps.store.close().await;
    Ok(())
}

/// Clears away what has expired. A failure is worth a line in the log, no more: the next round does it.
async fn sweep(app: AppState) {
    let mut rounds = tokio::time::interval(SWEEP_EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        match sweep_once(&app).await {
            Ok((requests, swept)) => {
                let Swept { sign_ins, tokens, attempts } = swept;
                tracing::debug!(target: "sweep", requests, sign_ins, tokens, attempts, "swept");
            }
            Err(error) => tracing::warn!(target: "sweep", cause = %error.cause(), "could not sweep"),
        }
    }
}

/// Requests first: people wait for them.
async fn sweep_once(app: &AppState) -> Result<(u32, Swept), Internal> {
    let requests = app.bookings.expire_due().await?;
    app.bookings.forget_old_holds().await?;
    app.integrations.sweep().await?;
    app.idempotency.sweep().await?;
    app.jobs.sweep().await?;
    app.webhooks.sweep().await?;
    app.payments.sweep().await?;
    Ok((requests, app.accounts.sweep().await?))
}
