//! Clients, grants and tokens.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Body, Denied};
use crate::core::clock::plus;
use crate::core::config::{CAL_OAUTH_CLIENT, client_id};
use crate::core::oauth::{Client, Grant, scopes};
use crate::core::provider::Provider;
use crate::core::state::{App, World};
use crate::core::tokens::fingerprint;

pub(super) async fn clients(State(app): State<App>) -> Json<Value> {
    Json(json!({ "clients": app.world().oauth.clients }))
}

/// Registers a client, in place of one with its id.
pub(super) async fn add_client(State(app): State<App>, Body(new): Body<Client>) -> Json<Value> {
    let answer = json!(new);
    let mut world = app.world();
    world.oauth.clients.retain(|client| client.provider != new.provider || client.id != new.id);
    world.oauth.clients.push(new);
    Json(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUri {
    uri: String,
    client_id: Option<String>,
}

/// The OAuth client that is meant when none is named.
fn client_of(provider: Provider) -> String {
    if provider == Provider::Cal { CAL_OAUTH_CLIENT.to_owned() } else { client_id(provider) }
}

pub(super) async fn add_redirect_uri(State(app): State<App>, Path(provider): Path<Provider>, Body(new): Body<NewUri>) -> Answer {
    let mut world = app.world();
    let wanted = new.client_id.unwrap_or_else(|| client_of(provider));
    let client = world.oauth.clients.iter_mut().find(|client| client.provider == provider && client.id == wanted);
    let client = client.ok_or(Denied::Missing("client"))?;
    if !client.redirect_uris.contains(&new.uri) {
        client.redirect_uris.push(new.uri);
    }
    Ok(Json(json!(client)))
}

/// Which accounts an action is for; what is left out means all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    provider: Option<Provider>,
    account: Option<String>,
}

impl Whose {
    /// The numbers of the grants meant.
    fn grants(&self, world: &World) -> Result<Vec<usize>, Denied> {
        let account = |grant: &Grant| world.account(grant.provider, &grant.account).map(|account| account.email.clone());
        if let (Some(name), providers) = (&self.account, self.provider.map_or(Provider::CALENDARS.to_vec(), |provider| vec![provider]))
            && !providers.into_iter().any(|provider| world.account(provider, name).is_some())
        {
            return Err(Denied::Missing("account"));
        }
        let meant = |grant: &Grant| {
            self.provider.is_none_or(|provider| grant.provider == provider) && (self.account.is_none() || account(grant) == self.account)
        };
        Ok(world.oauth.grants.iter().enumerate().filter(|(_, grant)| meant(grant)).map(|(index, _)| index).collect())
    }
}

pub(super) async fn grants(State(app): State<App>) -> Json<Value> {
    let world = app.world();
    let show = |grant: &Grant| {
        json!({ "provider": grant.provider, "account": world.account(grant.provider, &grant.account).map(|account| &account.email),
                "client_id": grant.client_id, "scopes": grant.scopes, "revoked": grant.revoked })
    };
    Json(json!({ "grants": world.oauth.grants.iter().map(show).collect::<Vec<_>>() }))
}

fn hour() -> i64 {
    3600
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGrant {
    provider: Provider,
    account: String,
    client_id: Option<String>,
    /// Space separated.
    scope: String,
    /// Seconds that the access token lives.
    #[serde(default = "hour")]
    expires_in: i64,
}

/// Makes a grant with an access and a refresh token, as if the account had consented.
pub(super) async fn add_grant(State(app): State<App>, Body(new): Body<NewGrant>) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let account = world.account(new.provider, &new.account).ok_or(Denied::Missing("account"))?.id.clone();
    let granted = scopes(&new.scope);
    let index = world.oauth.grants.len();
    let client = new.client_id.unwrap_or_else(|| client_of(new.provider));
    world.oauth.grants.push(Grant { provider: new.provider, client_id: client, account, scopes: granted.clone(), revoked: false });
    let access = world.oauth.mint_access("access-", index, &granted, plus(now, new.expires_in));
    let refresh = world.oauth.mint_refresh("refresh-", index, &granted, usize::MAX);
    Ok(Json(json!({ "access_token": access, "refresh_token": refresh, "expires_in": new.expires_in })))
}

pub(super) async fn revoke(State(app): State<App>, Body(whose): Body<Whose>) -> Answer {
    let mut world = app.world();
    let meant = whose.grants(&world)?;
    for &index in &meant {
        world.oauth.grants[index].revoked = true;
    }
    Ok(Json(json!({ "revoked": meant.len() })))
}

pub(super) async fn expire(State(app): State<App>, Body(whose): Body<Whose>) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let meant = whose.grants(&world)?;
    let mut expired = 0;
    for access in world.oauth.access.values_mut().filter(|access| meant.contains(&access.grant) && access.expires > now) {
        access.expires = now;
        expired += 1;
    }
    Ok(Json(json!({ "expired": expired })))
}

pub(super) async fn kill_refresh(State(app): State<App>, Body(whose): Body<Whose>) -> Answer {
    let mut world = app.world();
    let meant = whose.grants(&world)?;
    let mut killed = 0;
    for refresh in world.oauth.refresh.values_mut().filter(|refresh| meant.contains(&refresh.grant) && !refresh.dead) {
        refresh.dead = true;
        killed += 1;
    }
    Ok(Json(json!({ "killed": killed })))
}

/// Every token by its fingerprint: whose it is, and whether it would be accepted.
pub(super) async fn tokens(State(app): State<App>) -> Json<Value> {
    let now = app.clock.now();
    let world = app.world();
    let oauth = &world.oauth;
    let access = oauth.access.iter().map(|(token, entry)| {
        let grant = &oauth.grants[entry.grant];
        json!({ "kind": "access", "token": fingerprint(token), "provider": grant.provider, "account": world.owner_of(token), "scopes": entry.scopes,
                "expires": entry.expires, "live": !grant.revoked && entry.expires > now })
    });
    let refresh = oauth.refresh.iter().map(|(token, entry)| {
        let grant = &oauth.grants[entry.grant];
        json!({ "kind": "refresh", "token": fingerprint(token), "provider": grant.provider, "account": world.owner_of(token), "scopes": entry.scopes,
                "live": !grant.revoked && !entry.dead })
    });
    Json(json!({ "tokens": access.chain(refresh).collect::<Vec<_>>() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    token: String,
}

/// Whose a token is.
pub(super) async fn owner(State(app): State<App>, Body(held): Body<Held>) -> Answer {
    let world = app.world();
    let grant = world.oauth.grant_of(&held.token).ok_or(Denied::Missing("token"))?;
    Ok(Json(
        json!({ "provider": grant.provider, "account": world.owner_of(&held.token), "client_id": grant.client_id, "token": fingerprint(&held.token) }),
    ))
}
