//! Random tokens and ids, and the fingerprints under which tokens are shown.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// `N` random bytes. Without a working random source they are zeros, which only makes a stand-in's tokens guessable.
#[expect(clippy::disallowed_methods, reason = "the one place where the sandbox, a program of its own, draws randomness")]
fn bytes<const N: usize>() -> [u8; N] {
    let mut drawn = [0; N];
    if getrandom::fill(&mut drawn).is_err() {
        drawn = [0; N];
    }
    drawn
}

/// A new secret: `prefix` and 43 characters of base64url.
pub(crate) fn secret(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes::<32>()))
}

/// A new id of 26 characters, each in `a`-`v` or `0`-`9`: legal wherever a provider restricts its ids to base32hex.
pub(crate) fn id() -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    bytes::<26>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// A random id in the form 8-4-4-4-12 hexadecimal digits.
pub(crate) fn uuid() -> String {
    let hex = hex(&bytes::<16>());
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A number in `0.0..1.0`, for faults that strike by chance.
pub(crate) fn chance() -> f64 {
    f64::from(u32::from_be_bytes(bytes::<4>())) / f64::from(u32::MAX)
}

/// What stands for a token in the request log: tells tokens apart and gives none away.
pub(crate) fn fingerprint(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes())[..8])
}

/// The S256 challenge of a PKCE verifier (RFC 7636, 4.2).
pub(crate) fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
