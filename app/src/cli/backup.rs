//! `wellmet backup`.

use std::path::Path;

use anyhow::{Context, bail};
use wellmet::config::Config;

/// Writes a copy of the SQLite database to `to`, consistent although the site runs on.
pub(super) async fn run(config: &Config, to: &Path) -> anyhow::Result<()> {
    let deps = super::connect(config).await?;
    if deps.store.sqlite_path().is_none() {
        bail!(
            "this database is PostgreSQL: back it up with pg_dump, for example: pg_dump --format=custom --file={} \"$DATABASE_URL\"",
            to.display()
        );
    }
    if to.exists() {
        bail!("{} exists: name a new file", to.display());
    }
    deps.store.copy_to(to).await.with_context(|| format!("cannot write {}", to.display()))?;
    println!("Copied the database to {}.", to.display());
    deps.store.close().await;
    Ok(())
}
