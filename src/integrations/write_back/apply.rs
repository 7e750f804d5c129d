//! Asking the provider, and what its answers mean for the job.

use std::{sync::Arc, time::Duration};

use super::{
    handler::CalendarEvents,
    record::{CalendarOf, Record},
    wish::draft,
};
use crate::{
    bookings::Booking,
    error::Internal,
    integrations::{
        outcome::{CallError, TokenError},
        providers::{EventLink, EventState, EventWriter, WriteError},
        tokens::Calling,
    },
    jobs::{JobKind, Verdict},
    model::{Instant, UserId},
    store::sql,
};

/// Events that start within a week are looked at again after half an hour, others after six hours.
const NEAR_MINUTES: i64 = 7 * 24 * 60;
const LOOK_NEAR_MINUTES: i64 = 30;
const LOOK_FAR_MINUTES: i64 = 6 * 60;
/// A link that is still being made is asked for again after this, and no longer than so many minutes after the event was written: then
/// people get one that works.
const LINK_PAUSE: Duration = Duration::from_secs(3);
pub(super) const LINK_PATIENCE_MINUTES: i64 = 10;

/// What asking came to: an answer, or what is to become of the job.
pub(super) enum Applied<T> {
    Done(T),
    Not(Verdict),
}

/// One calendar, asked with its coach's credentials.
pub(super) struct Apply<'a> {
    pub(super) events: &'a CalendarEvents,
    pub(super) into: &'a CalendarOf,
}

/// What a writer answers; failures of the call itself go to the token service.
type Answer<T> = Result<T, WriteError>;

fn call_failed<T>(answer: Answer<T>) -> Result<Answer<T>, CallError> {
    match answer {
        Err(WriteError::Call(error)) => Err(error),
        answer => Ok(answer),
    }
}

impl Apply<'_> {
    /// Runs `request` on the provider's writer.
    async fn ask<T: Send + 'static>(
        &self,
        request: impl for<'a> Fn(&'a dyn EventWriter, &'a crate::integrations::providers::Access<'a>) -> Calling<'a, Answer<T>>
        + Send
        + Sync
        + 'static,
    ) -> Result<Applied<Answer<T>>, Internal> {
        let Some(provider) = self.events.tokens.providers.get(self.into.integration.kind).cloned() else {
            return Ok(Applied::Not(Verdict::failed("This kind of calendar is not set up on this site.")));
        };
        if provider.events().is_none() {
            return Ok(Applied::Not(Verdict::Hopeless("This kind of calendar takes no bookings.".to_owned())));
        }
        let request = Arc::new(request);
        let call = self.events.tokens.call(&self.into.integration, |access| {
            let (provider, request) = (provider.clone(), request.clone());
            Box::pin(async move {
                match provider.events() {
                    Some(writer) => request(writer, access).await,
                    None => Err(CallError::Refused(0)),
                }
            })
        });
        match call.await {
            Ok(answer) => Ok(Applied::Done(answer)),
            Err(TokenError::Internal(error)) => Err(error),
            Err(error) => Ok(Applied::Not(self.events.not_now(&error, self.into.integration.coach_id).await?)),
        }
    }

    /// Makes the event. `Done(None)`: its ids are spent.
    pub(super) async fn create(&self, booking: &Booking, record: &Record, ordinal: i64) -> Result<Applied<Option<EventState>>, Internal> {
        let event = draft(booking, record.attempt, ordinal, self.events.public_url.origin());
        let calendar = self.into.calendar.clone();
        let asked = self.ask(move |writer, access| {
            let (event, calendar) = (event.clone(), calendar.clone());
            Box::pin(async move { call_failed(writer.create(access, &calendar, &event).await) })
        });
        Ok(match asked.await? {
            Applied::Not(verdict) => Applied::Not(verdict),
            Applied::Done(Ok(state)) => Applied::Done(Some(state)),
            Applied::Done(Err(WriteError::IdSpent | WriteError::Deleted)) => Applied::Done(None),
            Applied::Done(Err(WriteError::Changed | WriteError::Call(_))) => {
                Applied::Not(Verdict::failed("The event was changed in the calendar at the same time."))
            }
        })
    }

    /// Brings the event up to the booking. When the coach deleted it, they are asked.
    pub(super) async fn update(&self, booking: &Booking, record: &Record, ordinal: i64) -> Result<Applied<Option<EventState>>, Internal> {
        let event = draft(booking, record.attempt, ordinal, self.events.public_url.origin());
        let mut at = record.event_ref();
        // Changed by the coach since it was written: what the booking decides is written over it, what it does not stays.
        for _ in 0..2 {
            let (wanted, event, calendar) = (at.clone(), event.clone(), self.into.calendar.clone());
            let asked = self.ask(move |writer, access| {
                let (at, event, calendar) = (wanted.clone(), event.clone(), calendar.clone());
                Box::pin(async move { call_failed(writer.update(access, &calendar, &at, &event).await) })
            });
            match asked.await? {
                Applied::Not(verdict) => return Ok(Applied::Not(verdict)),
                Applied::Done(Ok(state)) => return Ok(Applied::Done(Some(state))),
                Applied::Done(Err(WriteError::IdSpent)) => return Ok(Applied::Done(None)),
                Applied::Done(Err(WriteError::Deleted)) => return self.deleted(record).await.map(Applied::Not),
                Applied::Done(Err(WriteError::Changed | WriteError::Call(_))) => match self.look(record).await? {
                    Applied::Not(verdict) => return Ok(Applied::Not(verdict)),
                    Applied::Done(None) => return self.deleted(record).await.map(Applied::Not),
                    Applied::Done(Some(state)) => (at.external_id, at.etag) = (Some(state.external_id), state.etag),
                },
            }
        }
        Ok(Applied::Not(Verdict::failed("The event keeps being changed in the calendar.")))
    }

    /// Takes the event away.
    pub(super) async fn remove(&self, record: &Record) -> Result<Applied<()>, Internal> {
        let mut at = record.event_ref();
        for _ in 0..2 {
            let (wanted, calendar) = (at.clone(), self.into.calendar.clone());
            let asked = self.ask(move |writer, access| {
                let (at, calendar) = (wanted.clone(), calendar.clone());
                Box::pin(async move { call_failed(writer.remove(access, &calendar, &at).await) })
            });
            match asked.await? {
                Applied::Not(verdict) => return Ok(Applied::Not(verdict)),
                Applied::Done(Ok(()) | Err(WriteError::Deleted | WriteError::IdSpent)) => return Ok(Applied::Done(())),
                Applied::Done(Err(WriteError::Changed | WriteError::Call(_))) => match self.look(record).await? {
                    Applied::Not(verdict) => return Ok(Applied::Not(verdict)),
                    Applied::Done(None) => return Ok(Applied::Done(())),
                    Applied::Done(Some(state)) => (at.external_id, at.etag) = (Some(state.external_id), state.etag),
                },
            }
        }
        Ok(Applied::Not(Verdict::failed("The event keeps being changed in the calendar.")))
    }

    /// The event as it is now; `None` when it is gone.
    pub(super) async fn look(&self, record: &Record) -> Result<Applied<Option<EventState>>, Internal> {
        let (at, calendar) = (record.event_ref(), self.into.calendar.clone());
        let asked = self.ask(move |writer, access| {
            let (at, calendar) = (at.clone(), calendar.clone());
            Box::pin(async move { writer.look(access, &calendar, &at).await.map(Ok) })
        });
        Ok(match asked.await? {
            Applied::Not(verdict) => Applied::Not(verdict),
            Applied::Done(Ok(state)) => Applied::Done(state),
            Applied::Done(Err(_)) => Applied::Done(None),
        })
    }

    async fn deleted(&self, record: &Record) -> Result<Verdict, Internal> {
        self.events.note_drift(record, None).await?;
        Ok(Verdict::Moot("The event was deleted in the calendar: the coach is asked.".to_owned()))
    }
}

impl CalendarEvents {
    /// What a failed call means for the job. When a provider asks for patience, the coach's other jobs wait too.
    async fn not_now(&self, error: &TokenError, coach: UserId) -> Result<Verdict, Internal> {
        let call = match error {
            TokenError::NeedsReconnect => return Ok(Verdict::failed("The calendar has to be connected again.")),
            TokenError::Disconnected => return Ok(Verdict::failed("The calendar is disconnected.")),
            TokenError::ClientRejected | TokenError::Sealed => {
                return Ok(Verdict::failed("The provider does not accept this site. Its operator has to look at it."));
            }
            TokenError::Internal(_) => return Ok(Verdict::failed("Something went wrong on this site.")),
            TokenError::Call(call) => call,
        };
        Ok(match call {
            CallError::RateLimited(wait) => {
                let wait = wait.unwrap_or(Duration::from_secs(30));
                self.pause(coach, self.deps().clock.now() + wait).await?;
                Verdict::Failed { why: "The provider asks us to slow down.".to_owned(), after: Some(wait) }
            }
            CallError::MissingScope => Verdict::failed("Writing to this calendar is not allowed any more: connect it again."),
            CallError::WrongPassword => Verdict::failed("The calendar's password is not accepted any more."),
            CallError::Gone | CallError::CalendarNotConnected | CallError::NotOurs => {
                Verdict::failed("The calendar is not there any more: choose another one for your bookings.")
            }
            CallError::Refused(_) | CallError::AddressRefused => Verdict::Hopeless("The calendar does not take the event.".to_owned()),
            CallError::TimedOut => Verdict::failed("The calendar takes too long to answer."),
            _ => Verdict::failed("The calendar cannot be reached."),
        })
    }

    async fn pause(&self, coach: UserId, until: Instant) -> Result<(), Internal> {
        let mut tx = self.deps().store.begin().await?;
        let pause = sql("UPDATE jobs SET run_at = $3 WHERE kind = $1 AND coach_id = $2 AND state = 'waiting' AND lease_until IS NULL
             AND run_at < $3");
        pause.bind(JobKind::CalendarEvent.as_str()).bind(coach).bind(until).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Stores that the event is in the calendar, and its link as soon as there is one.
    pub(super) async fn written(
        &self,
        booking: &Booking,
        record: &Record,
        into: &CalendarOf,
        state: &EventState,
        ordinal: i64,
    ) -> Result<Verdict, Internal> {
        let now = self.deps().clock.now();
        let mut tx = self.deps().store.begin().await?;
        record.written(&mut tx, state, ordinal, next_look(booking, now), now).await?;
        tx.commit().await?;
        self.read_soon(into).await?;
        self.link_of(booking, &state.link, now).await
    }

    pub(super) async fn look_for_link(&self, booking: &Booking, record: &Record, into: &CalendarOf) -> Result<Verdict, Internal> {
        match (Apply { events: self, into }).look(record).await? {
            Applied::Not(verdict) => Ok(verdict),
            Applied::Done(Some(state)) => self.link_of(booking, &state.link, record.updated_at).await,
            Applied::Done(None) => (Apply { events: self, into }).deleted(record).await,
        }
    }

    /// Takes the link of an event that was written at `written`, or what stands in for it if there will be none.
    async fn link_of(&self, booking: &Booking, link: &EventLink, written: Instant) -> Result<Verdict, Internal> {
        if !booking.awaits_link() {
            return Ok(Verdict::Done);
        }
        let now = self.deps().clock.now();
        match link {
            EventLink::Made(link) => self.settle_link(booking, Some(link)).await?,
            EventLink::Pending if now < written.plus_minutes(LINK_PATIENCE_MINUTES) => {
                return Ok(Verdict::Later(now + LINK_PAUSE, "The provider is making the meeting link.".to_owned()));
            }
            EventLink::Pending | EventLink::Impossible | EventLink::Unwanted => self.settle_link(booking, None).await?,
        }
        Ok(Verdict::Done)
    }

    /// Stores the link of a booking that waits for one: the provider's, or what stands in for it. It is never changed after that.
    pub(super) async fn settle_link(&self, booking: &Booking, link: Option<&str>) -> Result<(), Internal> {
        if !booking.awaits_link() {
            return Ok(());
        }
        let link = link.filter(|link| link.starts_with("https://") || link.starts_with("http://"));
        let link = link.map_or_else(|| booking.fallback_link(), str::to_owned);
        let mut tx = self.deps().store.begin().await?;
        // The coach first, as everyone. Whoever looks at the coach's pages sees the link at once.
        let tell = sql("UPDATE coaches SET claims_revision = claims_revision + 1 WHERE user_id = $1");
        tell.bind(booking.coach_id).run(&mut tx).await?;
        let set = sql("UPDATE bookings SET meeting_link = $2 WHERE id = $1 AND meeting_link IS NULL");
        if set.bind(booking.id).bind(link).run(&mut tx).await? == 1 {
            tx.commit().await?;
        }
        Ok(())
    }

    pub(super) async fn forget(&self, record: &Record) -> Result<(), Internal> {
        let mut tx = self.deps().store.begin().await?;
        record.removed(&mut tx, self.deps().clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// The calendar has changed by our own doing: what is busy in it is read again soon.
    pub(super) async fn read_soon(&self, into: &CalendarOf) -> Result<(), Internal> {
        let mut tx = self.deps().store.begin().await?;
        let soon = sql("UPDATE calendar_integrations SET sync_at = $2 WHERE id = $1 AND sync_at > $2");
        soon.bind(into.integration.id).bind(self.deps().clock.now()).run(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// When the event of `booking` is looked at again.
pub(super) fn next_look(booking: &Booking, now: Instant) -> Instant {
    let near = booking.starts_at < now.plus_minutes(NEAR_MINUTES);
    now.plus_minutes(if near { LOOK_NEAR_MINUTES } else { LOOK_FAR_MINUTES })
}
