//! Idempotency keys: the first outcome of a request is the outcome of every repetition, for a day.

use jiff::Timestamp;
use serde_json::Value;

use super::error::Error;
use super::params::Params;
use super::state::Stripe;
use crate::core::clock::plus;

/// Seconds that a key is kept. Stripe says: removed after they are at least 24 hours old.
const KEPT: i64 = 24 * 3600;
/// The longest key, in characters.
const LONGEST: usize = 255;

/// An answer as it goes out.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) status: u16,
    pub(super) body: Value,
    /// The request that was really done.
    pub(super) request: String,
}

/// What is known of a key.
#[derive(Debug)]
pub(super) struct Kept {
    made: Timestamp,
    path: String,
    params: Params,
    /// `None` while the first request is at work.
    outcome: Option<Outcome>,
}

impl Stripe {
    /// Takes `key` for a request; gives the outcome when it is a repetition.
    pub(super) fn take_key(&mut self, key: &str, path: &str, params: &Params, now: Timestamp) -> Result<Option<Outcome>, Error> {
        if key.is_empty() || key.chars().count() > LONGEST {
            return Err(Error::request(format!("Idempotency keys have between 1 and {LONGEST} characters.")));
        }
        if let Some(kept) = self.keys.get(key).filter(|kept| plus(kept.made, KEPT) > now || kept.outcome.is_none()) {
            let Some(outcome) = &kept.outcome else { return Err(Error::in_use(key)) };
            let other = format!("Try using a key other than '{key}' if you meant to execute a different request.");
            if kept.path != path {
                let words = format!(
                    "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{}').",
                    kept.path
                );
                return Err(Error::idempotency(format!("{words} {other}")));
            }
            if kept.params != *params {
                let words = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                return Err(Error::idempotency(format!("{words} {other}")));
            }
            return Ok(Some(outcome.clone()));
        }
        let kept = Kept { made: now, path: path.to_owned(), params: params.clone(), outcome: None };
        self.keys.insert(key.to_owned(), kept);
        Ok(None)
    }

    /// Keeps the outcome under `key`, or frees the key when nothing had begun.
    pub(super) fn keep(&mut self, key: &str, outcome: Option<Outcome>) {
        match (outcome, self.keys.get_mut(key)) {
            (Some(outcome), Some(kept)) => kept.outcome = Some(outcome),
            _ => {
                self.keys.remove(key);
            }
        }
    }
}
