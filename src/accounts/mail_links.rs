//! Links in mail: proving that an address is someone's, and choosing a new password without the old one.
//!
//! Asking for one writes a job; whoever does it makes the link and sends it (`notices::mail`). The secret is in the mail alone: here is its
//! hash. Looking at a link changes nothing, since programs look at links in mail before people do.

use std::time::Duration;

use serde_json::json;

use super::{
    Accounts, ClientInfo, Identity,
    account::by_email_key,
    failures,
    password::check_password,
    personal_tokens::{Ending, end_tokens},
    session::end_sign_ins,
};
use crate::{
    error::Internal,
    jobs::{self, JobKind, NewJob},
    limits::{Limit, LimitError},
    model::{FieldErrors, Instant, UserId, email_key, valid_email},
    store::{StoreError, Target, Tx, sql},
    time::{Ids, Secret},
};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Proving an address.
    CheckAddress,
    /// Choosing a new password.
    ResetPassword,
}

impl LinkPurpose {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CheckAddress => "check_address",
            Self::ResetPassword => "reset_password",
        }
    }

    /// The purpose of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::CheckAddress, Self::ResetPassword].into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// For how many minutes a link works.
    pub const fn valid_minutes(self) -> u32 {
        match self {
            Self::CheckAddress => 24 * 60,
            Self::ResetPassword => 60,
        }
    }
}

/// How a link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// It works, for the account with this address.
    Works(String),
    /// It did what it was for.
    Used,
    /// It was for too short a time, or for an address that the account no longer has.
    Over,
    /// There is no such link.
    Unknown,
}

/// Why no link is sent.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Too many were asked for.
    #[error("too many links were asked for")]
    TooMany {
        /// Until the next one may be.
        retry_after: Duration,
    },
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(LinkError, limited);

/// Why the password stays.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// Field `new_password`.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// The link does not work (any more).
    #[error("the link does not work")]
    Link(LinkState),
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(ResetError);

/// Writes the job that sends `user` a link, in the transaction of what asks for it.
pub(super) async fn ask(tx: &mut Tx, ids: &dyn Ids, now: Instant, user: UserId, purpose: LinkPurpose) -> Result<(), StoreError> {
    let purpose = purpose.as_str();
    let job = NewJob {
        kind: JobKind::AccountMail,
        key: format!("account_mail:{purpose}:{user}:{}", now.millis()),
        lane: None,
        coach_id: None,
        booking_id: None,
        user_id: Some(user),
        payload: json!({ "purpose": purpose }),
        run_at: now,
    };
    jobs::enqueue(tx, ids, now, job).await
}

/// Makes the link of `secret` work from `now` on, for `user` as long as `email_key` is theirs. Made again, it lasts anew, unless it was used.
///
/// # Errors
/// What the database says.
pub(crate) async fn open_link(
    tx: &mut Tx,
    secret: &Secret,
    purpose: LinkPurpose,
    user: UserId,
    email_key: &str,
    now: Instant,
) -> Result<(), StoreError> {
    let open =
        sql("INSERT INTO mail_links (secret_hash, purpose, user_id, email_key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (secret_hash) DO UPDATE SET expires_at = EXCLUDED.expires_at WHERE mail_links.used_at IS NULL");
    let until = now.plus_minutes(i64::from(purpose.valid_minutes()));
    open.bind(secret.hash()).bind(purpose.as_str()).bind(user).bind(email_key).bind(now).bind(until).run(tx).await.map(drop)
}

/// A link with what its account has to say about it.
struct Link {
    user: UserId,
    state: LinkState,
}

impl Accounts {
    /// Sends `identity` the link that proves their address once more; does nothing when it is proved.
    ///
    /// # Errors
    /// `TooMany` for one account or one address.
    pub async fn send_check(&self, identity: &Identity, from: &ClientInfo) -> Result<(), LinkError> {
        self.count_mail(&email_key(identity.email()), from).await?;
        let mut tx = self.store().begin().await?;
        let waits = sql("SELECT id FROM users WHERE id = $1 AND email_checked_at IS NULL").bind(identity.id()).optional(&mut tx).await?;
        if waits.is_some() {
            ask(&mut tx, &*self.deps.ids, self.now(), identity.id(), LinkPurpose::CheckAddress).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Sends the account of `email`, if there is an active one, a link to choose a new password. To an address that was never
    /// proved goes the link that proves it instead: nothing else is sent there.
    ///
    /// # Errors
    /// `TooMany` for one account, known or not, or one address. The answer is the same whether there is an account or not.
    pub async fn forgot_password(&self, email: &str, from: &ClientInfo) -> Result<(), LinkError> {
        let key = email_key(email);
        self.count_mail(&key, from).await?;
        // What cannot be an address has no account; some of it the database would not even take as text.
        let account = if valid_email(&key) { by_email_key(self.store(), &key).await? } else { None };
        let Some(account) = account.filter(|account| account.active) else { return Ok(()) };
        let purpose = if account.identity.email_checked() { LinkPurpose::ResetPassword } else { LinkPurpose::CheckAddress };
        let mut tx = self.store().begin().await?;
        ask(&mut tx, &*self.deps.ids, self.now(), account.identity.id(), purpose).await?;
        Ok(tx.commit().await?)
    }

    /// How the link of `secret` stands. Changes nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn link(&self, secret: &Secret, purpose: LinkPurpose) -> Result<LinkState, Internal> {
        Ok(self.find_link(self.store(), secret, purpose).await?.map_or(LinkState::Unknown, |link| link.state))
    }

    /// Proves the address of the account that `secret` was sent to, and lets the mail go that waited for it. Gives how the link stood
    /// before: `Works` and `Used` both mean that the address is proved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prove_address(&self, secret: &Secret) -> Result<LinkState, Internal> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let Some(link) = self.find_link(&mut tx, secret, LinkPurpose::CheckAddress).await? else { return Ok(LinkState::Unknown) };
        let LinkState::Works(_) = link.state else { return Ok(link.state) };
        if !use_up(&mut tx, secret, now).await? {
            return Ok(LinkState::Used);
        }
        let prove = sql("UPDATE users SET email_checked_at = $2, updated_at = $2 WHERE id = $1 AND email_checked_at IS NULL");
        prove.bind(link.user).bind(now).run(&mut tx).await?;
        wake(&mut tx, link.user, now).await?;
        tx.commit().await?;
        Ok(link.state)
    }

    /// Gives the account that `secret` was sent to a new password, ends all its sign-ins and tokens, personal ones
    /// included (somebody else may have had the account), and every other such link of it.
    ///
    /// # Errors
    /// `Invalid` on `new_password`; `Link` when the link does not work (any more). Then nothing is changed.
    pub async fn reset_password(&self, secret: &Secret, new: &str) -> Result<(), ResetError> {
        let mut errors = FieldErrors::new();
        check_password(&mut errors, "new_password", new);
        // Who has no link need not cost us a hash.
        let state = self.link(secret, LinkPurpose::ResetPassword).await?;
        let LinkState::Works(email) = state else { return Err(ResetError::Link(state)) };
        errors.or(())?;
        let new_hash = self.hasher.hash(&*self.deps.ids, new).await?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let link = self.find_link(&mut tx, secret, LinkPurpose::ResetPassword).await?;
        let Some(Link { user, state: LinkState::Works(_) }) = link else {
            return Err(ResetError::Link(link.map_or(LinkState::Unknown, |link| link.state)));
        };
        if !use_up(&mut tx, secret, now).await? {
            return Err(ResetError::Link(LinkState::Used));
        }
        let change = sql("UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1 AND active = 1");
        change.bind(user).bind(new_hash).bind(now).run(&mut tx).await?;
        end_sign_ins(&mut tx, user, None).await?;
        end_tokens(&mut tx, user, Ending::All, now).await?;
        end_reset_links(&mut tx, user, now).await?;
        self.limits.clear(&mut tx, Limit::SignInPerAccount, &email_key(&email)).await?;
        Ok(tx.commit().await?)
    }

    /// Counts a mail that somebody asks for, whether or not the account exists.
    async fn count_mail(&self, email_key: &str, from: &ClientInfo) -> Result<(), LimitError> {
        let address = from.address_key();
        let mut counted = vec![(Limit::MailsPerAccount, email_key)];
        counted.extend(address.as_deref().map(|address| (Limit::MailsPerAddress, address)));
        self.limits.check_all(&counted).await
    }

    async fn find_link(&self, on: impl Into<Target<'_>>, secret: &Secret, purpose: LinkPurpose) -> Result<Option<Link>, StoreError> {
        let find =
            sql("SELECT l.user_id, l.expires_at, l.used_at, l.email_key AS sent_to, u.email, u.email_key, u.active, u.email_checked_at
             FROM mail_links l JOIN users u ON u.id = l.user_id WHERE l.secret_hash = $1 AND l.purpose = $2");
        let Some(row) = find.bind(secret.hash()).bind(purpose.as_str()).optional(on).await? else { return Ok(None) };
        let (expires, used): (Instant, Option<Instant>) = (row.get("expires_at")?, row.get("used_at")?);
        let proved: Option<Instant> = row.get("email_checked_at")?;
        let (sent_to, email_key): (String, String) = (row.get("sent_to")?, row.get("email_key")?);
        let stands = sent_to == email_key && row.get("active")?;
        // Another link of the same kind may have proved the address.
        let done = used.is_some() || (purpose == LinkPurpose::CheckAddress && proved.is_some());
        let state = match (stands, done) {
            (true, true) => LinkState::Used,
            (true, false) if self.now() < expires => LinkState::Works(row.get("email")?),
            _ => LinkState::Over,
        };
        Ok(Some(Link { user: row.get("user_id")?, state }))
    }
}

/// Marks the link as used; `false` when somebody was quicker.
async fn use_up(tx: &mut Tx, secret: &Secret, now: Instant) -> Result<bool, StoreError> {
    let used = sql("UPDATE mail_links SET used_at = $2 WHERE secret_hash = $1 AND used_at IS NULL");
    Ok(used.bind(secret.hash()).bind(now).run(tx).await? == 1)
}

/// No link for a new password works any more that `user` was sent, or would be sent: the password has been changed.
pub(super) async fn end_reset_links(tx: &mut Tx, user: UserId, now: Instant) -> Result<(), StoreError> {
    let links = sql("UPDATE mail_links SET used_at = $2 WHERE user_id = $1 AND purpose = 'reset_password' AND used_at IS NULL");
    links.bind(user).bind(now).run(&mut *tx).await?;
    let mails = sql("UPDATE jobs SET state = 'cancelled', finished_at = $2, lease_owner = NULL, lease_until = NULL
         WHERE user_id = $1 AND kind = 'account_mail' AND state = 'waiting' AND payload LIKE '%reset_password%'");
    mails.bind(user).bind(now).run(tx).await.map(drop)
}

/// Lets the mail of `user` go that waited for the address to be proved.
async fn wake(tx: &mut Tx, user: UserId, now: Instant) -> Result<(), StoreError> {
    let wake = sql("UPDATE jobs SET run_at = $2 WHERE user_id = $1 AND state = 'waiting' AND run_at > $2
         AND (kind = 'booking_mail' OR (kind = 'reminder' AND problem IS NOT NULL))");
    wake.bind(user).bind(now).run(tx).await.map(drop)
}

/// Deletes links that nobody would look at any more.
pub(super) async fn sweep(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    // A while longer than they work: who comes late reads that it is too late.
    let kept = now.plus_minutes(-30 * 24 * 60);
    sql("DELETE FROM mail_links WHERE expires_at <= $1").bind(kept).run(tx).await.map(drop)
}
