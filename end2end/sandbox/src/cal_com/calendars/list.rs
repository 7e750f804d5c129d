//! `GET /v2/calendars`: an entry for each credential.

use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::cal_com::answer::{Answer, Failure, success};
use crate::cal_com::auth::{READ, caller};
use crate::cal_com::state::{Credential, Destination, Kind, read_only};
use crate::core::calendar::Calendar;
use crate::core::state::{App, World};

/// Lists; makes a destination of the first primary calendar when there is none.
pub(super) async fn list(State(app): State<App>, headers: HeaderMap) -> Answer {
    let mut world = app.world();
    let user = caller(&mut world, &headers, READ, app.clock.now())?.user;
    make_destination(&mut world, user);
    let known = world.cal.users.get(&user).ok_or_else(|| Failure::missing("User not found"))?;
    let entries: Vec<Value> =
        world.cal.credentials.values().filter(|credential| credential.user == user).map(|credential| entry(&world, credential)).collect();
    let mut data = json!({ "connectedCalendars": entries });
    let destination = known.destination.as_ref().and_then(|destination| shown_destination(&world, user, destination));
    if let (Some(destination), Some(data)) = (destination, data.as_object_mut()) {
        data.insert("destinationCalendar".to_owned(), destination);
    }
    Ok(success(data))
}

fn entry(world: &World, credential: &Credential) -> Value {
    let mut entry = json!({ "integration": integration(credential.kind), "credentialId": credential.id, "delegationCredentialId": null });
    let Some(fields) = entry.as_object_mut() else { return entry };
    let calendars = credential.calendars(world);
    let problem = if !credential.works(world) {
        Some("Access token expired or revoked")
    } else if credential.unreadable {
        Some("Could not get connected calendars")
    } else if calendars.is_empty() {
        Some("No primary calendar found")
    } else {
        None
    };
    if let Some(message) = problem {
        fields.insert("error".to_owned(), json!({ "message": message }));
        return entry;
    }
    let shown: Vec<Value> = calendars.iter().map(|calendar| shown_calendar(world, credential, calendar)).collect();
    let primary = calendars.iter().position(|calendar| calendar.primary).unwrap_or(0);
    fields.insert("primary".to_owned(), shown[primary].clone());
    fields.insert("calendars".to_owned(), json!(shown));
    entry
}

fn shown_calendar(world: &World, credential: &Credential, calendar: &Calendar) -> Value {
    json!({ "externalId": calendar.id, "integration": credential.kind.integration(), "name": calendar.name, "primary": calendar.primary,
            "readOnly": read_only(calendar), "email": credential.email(world), "isSelected": credential.selected.contains(&calendar.id),
            "credentialId": credential.id })
}

fn integration(kind: Kind) -> Value {
    let (title, slug) = (kind.title(), kind.slug());
    json!({ "type": kind.integration(), "slug": slug, "name": title, "title": title, "description": format!("{title}, in the sandbox."),
            "variant": "calendar", "category": "calendar", "categories": ["calendar"], "logo": format!("/api/app-store/{slug}/icon.svg"),
            "publisher": "Cal.com", "url": "https://cal.example/", "email": "help@cal.example", "installed": true, "dirName": slug,
            "appData": null, "locationOption": null })
}

fn make_destination(world: &mut World, user: i64) {
    let first =
        world.cal.credentials.values().filter(|credential| credential.user == user && credential.works(world)).find_map(|credential| {
            let primary = credential.calendars(world).iter().find(|calendar| calendar.primary && !read_only(calendar))?;
            Some((credential.id, primary.id.clone()))
        });
    let missing = world.cal.users.get(&user).is_some_and(|user| user.destination.is_none());
    if let (true, Some((credential, external_id))) = (missing, first) {
        let id = world.cal.number();
        if let Some(user) = world.cal.users.get_mut(&user) {
            user.destination = Some(Destination { id, credential, external_id });
        }
    }
}

fn shown_destination(world: &World, user: i64, destination: &Destination) -> Option<Value> {
    let credential = world.cal.credentials.get(&destination.credential)?;
    let title = credential.kind.title();
    Some(json!({ "id": destination.id, "integration": credential.kind.integration(), "externalId": destination.external_id,
        "primaryEmail": credential.email(world), "userId": user, "eventTypeId": null, "credentialId": credential.id,
        "delegationCredentialId": null, "name": title, "primary": true, "readOnly": false, "email": credential.email(world), "integrationTitle": title }))
}
