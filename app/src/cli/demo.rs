//! `wellmet demo`.

use anyhow::{Context, bail};
use wellmet::config::Config;

/// Loads the demo into an empty database and prints who can sign in. A database with users is left alone: with
/// `if_empty` that is fine, without it is an error.
pub(super) async fn run(config: &Config, if_empty: bool) -> anyhow::Result<()> {
    let deps = super::connect(config).await?;
    deps.store.migrate().await.context("cannot bring the database up to date")?;
    let loaded = wellmet::demo::load(&deps.store, deps.clock, deps.ids).await.context("cannot load the demo")?;
    match loaded {
        Some(sign_ins) => println!("The demo is loaded. Sign in as:\n\n{sign_ins}"),
        None if if_empty => println!("The database has users already: the demo is left out."),
        None => bail!("the database {} has users already; the demo is for an empty one", config.database_url.redacted()),
    }
    deps.store.close().await;
    Ok(())
}
