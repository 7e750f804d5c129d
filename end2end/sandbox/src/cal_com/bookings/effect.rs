//! What a booking does: whether the host is free, the event in the calendar behind, the mails.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::state::{Booking, EventType, Mail, Place};
use crate::cal_com::answer::Failure;
use crate::cal_com::state::{Link, read_only};
use crate::core::calendar::{Event, Show, When};
use crate::core::provider::Provider;
use crate::core::state::World;
use crate::core::tokens;

const TAKEN: &str = "User either already has booking at this time or is not available";

/// Refuses a time at which `kind` cannot be booked. `but` is the booking that is being moved.
pub(super) fn free(
    world: &World,
    kind: &EventType,
    (start, end): (Timestamp, Timestamp),
    but: Option<&Booking>,
    now: Timestamp,
) -> Result<(), Failure> {
    if start < now {
        return Err(Failure::bad("Attempting to book a meeting in the past."));
    }
    let taken = world.cal.bookings.iter().any(|other| {
        let same = but.is_some_and(|but| but.uid == other.uid);
        other.host == kind.owner && !other.cancelled && !same && other.start < end && start < other.end
    });
    if taken || !scheduled(world, kind, start, end) || busy(world, kind.owner, (start, end), but) {
        return Err(Failure::bad(TAKEN));
    }
    Ok(())
}

/// Whether the schedule has that time: its own, or Monday to Friday, nine to five.
fn scheduled(world: &World, kind: &EventType, start: Timestamp, end: Timestamp) -> bool {
    let own = kind.schedule.and_then(|id| world.cal.schedules.get(&id));
    let home = world.cal.users.get(&kind.owner).map_or("UTC", |user| user.time_zone.as_str());
    let zone = TimeZone::get(own.map_or(home, |schedule| schedule.time_zone.as_str())).unwrap_or(TimeZone::UTC);
    let usual = json!([{ "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"], "startTime": "09:00", "endTime": "17:00" }]);
    let spans = own.map_or(&usual, |schedule| &schedule.availability);
    let (from, to) = (start.to_zoned(zone.clone()), end.to_zoned(zone));
    let day = from.strftime("%A").to_string();
    let time = |span: &Value, name: &str| span[name].as_str().and_then(|text| text.parse::<Time>().ok()).unwrap_or(Time::midnight());
    let spans = spans.as_array().map_or(&[][..], Vec::as_slice);
    from.date() == to.date()
        && spans.iter().any(|span| {
            span["days"].as_array().is_some_and(|days| days.iter().any(|known| *known == day.as_str()))
                && time(span, "startTime") <= from.time()
                && to.time() <= time(span, "endTime")
        })
}

/// Whether a calendar that counts has something then.
fn busy(world: &World, host: i64, (start, end): (Timestamp, Timestamp), but: Option<&Booking>) -> bool {
    let own = but.and_then(|but| but.event.as_ref()).map(|place| place.event.as_str());
    let credentials = world.cal.credentials.values().filter(|credential| credential.user == host && credential.works(world));
    let mut calendars =
        credentials.flat_map(|credential| credential.calendars(world).iter().filter(|calendar| credential.selected.contains(&calendar.id)));
    calendars.any(|calendar| {
        let found = calendar.occurrences(start, end);
        found.iter().any(|one| one.event.stands() && one.event.show != Show::Free && Some(one.event.id.as_str()) != own)
    })
}

/// Where bookings of `kind` are written: its own calendar, or the user's.
fn place(world: &World, kind: &EventType) -> Option<Place> {
    let usual = || {
        let destination = world.cal.users.get(&kind.owner)?.destination.as_ref()?;
        let credential = world.cal.credentials.get(&destination.credential)?;
        Some((credential.kind.integration().to_owned(), destination.external_id.clone()))
    };
    let (integration, external) = kind.destination.clone().or_else(usual)?;
    let fits = world.cal.credentials.values().filter(|known| known.user == kind.owner && known.kind.integration() == integration);
    fits.filter(|known| known.works(world)).find_map(|credential| {
        let Link::Account { provider, account, .. } = &credential.link else { return None };
        let writable = credential.calendars(world).iter().any(|calendar| calendar.id == external && !read_only(calendar));
        writable.then(|| Place { provider: *provider, account: account.clone(), calendar: external.clone(), event: tokens::id() })
    })
}

/// Writes the event of `booking`, in place of the one that it has.
pub(super) fn write(world: &mut World, kind: &EventType, booking: &mut Booking, now: Timestamp) {
    let Some(to) = booking.event.clone().or_else(|| place(world, kind)) else { return };
    let Some(calendar) = world.account_mut(to.provider, &to.account).and_then(|account| account.calendar_mut(&to.calendar)) else { return };
    let summary = format!("{} with {}", kind.body["title"].as_str().unwrap_or(""), booking.attendee.name);
    let mut event = Event::new(to.event.clone(), &summary, When::At(booking.start), When::At(booking.end), "UTC", now);
    let attendee = if to.provider == Provider::Google {
        json!([{ "email": booking.attendee.email, "displayName": booking.attendee.name }])
    } else {
        json!([{ "emailAddress": { "address": booking.attendee.email, "name": booking.attendee.name } }])
    };
    event.details.insert("attendees".to_owned(), attendee);
    calendar.put(event, now);
    booking.event = Some(to);
}

/// Takes the event of `booking` away.
pub(super) fn erase(world: &mut World, booking: &Booking, now: Timestamp) {
    let Some(from) = &booking.event else { return };
    let account = world.account_mut(from.provider, &from.account);
    let Some(calendar) = account.and_then(|account| account.calendar_mut(&from.calendar)) else { return };
    if let Some(mut event) = calendar.events.get(&from.event).cloned() {
        event.removed = true;
        calendar.put(event, now);
    }
}

/// Writes to host and attendee, unless it is a managed user whose client wants no mail.
pub(super) fn mail(world: &mut World, booking: &Booking, about: &'static str) {
    let Some(host) = world.cal.users.get(&booking.host) else { return };
    if host.managed.is_some() && world.cal.no_mails {
        return;
    }
    for to in [host.email.clone(), booking.attendee.email.clone()] {
        world.cal.mails.push(Mail { to, about, uid: booking.uid.clone() });
    }
}
