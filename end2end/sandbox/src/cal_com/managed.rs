//! Managed users of a platform client.

use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, header};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Failure, created, iso, success};
use super::auth::manager;
use super::state::User;
use super::tokens::issue;
use crate::core::oauth::{Grant, Scopes};
use crate::core::people::{Account, Kind};
use crate::core::provider::Provider;
use crate::core::state::{App, World};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const LOCALES: &str = "ar ca de es eu he id ja lv pl ro sr th vi az cs el es-419 fi hr it km nl pt ru sv tr zh-CN bg da en et fr hu iw ko no pt-BR sk ta \
                       uk zh-TW bn";
/// The most that a list gives, and the furthest it begins.
const PAGE: u32 = 250;

/// A JSON object; what is not JSON by its content type is an empty one.
pub(crate) struct Json(pub(crate) Value);

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let is_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let text = String::from_request(request, state).await.map_err(|error| Failure::bad(error.to_string()))?;
        if !is_json || text.is_empty() {
            return Ok(Self(json!({})));
        }
        match serde_json::from_str(&text) {
            Ok(Value::Object(object)) => Ok(Self(Value::Object(object))),
            Ok(_) => Err(Failure::bad("Bad Request Exception")),
            Err(error) => Err(Failure::bad(error.to_string())),
        }
    }
}

/// The user as the API words it.
fn show_user(user: &User) -> Value {
    let mut shown = json!({ "id": user.id, "email": user.email, "username": user.username, "name": user.name, "bio": user.bio, "timeZone": user.time_zone,
        "weekStart": user.week_start, "createdDate": iso(user.created), "timeFormat": user.time_format, "defaultScheduleId": user.schedule,
        "avatarUrl": user.avatar_url, "metadata": user.metadata });
    if let (Some(locale), Some(shown)) = (&user.locale, shown.as_object_mut()) {
        shown.insert("locale".to_owned(), json!(locale));
    }
    shown
}

/// The user `user` of `client`.
pub(crate) fn of_client<'a>(world: &'a World, client: &str, user: &str) -> Result<&'a User, Failure> {
    let missing = || Failure::missing(format!("User with ID {user} is not part of this OAuth client."));
    let id: i64 = user.parse().map_err(|_| Failure::bad("Validation failed (numeric string is expected)"))?;
    let user = world.cal.users.get(&id).filter(|user| user.managed.as_ref().is_some_and(|(of, _)| of == client));
    user.ok_or_else(missing)
}

/// The grant that the tokens of `user` hang on.
pub(crate) fn grant_of(world: &mut World, client: &str, user: i64) -> usize {
    let account = user.to_string();
    let known = |grant: &Grant| grant.provider == Provider::Cal && grant.client_id == client && grant.account == account && !grant.revoked;
    if let Some(index) = world.oauth.grants.iter().position(known) {
        return index;
    }
    world.oauth.grants.push(Grant {
        provider: Provider::Cal,
        client_id: client.to_owned(),
        account,
        scopes: Scopes::new(),
        revoked: false,
    });
    world.oauth.grants.len() - 1
}

/// Deletes every token that hangs on `grant`.
pub(crate) fn forget_tokens(world: &mut World, grant: usize) {
    world.oauth.access.retain(|_, access| access.grant != grant);
    world.oauth.refresh.retain(|_, refresh| refresh.grant != grant);
}

/// `local+client@host`: the address under which a client's user is kept.
fn aliased(email: &str, client: &str) -> String {
    email.split_once('@').map_or_else(|| email.to_owned(), |(local, host)| format!("{local}+{client}@{host}"))
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !host.contains('@'))
}

/// Changes `user` as `body` says; unknown fields are dropped without a word.
fn apply(user: &mut User, body: &Value, client: &str) -> Result<(), Failure> {
    let invalid = |property: &str, constraint: &str, words: &str| Err(Failure::invalid(property, constraint, words, body));
    let null = Map::new();
    for (name, value) in body.as_object().unwrap_or(&null) {
        match (name.as_str(), value) {
            ("email", Value::String(email)) if is_email(email) => {
                user.email = aliased(email, client);
                user.username = user.email.replace(['@', '+', '.'], "-");
                user.managed = Some((client.to_owned(), email.clone()));
            }
            ("name", Value::String(name)) => user.name.clone_from(name),
            ("bio", Value::String(bio)) => user.bio = Some(bio.clone()),
            ("timeZone", Value::String(zone)) if TimeZone::get(zone).is_ok() => user.time_zone.clone_from(zone),
            ("weekStart", Value::String(day)) if WEEKDAYS.contains(&day.as_str()) => user.week_start.clone_from(day),
            ("timeFormat", Value::Number(hours)) if [Some(12), Some(24)].contains(&hours.as_i64()) => {
                user.time_format = hours.as_i64().unwrap_or(12);
            }
            ("locale", Value::String(code)) if LOCALES.split_ascii_whitespace().any(|known| known == code) => {
                user.locale = Some(code.clone());
            }
            ("avatarUrl", Value::String(url)) if url.starts_with("http") => user.avatar_url = Some(url.clone()),
            ("defaultScheduleId", Value::Number(id)) => user.schedule = id.as_i64(),
            ("metadata", Value::Object(metadata)) if metadata.len() <= 50 => user.metadata.clone_from(metadata),
            ("email", _) => return invalid(name, "isEmail", "must be an email"),
            ("name" | "bio", _) => return invalid(name, "isString", "must be a string"),
            ("timeZone", _) => return invalid(name, "isTimeZone", "must be a valid IANA time-zone"),
            ("weekStart" | "locale" | "timeFormat", _) => return invalid(name, "isEnum", "must be one of the following values"),
            ("avatarUrl" | "metadata" | "defaultScheduleId", _) => return invalid(name, "isValid", "has the wrong type"),
            _ => {}
        }
    }
    Ok(())
}

/// `POST /v2/oauth-clients/{clientId}/users`.
pub(crate) async fn create(State(app): State<App>, Path(client): Path<String>, headers: HeaderMap, Json(body): Json) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let client = manager(&world, &headers, &client, now)?.id.clone();
    for (property, words) in [("email", "must be an email"), ("name", "must be a string")] {
        if !body.get(property).is_some_and(Value::is_string) {
            return Err(Failure::invalid(property, "isString", words, &body));
        }
    }
    let id = world.cal.number();
    let mut user = User {
        id,
        email: String::new(),
        username: String::new(),
        name: String::new(),
        bio: None,
        time_zone: "Europe/London".to_owned(),
        week_start: "Sunday".to_owned(),
        created: now,
        time_format: 12,
        schedule: body.get("timeZone").map(|_| id + 10_000),
        locale: Some("en".to_owned()),
        avatar_url: None,
        metadata: Map::new(),
        managed: None,
        destination: None,
    };
    apply(&mut user, &body, &client)?;
    if let Some(known) = world.cal.users.values().find(|known| known.email == user.email) {
        let words = format!("User with the provided e-mail already exists. Existing user ID={}", known.id);
        return Err(Failure::conflict(words));
    }
    world.accounts.push(Account {
        provider: Provider::Cal,
        id: id.to_string(),
        email: user.email.clone(),
        name: user.name.clone(),
        kind: Kind::Managed,
        zone: user.time_zone.clone(),
        calendars: Vec::new(),
    });
    let shown = show_user(&user);
    world.cal.users.insert(id, user);
    let grant = grant_of(&mut world, &client, id);
    let mut data = issue(&mut world, grant, now);
    if let Some(data) = data.as_object_mut() {
        data.insert("user".to_owned(), shown);
    }
    Ok(created(data))
}

/// `GET /v2/oauth-clients/{clientId}/users`.
pub(crate) async fn list(
    State(app): State<App>,
    Path(client): Path<String>,
    Query(query): Query<std::collections::HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let world = app.world();
    let client = manager(&world, &headers, &client, app.clock.now())?.id.clone();
    let target = json!(query);
    let number = |name: &str, usual: u32, least: u32| match query.get(name).map(|text| text.parse::<u32>()) {
        None => Ok(usual),
        Some(Ok(number)) if (least..=PAGE).contains(&number) => Ok(number),
        Some(_) => Err(Failure::invalid(name, "max", "must not be greater than 250", &target)),
    };
    let (limit, offset) = (number("limit", 50, 1)?, number("offset", 0, 0)?);
    let emails: Option<Vec<&str>> = query.get("emails").map(|list| list.split(',').map(str::trim).collect());
    if emails.as_ref().is_some_and(|emails| !emails.iter().all(|email| is_email(email))) {
        return Err(Failure::invalid("emails", "isEmail", "must contain addresses", &target));
    }
    let wanted = |user: &&User| {
        let Some((of, plain)) = &user.managed else { return false };
        *of == client && emails.as_ref().is_none_or(|emails| emails.iter().any(|email| *email == plain || *email == user.email))
    };
    let page = world.cal.users.values().filter(wanted).skip(offset as usize).take(limit as usize);
    Ok(success(page.map(show_user).collect()))
}

/// `GET /v2/oauth-clients/{clientId}/users/{userId}`.
pub(crate) async fn show(State(app): State<App>, Path((client, user)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let world = app.world();
    let client = &manager(&world, &headers, &client, app.clock.now())?.id;
    of_client(&world, client, &user).map(|user| success(show_user(user)))
}

/// `PATCH /v2/oauth-clients/{clientId}/users/{userId}`.
pub(crate) async fn update(
    State(app): State<App>,
    Path((client, user)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json,
) -> Answer {
    let mut world = app.world();
    let client = manager(&world, &headers, &client, app.clock.now())?.id.clone();
    let mut changed = of_client(&world, &client, &user)?.clone();
    apply(&mut changed, &body, &client)?;
    if let Some(account) = world.account_mut(Provider::Cal, &changed.id.to_string()) {
        account.email.clone_from(&changed.email);
        account.name.clone_from(&changed.name);
    }
    let answer = show_user(&changed);
    world.cal.users.insert(changed.id, changed);
    Ok(success(answer))
}

/// `DELETE /v2/oauth-clients/{clientId}/users/{userId}`.
pub(crate) async fn delete(State(app): State<App>, Path((client, user)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let mut world = app.world();
    let client = manager(&world, &headers, &client, app.clock.now())?.id.clone();
    let id = of_client(&world, &client, &user)?.id;
    let grant = grant_of(&mut world, &client, id);
    forget_tokens(&mut world, grant);
    world.cal.credentials.retain(|_, credential| credential.user != id);
    world.accounts.retain(|account| account.provider != Provider::Cal || account.id != id.to_string());
    let Some(user) = world.cal.users.remove(&id) else { return Err(Failure::missing("User not found")) };
    Ok(success(show_user(&user)))
}
