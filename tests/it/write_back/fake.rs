//! A calendar that takes events as strictly as the real ones, and fails on demand at every point.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use wellmet::{
    Deps,
    config::SecretKey,
    integrations::{
        ProviderKind, Providers,
        outcome::{CallError, RefreshError},
        providers::{
            Access, BusyAsk, CalendarBusy, CalendarProvider, EventCalendar, EventDraft, EventKey, EventLink, EventRef, EventState,
            EventWriter, Issued, RefreshWay, RemoteCalendar, WriteError,
        },
        tokens::{Clear, Tokens, Vault},
    },
    model::Instant,
};

/// What happens at the next call.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It fails and does nothing.
    Before(CallError),
    /// It does what was asked; the answer is lost.
    After(CallError),
    /// It does what was asked and never answers.
    DoneThenHang,
    /// It never answers and does nothing.
    Hang,
}

/// An event in the calendar.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) draft: EventDraft,
    pub(crate) start: Instant,
    pub(crate) end: Instant,
    version: u32,
    looks: u32,
}

#[derive(Default)]
pub(crate) struct World {
    /// By their ids.
    pub(crate) events: BTreeMap<String, Event>,
    /// Ids of events that were deleted: they cannot be used again.
    pub(crate) spent: HashSet<String>,
    /// What happens next.
    pub(crate) faults: VecDeque<Fault>,
    /// What happens at every call after that.
    pub(crate) always: Option<Fault>,
    /// Whether links are made; at the how manieth look they are there.
    pub(crate) link_at_look: Option<u32>,
    /// How many calls came.
    pub(crate) calls: u32,
    /// The most events there ever were of one booking at once.
    pub(crate) most: usize,
    /// How often an event was made.
    pub(crate) made: u32,
}

/// Clones share the calendar.
#[derive(Clone, Default)]
pub(crate) struct FakeCalendar(Arc<Mutex<World>>);

fn id_of(key: &EventKey) -> String {
    format!("{}-{}", key.booking.as_str().to_ascii_lowercase(), key.attempt)
}

impl FakeCalendar {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub(crate) fn tokens(&self, deps: &Deps) -> Tokens {
        let vault = Vault::new(&SecretKey::from_bytes([7; 32]), &[], deps.ids.clone());
        Tokens::new(deps.clone(), vault, Providers::default().with(ProviderKind::Google, Arc::new(self.clone())))
    }

    /// The times of all events, by id.
    pub(crate) fn times(&self) -> Vec<(Instant, Instant)> {
        self.world().events.values().map(|event| (event.start, event.end)).collect()
    }

    /// How many events were made, and the most there were of one booking at once.
    pub(crate) fn made_and_most(&self) -> (u32, usize) {
        let world = self.world();
        (world.made, world.most)
    }

    /// The coach deletes every event.
    pub(crate) fn coach_deletes(&self) {
        let mut world = self.world();
        let gone: Vec<_> = std::mem::take(&mut world.events).into_keys().collect();
        world.spent.extend(gone);
    }

    /// The coach moves every event.
    pub(crate) fn coach_moves(&self, minutes: i64) {
        for event in self.world().events.values_mut() {
            (event.start, event.end) = (event.start.plus_minutes(minutes), event.end.plus_minutes(minutes));
            event.version += 1;
        }
    }

    async fn faulty<T>(&self, work: impl FnOnce(&mut World) -> Result<T, WriteError> + Send) -> Result<T, WriteError> {
        // A real call waits at least once.
        tokio::task::yield_now().await;
        let fault = {
            let mut world = self.world();
            world.calls += 1;
            world.faults.pop_front().or_else(|| world.always.clone())
        };
        match fault {
            Some(Fault::Before(error)) => return Err(error.into()),
            Some(Fault::Hang) => std::future::pending().await,
            _ => {}
        }
        let done = work(&mut self.world());
        tokio::task::yield_now().await;
        match fault {
            Some(Fault::After(error)) => Err(error.into()),
            Some(Fault::DoneThenHang) => std::future::pending().await,
            _ => done,
        }
    }
}

impl World {
    fn link(&self, event: &Event) -> EventLink {
        match self.link_at_look {
            _ if !event.draft.wants_link => EventLink::Unwanted,
            None => EventLink::Impossible,
            Some(look) if event.looks >= look => EventLink::Made(format!("https://meet.example.org/{}", id_of(&event.draft.key))),
            Some(_) => EventLink::Pending,
        }
    }

    fn state(&self, id: &str, event: &Event) -> EventState {
        EventState {
            external_id: id.to_owned(),
            etag: Some(event.version.to_string()),
            start: event.start,
            end: event.end,
            link: self.link(event),
        }
    }

    fn write(&mut self, id: &str, draft: &EventDraft) -> EventState {
        let before = self.events.get(id).map(|event| (event.version, event.looks));
        let (version, looks) = before.unwrap_or((0, 0));
        if before.is_none() {
            self.made += 1;
        }
        let event = Event { draft: draft.clone(), start: draft.start, end: draft.end, version: version + 1, looks };
        let state = self.state(id, &event);
        self.events.insert(id.to_owned(), event);
        let of_this = self.events.values().filter(|event| event.draft.key.booking == draft.key.booking).count();
        self.most = self.most.max(of_this);
        state
    }

    fn at(at: &EventRef) -> String {
        at.external_id.clone().unwrap_or_else(|| id_of(&at.key))
    }

    fn unchanged(&self, id: &str, at: &EventRef) -> Result<(), WriteError> {
        match (self.events.get(id), &at.etag) {
            (None, _) => Err(WriteError::Deleted),
            (Some(event), Some(etag)) if *etag != event.version.to_string() => Err(WriteError::Changed),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl EventWriter for FakeCalendar {
    async fn create(&self, _: &Access<'_>, _: &EventCalendar, event: &EventDraft) -> Result<EventState, WriteError> {
        self.faulty(|world| {
            let id = id_of(&event.key);
            if world.spent.contains(&id) { Err(WriteError::IdSpent) } else { Ok(world.write(&id, event)) }
        })
        .await
    }

    async fn update(&self, _: &Access<'_>, _: &EventCalendar, at: &EventRef, event: &EventDraft) -> Result<EventState, WriteError> {
        self.faulty(|world| {
            let id = World::at(at);
            world.unchanged(&id, at)?;
            Ok(world.write(&id, event))
        })
        .await
    }

    async fn remove(&self, _: &Access<'_>, _: &EventCalendar, at: &EventRef) -> Result<(), WriteError> {
        self.faulty(|world| {
            let id = World::at(at);
            if world.events.contains_key(&id) {
                world.unchanged(&id, at)?;
                world.events.remove(&id);
                world.spent.insert(id);
            }
            Ok(())
        })
        .await
    }

    async fn look(&self, _: &Access<'_>, _: &EventCalendar, at: &EventRef) -> Result<Option<EventState>, CallError> {
        let seen = self.faulty(|world| {
            let id = World::at(at);
            let Some(event) = world.events.get_mut(&id) else { return Ok(None) };
            event.looks += 1;
            let event = event.clone();
            Ok(Some(world.state(&id, &event)))
        });
        seen.await.map_err(|error| match error {
            WriteError::Call(error) => error,
            _ => CallError::Unreachable,
        })
    }
}

#[async_trait]
impl CalendarProvider for FakeCalendar {
    async fn calendars(&self, _: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        Err(CallError::Unreachable)
    }

    async fn busy(&self, _: &Access<'_>, _: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        Err(CallError::Unreachable)
    }

    async fn refresh(&self, _: RefreshWay<'_>, _: Instant) -> Result<Issued, RefreshError> {
        Err(RefreshError::Passing(CallError::Unreachable))
    }

    async fn revoke(&self, _: &Access<'_>, _: Option<&Clear>) -> Result<(), CallError> {
        Ok(())
    }

    fn events(&self) -> Option<&dyn EventWriter> {
        Some(self)
    }
}
