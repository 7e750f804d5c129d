//! One call of the API: what it asks, and the way to its endpoint.

use super::error::{Answer, Error};
use super::params::Params;
use super::till::Till;
use super::{events, expand, intents, read, refunds, sessions};

/// A call on its way to its endpoint.
pub(super) struct Call<'a> {
    pub(super) till: Till<'a>,
    pub(super) params: Params,
    /// The most that a list answers with, whatever was asked for.
    pub(super) page_limit: Option<usize>,
}

/// Which endpoint a path is.
type Endpoint = fn(&mut Call<'_>, &str) -> Answer;

/// The endpoint of a method and a path, with the id in the path.
fn endpoint<'a>(method: &str, path: &'a str) -> Option<(Endpoint, &'a str)> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let rest = parts.strip_prefix(&["v1"])?;
    let found: (Endpoint, &str) = match (method, rest) {
        ("POST", ["checkout", "sessions"]) => (sessions::create, ""),
        ("GET", ["checkout", "sessions"]) => (sessions::list, ""),
        ("GET", ["checkout", "sessions", id]) => (sessions::retrieve, id),
        ("POST", ["checkout", "sessions", id, "expire"]) => (sessions::expire, id),
        ("GET", ["checkout", "sessions", id, "line_items"]) => (sessions::lines, id),
        ("GET", ["payment_intents"]) => (intents::list, ""),
        ("GET", ["payment_intents", id]) => (intents::retrieve, id),
        ("POST", ["payment_intents", id, "capture"]) => (intents::capture, id),
        ("POST", ["payment_intents", id, "cancel"]) => (intents::cancel, id),
        ("GET", ["charges"]) => (read::charges, ""),
        ("GET", ["charges", id]) => (read::charge, id),
        ("GET", ["balance_transactions", id]) => (read::transaction, id),
        ("POST", ["refunds"]) => (refunds::create, ""),
        ("GET", ["refunds"]) => (refunds::list, ""),
        ("GET", ["refunds", id]) => (refunds::retrieve, id),
        ("GET", ["events"]) => (events::list, ""),
        ("GET", ["events", id]) => (events::retrieve, id),
        _ => return None,
    };
    Some(found)
}

impl Call<'_> {
    /// Does what the call asks, and expands what it wants expanded.
    pub(super) fn answer(mut self, method: &str, path: &str) -> Answer {
        let Some((endpoint, id)) = endpoint(method, path) else { return Err(Error::unrecognized(method, path)) };
        let wanted = expand::wanted(&self.params)?;
        let mut value = endpoint(&mut self, id)?;
        for path in &wanted {
            expand::expand(&self.till, &mut value, path)?;
        }
        Ok(value)
    }
}
