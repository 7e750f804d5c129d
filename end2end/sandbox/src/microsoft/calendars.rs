//! `/me`, `/me/calendars`.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::call::{Caller, Options, READ, calendar, select};
use super::error::Answer;
use crate::core::calendar::{Calendar, Role};
use crate::core::people::{Account, Kind};
use crate::core::state::App;

const FIELDS: &[&str] = &[
    "id",
    "name",
    "color",
    "changeKey",
    "canShare",
    "canViewPrivateItems",
    "canEdit",
    "isDefaultCalendar",
    "isRemovable",
    "isTallyingResponses",
    "allowedOnlineMeetingProviders",
    "defaultOnlineMeetingProvider",
    "owner",
    "hexColor",
];

/// Who the token's account is.
pub(super) async fn me(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now(), &["User.Read"])?;
    let options = Options::parse(query.as_deref(), &["$select"])?;
    let account = caller.account(&world)?;
    let shown = json!({ "id": account.id, "displayName": account.name, "userPrincipalName": account.email, "mail": account.email });
    select(shown, options.get("$select"), &["id", "displayName", "userPrincipalName", "mail"]).map(Json)
}

/// The online meeting providers that a calendar allows.
pub(super) fn providers(account: &Account, calendar: &Calendar) -> &'static [&'static str] {
    match account.kind {
        _ if !calendar.meetings => &[],
        Kind::Work | Kind::Managed => &["teamsForBusiness"],
        Kind::Personal => &["skypeForConsumer"],
    }
}

fn shown(account: &Account, calendar: &Calendar) -> Value {
    let providers = providers(account, calendar);
    json!({
        "id": calendar.id,
        "name": calendar.name,
        "color": "auto",
        "hexColor": "",
        "changeKey": calendar.revision.to_string(),
        "canShare": calendar.role == Role::Owner,
        "canViewPrivateItems": calendar.role == Role::Owner,
        "canEdit": calendar.role >= Role::Writer,
        "isDefaultCalendar": calendar.primary,
        "isRemovable": !calendar.primary,
        "isTallyingResponses": calendar.primary,
        "allowedOnlineMeetingProviders": providers,
        "defaultOnlineMeetingProvider": providers.first().unwrap_or(&"unknown"),
        "owner": { "name": account.name, "address": account.email },
    })
}

/// Lists the account's calendars, ten to a page unless asked otherwise.
pub(super) async fn list(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now(), READ)?;
    let options = Options::parse(query.as_deref(), &["$select", "$top", "$skip"])?;
    let account = caller.account(&world)?;
    let limit = world.switches.page_limit.unwrap_or(usize::MAX);
    let all: Result<Vec<Value>, _> =
        account.calendars.iter().map(|calendar| select(shown(account, calendar), options.get("$select"), FIELDS)).collect();
    page(&app.base, "/me/calendars", &options, all?, limit).map(Json)
}

/// One page of `all`, and the link to the next.
pub(super) fn page(base: &str, path: &str, options: &Options, all: Vec<Value>, limit: usize) -> Result<Value, super::error::Error> {
    let skip = options.number("$skip", 0)?.unwrap_or(0);
    let size = options.number("$top", 1)?.unwrap_or(10).min(1000).min(limit).max(1);
    let end = skip.saturating_add(size).min(all.len());
    let mut answer = Map::new();
    answer.insert("@odata.context".into(), format!("{base}/microsoft/v1.0/$metadata#{}", path.trim_start_matches('/')).into());
    answer.insert("value".into(), all.get(skip..end).unwrap_or_default().into());
    if end < all.len() {
        let query = options.but(&[("$skip", &end.to_string())]);
        answer.insert("@odata.nextLink".into(), format!("{base}/microsoft/v1.0{path}?{query}").into());
    }
    Ok(Value::Object(answer))
}

/// One calendar.
pub(super) async fn get(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let world = app.world();
    let caller = Caller::of(&world, &headers, app.clock.now(), READ)?;
    let options = Options::parse(query.as_deref(), &["$select"])?;
    let account = caller.account(&world)?;
    select(shown(account, calendar(account, &id)?), options.get("$select"), FIELDS).map(Json)
}
