//! Control over Cal.com, `/_control/cal/...`.

use axum::extract::{Path, State};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::bookings::{call_off, move_to};
use super::state::{Credential, Kind, Link};
use crate::core::control::{Answer, Body, Denied};
use crate::core::provider::Provider;
use crate::core::state::{App, World};

/// The routes below `/_control/cal`.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/users", get(users))
        .route("/credentials", get(credentials).post(add_credential))
        .route("/credentials/{id}", patch(change_credential))
        .route("/credentials/{id}/renumber", post(renumber))
        .route("/tokens/forget", post(forget))
        .route("/limit", patch(limit))
        .route("/bookings", get(list_bookings))
        .route("/bookings/{uid}/cancel", post(cancel_booking))
        .route("/bookings/{uid}/move", post(move_booking))
        .route("/mails", get(mails).patch(switch_mails))
}

async fn users(State(app): State<App>) -> Json<Value> {
    let world = app.world();
    let show = |user: &super::state::User| {
        json!({ "id": user.id, "email": user.email, "name": user.name, "time_zone": user.time_zone,
                "managed_by": user.managed.as_ref().map(|(client, _)| client), "destination": user.destination })
    };
    Json(json!({ "users": world.cal.users.values().map(show).collect::<Vec<_>>() }))
}

fn facts(world: &World, credential: &Credential) -> Value {
    let user = world.cal.users.get(&credential.user).map(|user| &user.email);
    json!({ "id": credential.id, "user_id": credential.user, "user": user, "kind": credential.kind, "account": credential.email(world),
            "invalid": credential.invalid, "unreadable": credential.unreadable, "works": credential.works(world) })
}

async fn credentials(State(app): State<App>) -> Json<Value> {
    let world = app.world();
    Json(json!({ "credentials": world.cal.credentials.values().map(|credential| facts(&world, credential)).collect::<Vec<_>>() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCredential {
    /// Address or number of a user.
    user: String,
    kind: Kind,
    /// The account with Google or Microsoft.
    account: String,
}

/// Connects as if the user had consented.
async fn add_credential(State(app): State<App>, Body(new): Body<NewCredential>) -> Answer {
    let mut world = app.world();
    let known = world.cal.users.values().find(|user| user.email == new.user || user.id.to_string() == new.user);
    let user = known.ok_or(Denied::Missing("user"))?.id;
    let provider: Provider = new.kind.provider().ok_or_else(|| Denied::Wrong("the kinds are google and office365".into()))?;
    let account = world.account(provider, &new.account).cloned().ok_or(Denied::Missing("account"))?;
    let id = world.cal.connect(user, new.kind, Link::Account { provider, account: account.id.clone(), grant: None }, &account);
    let credential = world.cal.credentials.get(&id).ok_or(Denied::Missing("credential"))?;
    Ok(Json(facts(&world, credential)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialChange {
    /// Revoked at the provider: an error in the list, skipped in busy times.
    invalid: Option<bool>,
    /// The provider fails: an error in the list, 500 in busy times.
    unreadable: Option<bool>,
}

async fn change_credential(State(app): State<App>, Path(id): Path<i64>, Body(change): Body<CredentialChange>) -> Answer {
    let mut world = app.world();
    let credential = world.cal.credentials.get_mut(&id).ok_or(Denied::Missing("credential"))?;
    credential.invalid = change.invalid.unwrap_or(credential.invalid);
    credential.unreadable = change.unreadable.unwrap_or(credential.unreadable);
    let credential = world.cal.credentials.get(&id).ok_or(Denied::Missing("credential"))?;
    Ok(Json(facts(&world, credential)))
}

/// Gives a credential another number, as disconnecting and connecting again does.
async fn renumber(State(app): State<App>, Path(id): Path<i64>) -> Answer {
    let mut world = app.world();
    let mut credential = world.cal.credentials.remove(&id).ok_or(Denied::Missing("credential"))?;
    credential.id = world.cal.number();
    let answer = json!({ "id": credential.id });
    world.cal.credentials.insert(credential.id, credential);
    Ok(Json(answer))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    account: String,
}

/// Deletes the rows of an account's access tokens: 401 from then on, not 498.
async fn forget(State(app): State<App>, Body(whose): Body<Whose>) -> Answer {
    let mut world = app.world();
    let world = &mut *world;
    let id = world.account(Provider::Cal, &whose.account).ok_or(Denied::Missing("account"))?.id.clone();
    let (before, grants) = (world.oauth.access.len(), &world.oauth.grants);
    world.oauth.access.retain(|_, access| grants[access.grant].provider != Provider::Cal || grants[access.grant].account != id);
    Ok(Json(json!({ "forgotten": before - world.oauth.access.len() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    /// Requests a minute; nothing means the usual limits.
    per_minute: Option<u32>,
}

async fn limit(State(app): State<App>, Body(limit): Body<Limit>) -> Answer {
    let mut world = app.world();
    world.cal.limit = limit.per_minute;
    world.cal.windows.clear();
    Ok(Json(json!({ "per_minute": limit.per_minute })))
}

async fn list_bookings(State(app): State<App>) -> Json<Value> {
    Json(json!({ "bookings": app.world().cal.bookings }))
}

/// As the host does on Cal.com's own pages.
async fn cancel_booking(State(app): State<App>, Path(uid): Path<String>) -> Answer {
    let now = app.clock.now();
    call_off(&mut app.world(), &uid, None, now).map(Json).map_err(|_| Denied::Wrong("there is no such booking, or it is cancelled".into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStart {
    start: jiff::Timestamp,
}

/// As the host does on Cal.com's own pages.
async fn move_booking(State(app): State<App>, Path(uid): Path<String>, Body(new): Body<NewStart>) -> Answer {
    let now = app.clock.now();
    let moved = move_to(&mut app.world(), &uid, new.start, None, now);
    moved.map(Json).map_err(|_| Denied::Wrong("there is no such booking, or the host is not free".into()))
}

async fn mails(State(app): State<App>) -> Json<Value> {
    Json(json!({ "mails": app.world().cal.mails }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mails {
    /// The platform client's `areEmailsEnabled`.
    enabled: bool,
}

async fn switch_mails(State(app): State<App>, Body(mails): Body<Mails>) -> Json<Value> {
    app.world().cal.no_mails = !mails.enabled;
    Json(json!({ "enabled": mails.enabled }))
}
