//! Faults: what goes wrong, for which requests, how often.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::provider::Provider;
use super::tokens;

/// What goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Fault {
    /// An answer in place of the work: any status, for example 401, 403, 429, 498 or 5xx.
    Status {
        /// The status.
        status: u16,
        /// Seconds for the header `Retry-After`.
        retry_after: Option<u32>,
        /// The body: a string goes out as text, anything else as JSON. Without it the provider's usual words.
        body: Option<Value>,
    },
    /// No answer for `ms`, then the connection closes. The work is not done.
    Hang {
        /// Milliseconds.
        ms: u64,
    },
    /// The work is done; half of the body arrives, then the connection closes.
    CutBody,
    /// The work is done; the body is not JSON.
    MalformedJson,
    /// The work is done; the body arrives byte by byte, `ms` between them.
    SlowDrip {
        /// Milliseconds.
        ms: u64,
    },
    /// The connection closes at once. The work is not done.
    Close,
    /// The work is done; the connection closes without an answer.
    AfterEffect,
    /// The work is done `ms` later than usual.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
}

impl Fault {
    /// The name in the request log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Hang { .. } => "hang",
            Self::CutBody => "cut_body",
            Self::MalformedJson => "malformed_json",
            Self::SlowDrip { .. } => "slow_drip",
            Self::Close => "close",
            Self::AfterEffect => "after_effect",
            Self::Latency { .. } => "latency",
        }
    }
}

/// Which requests a fault strikes; what is left out matches everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Match {
    pub(crate) method: Option<String>,
    /// Of the path after the provider's prefix, for example `/calendar/v3`.
    pub(crate) path_prefix: Option<String>,
    /// The address of the account.
    pub(crate) account: Option<String>,
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Times {
    /// So many times more.
    Left(u32),
    /// Until it is cleared.
    Forever(Forever),
}

/// The word `forever`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Forever {
    /// The word.
    Forever,
}

fn once() -> Times {
    Times::Left(1)
}

fn certain() -> f64 {
    1.0
}

/// A fault as the control surface takes and lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultRule {
    #[serde(default = "tokens::id")]
    pub(crate) id: String,
    pub(crate) provider: Provider,
    #[serde(default, rename = "match")]
    pub(crate) matching: Match,
    pub(crate) fault: Fault,
    #[serde(default = "once")]
    pub(crate) times: Times,
    #[serde(default = "certain")]
    pub(crate) probability: f64,
}

/// What a fault is chosen by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) provider: Provider,
    pub(crate) method: &'a str,
    /// After the provider's prefix.
    pub(crate) path: &'a str,
    pub(crate) account: Option<&'a str>,
}

impl FaultRule {
    fn applies(&self, subject: Subject<'_>) -> bool {
        let Match { method, path_prefix, account } = &self.matching;
        self.provider == subject.provider
            && self.times != Times::Left(0)
            && method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(subject.method))
            && path_prefix.as_ref().is_none_or(|prefix| subject.path.starts_with(prefix.as_str()))
            && account.as_ref().is_none_or(|account| subject.account == Some(account.as_str()))
            && (self.probability >= 1.0 || tokens::chance() < self.probability)
    }
}

/// The fault of the first rule that applies, counted.
pub(crate) fn strike(rules: &mut [FaultRule], subject: Subject<'_>) -> Option<Fault> {
    let rule = rules.iter_mut().find(|rule| rule.applies(subject))?;
    if let Times::Left(left) = &mut rule.times {
        *left -= 1;
    }
    Some(rule.fault.clone())
}
