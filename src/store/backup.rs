//! Copying an SQLite database that is in use.

use std::path::Path;

use super::{Engine, Store, StoreError};

impl Store {
    /// Writes a consistent copy of an SQLite database to the new file `to`, while others read and write. Does
    /// nothing for PostgreSQL, which has its own tools.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be written, `Driver` when it exists.
    pub async fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        if let Engine::Sqlite { write, .. } = self.engine() {
            super::tx::prepared("VACUUM INTO $1").bind(to.to_string_lossy().into_owned()).execute(write).await?;
        }
        Ok(())
    }
}
