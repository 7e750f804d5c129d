//! Whether prices are collected, and through which account.

use super::{Hidden, parse::Reader, providers::address};

/// This site's account at Stripe. `Debug` shows no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeConfig {
    /// `STRIPE_SECRET_KEY`.
    pub secret_key: Hidden,
    /// `STRIPE_WEBHOOK_SECRET`: what Stripe signs webhooks with; while a secret is being replaced, the new one and the former.
    pub webhook_secrets: Vec<Hidden>,
    /// `STRIPE_API_URL`: what comes before `/v1/...`, without a `/` at its end.
    pub api_url: String,
}

/// `None`: prices are shown, and not collected here.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<StripeConfig> {
    let key = reader.read("STRIPE_SECRET_KEY", |key| secret_key(key).map(Some), || None);
    let secrets = reader.read("STRIPE_WEBHOOK_SECRET", |secrets| webhook_secrets(secrets).map(Some), || None);
    let api_url = address(reader, "STRIPE_API_URL", "https://api.stripe.com");
    match (key, secrets) {
        (Some(secret_key), Some(webhook_secrets)) => Some(StripeConfig { secret_key, webhook_secrets, api_url }),
        (Some(_), None) => lacks(reader, "STRIPE_WEBHOOK_SECRET", "is missing, though STRIPE_SECRET_KEY is set"),
        (None, Some(_)) => lacks(reader, "STRIPE_SECRET_KEY", "is missing, though STRIPE_WEBHOOK_SECRET is set"),
        (None, None) => None,
    }
}

/// Notes what is missing, unless it is there and wrong, which was noted already.
fn lacks(reader: &mut Reader<'_>, name: &'static str, problem: &str) -> Option<StripeConfig> {
    if !reader.is_wrong(name) {
        reader.complain(name, problem);
    }
    None
}

fn secret_key(text: &str) -> Result<Hidden, String> {
    let shaped = text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // Some ways in which money and booking can come to disagree are known and not closed yet: docs/payments.md lists them.
    if shaped && (text.starts_with("sk_live_") || text.starts_with("rk_live_")) {
        return Err("is for real money, which this version does not take yet: use a test key, and see docs/payments.md".to_owned());
    }
    // A publishable key (pk_) is the one that is copied by mistake.
    if shaped && ["sk_", "rk_"].iter().any(|start| text.starts_with(start)) {
        Ok(Hidden::from(text))
    } else {
        Err("is no secret key".to_owned())
    }
}

fn webhook_secrets(text: &str) -> Result<Vec<Hidden>, String> {
    let parts: Vec<&str> = text.split([',', ' ']).filter(|part| !part.is_empty()).collect();
    let shaped = |part: &&str| part.starts_with("whsec_") && part.len() > 8;
    if parts.is_empty() || parts.len() > 2 || !parts.iter().all(shaped) {
        return Err("is not one signing secret of a webhook, or two".to_owned());
    }
    Ok(parts.into_iter().map(Hidden::from).collect())
}
