//! Who is calling, decided in Cal.com's order: client id and secret together win; then the bearer token.

use axum::http::HeaderMap;
use jiff::Timestamp;

use super::answer::Failure;
use super::state::PlatformClient;
use crate::core::gate::bearer;
use crate::core::oauth::Refused;
use crate::core::provider::Provider;
use crate::core::state::World;

/// The user that a request runs as.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) user: i64,
}

/// What a route asks of a token.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs {
    /// The scope, of an OAuth 2.0 token; managed users have all.
    pub(crate) scope: Option<&'static str>,
    /// Client credentials are not looked at.
    pub(crate) bearer_only: bool,
}

/// Reading calendars.
pub(crate) const READ: Needs = Needs { scope: Some("APPS_READ"), bearer_only: false };
/// Changing calendars.
pub(crate) const WRITE: Needs = Needs { scope: Some("APPS_WRITE"), bearer_only: false };
/// Connecting a calendar.
pub(crate) const CONNECT: Needs = Needs { scope: Some("APPS_WRITE"), bearer_only: true };

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The platform client that `headers` prove, for a route with `path_client` in its path.
pub(crate) fn client<'a>(world: &'a World, headers: &HeaderMap, path_client: Option<&str>) -> Result<Option<&'a PlatformClient>, Failure> {
    let id = path_client.or_else(|| header(headers, "x-cal-client-id"));
    let (Some(id), Some(secret)) = (id, header(headers, "x-cal-secret-key")) else { return Ok(None) };
    let client = world.cal.clients.iter().find(|client| client.id == id);
    let client = client.ok_or_else(|| Failure::unauthorized(format!("Client with ID {id} not found")))?;
    if client.secret != secret {
        return Err(Failure::unauthorized("Invalid client secret"));
    }
    Ok(Some(client))
}

/// The platform client that manages users: its own credentials, nobody's token.
pub(crate) fn manager<'a>(world: &'a World, headers: &HeaderMap, path_client: &str, now: Timestamp) -> Result<&'a PlatformClient, Failure> {
    if let Some(client) = client(world, headers, Some(path_client))? {
        return Ok(client);
    }
    if let Some(token) = bearer(headers) {
        look_up(world, token, now)?;
        return Err(Failure::forbidden("User is not an admin or owner of the organization that owns the OAuth client."));
    }
    Err(nobody(headers))
}

/// The user that `headers` prove, with all that the route needs.
pub(crate) fn caller(world: &mut World, headers: &HeaderMap, needs: Needs, now: Timestamp) -> Result<Caller, Failure> {
    if !needs.bearer_only
        && let Some(client) = client(world, headers, None)?
    {
        return Ok(Caller { user: client.owner });
    }
    let token = bearer(headers).ok_or_else(|| nobody(headers))?;
    let (account, missing) = look_up(world, token, now).map(|(account, scopes)| {
        let missing = needs.scope.filter(|scope| scopes.is_some_and(|scopes| !scopes.contains(*scope)));
        (account.to_owned(), missing)
    })?;
    if let Some(scope) = missing {
        return Err(Failure::forbidden(format!("insufficient_scope: token does not have the required scopes: {scope}")));
    }
    let account = world.account(Provider::Cal, &account).cloned().ok_or_else(gone)?;
    Ok(Caller { user: world.cal.user_of(&account, now) })
}

/// The account of an access token; its scopes when it is an OAuth 2.0 token.
pub(crate) fn look_up<'a>(
    world: &'a World,
    token: &str,
    now: Timestamp,
) -> Result<(&'a str, Option<&'a crate::core::oauth::Scopes>), Failure> {
    let managed = |client: &str| world.cal.clients.iter().any(|known| known.id == client);
    match world.oauth.bearer(token, Provider::Cal, now) {
        Ok((grant, _)) if managed(&grant.client_id) => Ok((&grant.account, None)),
        Ok((grant, access)) => Ok((&grant.account, Some(&access.scopes))),
        Err(Refused::Expired) if world.oauth.grant_of(token).is_some_and(|grant| managed(&grant.client_id)) => {
            Err(Failure::token_expired())
        }
        Err(Refused::Revoked) => Err(gone()),
        Err(_) => Err(Failure::unauthorized("Invalid Access Token.")),
    }
}

fn gone() -> Failure {
    Failure::unauthorized("OAuth client not found given the access token")
}

fn nobody(headers: &HeaderMap) -> Failure {
    let (id, secret) = (header(headers, "x-cal-client-id"), header(headers, "x-cal-secret-key"));
    let words = match (id, secret) {
        (Some(_), None) => "Only 'x-cal-client-id' header provided. Please also provide the 'x-cal-secret-key' header.",
        (None, Some(_)) => "Only 'x-cal-secret-key' header provided. Please also provide the 'x-cal-client-id' header.",
        _ => "No authentication method provided. Either pass an API key as 'Bearer' header or OAuth client credentials as headers.",
    };
    Failure::unauthorized(words)
}
