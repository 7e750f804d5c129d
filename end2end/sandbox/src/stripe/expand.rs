//! `expand[]`: objects in the place of their ids.

use serde_json::Value;

use super::error::Error;
use super::params::Params;
use super::state::Stripe;
use super::till::Till;

/// The most names of a path.
const DEPTH: usize = 4;
/// What can be expanded somewhere.
const NAMES: [&str; 9] = [
    "data",
    "payment_intent",
    "latest_charge",
    "charge",
    "balance_transaction",
    "failure_balance_transaction",
    "source",
    "line_items",
    "refunds",
];

fn cannot(name: &str) -> Error {
    Error::parameter("expand", format!("This property cannot be expanded ({name})."))
}

/// The paths that a call wants expanded. What can nowhere be expanded is refused before anything is done.
pub(super) fn wanted(params: &Params) -> Result<Vec<String>, Error> {
    let wanted = params.texts("expand")?;
    for path in &wanted {
        let names: Vec<&str> = path.split('.').collect();
        if names.len() > DEPTH {
            return Err(Error::parameter("expand", format!("You cannot expand more than {DEPTH} levels of a property.")));
        }
        if let Some(name) = names.iter().find(|name| !NAMES.contains(name)) {
            return Err(cannot(name));
        }
    }
    Ok(wanted)
}

/// Expands `path` in `value`.
pub(super) fn expand(till: &Till<'_>, value: &mut Value, path: &str) -> Result<(), Error> {
    let names: Vec<&str> = path.split('.').collect();
    open(till, value, &names, path)
}

fn open(till: &Till<'_>, value: &mut Value, names: &[&str], path: &str) -> Result<(), Error> {
    let Some((first, rest)) = names.split_first() else { return Ok(()) };
    if let Value::Array(items) = value {
        return items.iter_mut().try_for_each(|item| open(till, item, names, path));
    }
    let Value::Object(object) = value else { return if value.is_null() { Ok(()) } else { Err(cannot(path)) } };
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = object.get("object").and_then(Value::as_str).unwrap_or_default();
    let left_out = match (kind, *first) {
        ("checkout.session", "line_items") => till.stripe.session(&id).map(Stripe::list_lines),
        ("charge", "refunds") => Some(till.stripe.list_refunds(&id)),
        _ => None,
    };
    if let Some(list) = left_out {
        object.insert((*first).to_owned(), list);
    }
    let slot = object.get_mut(*first).ok_or_else(|| cannot(path))?;
    if let Value::String(id) = slot {
        *slot = show(till, id).ok_or_else(|| cannot(path))?;
    }
    open(till, slot, rest, path)
}

/// The object with this id.
fn show(till: &Till<'_>, id: &str) -> Option<Value> {
    let stripe = &till.stripe;
    let transaction = || stripe.transactions.iter().find(|entry| entry.id == id).map(|entry| Stripe::show_transaction(entry, till.now));
    stripe
        .intent(id)
        .map(Stripe::show_intent)
        .or_else(|| stripe.charge(id).map(Stripe::show_charge))
        .or_else(|| stripe.refund(id).map(Stripe::show_refund))
        .or_else(transaction)
}
