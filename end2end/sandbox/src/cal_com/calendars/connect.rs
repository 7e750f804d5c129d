//! Connecting Google and Office 365: to the provider's consent page with Cal.com's own client there, back to Cal.com, on to `redir`.
//! Whoever refuses arrives at `redir` just the same.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::kind;
use crate::cal_com::answer::{Answer, Failure, success};
use crate::cal_com::auth::{CONNECT, caller};
use crate::cal_com::state::{Kind, Link};
use crate::core::consent::{Offered, page};
use crate::core::gate::bearer;
use crate::core::oauth::{Ask, scopes};
use crate::core::provider::Provider;
use crate::core::state::{App, World};

/// Cal.com's own client at the providers.
const CLIENT: &str = "cal-com-at-the-provider";

/// What the provider carries through: the user's token, in clear.
fn carried(token: &str, redir: &str, origin: &str, dry: bool) -> String {
    json!({ "accessToken": token, "origin": origin, "redir": redir, "isDryRun": dry }).to_string()
}

/// `GET /v2/calendars/{calendar}/connect`.
pub(super) async fn connect(
    State(app): State<App>,
    Path(calendar): Path<String>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let mut world = app.world();
    caller(&mut world, &headers, CONNECT, app.clock.now())?;
    kind(&calendar, &[Kind::Google, Kind::Office365])?;
    let dry = match query.get("isDryRun").map(String::as_str) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Failure::invalid("isDryRun", "isBoolean", "must be a boolean", &json!(query))),
    };
    let origin = headers.get(header::ORIGIN).or_else(|| headers.get(header::HOST)).and_then(|value| value.to_str().ok()).unwrap_or("");
    // Without `redir` the host itself, with no scheme: of no use, as with the real one.
    let redir = query.get("redir").map_or(origin, String::as_str);
    let state = carried(bearer(&headers).unwrap_or_default(), redir, origin, dry);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("state", &state).finish();
    Ok(success(json!({ "authUrl": format!("{}/cal/provider/{calendar}/consent?{query}", app.base) })))
}

/// The consent page of the provider, for Cal.com's client there.
pub(crate) async fn consent(
    State(app): State<App>,
    Path(calendar): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Ok(kind) = kind(&calendar, &[Kind::Google, Kind::Office365]) else { return StatusCode::NOT_FOUND.into_response() };
    let (back, wanted, offered): (&str, &str, &[Offered<'_>]) = if kind == Kind::Google {
        let offered = &[
            Offered { scope: "https://www.googleapis.com/auth/calendar.readonly", words: "See all calendars", optional: false },
            Offered { scope: "https://www.googleapis.com/auth/calendar.events", words: "Change events in all calendars", optional: false },
        ];
        ("gcal/oauth/save", "https://www.googleapis.com/auth/calendar.readonly https://www.googleapis.com/auth/calendar.events", offered)
    } else {
        let offered = &[
            Offered { scope: "Calendars.Read", words: "See all calendars", optional: false },
            Offered { scope: "Calendars.ReadWrite", words: "Change all calendars", optional: false },
        ];
        ("calendars/office365/save", "User.Read Calendars.Read Calendars.ReadWrite offline_access", offered)
    };
    let ask = Ask {
        provider: kind.provider().unwrap_or(Provider::Google),
        client_id: CLIENT.to_owned(),
        redirect_uri: format!("{}/cal/v2/{back}", app.base),
        state: query.get("state").cloned(),
        scopes: scopes(wanted),
        challenge: None,
        nonce: None,
        offline: true,
        force_consent: true,
        include_granted: false,
    };
    page(&app, ask, None, offered)
}

/// Google's redirect URI, which passes everything on.
pub(super) async fn google_came_back(State(app): State<App>, Query(query): Query<HashMap<String, String>>) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    moved(&format!("{}/cal/v2/calendars/google/save?{query}", app.base))
}

fn moved(to: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
}

/// `GET /v2/calendars/{calendar}/save`: stores the credential, unless the person refused, and redirects to `redir`.
pub(super) async fn save(State(app): State<App>, Path(calendar): Path<String>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let kind = kind(&calendar, &[Kind::Google, Kind::Office365])?;
    let target = json!(query);
    let state = query.get("state").ok_or_else(|| Failure::invalid("state", "isString", "must be a string", &target))?;
    let state: Value = serde_json::from_str(state).map_err(|_| Failure::bad("Invalid state"))?;
    let text = |name: &str| state.get(name).and_then(Value::as_str).unwrap_or_default();
    let now = app.clock.now();
    let mut world = app.world();
    let user = user_of_state(&mut world, text("accessToken"), now)?;
    let dry = state.get("isDryRun").and_then(Value::as_bool).unwrap_or(false);
    if let (Some(code), false) = (query.get("code"), dry) {
        let provider = kind.provider().unwrap_or(Provider::Google);
        let back = if kind == Kind::Google { "gcal/oauth/save" } else { "calendars/office365/save" };
        let uri = format!("{}/cal/v2/{back}", app.base);
        let redeemed = world.oauth.redeem(code, CLIENT, &uri, None, now).map_err(|_| Failure::bad("invalid_grant"))?;
        let id = world.oauth.grants[redeemed.grant].account.clone();
        let account = world.account(provider, &id).cloned().ok_or_else(|| Failure::bad("No primary calendar found"))?;
        world.cal.connect(user, kind, Link::Account { provider, account: id, grant: Some(redeemed.grant) }, &account);
    } else if !query.contains_key("error") && !dry {
        return Err(Failure::invalid("code", "isString", "must be a string", &target));
    }
    Ok(moved(text("redir")))
}

/// The user whose token travelled. The row must still be there; a managed user's may have expired.
fn user_of_state(world: &mut World, token: &str, now: jiff::Timestamp) -> Result<i64, Failure> {
    let gone = || Failure::unauthorized("Invalid Access token.");
    let grant = world.oauth.access.contains_key(token).then(|| world.oauth.grant_of(token)).flatten().filter(|grant| !grant.revoked);
    let grant = grant.ok_or_else(gone)?.clone();
    let managed = world.cal.clients.iter().any(|client| client.id == grant.client_id);
    if !managed && world.oauth.bearer(token, Provider::Cal, now).is_err() {
        return Err(gone());
    }
    let account = world.account(Provider::Cal, &grant.account).cloned().ok_or_else(gone)?;
    Ok(world.cal.user_of(&account, now))
}
