//! The checkout page: what is bought, how to pay, a way back. A form without scripts.

use std::fmt::Write as _;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::pay::{Paid, With, pay};
use super::sessions::is_email;
use super::state::{Cause, Phase, Session};
use super::till::Till;
use crate::core::consent::{document, escape};
use crate::core::form::Fields;
use crate::core::state::App;

const NOTE: &str = "<p class=\"note\">Sandbox: this stands in for Stripe</p>";
/// The ways to pay: the form's value, what they are called, what becomes of them, whether money can be held that way.
const WAYS: [(&str, &str, &str, bool); 4] = [
    ("card", "Card", "4242 4242 4242 4242, accepted", true),
    ("declined_card", "Card that is declined", "4000 0000 0000 0002, one may try again", true),
    ("debit", "Bank debit", "succeeds later", false),
    ("failing_debit", "Bank debit that fails", "comes back later", false),
];
/// Currencies without minor units.
const WHOLE: [&str; 1] = ["jpy"];

/// An amount of minor units for people.
fn money(amount: i64, currency: &str) -> String {
    let name = currency.to_uppercase();
    if WHOLE.contains(&currency) { format!("{amount} {name}") } else { format!("{}.{:02} {name}", amount / 100, amount % 100) }
}

/// A page that only says something.
fn words(status: StatusCode, title: &str, text: &str) -> Response {
    (status, document(title, &format!("{NOTE}<h1>{}</h1><p>{}</p>", escape(title), escape(text)))).into_response()
}

fn over(session: &Session) -> Response {
    match session.status {
        Phase::Complete => words(StatusCode::OK, "You're all done here", "This was completed, or it timed out. You can close this page."),
        _ => words(StatusCode::OK, "This page has expired", "Too much time has passed. Go back to the site and begin again."),
    }
}

/// What a person filled in.
#[derive(Debug, Default)]
struct Filled<'a> {
    email: &'a str,
    with: &'a str,
    /// What is wrong with it.
    wrong: Option<&'a str>,
}

fn form(session: &Session, filled: &Filled<'_>) -> Response {
    let mut lines = String::new();
    for line in &session.lines {
        let about = line.description.as_deref().map(|text| format!("<small>{}</small>", escape(text))).unwrap_or_default();
        let price = money(line.unit_amount.saturating_mul(line.quantity), &session.currency);
        // Writing to a string cannot fail.
        let _ = write!(lines, "<li>{} × {}: {price}{about}</li>", line.quantity, escape(&line.name));
    }
    let mut ways = String::new();
    let held = session.capture == "manual";
    for (value, name, about, _) in WAYS.iter().filter(|(_, _, _, holds)| *holds || !held) {
        let checked = if *value == filled.with { " checked" } else { "" };
        let _ = write!(
            ways,
            "<label><input type=\"radio\" name=\"with\" value=\"{value}\" required{checked}><span>{name}<small>{about}</small></span></label>"
        );
    }
    let ways = if session.total() == 0 { String::new() } else { format!("<fieldset><legend>Pay with</legend>{ways}</fieldset>") };
    let (email, fixed) = match &session.customer_email {
        Some(email) => (email.as_str(), " readonly"),
        None => (filled.email, ""),
    };
    let wrong = filled.wrong.map(|text| format!("<p class=\"wrong\" role=\"alert\">{}</p>", escape(text))).unwrap_or_default();
    let back = session.cancel_url.as_deref().map(|url| format!("<a href=\"{}\">Back</a>", escape(url))).unwrap_or_default();
    let press = match session.submit_type {
        Some("book") => "Book",
        Some("donate") => "Donate",
        _ => "Pay",
    };
    let main = format!(
        "{NOTE}<h1>Pay {total}</h1><ul>{lines}</ul><p>No money moves. Nothing leaves this machine.</p>{wrong}\
         <form method=\"post\"><label class=\"field\">Email \
         <input type=\"email\" name=\"email\" value=\"{email}\" autocomplete=\"email\" required{fixed}></label>\
         {ways}<div class=\"buttons\"><button>{press}</button>{back}</div></form>",
        total = money(session.total(), &session.currency),
        email = escape(email)
    );
    let status = if filled.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, document("Stripe sandbox: checkout", &main)).into_response()
}

fn nowhere() -> Response {
    words(StatusCode::NOT_FOUND, "Something went wrong", "The page you were looking for could not be found.")
}

/// Shows the page of a session.
pub(super) async fn show(State(app): State<App>, Path(id): Path<String>) -> Response {
    let now = app.clock.now();
    let stripe = &mut app.world().stripe;
    stripe.tick(&app.base, now);
    match stripe.session(&id) {
        None => nowhere(),
        Some(session) if session.status != Phase::Open => over(session),
        Some(session) => form(session, &Filled { with: "card", ..Filled::default() }),
    }
}

/// The answer of the page's form.
pub(super) async fn answer(State(app): State<App>, Path(id): Path<String>, body: String) -> Response {
    let now = app.clock.now();
    let stripe = &mut app.world().stripe;
    stripe.tick(&app.base, now);
    let Some(session) = stripe.session(&id).cloned() else { return nowhere() };
    if session.status != Phase::Open {
        return over(&session);
    }
    let fields = Fields::parse(&body);
    let filled = Filled { email: fields.get("email").unwrap_or_default(), with: fields.get("with").unwrap_or_default(), wrong: None };
    let email = session.customer_email.as_deref().unwrap_or(filled.email);
    let with = match filled.with {
        "card" => With::Card,
        "declined_card" => With::DeclinedCard,
        "debit" => With::Debit,
        "failing_debit" => With::FailingDebit,
        _ if session.total() == 0 => With::Card,
        _ => return form(&session, &Filled { wrong: Some("Choose how to pay."), ..filled }),
    };
    if !is_email(email) {
        return form(&session, &Filled { wrong: Some("Your email address is incomplete."), ..filled });
    }
    match pay(&mut Till::new(stripe, &app.base, now, Cause::default()), &id, with, email) {
        Paid::Done(url) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
        Paid::Declined(wrong) | Paid::Refused(wrong) => form(&session, &Filled { wrong: Some(wrong), ..filled }),
    }
}
