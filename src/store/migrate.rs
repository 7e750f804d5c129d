//! Bringing a database up to date.

use std::{fs::File, path::Path};

use sqlx::migrate::{MigrateError, Migrator};

use super::{Engine, Store, StoreError};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

impl Store {
    /// Applies the migrations this database has not seen. Two servers that start at once do it one after the
    /// other: PostgreSQL has an advisory lock for it, SQLite gets a lock on a file beside the database.
    ///
    /// # Errors
    /// `Unavailable` when the database or the lock cannot be had; `Driver` when the database was migrated by a
    /// newer program or a migration was altered.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let done = match self.engine() {
            Engine::Sqlite { write, path, .. } => {
                let _guard = lock_beside(path).await?;
                SQLITE.run(write).await
            }
            Engine::Postgres { pool } => POSTGRES.run(pool).await,
        };
        done.map_err(|error| match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => StoreError::Driver(sqlx::Error::Migrate(Box::new(other))),
        })
    }
}

/// Holds `<database>.migrating` locked until dropped. The system lets go of it when the process dies.
async fn lock_beside(database: &Path) -> Result<File, StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".migrating");
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::create(name)?;
        file.lock()?;
        Ok(file)
    });
    let locked = locked.await.map_err(|_| StoreError::Unavailable(sqlx::Error::WorkerCrashed))?;
    locked.map_err(|error: std::io::Error| StoreError::Unavailable(error.into()))
}
