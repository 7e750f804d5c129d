use super::endpoint::{Sealed, place};
use crate::{
    Deps,
    error::Internal,
    integrations::tokens::{Rotated, Vault},
    store::{Row, sql},
};

/// Seals addresses and secrets again that are not under the newest key of `vault`. Each value is replaced only if it is still the one that was
/// read; may be run again at any time.
///
/// # Errors
/// When the database fails: what was done stands.
pub async fn rotate_key(deps: &Deps, vault: &Vault) -> Result<Rotated, Internal> {
    let mut done = Rotated::default();
    let rows =
        sql("SELECT id, COALESCE(coach_id, '') AS keeper, url_sealed, secret_sealed, previous_sealed FROM webhook_endpoints ORDER BY id");
    for row in rows.all(&deps.store).await? {
        for (column, what) in [("url_sealed", Sealed::Url), ("secret_sealed", Sealed::Secret), ("previous_sealed", Sealed::Secret)] {
            rotate_value(deps, vault, &row, column, what, &mut done).await?;
        }
    }
    Ok(done)
}

async fn rotate_value(deps: &Deps, vault: &Vault, row: &Row, column: &str, what: Sealed, done: &mut Rotated) -> Result<(), Internal> {
    let Some(sealed) = row.get::<Option<String>>(column)? else { return Ok(()) };
    if vault.is_current(&sealed) {
        return Ok(());
    }
    let (id, keeper): (String, String) = (row.get("id")?, row.get("keeper")?);
    let place = place(what, &id, &keeper);
    let Ok(clear) = vault.open(&sealed, place) else {
        done.unopenable += 1;
        return Ok(());
    };
    let again = vault.seal(&clear, place).map_err(Internal::new)?;
    let replace = match column {
        "url_sealed" => sql("UPDATE webhook_endpoints SET url_sealed = $3 WHERE id = $1 AND url_sealed = $2"),
        "secret_sealed" => sql("UPDATE webhook_endpoints SET secret_sealed = $3 WHERE id = $1 AND secret_sealed = $2"),
        _ => sql("UPDATE webhook_endpoints SET previous_sealed = $3 WHERE id = $1 AND previous_sealed = $2"),
    };
    let mut tx = deps.store.begin().await?;
    done.sealed += replace.bind(&id).bind(&sealed).bind(again).run(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}
