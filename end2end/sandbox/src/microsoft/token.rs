//! The token endpoint.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::authorize::{scopes, tenant};
use super::error::Aadsts;
use crate::core::clock::plus;
use crate::core::form::Fields;
use crate::core::gate::{basic, is_form};
use crate::core::jwt;
use crate::core::oauth::{Refused, Scopes, scope_list};
use crate::core::people::{Account, Kind};
use crate::core::provider::Provider;
use crate::core::state::{App, World};
use crate::core::tokens;

/// Seconds that an access token lives.
const LIFE: i64 = 3600;
/// The tenant of personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The tenant of the invented organisation.
const ORGANISATION: &str = "5e0d1c2b-3a49-4857-9687-a6b5c4d3e2f1";

/// Exchanges a code or a refresh token.
pub(super) async fn token(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: String,
) -> Result<Json<Value>, Aadsts> {
    tenant(&name)?;
    // Anything but a form is read as an empty one.
    let form = if is_form(&headers) && query.is_none() { Fields::parse(&body) } else { Fields::default() };
    if let Some(name) = form.repeated() {
        return Err(Aadsts::new("invalid_request", 9_000_411, format!("The parameter '{name}' is duplicated.")));
    }
    let now = app.clock.now();
    let mut world = app.world();
    let grant_type = form.get("grant_type").ok_or_else(|| Aadsts::missing("grant_type"))?;
    let (id, secret) = client(&world, &headers, &form)?;
    let (grant, held, nonce) = match grant_type {
        "authorization_code" => {
            let code = form.get("code").ok_or_else(|| Aadsts::missing("code"))?;
            let redirect_uri = form.get("redirect_uri").ok_or_else(|| Aadsts::missing("redirect_uri"))?;
            let redeemed = world.oauth.redeem(code, &id, redirect_uri, form.get("code_verifier"), now).map_err(refused)?;
            (redeemed.grant, redeemed.scopes, redeemed.nonce)
        }
        "refresh_token" => {
            let token = form.get("refresh_token").ok_or_else(|| Aadsts::missing("refresh_token"))?;
            let refresh = world.oauth.refresh(token, Provider::Microsoft, &id).map_err(refused)?;
            if world.switches.strict_rotation
                && let Some(used) = world.oauth.refresh.get_mut(token)
            {
                used.dead = true;
            }
            (refresh.grant, refresh.scopes, None)
        }
        other => {
            return Err(Aadsts::new("unsupported_grant_type", 70_003, format!("The app requested an unsupported grant type '{other}'.")));
        }
    };
    let granted = narrowed(&held, form.get("scope"))?;
    let mut answer = Map::new();
    if held.contains("offline_access") {
        answer.insert("refresh_token".into(), world.oauth.mint_refresh("0.AX", grant, &held, usize::MAX).into());
    }
    let access = world.oauth.mint_access("EwB", grant, &granted, plus(now, LIFE));
    answer.insert("token_type".into(), "Bearer".into());
    answer.insert("scope".into(), scope_list(&granted.iter().filter(|scope| *scope != "offline_access").cloned().collect()).into());
    answer.insert("expires_in".into(), LIFE.into());
    answer.insert("ext_expires_in".into(), LIFE.into());
    answer.insert("access_token".into(), access.into());
    let account = world.account(Provider::Microsoft, &world.oauth.grants[grant].account);
    if let (true, Some(account)) = (granted.contains("openid"), account) {
        answer.insert("id_token".into(), jwt::signed(&claims(account, &id, &granted, nonce, now.as_second()), &secret).into());
    }
    Ok(Json(Value::Object(answer)))
}

fn client(world: &World, headers: &HeaderMap, form: &Fields) -> Result<(String, String), Aadsts> {
    let (id, secret) = match basic(headers) {
        Some((id, secret)) => (id, Some(secret)),
        None => {
            (form.get("client_id").ok_or_else(|| Aadsts::missing("client_id"))?.to_owned(), form.get("client_secret").map(str::to_owned))
        }
    };
    let known = world.oauth.client(Provider::Microsoft, &id);
    let known =
        known.ok_or_else(|| Aadsts::new("unauthorized_client", 700_016, format!("Application with identifier '{id}' was not found.")))?;
    let secret = secret.ok_or_else(|| {
        Aadsts::client(7_000_218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
    })?;
    if known.secret == secret { Ok((id, secret)) } else { Err(Aadsts::client(7_000_215, "Invalid client secret provided.")) }
}

fn narrowed(held: &Scopes, wanted: Option<&str>) -> Result<Scopes, Aadsts> {
    let Some(list) = wanted else { return Ok(held.clone()) };
    let wanted = scopes(list).map_err(|scope| {
        Aadsts::new("invalid_scope", 70_011, format!("The provided value for the input parameter 'scope' is not valid: {scope}"))
    })?;
    if wanted.is_subset(held) {
        Ok(wanted)
    } else {
        Err(Aadsts::new("invalid_grant", 65_001, "The user or administrator has not consented to use the application."))
    }
}

fn refused(why: Refused) -> Aadsts {
    let grant = |number: u32, words: &str| Aadsts::new("invalid_grant", number, words);
    match why {
        Refused::Unknown | Refused::OtherClient => grant(70_000, "Provided grant is invalid or malformed."),
        Refused::Expired => grant(70_008, "The provided authorization code or refresh token has expired due to inactivity."),
        Refused::Used => grant(54_005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code."),
        Refused::Revoked => grant(50_173, "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
        Refused::VerifierMissing => grant(501_481, "The code_verifier is missing; the authorization request had a code_challenge."),
        Refused::VerifierWrong => {
            grant(501_481, "The code_verifier does not match the code_challenge supplied in the authorization request.")
        }
        Refused::OtherRedirect => {
            Aadsts::client(500_112, "The reply address does not match the reply address provided when requesting the authorization code.")
        }
    }
}

fn claims(account: &Account, client: &str, scopes: &Scopes, nonce: Option<String>, now: i64) -> Value {
    let tenant = if account.kind == Kind::Personal { PERSONAL } else { ORGANISATION };
    let mut claims = json!({
        "ver": "2.0", "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "aud": client, "iat": now, "nbf": now, "exp": now + 3600,
        "oid": account.id, "tid": tenant,
        // The subject differs from client to client; it is not the id that Graph has.
        "sub": tokens::fingerprint(&format!("{client} {}", account.id)),
    });
    if let Some(claims) = claims.as_object_mut() {
        if scopes.contains("profile") {
            claims.insert("name".into(), account.name.clone().into());
            claims.insert("preferred_username".into(), account.email.clone().into());
        }
        if scopes.contains("email") {
            claims.insert("email".into(), account.email.clone().into());
        }
        if let Some(nonce) = nonce {
            claims.insert("nonce".into(), nonce.into());
        }
    }
    claims
}
