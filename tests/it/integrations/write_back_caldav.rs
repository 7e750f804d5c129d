//! CalDAV: objects written to servers of others, and read back with a client that is not ours.

use serde_json::{Value, json};
use wellmet::integrations::{
    CaldavDraft, Integration, ProviderKind,
    outcome::CallError,
    providers::{Access, EventCalendar, EventDraft, EventLink, EventRef, EventWriter, WriteError},
    tokens::{Clear, Force},
};

use super::{
    world::World,
    write_back::{at, draft, lost, moved, stored, times},
};
use crate::{
    servers::{Kind, PASSWORD, Server, USER, Writer},
    support::TestDb,
};

/// A server with the calendars Work and Family, connected.
struct Dav {
    _server: Server,
    other: Writer,
    world: World,
    integration: Integration,
    secret: Clear,
    work: EventCalendar,
}

impl Dav {
    async fn on(kind: Kind) -> Option<Self> {
        let server = Server::start(kind)?;
        let mut other = Writer::to(&server)?;
        other.calendar("work", "Work");
        other.calendar("family", "Family");
        let world = World::on(TestDb::sqlite().await).await;
        let coach = world.coach("amelie").await;
        let typed = CaldavDraft { url: server.url.clone(), username: USER.to_owned(), password: PASSWORD.to_owned() };
        let id = world.integrations.connect_caldav(&coach.actor, typed).await.expect("a connection");
        let found = world.found(&coach, id).await;
        let secret = world.tokens.ensure_valid(&found.integration, Force::No).await.expect("a password").secret;
        let provider = world.providers.get(ProviderKind::Caldav).expect("CalDAV");
        let all = provider.calendars(&Access { integration: &found.integration, secret: &secret }).await.expect("a list");
        let work = all.iter().find(|calendar| calendar.name == "Work" && calendar.writable).expect("the calendar");
        let work = EventCalendar { external_id: work.external_id.clone(), external_kind: String::new(), credential_ref: None };
        Some(Self { _server: server, other, world, integration: found.integration, secret, work })
    }

    /// Replaces an object, as its owner does in a program of theirs.
    fn rewrite(&mut self, uid: &str, components: &str) {
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n{}END:VCALENDAR\r\n", components.replace('\n', "\r\n"));
        self.other.order(&json!({ "do": "rewrite", "calendar": "work", "uid": uid, "text": text }));
    }

    /// The events of the calendar, as the other client reads them.
    fn events(&mut self) -> Vec<Value> {
        self.other.order(&json!({ "do": "events", "calendar": "work" })).as_array().expect("a list").clone()
    }

    fn writer(&self) -> &dyn EventWriter {
        self.world.providers.get(ProviderKind::Caldav).expect("CalDAV").events().expect("it takes events")
    }

    fn access(&self) -> Access<'_> {
        Access { integration: &self.integration, secret: &self.secret }
    }

    async fn create(&self, event: &EventDraft) -> Result<wellmet::integrations::providers::EventState, WriteError> {
        self.writer().create(&self.access(), &self.work, event).await
    }

    async fn update(&self, known: &EventRef, event: &EventDraft) -> Result<wellmet::integrations::providers::EventState, WriteError> {
        self.writer().update(&self.access(), &self.work, known, event).await
    }

    async fn remove(&self, known: &EventRef) -> Result<(), WriteError> {
        self.writer().remove(&self.access(), &self.work, known).await
    }

    async fn look(&self, known: &EventRef) -> Option<wellmet::integrations::providers::EventState> {
        self.writer().look(&self.access(), &self.work, known).await.expect("an answer")
    }

    /// The one event in the calendar as the other client reads it, which is when and what `event` is.
    fn only(&mut self, event: &EventDraft) -> Value {
        let all = self.events();
        assert_eq!(all.len(), 1, "{all:#?}");
        let one = all[0].clone();
        let when = |name: &str| at(one[name].as_str().expect("an instant"));
        assert_eq!((when("start"), when("end")), (event.start, event.end), "{one:#}");
        assert_eq!(one["uid"], event.key.uid());
        let words = ["summary", "description", "location", "url"].map(|name| one[name].as_str().unwrap_or_default().to_owned());
        assert_eq!(words, [&event.summary, &event.description, &event.location, &event.page].map(Clone::clone));
        assert_eq!((&one["method"], &one["attendees"], &one["organizer"]), (&Value::Null, &Value::Null, &Value::Null), "{one:#}");
        one
    }
}

async fn one_event_made_moved_in_place_and_taken_away(kind: Kind) {
    let Some(mut dav) = Dav::on(kind).await else { return };
    let (first, second) = (EventDraft { wants_link: true, ..draft(1) }, moved(1));
    let made = dav.create(&first).await.unwrap();
    assert_eq!((times(&made), &made.link), ((first.start, first.end), &EventLink::Impossible));
    let known = stored(first.key, &made);
    assert!(known.etag.as_deref().is_some_and(|etag| etag.starts_with('"')), "{known:?}");
    let event = dav.only(&first);
    assert_eq!((&event["sequence"], &event["status"]), (&Value::from(1), &Value::from("CONFIRMED")));
    for seen in [dav.look(&known).await.unwrap(), dav.look(&lost(1)).await.unwrap()] {
        assert_eq!((seen.external_id.as_str(), &seen.etag, times(&seen)), (made.external_id.as_str(), &made.etag, times(&made)));
    }
    let state = dav.update(&known, &second).await.unwrap();
    assert_eq!((&state.external_id, state.link), (&made.external_id, EventLink::Unwanted));
    assert_ne!(state.etag, made.etag);
    assert_eq!(dav.only(&second)["sequence"], 2);
    // The mark of before is stale; nothing is written over.
    assert_eq!(dav.update(&known, &first).await, Err(WriteError::Changed));
    assert_eq!(dav.remove(&known).await, Err(WriteError::Changed));
    dav.only(&second);
    let known = stored(first.key, &dav.look(&known).await.unwrap());
    for _ in 0..2 {
        assert_eq!(dav.remove(&known).await, Ok(()));
    }
    assert!(dav.events().is_empty());
    for nothing in [known, lost(1), lost(7)] {
        assert_eq!(dav.look(&nothing).await, None);
        assert_eq!(dav.remove(&nothing).await, Ok(()));
        assert_eq!(dav.update(&nothing, &second).await, Err(WriteError::Deleted));
    }
}

async fn what_was_made_before_is_found_again(kind: Kind) {
    let Some(mut dav) = Dav::on(kind).await else { return };
    let made = dav.create(&draft(1)).await.unwrap();
    // The answer was lost, and the booking moved since.
    let again = dav.create(&moved(1)).await.unwrap();
    assert_eq!(again.external_id, made.external_id);
    dav.only(&moved(1));
    // The next attempt has another file and the same UID.
    let next = dav.create(&draft(2)).await.unwrap();
    assert_eq!(next.external_id, made.external_id, "the UID is there already");
    dav.only(&draft(1));
    let state = dav.update(&EventRef { etag: None, ..stored(draft(2).key, &next) }, &moved(2)).await.unwrap();
    dav.only(&moved(1));
    dav.remove(&stored(draft(2).key, &state)).await.unwrap();
    let fresh = dav.create(&draft(2)).await.unwrap();
    assert_ne!(fresh.external_id, made.external_id);
    assert_eq!(dav.remove(&lost(2)).await, Ok(()), "found without its address");
    assert!(dav.events().is_empty());
}

async fn what_others_do_is_seen(kind: Kind) {
    let Some(mut dav) = Dav::on(kind).await else { return };
    let made = dav.create(&draft(1)).await.unwrap();
    let known = stored(draft(1).key, &made);
    let uid = draft(1).key.uid();
    let theirs = |lines: &str| format!("BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261102T080000Z\nSUMMARY:x\n{lines}\nEND:VEVENT\n");
    let alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Soon\nTRIGGER:-PT10M\nEND:VALARM";
    dav.rewrite(&uid, &theirs(&format!("DTSTART;TZID=Europe/Berlin:20261201T150000\nDURATION:PT1H\nTRANSP:TRANSPARENT\n{alarm}")));
    let seen = dav.look(&known).await.unwrap();
    assert_eq!(times(&seen), (at("2026-12-01T14:00:00Z"), at("2026-12-01T15:00:00Z")));
    assert_eq!(dav.update(&known, &moved(1)).await, Err(WriteError::Changed));
    let state = dav.update(&stored(draft(1).key, &seen), &moved(1)).await.unwrap();
    assert_eq!(dav.only(&moved(1))["reminders"], 1, "the coach's own are kept");
    dav.rewrite(&uid, &theirs("DTSTART:20261201T150000Z\nDTEND:20261201T160000Z\nSTATUS:CANCELLED"));
    assert_eq!(dav.look(&known).await, None, "called off");
    assert_eq!(dav.update(&stored(draft(1).key, &state), &moved(1)).await, Err(WriteError::Deleted));
    dav.other.delete("work", &uid);
    assert_eq!(dav.look(&known).await, None);
    assert_eq!(dav.update(&stored(draft(1).key, &state), &moved(1)).await, Err(WriteError::Deleted), "with its mark");
    assert_eq!(dav.remove(&stored(draft(1).key, &state)).await, Ok(()), "with its mark");
    dav.work.external_id = dav.work.external_id.replace("/work/", "/nowhere/");
    assert_eq!(dav.create(&draft(4)).await, Err(CallError::Gone.into()));
    assert_eq!(dav.look(&lost(4)).await, None);
    dav.secret = Clear::new(format!("{USER}\nwrong"));
    if kind == Kind::Radicale {
        assert_eq!(dav.create(&draft(4)).await, Err(CallError::WrongPassword.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn radicale_has_one_event_made_moved_and_taken_away() {
    one_event_made_moved_in_place_and_taken_away(Kind::Radicale).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn xandikos_has_one_event_made_moved_and_taken_away() {
    one_event_made_moved_in_place_and_taken_away(Kind::Xandikos).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn radicale_finds_again_what_was_made_before() {
    what_was_made_before_is_found_again(Kind::Radicale).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn xandikos_finds_again_what_was_made_before() {
    what_was_made_before_is_found_again(Kind::Xandikos).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn radicale_shows_what_others_did() {
    what_others_do_is_seen(Kind::Radicale).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn xandikos_shows_what_others_did() {
    what_others_do_is_seen(Kind::Xandikos).await;
}
