//! `wellmet migrate`.

use anyhow::Context;
use wellmet::config::Config;

/// Brings the database up to date and says so.
pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let deps = super::connect(config).await?;
    deps.store.migrate().await.context("cannot bring the database up to date")?;
    println!("The database {} is up to date.", config.database_url.redacted());
    deps.store.close().await;
    Ok(())
}
