//! Calendars that are connected without a consent page, and disconnecting.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::kind;
use crate::cal_com::answer::{Answer, Failure, created, success};
use crate::cal_com::auth::{WRITE, caller};
use crate::cal_com::managed::Json;
use crate::cal_com::state::{CalCom, Credential, Kind, Link};
use crate::core::calendar::{Calendar, Role};
use crate::core::state::App;

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Failure> {
    let text = body.get(name).and_then(Value::as_str).map(str::trim).filter(|text| text.len() >= 2);
    text.ok_or_else(|| Failure::invalid(name, "minLength", "must be longer than or equal to 2 characters", body))
}

fn add(cal: &mut CalCom, user: i64, kind: Kind, name: &str, password: &str, calendars: Vec<Calendar>) -> i64 {
    let id = cal.number();
    let selected = calendars.iter().map(|calendar| calendar.id.clone()).collect();
    let link = Link::Own { user: name.to_owned(), password: password.to_owned(), calendars };
    cal.credentials.insert(id, Credential { id, user, kind, link, invalid: false, unreadable: false, selected });
    id
}

/// `POST /v2/calendars/apple/credentials`. The password `wrong` is.
pub(super) async fn apple(State(app): State<App>, Path(calendar): Path<String>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, WRITE, app.clock.now())?.user;
    kind(&calendar, &[Kind::Apple])?;
    let (name, password) = (text(&body, "username")?, text(&body, "password")?);
    let known = world.cal.credentials.values_mut().find_map(|known| match &mut known.link {
        Link::Own { user: of, password, .. } if known.user == user && known.kind == Kind::Apple && of == name => Some(password),
        _ => None,
    });
    if let Some(stored) = known {
        // Overwritten without a look.
        password.clone_into(stored);
        return Ok(created(Value::Null));
    }
    if password == "wrong" {
        return Err(Failure::bad("Could not add this apple calendar account: Invalid credentials"));
    }
    let mut calendar = Calendar::new(&format!("https://caldav.icloud.example/{name}/calendars/home/"), "Home", "UTC", Role::Owner);
    calendar.primary = true;
    add(&mut world.cal, user, Kind::Apple, name, password, vec![calendar]);
    Ok(created(Value::Null))
}

/// `POST /v2/calendars/ics-feed/save`. Nothing is fetched: an address that ends in `.ics` is a feed, another one is none.
pub(super) async fn feeds(State(app): State<App>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, WRITE, app.clock.now())?.user;
    let urls: Option<Vec<&str>> = body.get("urls").and_then(Value::as_array).and_then(|urls| urls.iter().map(Value::as_str).collect());
    let urls = urls.filter(|urls| !urls.is_empty());
    let urls = urls.ok_or_else(|| Failure::invalid("urls", "isArray", "must be an array of addresses", &body))?;
    let feed = |url: &&str| url.starts_with("http") && url.split('?').next().is_some_and(|path| path.to_lowercase().ends_with(".ics"));
    if !urls.iter().all(feed) {
        return Err(Failure::bad("Could not add ICS feeds, try using private ics feed."));
    }
    let role = if body.get("readOnly").and_then(Value::as_bool).unwrap_or(true) { Role::Reader } else { Role::Writer };
    let calendars = urls.iter().map(|url| Calendar::new(url, url, "UTC", role)).collect();
    let id = add(&mut world.cal, user, Kind::IcsFeed, "", "", calendars);
    Ok(created(
        json!({ "id": id, "type": Kind::IcsFeed.integration(), "userId": user, "teamId": null, "appId": Kind::IcsFeed.slug(), "invalid": false }),
    ))
}

/// `POST /v2/calendars/{calendar}/disconnect`. The path is not compared with the credential.
pub(super) async fn disconnect(State(app): State<App>, Path(_): Path<String>, headers: HeaderMap, Json(body): Json) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, WRITE, app.clock.now())?.user;
    let id = body.get("id").and_then(Value::as_i64);
    let id = id.ok_or_else(|| Failure::invalid("id", "isInt", "must be an integer number", &body))?;
    if world.cal.credentials.get(&id).is_none_or(|known| known.user != user) {
        return Err(Failure::missing("Calendar credentials not found"));
    }
    let Some(gone) = world.cal.credentials.remove(&id) else { return Err(Failure::missing("Calendar credentials not found")) };
    if let Some(user) = world.cal.users.get_mut(&user) {
        user.destination = user.destination.take().filter(|destination| destination.credential != id);
    }
    Ok(success(
        json!({ "id": id, "type": gone.kind.integration(), "userId": user, "teamId": null, "appId": gone.kind.slug(), "invalid": gone.invalid }),
    ))
}
