//! `GET /v2/calendars/busy-times`.

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cal_com::answer::{Answer, Failure, iso, success};
use crate::cal_com::auth::{READ, caller};
use crate::core::calendar::Show;
use crate::core::clock::plus;
use crate::core::state::{App, World};

/// The highest index at which the query's parser still builds an array.
const LAST_INDEX: u32 = 20;
/// Seconds by which the window is wider than asked for, before and after.
const WIDER: (i64, i64) = (11 * 3600, 14 * 3600);

/// What is asked for.
struct Asked {
    from: Timestamp,
    to: Timestamp,
    calendars: Vec<(i64, String)>,
}

fn asked(query: &str) -> Result<Asked, Failure> {
    let (mut plain, mut nested) = (BTreeMap::new(), BTreeMap::<u32, BTreeMap<String, String>>::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
        match name.strip_prefix("calendarsToLoad[").and_then(|rest| rest.strip_suffix(']')?.split_once("][")) {
            Some((index, field)) => {
                let index: u32 = index.parse().map_err(|_| Failure::bad("Bad Request Exception"))?;
                nested.entry(index).or_default().insert(field.to_owned(), value);
            }
            None => {
                plain.insert(name, value);
            }
        }
    }
    let target = json!(plain);
    let zone = plain.get("timeZone").or_else(|| plain.get("loggedInUsersTz"));
    let Some(zone) = zone else { return Err(Failure::bad("Either timeZone or loggedInUsersTz must be provided")) };
    if TimeZone::get(zone).is_err() {
        return Err(Failure::invalid("timeZone", "isTimeZone", "must be a valid IANA time-zone", &target));
    }
    let day = |name: &str| {
        let text =
            plain.get(name).ok_or_else(|| Failure::invalid(name, "isDateString", "must be a valid ISO 8601 date string", &target))?;
        instant(text).ok_or_else(|| Failure::invalid(name, "isDateString", "must be a valid ISO 8601 date string", &target))
    };
    let (from, to) = (day("dateFrom")?, day("dateTo")?);
    if nested.is_empty() || nested.keys().any(|index| *index > LAST_INDEX) {
        return Err(Failure::invalid("calendarsToLoad", "isArray", "must be an array", &target));
    }
    let calendar = |fields: &BTreeMap<String, String>| {
        let id = fields.get("credentialId").and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| Failure::invalid("credentialId", "isNumber", "must be a number", &target))?;
        let external = fields.get("externalId").filter(|id| !id.is_empty());
        let external = external.ok_or_else(|| Failure::invalid("externalId", "isString", "must be a string", &target))?;
        Ok((id, external.clone()))
    };
    Ok(Asked { from, to, calendars: nested.values().map(calendar).collect::<Result<_, Failure>>()? })
}

/// A date is its first instant.
fn instant(text: &str) -> Option<Timestamp> {
    let date = || Some(text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse::<Timestamp>().ok().or_else(date)
}

/// The intervals: not merged, wider than the window, always UTC. A credential that is flagged is skipped without a word.
pub(super) async fn busy(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, READ, app.clock.now())?.user;
    let asked = asked(query.as_deref().unwrap_or_default())?;
    let mine = |id: &i64| world.cal.credentials.get(id).is_some_and(|credential| credential.user == user);
    if !asked.calendars.iter().all(|(id, _)| mine(id)) {
        return Err(Failure::unauthorized("These credentials do not belong to you"));
    }
    let mut found = Vec::new();
    for (credential, external) in &asked.calendars {
        read(&world, &asked, *credential, external, &mut found)?;
    }
    Ok(success(Value::Array(found)))
}

fn read(world: &World, asked: &Asked, credential: i64, external: &str, found: &mut Vec<Value>) -> Result<(), Failure> {
    let failed = || Failure::internal("Unable to fetch connected calendars events. Please try again later.");
    let credential = world.cal.credentials.get(&credential).ok_or_else(failed)?;
    if !credential.works(world) {
        return Ok(());
    }
    if credential.unreadable {
        return Err(failed());
    }
    // A calendar that is not there has no events: no error says so.
    let Some(calendar) = credential.calendars(world).iter().find(|calendar| calendar.id == external) else { return Ok(()) };
    if calendar.busy_error.is_some() {
        return Err(failed());
    }
    let window = (plus(asked.from, -WIDER.0), plus(asked.to, WIDER.1));
    let taken = calendar.occurrences(window.0, window.1).into_iter();
    let taken = taken.filter(|one| one.event.stands() && !matches!(one.event.show, Show::Free | Show::WorkingElsewhere));
    found.extend(taken.map(|one| json!({ "start": iso(one.span.0), "end": iso(one.span.1), "source": null })));
    Ok(())
}
