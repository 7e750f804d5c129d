//! Faults, switches, and what was asked of the providers.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Body, Denied};
use crate::core::faults::FaultRule;
use crate::core::provider::Provider;
use crate::core::state::{App, Switches};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    provider: Option<Provider>,
    account: Option<String>,
    path_prefix: Option<String>,
    grant_type: Option<String>,
}

pub(super) async fn requests(State(app): State<App>, Query(filter): Query<Filter>) -> Json<Value> {
    let world = app.world();
    let wanted = |entry: &&crate::core::state::Recorded| {
        filter.provider.is_none_or(|provider| entry.provider == provider)
            && (filter.account.is_none() || entry.account == filter.account)
            && filter.path_prefix.as_ref().is_none_or(|prefix| entry.path.starts_with(prefix.as_str()))
            && (filter.grant_type.is_none() || entry.grant_type == filter.grant_type)
    };
    Json(json!({ "requests": world.log.iter().filter(wanted).collect::<Vec<_>>() }))
}

pub(super) async fn forget_requests(State(app): State<App>) -> Json<Value> {
    let mut world = app.world();
    let forgotten = std::mem::take(&mut world.log).len();
    Json(json!({ "forgotten": forgotten }))
}

pub(super) async fn switches(State(app): State<App>) -> Json<Value> {
    Json(json!(app.world().switches))
}

pub(super) async fn set_switches(State(app): State<App>, Body(changes): Body<serde_json::Map<String, Value>>) -> Answer {
    let mut world = app.world();
    let mut all = json!(world.switches);
    if let Some(all) = all.as_object_mut() {
        all.extend(changes);
    }
    let switches: Switches = serde_json::from_value(all).map_err(|error| Denied::Wrong(error.to_string()))?;
    world.switches = switches;
    Ok(Json(json!(world.switches)))
}

pub(super) async fn faults(State(app): State<App>) -> Json<Value> {
    Json(json!({ "faults": app.world().faults }))
}

pub(super) async fn add_fault(State(app): State<App>, Body(rule): Body<FaultRule>) -> Json<Value> {
    let answer = json!(rule);
    app.world().faults.push(rule);
    Json(answer)
}

pub(super) async fn clear_faults(State(app): State<App>) -> Json<Value> {
    let cleared = std::mem::take(&mut app.world().faults).len();
    Json(json!({ "cleared": cleared }))
}

pub(super) async fn clear_fault(State(app): State<App>, Path(id): Path<String>) -> Answer {
    let mut world = app.world();
    let before = world.faults.len();
    world.faults.retain(|rule| rule.id != id);
    if world.faults.len() == before { Err(Denied::Missing("fault")) } else { Ok(Json(json!({ "cleared": 1 }))) }
}
