//! Control over Stripe, `/_control/stripe/...`.

use axum::extract::{Path, State};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::pay::{Paid, With, pay};
use super::post::{Endpoint, is_local};
use super::state::{Cause, Stripe, new_id};
use super::till::Till;
use super::{endpoint, refunds};
use crate::core::clock::plus;
use crate::core::control::{Answer, Body, Denied};
use crate::core::state::App;

/// The routes below `/_control/stripe`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/switches", get(switches).patch(set_switches))
        .route("/post", get(manner).patch(set_manner))
        .route("/endpoints", get(endpoints).post(add_endpoint))
        .route("/endpoints/{id}", patch(change_endpoint).delete(delete_endpoint))
        .route("/endpoints/{id}/roll", post(roll))
        .route("/deliveries", get(deliveries))
        .route("/events/{id}/send", post(send))
        .route("/sessions/{id}/pay", post(pay_session))
        .route("/payment_intents/{id}/spoil", post(spoil))
        .route("/refunds/{id}", patch(change_refund))
}

/// `now` with `changes`.
fn changed<T: Serialize + DeserializeOwned>(now: &T, changes: Map<String, Value>) -> Result<T, Denied> {
    let mut all = json!(now);
    if let Some(all) = all.as_object_mut() {
        all.extend(changes);
    }
    serde_json::from_value(all).map_err(|error| Denied::Wrong(error.to_string()))
}

async fn switches(State(app): State<App>) -> Json<Value> {
    Json(json!(app.world().stripe.switches))
}

async fn set_switches(State(app): State<App>, Body(changes): Body<Map<String, Value>>) -> Answer {
    let stripe = &mut app.world().stripe;
    stripe.switches = changed(&stripe.switches, changes)?;
    Ok(Json(json!(stripe.switches)))
}

async fn manner(State(app): State<App>) -> Json<Value> {
    Json(json!(app.world().stripe.manner))
}

async fn set_manner(State(app): State<App>, Body(changes): Body<Map<String, Value>>) -> Answer {
    let stripe = &mut app.world().stripe;
    stripe.manner = changed(&stripe.manner, changes)?;
    Ok(Json(json!(stripe.manner)))
}

async fn endpoints(State(app): State<App>) -> Json<Value> {
    Json(json!({ "endpoints": app.world().stripe.endpoints }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewEndpoint {
    url: String,
    secret: Option<String>,
    events: Option<Vec<String>>,
}

async fn add_endpoint(State(app): State<App>, Body(new): Body<NewEndpoint>) -> Answer {
    if !is_local(&new.url) {
        return Err(Denied::Wrong("endpoints are http addresses of this machine".into()));
    }
    let mut added = endpoint(&new.url);
    added.secret = new.secret.unwrap_or(added.secret);
    added.events = new.events.unwrap_or(added.events);
    let answer = json!(added);
    app.world().stripe.endpoints.push(added);
    Ok(Json(answer))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointChange {
    events: Option<Vec<String>>,
    disabled: Option<bool>,
}

fn find<'a>(stripe: &'a mut Stripe, id: &str) -> Result<&'a mut Endpoint, Denied> {
    stripe.endpoints.iter_mut().find(|endpoint| endpoint.id == id).ok_or(Denied::Missing("endpoint"))
}

async fn change_endpoint(State(app): State<App>, Path(id): Path<String>, Body(change): Body<EndpointChange>) -> Answer {
    let stripe = &mut app.world().stripe;
    let endpoint = find(stripe, &id)?;
    if let Some(events) = change.events {
        endpoint.events = events;
    }
    if let Some(disabled) = change.disabled {
        endpoint.disabled = disabled;
    }
    Ok(Json(json!(endpoint)))
}

async fn delete_endpoint(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let stripe = &mut app.world().stripe;
    find(stripe, &id)?;
    stripe.endpoints.retain(|endpoint| endpoint.id != id);
    Ok(Json(json!({ "deleted": 1 })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roll {
    /// Seconds that the old secret signs as well.
    #[serde(default)]
    keep: i64,
}

async fn roll(State(app): State<App>, Path(id): Path<String>, Body(Roll { keep }): Body<Roll>) -> Answer {
    let until: Timestamp = plus(app.clock.now(), keep);
    let stripe = &mut app.world().stripe;
    let endpoint = find(stripe, &id)?;
    let old = std::mem::replace(&mut endpoint.secret, new_id("whsec"));
    endpoint.previous = Some((old, until));
    Ok(Json(json!(endpoint)))
}

async fn deliveries(State(app): State<App>) -> Json<Value> {
    Json(json!({ "deliveries": app.world().stripe.deliveries }))
}

async fn send(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let now = app.clock.now();
    let stripe = &mut app.world().stripe;
    if !stripe.events.iter().any(|event| event.id == id) {
        return Err(Denied::Missing("event"));
    }
    Ok(Json(json!({ "sent": stripe.send_again(&id, now) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    with: With,
    email: Option<String>,
}

/// As a customer does on the checkout page.
async fn pay_session(State(app): State<App>, Path(id): Path<String>, Body(customer): Body<Customer>) -> Answer {
    let now = app.clock.now();
    let stripe = &mut app.world().stripe;
    stripe.tick(&app.base, now);
    let session = stripe.session(&id).ok_or(Denied::Missing("session"))?;
    let email = customer.email.or_else(|| session.customer_email.clone()).unwrap_or_else(|| "customer@example.org".to_owned());
    match pay(&mut Till::new(stripe, &app.base, now, Cause::default()), &id, customer.with, &email) {
        Paid::Done(url) => Ok(Json(json!({ "paid": true, "url": url }))),
        Paid::Declined(words) => Ok(Json(json!({ "paid": false, "declined": words }))),
        Paid::Refused(words) => Err(Denied::Wrong(words.to_owned())),
    }
}

/// The card's bank lets go of the money that it held, and nobody knows.
async fn spoil(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let stripe = &mut app.world().stripe;
    let intent = stripe.intent_mut(&id).ok_or(Denied::Missing("payment intent"))?;
    intent.spoilt = true;
    Ok(Json(json!({ "spoilt": true })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundChange {
    status: RefundStatus,
    /// Why it failed.
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum RefundStatus {
    Succeeded,
    Failed,
    Canceled,
}

async fn change_refund(State(app): State<App>, Path(id): Path<String>, Body(change): Body<RefundChange>) -> Answer {
    let now = app.clock.now();
    let stripe = &mut app.world().stripe;
    stripe.tick(&app.base, now);
    let refund = stripe.refund(&id).ok_or(Denied::Missing("refund"))?;
    if matches!(refund.status, "failed" | "canceled") {
        return Err(Denied::Wrong(format!("the refund is {} for good", refund.status)));
    }
    let status = match change.status {
        RefundStatus::Succeeded => "succeeded",
        RefundStatus::Failed => "failed",
        RefundStatus::Canceled => "canceled",
    };
    refunds::change(&mut Till::new(stripe, &app.base, now, Cause::default()), &id, status, change.reason);
    Ok(Json(json!(stripe.refund(&id).map(Stripe::show_refund))))
}
