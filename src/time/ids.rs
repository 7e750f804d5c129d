//! Ids and secrets: the only place that draws randomness.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::model::{Id, Instant};

/// Makes ids and secrets. The only way to get them.
pub trait Ids: Send + Sync + 'static {
    /// Fills `bytes` with randomness fit for secrets.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Ids {
    /// A new id, made at `now` (its first 48 bits, so ids sort by age to the millisecond).
    pub fn id<T>(&self, now: Instant) -> Id<T> {
        let mut random = [0_u8; 16];
        self.fill(&mut random);
        id_of(now, u128::from_be_bytes(random))
    }

    /// A new secret of 256 bits.
    pub fn secret(&self) -> Secret {
        let mut random = [0_u8; 32];
        self.fill(&mut random);
        Secret(URL_SAFE_NO_PAD.encode(random))
    }
}

fn id_of<T>(made: Instant, bits: u128) -> Id<T> {
    let text = ulid::Ulid::from_parts(made.millis().unsigned_abs(), bits).to_string();
    // A ULID's text is an id by definition.
    text.parse().unwrap_or_else(|_| unreachable!("a ULID is an id"))
}

/// A bearer secret (sign-in session, hold, API token): 43 characters that fit a URL and a cookie.
/// Only its hash is stored; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret of 256 bits that are as good as random: a message authentication code under a key of ours.
    pub(crate) fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Takes what a browser sent; `None` when it cannot be a secret of ours.
    pub fn from_untrusted(text: &str) -> Option<Self> {
        let shaped = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        shaped.then(|| Self(text.to_owned()))
    }

    /// The secret itself, to be handed to its owner once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The id that follows from the secret, for something first asked for at `since`: the same however often it is asked. It tells nothing of the secret.
    pub fn id<T>(&self, since: Instant) -> Id<T> {
        let digest = Sha256::new().chain_update(b"id\n").chain_update(&self.0).finalize();
        let bits = digest.iter().take(16).fold(0, |bits: u128, byte| (bits << 8) | u128::from(*byte));
        id_of(since, bits)
    }

    /// What is stored: SHA-256 in base64. The secret has 256 random bits, so a fast hash is enough (unlike a
    /// password's), and finding a row by it reveals nothing through timing.
    pub fn hash(&self) -> String {
        hash_secret(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of `text` in base64 without padding.
pub fn hash_secret(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// The machine's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    #[expect(clippy::expect_used, reason = "a machine without randomness must not hand out secrets")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system gives randomness");
    }
}

/// The same ids in the same order for the same seed, for tests.
#[derive(Debug)]
pub struct SeededIds(AtomicU64);

impl SeededIds {
    /// Starts from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Ids for SeededIds {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, SeqCst);
            let digest = Sha256::digest(next.to_be_bytes());
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserId;

    #[test]
    fn ids_carry_their_instant_and_differ() {
        let ids: &dyn Ids = &SeededIds::new(1);
        let (a, b): (UserId, UserId) = (ids.id(Instant::from_millis(1)), ids.id(Instant::from_millis(2)));
        assert!(a < b);
        let system: &dyn Ids = &SystemIds;
        assert_ne!(system.secret(), system.secret());
    }

    #[test]
    fn secrets_are_told_from_noise_and_never_shown() {
        let ids: &dyn Ids = &SeededIds::new(1);
        let secret = ids.secret();
        assert_eq!(Secret::from_untrusted(secret.expose()), Some(secret.clone()));
        assert_eq!(Secret::from_untrusted("'; DROP TABLE users"), None);
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_ne!(secret.hash(), secret.expose());
    }

    #[test]
    fn an_id_follows_from_a_secret_and_its_instant() {
        let ids: &dyn Ids = &SeededIds::new(1);
        let (one, two) = (ids.secret(), ids.secret());
        let id = |secret: &Secret, millis| -> UserId { secret.id(Instant::from_millis(millis)) };
        assert_eq!(id(&one, 5), id(&one, 5));
        assert_ne!(id(&one, 5), id(&two, 5));
        assert!(id(&one, 5) < id(&one, 6) && id(&two, 5) < id(&one, 6), "ids sort by age");
    }
}
