//! Accounts, calendars and events.

use axum::Json;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Body, Denied};
use crate::core::calendar::{Calendar, Event, Role, Show, When};
use crate::core::people::{Account, Kind};
use crate::core::provider::Provider;
use crate::core::recur::Rule;
use crate::core::state::{App, World};
use crate::core::tokens;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    provider: Option<Provider>,
}

pub(super) async fn accounts(State(app): State<App>, Query(which): Query<Which>) -> Json<Value> {
    let world = app.world();
    let show = |account: &Account| {
        let calendars: Vec<Value> = account.calendars.iter().map(calendar_facts).collect();
        json!({ "provider": account.provider, "id": account.id, "email": account.email, "name": account.name, "kind": account.kind,
                "zone": account.zone, "calendars": calendars })
    };
    let wanted = |account: &&Account| which.provider.is_none_or(|provider| account.provider == provider);
    Json(json!({ "accounts": world.accounts.iter().filter(wanted).map(show).collect::<Vec<_>>() }))
}

fn calendar_facts(calendar: &Calendar) -> Value {
    json!({ "id": calendar.id, "name": calendar.name, "zone": calendar.zone, "primary": calendar.primary, "role": calendar.role, "hidden": calendar.hidden,
            "meetings": calendar.meetings, "busy_error": calendar.busy_error, "events": calendar.events.len() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    provider: Provider,
    email: String,
    name: Option<String>,
    kind: Option<Kind>,
    zone: Option<String>,
}

/// Adds an account with an empty primary calendar.
pub(super) async fn add_account(State(app): State<App>, Body(new): Body<NewAccount>) -> Answer {
    if !Provider::CALENDARS.contains(&new.provider) {
        return Err(Denied::Wrong("Stripe has no accounts".into()));
    }
    let mut world = app.world();
    if world.account(new.provider, &new.email).is_some() {
        return Err(Denied::Wrong("there is an account with this address".into()));
    }
    let zone = new.zone.unwrap_or_else(|| "UTC".into());
    let id = if new.provider == Provider::Google { new.email.clone() } else { tokens::id() };
    let mut primary = Calendar::new(&id, &new.email, &zone, Role::Owner);
    primary.primary = true;
    let answer = json!({ "calendar": primary.id });
    world.accounts.push(Account {
        provider: new.provider,
        id: tokens::uuid(),
        name: new.name.unwrap_or_else(|| new.email.clone()),
        email: new.email,
        kind: new.kind.unwrap_or(Kind::Work),
        zone,
        calendars: vec![primary],
    });
    Ok(Json(answer))
}

/// The account and calendar that an action is for, and what changes in the calendar.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarChange {
    provider: Provider,
    account: String,
    calendar: Option<String>,
    name: Option<String>,
    zone: Option<String>,
    role: Option<Role>,
    hidden: Option<bool>,
    primary: Option<bool>,
    meetings: Option<bool>,
    /// The reason with which busy queries fail for this calendar; an empty one ends that.
    busy_error: Option<String>,
}

impl CalendarChange {
    fn apply(self, calendar: &mut Calendar) {
        set(&mut calendar.name, self.name);
        set(&mut calendar.zone, self.zone);
        set(&mut calendar.role, self.role);
        set(&mut calendar.hidden, self.hidden);
        set(&mut calendar.primary, self.primary);
        set(&mut calendar.meetings, self.meetings);
        if let Some(reason) = self.busy_error {
            calendar.busy_error = Some(reason).filter(|reason| !reason.is_empty());
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

pub(super) async fn add_calendar(State(app): State<App>, Body(new): Body<CalendarChange>) -> Answer {
    let mut world = app.world();
    let account = world.account_mut(new.provider, &new.account).ok_or(Denied::Missing("account"))?;
    let id = new.calendar.clone().unwrap_or_else(tokens::id);
    if account.calendar(&id).is_some() {
        return Err(Denied::Wrong("there is a calendar with this id".into()));
    }
    let mut calendar = Calendar::new(&id, "Calendar", &account.zone, Role::Owner);
    new.apply(&mut calendar);
    let answer = calendar_facts(&calendar);
    account.calendars.push(calendar);
    Ok(Json(answer))
}

pub(super) async fn change_calendar(State(app): State<App>, Body(change): Body<CalendarChange>) -> Answer {
    let mut world = app.world();
    let calendar = find(&mut world, change.provider, &change.account, change.calendar.as_deref())?;
    change.apply(calendar);
    Ok(Json(calendar_facts(calendar)))
}

pub(super) async fn delete_calendar(State(app): State<App>, Body(which): Body<CalendarChange>) -> Answer {
    let mut world = app.world();
    let id = find(&mut world, which.provider, &which.account, which.calendar.as_deref())?.id.clone();
    let account = world.account_mut(which.provider, &which.account).ok_or(Denied::Missing("account"))?;
    account.calendars.retain(|calendar| calendar.id != id);
    Ok(Json(json!({ "deleted": id })))
}

/// The calendar `id` of `account`; without an id the primary one.
fn find<'a>(world: &'a mut World, provider: Provider, account: &str, id: Option<&str>) -> Result<&'a mut Calendar, Denied> {
    let account = world.account_mut(provider, account).ok_or(Denied::Missing("account"))?;
    account.calendar_mut(id.unwrap_or("primary")).ok_or(Denied::Missing("calendar"))
}

/// The calendar that an action is for, and an event as control words it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventChange {
    provider: Provider,
    account: String,
    calendar: Option<String>,
    id: Option<String>,
    summary: Option<String>,
    /// An instant (RFC 3339) or a date, as `end`.
    start: Option<When>,
    end: Option<When>,
    zone: Option<String>,
    /// For example `FREQ=WEEKLY;BYDAY=MO`.
    rule: Option<Rule>,
    show: Option<Show>,
    tentative: Option<bool>,
    cancelled: Option<bool>,
}

impl EventChange {
    fn apply(self, event: &mut Event) -> Result<(), Denied> {
        set(&mut event.summary, self.summary);
        set(&mut event.start, self.start);
        set(&mut event.end, self.end);
        set(&mut event.zone, self.zone);
        set(&mut event.show, self.show);
        set(&mut event.tentative, self.tentative);
        set(&mut event.cancelled, self.cancelled);
        event.rule = self.rule.or(event.rule.take());
        let ordered = match (event.start, event.end) {
            (When::At(start), When::At(end)) => start <= end,
            (When::On(start), When::On(end)) => start < end,
            _ => return Err(Denied::Wrong("start and end are two instants or two dates".into())),
        };
        if ordered { Ok(()) } else { Err(Denied::Wrong("the event ends before it begins".into())) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Where {
    provider: Provider,
    account: String,
    calendar: Option<String>,
}

pub(super) async fn events(State(app): State<App>, Query(place): Query<Where>) -> Answer {
    let mut world = app.world();
    let calendar = find(&mut world, place.provider, &place.account, place.calendar.as_deref())?;
    Ok(Json(json!({ "events": calendar.events.values().collect::<Vec<_>>() })))
}

pub(super) async fn add_event(State(app): State<App>, Body(new): Body<EventChange>) -> Answer {
    let now = app.clock.now();
    let mut world = app.world();
    let calendar = find(&mut world, new.provider, &new.account, new.calendar.as_deref())?;
    let (Some(start), Some(end)) = (new.start, new.end) else { return Err(Denied::Wrong("start and end are needed".into())) };
    let id = new.id.clone().unwrap_or_else(tokens::id);
    if calendar.events.contains_key(&id) {
        return Err(Denied::Wrong("there is, or was, an event with this id".into()));
    }
    let mut event = Event::new(id, "Busy", start, end, &calendar.zone, now);
    new.apply(&mut event)?;
    Ok(Json(json!(calendar.put(event, now))))
}

pub(super) async fn change_event(State(app): State<App>, Body(change): Body<EventChange>) -> Answer {
    alter(&app, change, EventChange::apply)
}

pub(super) async fn delete_event(State(app): State<App>, Body(change): Body<EventChange>) -> Answer {
    alter(&app, change, |_, event| {
        event.removed = true;
        Ok(())
    })
}

fn alter(app: &App, change: EventChange, how: impl FnOnce(EventChange, &mut Event) -> Result<(), Denied>) -> Answer {
    let now: Timestamp = app.clock.now();
    let mut world = app.world();
    let calendar = find(&mut world, change.provider, &change.account, change.calendar.as_deref())?;
    let id = change.id.clone().ok_or_else(|| Denied::Wrong("id is needed".into()))?;
    let mut event = calendar.events.get(&id).cloned().ok_or(Denied::Missing("event"))?;
    how(change, &mut event)?;
    Ok(Json(json!(calendar.put(event, now))))
}

/// Makes the sync tokens of a calendar too old to use.
pub(super) async fn expire_sync(State(app): State<App>, Body(place): Body<Where>) -> Answer {
    let mut world = app.world();
    let calendar = find(&mut world, place.provider, &place.account, place.calendar.as_deref())?;
    calendar.revision += 1;
    calendar.sync_floor = calendar.revision;
    Ok(Json(json!({ "floor": calendar.sync_floor })))
}
