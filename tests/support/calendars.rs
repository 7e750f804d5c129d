//! A calendar provider that does as it is told, and the shortest way to connect a coach to it.
//!
//! The file stands beside `mod.rs`, so that benches and another crate's tests can include it by path.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use wellmet::{
    Deps,
    config::SecretKey,
    integrations::{
        ProviderKind, Providers,
        outcome::{CallError, RefreshError},
        providers::{Access, Busy, BusyAsk, CalendarBusy, CalendarProvider, Issued, RefreshWay, RemoteCalendar},
        tokens::{Clear, NewCredential, Tokens, Vault},
    },
    model::{CalendarId, Instant, IntegrationId, UserId},
    store::sql,
    time::Interval,
};

/// What the provider does at its next call for busy time instead of answering what it knows.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// It answers after all.
    Truth,
    /// The whole call fails.
    Fail(CallError),
    /// It never answers.
    Hang,
    /// It cannot read the first calendar asked for.
    CannotReadFirst(CallError),
    /// It leaves the first calendar out.
    LeaveOutFirst,
    /// Nothing changed since the last read.
    Unchanged,
}

/// What the provider knows and was asked.
#[derive(Default)]
pub(crate) struct World {
    /// What is busy, by calendar; a calendar that is not in here is free.
    pub(crate) busy: HashMap<String, Vec<Interval>>,
    /// What is said at the next calls; after that the truth.
    pub(crate) script: VecDeque<Say>,
    /// What is said whenever the script is over.
    pub(crate) always: Option<Say>,
    /// What is said instead of the truth at each so-manieth call, in turn.
    pub(crate) fault: Option<(u32, Vec<Say>)>,
    /// The calendars of every account.
    pub(crate) listed: Vec<String>,
    /// How often busy time was asked for.
    pub(crate) calls: u32,
    /// How often the list was.
    pub(crate) lists: u32,
    /// The secrets that calls came with, by integration.
    pub(crate) asked_for: Vec<(IntegrationId, String)>,
    /// The marks that came with the last call.
    pub(crate) marks: Vec<Option<String>>,
    /// How long an answer takes.
    pub(crate) latency: Duration,
}

/// See the module. Clones share the world.
#[derive(Clone, Default)]
pub(crate) struct FakeCalendars(Arc<Mutex<World>>);

impl FakeCalendars {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("nobody panics here")
    }

    /// The calendar `name` is busy at `spans` from now on, and at no other time.
    pub(crate) fn set_busy(&self, name: &str, spans: &[Interval]) {
        self.world().busy.insert(name.to_owned(), spans.to_vec());
    }

    pub(crate) fn then(&self, say: Say) {
        self.world().script.push_back(say);
    }

    pub(crate) fn calls(&self) -> u32 {
        self.world().calls
    }

    /// A token service that asks this provider, whatever the kind.
    pub(crate) fn tokens(&self, deps: &Deps) -> Tokens {
        let vault = Vault::new(&SecretKey::from_bytes([7; 32]), &[], deps.ids.clone());
        let all = ProviderKind::ALL.into_iter();
        let providers = all.fold(Providers::default(), |providers, kind| providers.with(kind, Arc::new(self.clone())));
        Tokens::new(deps.clone(), vault, providers)
    }

    /// What is said to a call that comes now, and how long it takes.
    fn next(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> (Say, Duration) {
        let mut world = self.world();
        world.calls += 1;
        world.asked_for.push((with.integration.id, with.secret.expose().to_owned()));
        world.marks = ask.calendars.iter().map(|calendar| calendar.sync_state.clone()).collect();
        let calls = world.calls;
        let fault = world.fault.as_ref().filter(|(each, _)| calls.is_multiple_of(*each));
        let fault = fault.and_then(|(each, says)| says.get((calls / each) as usize % says.len()).cloned());
        let say = world.script.pop_front().or(fault).or_else(|| world.always.clone()).unwrap_or(Say::Truth);
        (say, world.latency)
    }

    fn truth(&self, ask: &BusyAsk<'_>) -> Vec<CalendarBusy> {
        let world = self.world();
        let known = |name: &str| Busy::Known {
            spans: world.busy.get(name).cloned().unwrap_or_default(),
            sync_state: Some(format!("mark of {name}")),
            next_after: None,
        };
        ask.calendars.iter().map(|calendar| CalendarBusy { calendar: calendar.id, busy: known(&calendar.external_id) }).collect()
    }
}

#[async_trait]
impl CalendarProvider for FakeCalendars {
    async fn calendars(&self, _: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        let mut world = self.world();
        world.lists += 1;
        Ok(world.listed.iter().map(|name| remote(name)).collect())
    }

    async fn busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        let (say, latency) = self.next(with, ask);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let mut answers = self.truth(ask);
        match say {
            Say::Truth => {}
            Say::Fail(error) => return Err(error),
            Say::Hang => std::future::pending().await,
            Say::CannotReadFirst(error) => answers[0].busy = Busy::Unknown(error),
            Say::LeaveOutFirst => drop(answers.remove(0)),
            Say::Unchanged => answers.iter_mut().for_each(|answer| answer.busy = Busy::Unchanged { next_after: None }),
        }
        Ok(answers)
    }

    async fn refresh(&self, _: RefreshWay<'_>, _: Instant) -> Result<Issued, RefreshError> {
        Err(RefreshError::Passing(CallError::Unreachable))
    }

    async fn revoke(&self, _: &Access<'_>, _: Option<&Clear>) -> Result<(), CallError> {
        Ok(())
    }
}

fn remote(name: &str) -> RemoteCalendar {
    RemoteCalendar {
        external_id: name.to_owned(),
        external_kind: String::new(),
        credential_ref: None,
        name: name.to_owned(),
        time_zone: None,
        primary: false,
        writable: true,
        problem: None,
    }
}

/// Connects `coach` to an account whose calendars all count, due at once; its access token is `token of {account}`.
pub(crate) async fn connect(
    deps: &Deps,
    tokens: &Tokens,
    coach: UserId,
    kind: ProviderKind,
    account: &str,
    calendars: &[&str],
) -> IntegrationId {
    let now = deps.clock.now();
    let id: IntegrationId = deps.ids.id(now);
    let mut tx = deps.store.begin().await.expect("a transaction");
    sql("INSERT INTO calendar_integrations
             (id, coach_id, provider, account_key, account_label, health_since, sync_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $4, $5, $5, $5, $5)")
    .bind(id)
    .bind(coach)
    .bind(kind.as_str())
    .bind(account)
    .bind(now)
    .run(&mut tx)
    .await
    .expect("an integration");
    let secret = Clear::new(format!("token of {account}"));
    let far = now.plus_minutes(400 * 24 * 60);
    let issued = Issued { access: secret.clone(), expires_at: far, refresh: None, scopes: String::new() };
    let credential = if kind.has_tokens() { NewCredential::Issued(&issued) } else { NewCredential::Secret(&secret) };
    tokens.store(&mut tx, id, coach, credential).await.expect("a credential");
    for name in calendars {
        let calendar: CalendarId = deps.ids.id(now);
        sql("INSERT INTO integration_calendars (id, integration_id, coach_id, external_id, name, counts_busy)
             VALUES ($1, $2, $3, $4, $4, 1)")
        .bind(calendar)
        .bind(id)
        .bind(coach)
        .bind(*name)
        .run(&mut tx)
        .await
        .expect("a calendar");
    }
    tx.commit().await.expect("a commit");
    id
}
