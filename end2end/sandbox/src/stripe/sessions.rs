//! Checkout Sessions: made, read, listed, expired.

use jiff::Timestamp;
use serde_json::Value;

use super::call::Call;
use super::error::{Answer, Error};
use super::params::Params;
use super::state::{Line, Phase, Session, Stripe, new_id};
use super::{LONG, pay};
use crate::core::clock::plus;
use crate::core::tokens;

const KNOWN: &[&str] = &[
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "expand",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "submit_type",
    "success_url",
    "ui_mode",
];
const LOCALES: &[&str] = &[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN", "hr", "hu", "id", "it",
    "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK",
    "zh-TW",
];
/// Currencies, and the least that can be charged in minor units.
const CURRENCIES: &[(&str, i64)] = &[
    ("aud", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("huf", 17500),
    ("inr", 50),
    ("jpy", 50),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("sek", 300),
    ("sgd", 50),
    ("usd", 50),
];
/// The most that can be charged, in minor units.
const MOST: i64 = 99_999_999;
/// The most lines of a session.
const LINES: usize = 100;
/// Seconds that a session is open at least, and at most.
const OPEN: (i64, i64) = (30 * 60, 24 * 3600);

/// `POST /v1/checkout/sessions`.
pub(super) fn create(call: &mut Call<'_>, _: &str) -> Answer {
    let session = read(&call.params, call.till.now)?;
    limits(&session)?;
    let shown = call.till.stripe.show_session(&session, call.till.base);
    call.till.stripe.sessions.push(session);
    Ok(shown)
}

fn read(params: &Params, now: Timestamp) -> Result<Session, Error> {
    params.only(KNOWN)?;
    if params.choice("mode", &["payment", "setup", "subscription"])?.ok_or_else(|| params.lacks("mode"))? != "payment" {
        return Err(Error::parameter("mode", "The sandbox has sessions with `mode=payment` only."));
    }
    if params.choice("ui_mode", &["elements", "embedded_page", "form", "hosted_page"])?.is_some_and(|mode| mode != "hosted_page") {
        return Err(Error::parameter("ui_mode", "The sandbox has sessions with `ui_mode=hosted_page` only."));
    }
    let (lines, currency) = lines_of(params)?;
    let data = params.object("payment_intent_data")?.unwrap_or_default();
    data.only(&["capture_method", "description", "metadata", "receipt_email"])?;
    let email = params.text("customer_email", 800)?.map(str::to_owned);
    if let Some(wrong) = email.as_ref().filter(|email| !is_email(email)) {
        return Err(Error::parameter("customer_email", format!("Invalid email address: {wrong}")).code("email_invalid"));
    }
    Ok(Session {
        id: format!("cs_test_a1{}{}", tokens::id(), tokens::id()),
        created: now,
        expires: expires(params, now)?,
        status: Phase::Open,
        lines,
        currency,
        success_url: params.url("success_url")?.ok_or_else(|| params.lacks("success_url"))?.to_owned(),
        cancel_url: params.url("cancel_url")?.map(str::to_owned),
        client_reference_id: params.text("client_reference_id", 200)?.map(str::to_owned),
        customer_email: email,
        locale: params.choice("locale", LOCALES)?,
        submit_type: params.choice("submit_type", &["auto", "book", "donate", "pay"])?,
        metadata: params.metadata()?,
        intent_metadata: data.metadata()?,
        description: data.text("description", 1000)?.map(str::to_owned),
        receipt_email: data.text("receipt_email", 800)?.map(str::to_owned),
        capture: data.choice("capture_method", &["automatic", "automatic_async", "manual"])?.unwrap_or("automatic_async"),
        email: None,
        intent: None,
    })
}

/// Whether a text looks like an address for mail.
pub(super) fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !text.contains(char::is_whitespace) && !host.contains('@'))
}

fn expires(params: &Params, now: Timestamp) -> Result<Timestamp, Error> {
    let (least, most) = OPEN;
    let Some(at) = params.integer("expires_at")? else { return Ok(plus(now, most)) };
    let wrong =
        |words: &str| Error::parameter("expires_at", format!("The `expires_at` timestamp must be {words} from Checkout Session creation."));
    match at.saturating_sub(now.as_second()) {
        open if open < least => Err(wrong("at least 30 minutes")),
        open if open > most => Err(wrong("less than 24 hours")),
        open => Ok(plus(now, open)),
    }
}

fn lines_of(params: &Params) -> Result<(Vec<Line>, String), Error> {
    let items = params.objects("line_items")?;
    if items.is_empty() {
        return Err(params.lacks("line_items"));
    }
    if items.len() > LINES {
        return Err(Error::parameter("line_items", format!("You cannot have more than {LINES} line items.")));
    }
    let mut currency = None;
    let mut lines = Vec::new();
    for item in &items {
        let (line, of) = line(item)?;
        if *currency.get_or_insert(of) != of {
            return Err(Error::parameter("line_items", "All prices of a Checkout Session must have the same currency."));
        }
        lines.push(line);
    }
    Ok((lines, currency.unwrap_or_default().to_owned()))
}

fn line(item: &Params) -> Result<(Line, &'static str), Error> {
    item.only(&["price_data", "quantity"])?;
    let price = item.object("price_data")?.ok_or_else(|| item.lacks("price_data"))?;
    price.only(&["currency", "product_data", "unit_amount"])?;
    let product = price.object("product_data")?.ok_or_else(|| price.lacks("product_data"))?;
    product.only(&["description", "name"])?;
    let name = price.need("currency", 10)?;
    let known = CURRENCIES.iter().map(|(known, _)| *known).find(|known| *known == name);
    let words = || format!("Invalid currency: {name}. The sandbox knows these, in lower case: {}", currencies());
    let currency = known.ok_or_else(|| Error::parameter(&price.full("currency"), words()))?;
    let line = Line {
        id: new_id("li"),
        price: new_id("price"),
        product: new_id("prod"),
        name: product.need("name", LONG)?.to_owned(),
        description: product.text("description", LONG)?.map(str::to_owned),
        unit_amount: price.at_least("unit_amount", 0)?.ok_or_else(|| price.lacks("unit_amount"))?,
        quantity: item.at_least("quantity", 1)?.ok_or_else(|| item.lacks("quantity"))?,
    };
    Ok((line, currency))
}

fn currencies() -> String {
    CURRENCIES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// What the currency allows. Nothing at all to pay is allowed.
fn limits(session: &Session) -> Result<(), Error> {
    let total = session.total();
    let least = CURRENCIES.iter().find(|(name, _)| *name == session.currency).map_or(0, |(_, least)| *least);
    if total > MOST {
        return Err(Error::refused(format!("The Checkout Session's total amount must be no more than {MOST}.")).code("amount_too_large"));
    }
    if total > 0 && total < least {
        let words = format!("The Checkout Session's total amount must convert to at least {least} cents.");
        return Err(Error::refused(words).code("amount_too_small"));
    }
    Ok(())
}

fn find<'a>(stripe: &'a Stripe, id: &str) -> Result<&'a Session, Error> {
    stripe.session(id).ok_or_else(|| Error::missing("checkout.session", id, "session"))
}

/// `GET /v1/checkout/sessions/{id}`.
pub(super) fn retrieve(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["expand"])?;
    let stripe = &call.till.stripe;
    Ok(stripe.show_session(find(stripe, id)?, call.till.base))
}

/// `POST /v1/checkout/sessions/{id}/expire`.
pub(super) fn expire(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["expand"])?;
    let status = find(call.till.stripe, id)?.status;
    if status != Phase::Open {
        return Err(Error::refused(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{}`.",
            status.word()
        )));
    }
    pay::expire(&mut call.till, id);
    retrieve(call, id)
}

/// `GET /v1/checkout/sessions/{id}/line_items`.
pub(super) fn lines(call: &mut Call<'_>, id: &str) -> Answer {
    call.params.only(&["ending_before", "expand", "limit", "starting_after"])?;
    let lines: Vec<Value> = Stripe::show_lines(find(call.till.stripe, id)?).into_iter().rev().collect();
    call.page("item", &format!("/v1/checkout/sessions/{id}/line_items"), lines)
}

/// `GET /v1/checkout/sessions`.
pub(super) fn list(call: &mut Call<'_>, _: &str) -> Answer {
    call.only_list(&["payment_intent", "status"])?;
    let intent = call.params.text("payment_intent", LONG)?;
    let status = call.params.choice("status", &["complete", "expired", "open"])?;
    let stripe = &call.till.stripe;
    let wanted = |session: &&Session| {
        (intent.is_none() || session.intent.as_deref() == intent) && status.is_none_or(|status| session.status.word() == status)
    };
    let shown = stripe.sessions.iter().filter(wanted).map(|session| stripe.show_session(session, call.till.base)).collect();
    call.page("checkout.session", "/v1/checkout/sessions", shown)
}
