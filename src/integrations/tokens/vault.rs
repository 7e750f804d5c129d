//! Sealing what must not be read from a database dump.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::{
    config::SecretKey,
    time::{Ids, Secret},
};

/// The length of an XChaCha20-Poly1305 nonce in bytes: long enough to be drawn at random.
const NONCE: usize = 24;

/// A credential in clear: an access token, a refresh token, a password, a feed's address. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Clear(String);

impl Clear {
    /// Wraps a text that must not be shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be sent to whom it belongs and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clear(…)")
    }
}

/// Where a sealed value stands. It is part of what is authenticated: a value copied elsewhere does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Table and column.
    pub column: &'a str,
    /// The row.
    pub row: &'a str,
    /// Whose row it is.
    pub owner: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        format!("{}\n{}\n{}", self.column, self.row, self.owner).into_bytes()
    }
}

/// A sealed value cannot be opened: another key, another place, or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened with this site's keys")]
pub struct Unopenable;

/// Seals with the newest key and opens with any (XChaCha20-Poly1305). Cheap to clone.
///
/// A sealed value is `1.{key id}.{nonce and ciphertext in base64}`: the key id says which key opens it, so that a new
/// key can take over while both are known (`wellmet admin rotate-key`).
#[derive(Clone)]
pub struct Vault {
    /// The newest first.
    keys: Arc<[Key]>,
    ids: Arc<dyn Ids>,
}

struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
    /// A key of its own for secrets that are derived, so that nothing is used for two things.
    derive: [u8; 32],
}

impl Key {
    fn new(key: &SecretKey) -> Self {
        // A hash of the key names it without telling anything about it: it has 256 random bits.
        let digest = Sha256::new_with_prefix(b"wellmet key id\n").chain_update(key.expose()).finalize();
        let derive = Sha256::new_with_prefix(b"wellmet derived secrets\n").chain_update(key.expose()).finalize().into();
        Self { id: URL_SAFE_NO_PAD.encode(&digest[..6]), cipher: XChaCha20Poly1305::new(key.expose().into()), derive }
    }

    fn secret_of(&self, purpose: &str, of: &str) -> Option<Secret> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.derive).ok()?;
        mac.update(format!("{purpose}\n{of}").as_bytes());
        Some(Secret::of_bytes(mac.finalize().into_bytes().into()))
    }
}

impl Vault {
    /// Seals with `key`; opens what `key` or one of `previous` sealed. Nonces are drawn from `ids`.
    pub fn new(key: &SecretKey, previous: &[SecretKey], ids: Arc<dyn Ids>) -> Self {
        Self { keys: std::iter::once(key).chain(previous).map(Key::new).collect(), ids }
    }

    /// Seals `clear` for `place`.
    ///
    /// # Errors
    /// [`Unopenable`] when it is too long to seal (256 GiB): never in practice.
    pub fn seal(&self, clear: &Clear, place: Place<'_>) -> Result<String, Unopenable> {
        let Some(key) = self.keys.first() else { return Err(Unopenable) };
        let mut nonce = [0_u8; NONCE];
        self.ids.fill(&mut nonce);
        let payload = Payload { msg: clear.expose().as_bytes(), aad: &place.bytes() };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Unopenable)?;
        Ok(format!("1.{}.{}", key.id, URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open(&self, sealed: &str, place: Place<'_>) -> Result<Clear, Unopenable> {
        let (id, body) = sealed.strip_prefix("1.").and_then(|rest| rest.split_once('.')).ok_or(Unopenable)?;
        let key = self.keys.iter().find(|key| key.id == id).ok_or(Unopenable)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| Unopenable)?;
        let (nonce, body) = body.split_first_chunk::<NONCE>().ok_or(Unopenable)?;
        let payload = Payload { msg: body, aad: &place.bytes() };
        let clear = key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unopenable)?;
        String::from_utf8(clear).map(Clear).map_err(|_| Unopenable)
    }

    /// The secret that belongs to `of` for one `purpose`, under the newest key: the same each time it is asked for, so that work that is
    /// done twice gives it out twice and nothing secret waits in the database. `None` when a vault has no key: never in practice.
    pub fn secret_of(&self, purpose: &str, of: &str) -> Option<Secret> {
        self.keys.first()?.secret_of(purpose, of)
    }

    /// What [`Vault::secret_of`] gives under each key that is known, the newest first: for knowing again what was derived before a new key
    /// took over.
    pub fn secrets_of(&self, purpose: &str, of: &str) -> Vec<Secret> {
        self.keys.iter().filter_map(|key| key.secret_of(purpose, of)).collect()
    }

    /// Whether `sealed` was sealed with the newest key.
    pub fn is_current(&self, sealed: &str) -> bool {
        let newest = self.keys.first().map(|key| format!("1.{}.", key.id));
        newest.is_some_and(|start| sealed.starts_with(&start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SystemIds;

    const HERE: Place<'_> = Place { column: "t.c", row: "1", owner: "a" };

    fn vault(keys: &[u8]) -> Vault {
        let keys: Vec<_> = keys.iter().map(|byte| SecretKey::from_bytes([*byte; 32])).collect();
        Vault::new(&keys[0], &keys[1..], Arc::new(SystemIds))
    }

    #[test]
    fn opens_in_its_own_place_only() {
        let vault = vault(&[1]);
        let sealed = vault.seal(&Clear::new("refresh me"), HERE).unwrap();
        assert!(!sealed.contains("refresh"));
        assert_eq!(vault.open(&sealed, HERE).unwrap().expose(), "refresh me");
        for elsewhere in [Place { owner: "b", ..HERE }, Place { row: "2", ..HERE }, Place { column: "t.d", ..HERE }] {
            assert_eq!(vault.open(&sealed, elsewhere), Err(Unopenable));
        }
        assert_eq!(super::tests::vault(&[2]).open(&sealed, HERE), Err(Unopenable));
    }

    #[test]
    fn an_altered_value_does_not_open() {
        let vault = vault(&[1]);
        let sealed = vault.seal(&Clear::new("x"), HERE).unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            // The last character of base64 may have bits that mean nothing: the text may differ and the bytes not.
            let altered = String::from_utf8(altered).unwrap();
            let opened = vault.open(&altered, HERE);
            assert!(opened.is_err() || at == sealed.len() - 1, "{altered}");
        }
        assert_eq!(vault.open("", HERE), Err(Unopenable));
    }

    #[test]
    fn a_new_key_takes_over() {
        let sealed = vault(&[1]).seal(&Clear::new("x"), HERE).unwrap();
        let both = vault(&[2, 1]);
        assert!(both.open(&sealed, HERE).is_ok() && !both.is_current(&sealed));
        let again = both.seal(&both.open(&sealed, HERE).unwrap(), HERE).unwrap();
        assert!(both.is_current(&again) && vault(&[2]).open(&again, HERE).is_ok());
        assert_ne!(both.seal(&Clear::new("x"), HERE), both.seal(&Clear::new("x"), HERE));
    }

    #[test]
    fn derived_secrets_stay_the_same_and_differ_by_purpose_and_key() {
        let vault = vault(&[1]);
        let secret = vault.secret_of("a", "b").unwrap();
        assert_eq!(vault.secret_of("a", "b").unwrap(), secret);
        assert_eq!(Secret::from_untrusted(secret.expose()), Some(secret.clone()));
        for other in [vault.secret_of("a", "c"), vault.secret_of("b", "b"), super::tests::vault(&[2]).secret_of("a", "b")] {
            assert_ne!(other.unwrap(), secret);
        }
        let renewed = super::tests::vault(&[2, 1]).secrets_of("a", "b");
        assert_eq!(renewed, [super::tests::vault(&[2]).secret_of("a", "b").unwrap(), secret]);
    }

    #[test]
    fn nothing_shows_it() {
        assert_eq!(format!("{:?}", Clear::new("secret")), "Clear(…)");
    }
}
