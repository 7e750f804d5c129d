//! What proves to a receiver that a delivery is ours, and from when it is.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::Instant;

/// The value of `Wellmet-Signature` for `body`, sent at `at`: `t=<unix seconds>,v1=<hex>`, with a `v1` for each of `secrets`. Each is
/// the HMAC-SHA256, keyed with the whole text of the secret, of the seconds, a full stop and the body.
pub fn signature<'a>(secrets: impl IntoIterator<Item = &'a str>, at: Instant, body: &str) -> String {
    let seconds = at.millis().div_euclid(1000);
    let mut value = format!("t={seconds}");
    for secret in secrets {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { continue };
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(body.as_bytes());
        value.push_str(",v1=");
        for byte in mac.finalize().into_bytes() {
            // Writing to a text does not fail.
            let _ = write!(value, "{byte:02x}");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors that Python's `hmac` computed: `hmac.new(secret, b"%d.%s" % (t, body), "sha256").hexdigest()`.
    #[test]
    fn as_another_implementation_computes_it() {
        let at = Instant::from_millis(1_793_606_400_999);
        let body = r#"{"id":"01","type":"ping"}"#;
        let new = "d6ccddf0f9644747e47ccfa476d4783354903c244c03801b578a98accc41ba93";
        let old = "9dbd3bcac76d67b2ef7f7b25f5007e1a9189e1d4357d10173c39e08237903f21";
        let empty = "9dd01cda0ad15e120113563e7fdefab0eb8742b691b9a282c78f81be0b352681";
        assert_eq!(signature(["whsec_new"], at, body), format!("t=1793606400,v1={new}"));
        assert_eq!(signature(["whsec_new", "whsec_old"], at, body), format!("t=1793606400,v1={new},v1={old}"));
        assert_eq!(signature(["whsec_new"], at, ""), format!("t=1793606400,v1={empty}"));
    }
}
