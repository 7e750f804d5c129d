//! Doing what a program asks for once, however often it asks: answers that are kept under the key that it sends.
//!
//! A key belongs to whoever asks (`scope`) and to one request, of which a keyed hash is kept: with another request it is refused. Whoever comes
//! first with a key holds it by a lease and does the work; who comes meanwhile is told that it is under way; who comes later is told the answer.
//! A server that dies leaves a lease that ends, and whoever comes next does the work again: what must not be done twice even so is given a secret that
//! follows from the key ([`Held::once`]).

mod answer;

use std::time::Duration;

pub use answer::Answer;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    Deps,
    error::Internal,
    integrations::tokens::Vault,
    model::{Id, Instant},
    store::{Row, StoreError, sql},
    time::{Secret, hash_secret},
};

/// How long an answer is kept.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
/// How long whoever holds a key may work. Nobody may hold it longer without giving up the work first.
pub const LEASE: Duration = Duration::from_mins(1);

/// So many keys of one scope are known at once, give or take those that come in the same instant.
pub const MOST_KEPT: i64 = 10_000;

/// What keys and fingerprints are derived for.
const REQUEST: &str = "idempotent request";
const ONCE: &str = "idempotent effect";

#[doc(hidden)]
pub enum HolderKind {}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Idempotency {
    deps: Deps,
    vault: Vault,
}

/// Who asks with which key: where an answer is kept. Keys are kept as hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    scope: String,
    key_hash: String,
}

impl Slot {
    /// The key `key` of `scope`, which names whoever asks.
    pub fn new(scope: impl Into<String>, key: &str) -> Self {
        Self { scope: scope.into(), key_hash: hash_secret(key) }
    }
}

/// A key that is held: for the work to be done, and to be given back by [`Idempotency::keep`] or [`Idempotency::let_go`].
#[derive(Debug, Clone)]
pub struct Held {
    slot: Slot,
    holder: Id<HolderKind>,
    /// For what must not be done twice even if a server dies in between: the same for every try, and for nothing else.
    pub once: Secret,
    /// When the first of these tries began.
    pub since: Instant,
}

/// How it stands with a request.
#[derive(Debug, Clone)]
pub enum Begun {
    /// It is the first: whoever asked does the work now.
    First(Held),
    /// It was answered.
    Answered(Answer),
    /// Too many other keys of this scope are known: nothing was begun.
    Full {
        /// Until one of them is over.
        retry_after: Duration,
    },
    /// It is being worked on.
    UnderWay,
    /// The key came before with another request.
    OtherRequest,
    /// It was answered, but the site's key changed since, and the answer cannot be read any more.
    Unreadable,
}

impl Idempotency {
    /// Over the database of `deps`; `vault` seals answers.
    pub const fn new(deps: Deps, vault: Vault) -> Self {
        Self { deps, vault }
    }

    /// How it stands with the request of these `parts` under the key of `slot`, which is held from now on if it was free.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin(&self, slot: &Slot, parts: &[&[u8]]) -> Result<Begun, Internal> {
        // Known by the hash of a hash under each key of the site: a new one took over, and a retry is still the same request.
        let request = digest(parts);
        let known: Vec<String> = self.vault.secrets_of(REQUEST, &request).iter().map(Secret::hash).collect();
        let fingerprint = known.first().ok_or_else(|| Internal::new("a vault without a key"))?;
        let now = self.deps.clock.now();
        // A retry is the usual case when a key is there: looking first spares it the writer.
        match self.find(slot, now).await? {
            Some(row) if !is_free(&row, &known, now)? => return self.stands(slot, &row, &known),
            Some(_free) => {}
            None => {
                if let Some(retry_after) = self.full(slot, now).await? {
                    return Ok(Begun::Full { retry_after });
                }
            }
        }
        match self.take(slot, fingerprint, &known, now).await? {
            Some(held) => Ok(Begun::First(held)),
            None => match self.find(slot, now).await? {
                Some(row) => self.stands(slot, &row, &known),
                // It was let go of in this instant.
                None => Ok(Begun::UnderWay),
            },
        }
    }

    async fn find(&self, slot: &Slot, now: Instant) -> Result<Option<Row>, StoreError> {
        let find = sql("SELECT fingerprint, lease_until, status, answer FROM idempotent_answers
             WHERE scope = $1 AND key_hash = $2 AND expires_at > $3");
        find.bind(&slot.scope).bind(&slot.key_hash).bind(now).optional(&self.deps.store).await
    }

    /// Until there is room for another key of this scope; `None`: there is.
    async fn full(&self, slot: &Slot, now: Instant) -> Result<Option<Duration>, StoreError> {
        // Those that are over and not swept yet count here, so that the usual case is read from the index alone.
        let known = sql("SELECT COUNT(*) AS n FROM (SELECT key_hash FROM idempotent_answers WHERE scope = $1 LIMIT $2) AS known");
        let known = known.bind(&slot.scope).bind(MOST_KEPT).one(&self.deps.store).await?;
        if known.get::<i64>("n")? < MOST_KEPT {
            return Ok(None);
        }
        let live = sql("SELECT COUNT(*) AS n, MIN(expires_at) AS first FROM idempotent_answers WHERE scope = $1 AND expires_at > $2");
        let live = live.bind(&slot.scope).bind(now).one(&self.deps.store).await?;
        let first = live.get::<Option<Instant>>("first")?.filter(|_| live.get::<i64>("n").is_ok_and(|n| n >= MOST_KEPT));
        Ok(first.map(|first| Duration::from_millis(first.millis().abs_diff(now.millis()))))
    }

    fn stands(&self, slot: &Slot, row: &Row, known: &[String]) -> Result<Begun, Internal> {
        if !known.contains(&row.get::<String>("fingerprint")?) {
            return Ok(Begun::OtherRequest);
        }
        let (Some(status), Some(sealed)) = (row.get::<Option<u32>>("status")?, row.get::<Option<String>>("answer")?) else {
            return Ok(Begun::UnderWay);
        };
        let Ok(text) = self.vault.open(&sealed, slot.place()) else { return Ok(Begun::Unreadable) };
        Ok(Begun::Answered(Answer::of_text(status, text.expose())?))
    }

    /// Takes the key if it is free: nobody has it, or what it stood for is over, or whoever worked on this request is gone.
    async fn take(&self, slot: &Slot, fingerprint: &str, known: &[String], now: Instant) -> Result<Option<Held>, Internal> {
        let holder: Id<HolderKind> = self.deps.ids.id(now);
        // What is over is a row of another request: it begins anew, its age included.
        let over = "DELETE FROM idempotent_answers WHERE scope = $1 AND key_hash = $2 AND expires_at <= $3";
        let take = sql("INSERT INTO idempotent_answers (scope, key_hash, fingerprint, holder, lease_until, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (scope, key_hash) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
                 WHERE idempotent_answers.status IS NULL AND idempotent_answers.lease_until <= $6
                   AND idempotent_answers.fingerprint IN ($3, $8)
             RETURNING created_at");
        let mut tx = self.deps.store.begin().await?;
        sql(over).bind(&slot.scope).bind(&slot.key_hash).bind(now).run(&mut tx).await?;
        let take = take.bind(&slot.scope).bind(&slot.key_hash).bind(fingerprint).bind(holder);
        let before = known.get(1).map_or(fingerprint, String::as_str);
        let row = take.bind(now + LEASE).bind(now).bind(now + KEPT_FOR).bind(before).optional(&mut tx).await?;
        let Some(row) = row else { return Ok(None) };
        tx.commit().await?;
        let made: Instant = row.get("created_at")?;
        let of = format!("{}\n{}\n{}", slot.scope, slot.key_hash, made.millis());
        let once = self.vault.secret_of(ONCE, &of).ok_or_else(|| Internal::new("a vault without a key"))?;
        Ok(Some(Held { slot: slot.clone(), holder, once, since: made }))
    }

    /// Keeps `answer` for whoever comes again. Without effect when the lease ended and somebody else has the key.
    ///
    /// # Errors
    /// What the database says; then nobody has the key when the lease ends.
    pub async fn keep(&self, held: &Held, answer: &Answer) -> Result<(), Internal> {
        let sealed = self.vault.seal(&answer.to_text(), held.slot.place()).map_err(Internal::new)?;
        let keep = sql("UPDATE idempotent_answers SET status = $4, answer = $5
             WHERE scope = $1 AND key_hash = $2 AND holder = $3 AND status IS NULL");
        let keep = keep.bind(&held.slot.scope).bind(&held.slot.key_hash).bind(held.holder);
        let mut tx = self.deps.store.begin().await?;
        keep.bind(i64::from(answer.status)).bind(sealed).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Gives the key back: nothing was begun, and whoever comes again begins.
    ///
    /// # Errors
    /// What the database says; then nobody has the key when the lease ends.
    pub async fn let_go(&self, held: &Held) -> Result<(), Internal> {
        let delete = sql("DELETE FROM idempotent_answers WHERE scope = $1 AND key_hash = $2 AND holder = $3 AND status IS NULL");
        let mut tx = self.deps.store.begin().await?;
        delete.bind(&held.slot.scope).bind(&held.slot.key_hash).bind(held.holder).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets the answers that are over; how many there were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep(&self) -> Result<u64, Internal> {
        let mut tx = self.deps.store.begin().await?;
        let swept = sql("DELETE FROM idempotent_answers WHERE expires_at <= $1").bind(self.deps.clock.now()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(swept)
    }
}

/// Whether the row is of this request and nobody works on it any more.
fn is_free(row: &Row, known: &[String], now: Instant) -> Result<bool, StoreError> {
    let mine = known.contains(&row.get("fingerprint")?);
    Ok(mine && row.get::<Option<i64>>("status")?.is_none() && row.get::<Instant>("lease_until")? <= now)
}

/// A hash of `parts` that no other parts have: each goes in with its length.
fn digest(parts: &[&[u8]]) -> String {
    let whole = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part));
    URL_SAFE_NO_PAD.encode(whole.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        assert_eq!(digest(&[b"ab", b"c"]), digest(&[b"ab", b"c"]));
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
