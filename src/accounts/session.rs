//! Sign-in sessions: opening, recognising, ending and sweeping them.

use std::time::Duration;

use super::{
    Accounts, Actor, ClientInfo, Identity,
    account::{Account, identity_of, lock_unchanged},
    mail_links,
    pass::Pass,
    personal_tokens,
};
use crate::{
    error::Internal,
    limits::Limit,
    model::{Instant, UserId, email_key},
    store::{StoreError, Tx, sql},
    time::Secret,
};

/// A sign-in ends when it was not used for so long.
pub const SIGN_IN_LASTS: Duration = Duration::from_hours(30 * 24);
/// A use is noted at most this often: a page view is a read.
pub const SEEN_EVERY: Duration = Duration::from_hours(1);

/// What [`Accounts::sweep`] deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Expired sign-ins.
    pub sign_ins: u64,
    /// Tokens that are over, or long revoked.
    pub tokens: u64,
    /// Windows of attempts that are over.
    pub attempts: u64,
}

impl Accounts {
    /// Who this secret belongs to; `None` when it is unknown or expired or the account is inactive. A use makes it
    /// last [`SIGN_IN_LASTS`] from now, noted at most once in [`SEEN_EVERY`].
    ///
    /// # Errors
    /// When the database cannot be read. That it cannot be written is no reason to turn someone away.
    pub async fn authenticate(&self, secret: &Secret) -> Result<Option<Identity>, Internal> {
        let (now, hash) = (self.now(), secret.hash());
        let row = sql("SELECT u.id, u.role, u.name, u.email, u.time_zone, u.email_checked_at, s.last_seen_at \
             FROM sign_ins s JOIN users u ON u.id = s.user_id WHERE s.secret_hash = $1 AND s.expires_at > $2 AND u.active = 1");
        let Some(row) = row.bind(&hash).bind(now).optional(self.store()).await? else { return Ok(None) };
        let seen: Instant = row.get("last_seen_at")?;
        if seen + SEEN_EVERY <= now
            && let Err(error) = self.note_use(&hash, now).await
        {
            tracing::warn!(%error, "a sign-in's use was not noted");
        }
        Ok(Some(identity_of(&row)?))
    }

    async fn note_use(&self, hash: &str, now: Instant) -> Result<(), StoreError> {
        let mut tx = self.store().begin().await?;
        let note = sql("UPDATE sign_ins SET last_seen_at = $2, expires_at = $3 WHERE secret_hash = $1 AND last_seen_at < $2");
        note.bind(hash).bind(now).bind(now + SIGN_IN_LASTS).run(&mut tx).await?;
        tx.commit().await
    }

    /// Ends this sign-in. One that is unknown or over is ended already.
    ///
    /// # Errors
    /// When the database cannot be written: the sign-in stands.
    pub async fn sign_out(&self, secret: &Secret) -> Result<(), Internal> {
        let mut tx = self.store().begin().await?;
        sql("DELETE FROM sign_ins WHERE secret_hash = $1").bind(secret.hash()).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Ends every sign-in of `actor` but `keep`; how many there were.
    ///
    /// # Errors
    /// When the database cannot be written: all stand.
    pub async fn sign_out_everywhere(&self, actor: Actor, keep: Option<&Secret>) -> Result<u64, Internal> {
        let mut tx = self.store().begin().await?;
        let ended = end_sign_ins(&mut tx, actor.id(), keep).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Deletes expired sign-ins, tokens that are over and past windows of attempts. To be called now and then, by any server.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sweep(&self) -> Result<Swept, Internal> {
        let mut tx = self.store().begin().await?;
        let sign_ins = sql("DELETE FROM sign_ins WHERE expires_at <= $1").bind(self.now()).run(&mut tx).await?;
        let tokens = personal_tokens::sweep(&mut tx, self.now()).await?;
        mail_links::sweep(&mut tx, self.now()).await?;
        tx.commit().await?;
        Ok(Swept { sign_ins, tokens, attempts: self.limits.sweep().await? })
    }

    /// Lets in whose password was just proven, and forgives the attempts on the account. `None` when the password or the
    /// active flag changed since.
    pub(super) async fn open<P: Pass>(
        &self,
        account: Account,
        new_hash: Option<String>,
        from: &ClientInfo,
    ) -> Result<Option<LetIn<P>>, StoreError> {
        let Account { identity, password_hash, .. } = account;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        if !lock_unchanged(&mut tx, identity.id, &password_hash).await? {
            return Ok(None);
        }
        if let Some(new_hash) = new_hash {
            let renew = sql("UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1");
            renew.bind(identity.id).bind(new_hash).bind(now).run(&mut tx).await?;
        }
        let pass = P::issue(self, &mut tx, identity.id, from).await?;
        self.limits.clear(&mut tx, Limit::SignInPerAccount, &email_key(&identity.email)).await?;
        if let Some(address) = from.address_key() {
            self.limits.take_back(&mut tx, Limit::SignInPerAddress, &address).await?;
        }
        tx.commit().await?;
        Ok(Some((identity, pass)))
    }
}

/// Who was let in, and the secret for their cookie or the token for their program: it is nowhere else.
pub(super) type LetIn<P> = (Identity, P);

/// Stores a new sign-in.
pub(super) async fn insert_sign_in(tx: &mut Tx, secret: &Secret, user: UserId, now: Instant, from: &ClientInfo) -> Result<(), StoreError> {
    let insert = sql("INSERT INTO sign_ins (secret_hash, user_id, created_at, last_seen_at, expires_at, user_agent) \
         VALUES ($1, $2, $3, $3, $4, $5)");
    let insert = insert.bind(secret.hash()).bind(user).bind(now).bind(now + SIGN_IN_LASTS).bind(&from.user_agent);
    insert.run(tx).await.map(drop)
}

/// Ends the sign-ins of `user` but `keep`.
pub(super) async fn end_sign_ins(tx: &mut Tx, user: UserId, keep: Option<&Secret>) -> Result<u64, StoreError> {
    // No hash is empty, so without one to keep all go.
    let keep = keep.map_or(String::new(), Secret::hash);
    sql("DELETE FROM sign_ins WHERE user_id = $1 AND secret_hash <> $2").bind(user).bind(keep).run(tx).await
}
