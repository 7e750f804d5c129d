//! A coach whose bookings go into a calendar.

use std::{sync::Arc, time::Duration};

use wellmet::{
    accounts::{CoachActor, MenteeActor},
    bookings::{BookError, Booking},
    coaches::SessionType,
    config::{Config, PublicUrl},
    integrations::{
        Choice, Integrations, ProviderKind, Providers,
        tokens::Tokens,
        write_back::{CalendarChecks, CalendarEvents, InCalendar, WriteBack},
    },
    jobs::{Handler, JobKind, Source, Worker, WorkerSettings},
    model::{CalendarId, Instant, IntegrationId, Place, PlaceKind, SessionTypeDraft},
    notices::{InTheCalendar, Spread},
    store::sql,
};

use super::fake::FakeCalendar;
use crate::{bookings_world::Server, calendars_fake::connect, support::TestDb};

pub(super) struct World<'a> {
    pub(super) db: &'a TestDb,
    pub(super) server: Server,
    pub(super) calendar: FakeCalendar,
    pub(super) coach: CoachActor,
    pub(super) mentee: MenteeActor,
    pub(super) write_back: WriteBack,
    pub(super) tokens: Tokens,
    pub(super) worker: Worker,
    kind: SessionType,
    integration: IntegrationId,
}

impl<'a> World<'a> {
    /// With one calendar, which receives bookings.
    pub(super) async fn new(db: &'a TestDb) -> Self {
        let (server, calendar) = (Server::of(db), FakeCalendar::default());
        let (coach, mentee) = (db.coach("maya").await, db.mentee("mia").await);
        let tokens = calendar.tokens(&db.deps());
        let integration = connect(&db.deps(), &tokens, coach.id(), ProviderKind::Google, "maya", &["main"]).await;
        db.run("UPDATE calendar_integrations SET can_write = 1").await;
        db.run("UPDATE integration_calendars SET writable = 1, counts_busy = 0, receives_bookings = 1").await;
        db.run("UPDATE coaches SET calendars_known_at = NULL, calendars_known_until = NULL").await;
        let kind = server.kind(&coach, |draft| draft.rules.step_minutes = 30).await;
        let worker = worker(db, &tokens);
        Self { db, server, calendar, coach, mentee, write_back: WriteBack::new(db.deps()), tokens, worker, kind, integration }
    }

    /// Tuesday at so many o'clock, UTC.
    pub(super) fn hour(hour: u32) -> Instant {
        Instant::parse_rfc3339(&format!("2026-11-03T{hour:02}:00:00Z")).unwrap()
    }

    pub(super) async fn try_book(&self, hour: u32) -> Result<Booking, BookError> {
        self.server.try_book(&self.mentee, &self.coach, &self.kind, Self::hour(hour)).await
    }

    pub(super) async fn book(&self, hour: u32) -> Booking {
        self.try_book(hour).await.expect("it is free")
    }

    pub(super) async fn move_to(&self, booking: &Booking, hour: u32) -> Booking {
        self.server.bookings.reschedule(self.coach, booking.id, Self::hour(hour), "moved").await.expect("it moves")
    }

    pub(super) async fn move_by_minutes(&self, booking: &Booking, minutes: i64) -> Booking {
        let start = booking.starts_at.plus_minutes(minutes);
        self.server.bookings.reschedule(self.mentee, booking.id, start, "").await.expect("it moves")
    }

    pub(super) async fn cancel(&self, booking: &Booking) {
        self.server.bookings.cancel(self.coach, booking.id, "off").await.expect("it is cancelled");
    }

    pub(super) async fn booking(&self, booking: &Booking) -> Booking {
        self.server.bookings.booking(self.coach, booking.id).await.unwrap().expect("it is there")
    }

    pub(super) async fn view(&self, booking: &Booking) -> InCalendar {
        self.write_back.view(&self.booking(booking).await).await.unwrap().state
    }

    /// Does what is due now.
    pub(super) async fn work(&self) {
        self.worker.drain().await.expect("the database works");
    }

    /// Does what is due in so many minutes.
    pub(super) async fn work_for(&self, minutes: u32) {
        for _ in 0..minutes * 20 {
            self.work().await;
            self.db.clock().advance(Duration::from_secs(3));
        }
    }

    pub(super) async fn meet_at(&self, kind: PlaceKind) {
        let draft = SessionTypeDraft { place: Place { kind, value: String::new() }, ..SessionTypeDraft::first() };
        let rules = self.kind.rules;
        self.server.coaches.update_session_type(&self.coach, self.kind.id, SessionTypeDraft { rules, ..draft }).await.unwrap();
    }

    pub(super) async fn no_calendar(&self) {
        self.db.run("UPDATE integration_calendars SET receives_bookings = 0").await;
    }

    /// As the coach does on the settings page.
    pub(super) async fn choose_calendar(&self) {
        let row = self.db.row("SELECT id FROM integration_calendars").await;
        let target: CalendarId = row.get("id").unwrap();
        let config = Config::from_env(&std::collections::HashMap::new()).unwrap();
        let integrations = Integrations::new(
            self.db.deps(),
            self.tokens.clone(),
            Providers::default(),
            config.providers.clone(),
            config.public_url.clone(),
        );
        let choice = Choice { busy: Vec::new(), target: Some(target) };
        integrations.choose(&self.coach, self.integration, choice).await.unwrap();
    }

    /// The calendar counts, and is busy where events were written: what a sync would find.
    pub(super) async fn busy_where_written(&self) {
        let mut tx = self.db.store().begin().await.unwrap();
        let now = self.db.now();
        sql("UPDATE integration_calendars SET counts_busy = 1, read_at = $1, covers_until = $2")
            .bind(now)
            .bind(now.plus_minutes(400 * 24 * 60))
            .run(&mut tx)
            .await
            .unwrap();
        sql("INSERT INTO calendar_busy (calendar_id, coach_id, starts_at, ends_at)
             SELECT calendar_id, coach_id, starts_at, ends_at FROM booking_calendar_events")
        .run(&mut tx)
        .await
        .unwrap();
        sql("UPDATE coaches SET claims_revision = claims_revision + 1, calendars_known_at = $1, calendars_known_until = $2")
            .bind(now)
            .bind(now.plus_minutes(60))
            .run(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

/// What does the coach's calendar events.
pub(super) fn worker(db: &TestDb, tokens: &Tokens) -> Worker {
    let sources: Vec<Arc<dyn Source>> =
        vec![Arc::new(Spread::new(db.deps(), vec![Arc::new(InTheCalendar)])), Arc::new(CalendarChecks::new(db.deps()))];
    let events: Arc<dyn Handler> = Arc::new(handler(tokens));
    Worker::new(db.deps(), WorkerSettings::default(), [(JobKind::CalendarEvent, events)], sources)
}

pub(super) fn handler(tokens: &Tokens) -> CalendarEvents {
    CalendarEvents::new(tokens.clone(), public_url())
}

fn public_url() -> PublicUrl {
    Config::from_env(&std::collections::HashMap::new()).unwrap().public_url
}
