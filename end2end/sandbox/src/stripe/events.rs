//! Events, for thirty days.

use serde_json::Value;

use super::LONG;
use super::call::Call;
use super::error::{Answer, Error};
use super::state::Event;
use crate::core::clock::plus;

/// Seconds that events can be read.
const KEPT: i64 = 30 * 24 * 3600;
/// The most kinds that a list is asked for.
const KINDS: usize = 20;

/// Whether `kind` is one of `pattern`, which may end in `*`.
fn fits(kind: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(kind == pattern, |begin| kind.starts_with(begin))
}

fn kept(call: &Call<'_>, event: &Event) -> bool {
    plus(event.created, KEPT) > call.till.now
}

/// `GET /v1/events/{id}`.
pub(super) fn retrieve(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["expand"])?;
    let stripe = &call.till.stripe;
    let found = stripe.events.iter().find(|event| event.id == id).filter(|event| kept(call, event));
    found.map(|event| stripe.show_event(event)).ok_or_else(|| Error::missing("event", id, "id"))
}

/// `GET /v1/events`.
pub(super) fn list(call: &mut Call<'_>, _: &str) -> Answer {
    call.only_list(&["delivery_success", "type", "types"])?;
    let (kind, kinds) = (call.params.text("type", LONG)?, call.params.texts("types")?);
    if kind.is_some() && !kinds.is_empty() {
        return Err(Error::parameter("types", "You may pass either `type` or `types`, but not both."));
    }
    if kinds.len() > KINDS {
        return Err(Error::parameter("types", format!("You may pass up to {KINDS} types.")));
    }
    let success = call.params.flag("delivery_success")?;
    let stripe = &call.till.stripe;
    let wanted = |event: &&Event| {
        kept(call, event)
            && kind.is_none_or(|kind| fits(event.kind, kind))
            && (kinds.is_empty() || kinds.iter().any(|kind| kind == event.kind))
            && success.is_none_or(|success| (stripe.pending(&event.id) == 0) == success)
    };
    let shown: Vec<Value> = stripe.events.iter().filter(wanted).map(|event| stripe.show_event(event)).collect();
    call.page("event", "/v1/events", shown)
}
