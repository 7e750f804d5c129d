//! Whether a webhook comes from Stripe, and is new.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{config::Hidden, model::Instant};

/// A signature that is older is refused, in seconds; so a copy somebody kept is worth nothing later. Stripe signs anew with each attempt.
const TOLERANCE: i64 = 300;
/// More values than this are nobody's rotation.
const MOST_VALUES: usize = 16;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No header, or one that cannot be read.
    #[error("there is no signature")]
    Missing,
    /// Signed with another secret, or changed on the way.
    #[error("the signature does not fit")]
    Wrong,
    /// Signed too long ago.
    #[error("the signature is too old")]
    Old,
}

/// Checks `header` (`Stripe-Signature: t=...,v1=...`) against the bytes of `body` as they came, with each of `secrets`.
///
/// # Errors
/// See [`SignatureError`].
pub fn verify(secrets: &[Hidden], header: Option<&str>, body: &[u8], now: Instant) -> Result<(), SignatureError> {
    let (at, values) = read(header.ok_or(SignatureError::Missing)?).ok_or(SignatureError::Missing)?;
    let fits = secrets.iter().filter_map(|secret| signed(secret, &at, body)).any(|own| {
        // Every value is compared to its end: how long it takes tells nothing.
        values.iter().fold(false, |found, value| found | bool::from(own.as_slice().ct_eq(value)))
    });
    if !fits {
        return Err(SignatureError::Wrong);
    }
    let seconds: i64 = at.parse().map_err(|_| SignatureError::Missing)?;
    if now.millis().div_euclid(1000).saturating_sub(seconds) > TOLERANCE {
        return Err(SignatureError::Old);
    }
    Ok(())
}

/// The seconds as they stand, and the values of `v1`.
fn read(header: &str) -> Option<(String, Vec<[u8; 32]>)> {
    let (mut at, mut values) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", seconds) => at = Some(seconds.to_owned()),
            ("v1", value) if values.len() < MOST_VALUES => values.extend(unhex(value)),
            _ => {}
        }
    }
    at.filter(|at| !at.is_empty() && at.bytes().all(|byte| byte.is_ascii_digit()) && !values.is_empty()).map(|at| (at, values))
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// The HMAC-SHA256, keyed with the whole text of the secret, of the seconds, a full stop and the body.
fn signed(secret: &Hidden, at: &str, body: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    mac.update(at.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python: `hmac.new(secret, b"%d.%s" % (t, body), "sha256").hexdigest()`.
    const NEW: &str = "d6ccddf0f9644747e47ccfa476d4783354903c244c03801b578a98accc41ba93";
    const OLD: &str = "9dbd3bcac76d67b2ef7f7b25f5007e1a9189e1d4357d10173c39e08237903f21";
    const BODY: &[u8] = br#"{"id":"01","type":"ping"}"#;
    const AT: i64 = 1_793_606_400;

    fn check(secrets: &[&str], header: &str, body: &[u8], late: i64) -> Result<(), SignatureError> {
        let secrets: Vec<Hidden> = secrets.iter().map(|secret| Hidden::from(*secret)).collect();
        verify(&secrets, Some(header), body, Instant::from_millis((AT + late) * 1000))
    }

    #[test]
    fn what_another_implementation_signed_is_believed_for_five_minutes() {
        let header = format!("t={AT},v1={NEW},v0=00");
        assert_eq!(check(&["whsec_new"], &header, BODY, 0), Ok(()));
        assert_eq!(check(&["whsec_new"], &header, BODY, 300), Ok(()));
        assert_eq!(check(&["whsec_new"], &header, BODY, 301), Err(SignatureError::Old));
        // A clock that is behind refuses nothing: only the past is limited.
        assert_eq!(check(&["whsec_new"], &header, BODY, -4000), Ok(()));
    }

    #[test]
    fn either_secret_and_any_value_will_do() {
        let both = format!("t={AT},v1={OLD},v1={NEW}");
        for secrets in [&["whsec_new"][..], &["whsec_old"], &["whsec_other", "whsec_old"]] {
            assert_eq!(check(secrets, &both, BODY, 0), Ok(()), "{secrets:?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let good = format!("t={AT},v1={NEW}");
        assert_eq!(check(&["whsec_new"], &good, br#"{"id":"02","type":"ping"}"#, 0), Err(SignatureError::Wrong));
        assert_eq!(check(&["whsec_new"], &format!("t={},v1={NEW}", AT + 1), BODY, 0), Err(SignatureError::Wrong));
        assert_eq!(check(&["whsec_other"], &good, BODY, 0), Err(SignatureError::Wrong));
        assert_eq!(check(&[], &good, BODY, 0), Err(SignatureError::Wrong));
        for bad in [
            "",
            "t=",
            "v1=00",
            &format!("v1={NEW}"),
            &format!("t=1x,v1={NEW}"),
            &format!("t={AT},v1={}", &NEW[1..]),
            &format!("t={AT},v0={NEW}"),
        ] {
            assert_eq!(check(&["whsec_new"], bad, BODY, 0), Err(SignatureError::Missing), "{bad}");
        }
        assert_eq!(verify(&[Hidden::from("whsec_new")], None, BODY, Instant::from_millis(0)), Err(SignatureError::Missing));
    }
}
