//! Sealing everything again under a new key, while the site runs.

use super::{Place, Tokens};
use crate::{
    error::Internal,
    store::{Row, sql},
};

/// How many rows are read at a time.
const PAGE: u32 = 200;
/// The sealed columns, and what they are sealed as.
const COLUMNS: [(&str, &str); 3] = [("access_sealed", "access"), ("refresh_sealed", "refresh"), ("secret_sealed", "secret")];

/// What a rotation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Values sealed again under the newest key.
    pub sealed: u64,
    /// Values that none of the keys opens. They are left as they are.
    pub unopenable: u64,
}

impl Tokens {
    /// Seals every stored credential again that is not under the newest key. Each value is replaced only if it is still
    /// the one that was read, so refreshes go on meanwhile; may be run again at any time.
    ///
    /// # Errors
    /// When the database fails: what was done stands.
    pub async fn rotate_key(&self) -> Result<Rotated, Internal> {
        let mut done = Rotated::default();
        let mut after = String::new();
        loop {
            let page = sql("SELECT id, coach_id, access_sealed, refresh_sealed, secret_sealed FROM calendar_integrations
                 WHERE id > $1 ORDER BY id LIMIT $2");
            let rows = page.bind(&after).bind(PAGE).all(&self.deps.store).await?;
            let Some(last) = rows.last() else { return Ok(done) };
            after = last.get("id")?;
            for row in &rows {
                for (column, name) in COLUMNS {
                    self.rotate_value(row, column, name, &mut done).await?;
                }
            }
        }
    }

    async fn rotate_value(&self, row: &Row, column: &str, name: &str, done: &mut Rotated) -> Result<(), Internal> {
        let Some(sealed) = row.get::<Option<String>>(column)? else { return Ok(()) };
        if self.vault.is_current(&sealed) {
            return Ok(());
        }
        let (id, coach): (String, String) = (row.get("id")?, row.get("coach_id")?);
        let place = Place { column: name, row: &id, owner: &coach };
        let Ok(clear) = self.vault.open(&sealed, place) else {
            done.unopenable += 1;
            return Ok(());
        };
        let again = self.vault.seal(&clear, place).map_err(Internal::new)?;
        let replace = match name {
            "access" => sql("UPDATE calendar_integrations SET access_sealed = $3 WHERE id = $1 AND access_sealed = $2"),
            "refresh" => sql("UPDATE calendar_integrations SET refresh_sealed = $3 WHERE id = $1 AND refresh_sealed = $2"),
            _ => sql("UPDATE calendar_integrations SET secret_sealed = $3 WHERE id = $1 AND secret_sealed = $2"),
        };
        let mut tx = self.deps.store.begin().await?;
        done.sealed += replace.bind(&id).bind(&sealed).bind(again).run(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }
}
