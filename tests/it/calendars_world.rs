//! A coach with calendars, and what is stored of them.

use std::time::Duration;

use wellmet::{
    accounts::CoachActor,
    integrations::{
        ProviderKind,
        busy::{BusySync, Synced, Went},
        standing::{CalendarTrust, Standing, UnknownPolicy},
        tokens::Tokens,
    },
    model::Instant,
    store::{Row, sql},
    time::Interval,
};

use crate::{
    bookings_world::at,
    calendars_fake::{FakeCalendars, connect},
    support::TestDb,
};

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
/// How long after a read the next is due.
pub(crate) const PERIOD: Duration = Duration::from_mins(4);

/// A coach with one Google account.
pub(crate) struct Desk<'a> {
    pub(crate) db: &'a TestDb,
    pub(crate) fake: FakeCalendars,
    pub(crate) tokens: Tokens,
    pub(crate) sync: BusySync,
    pub(crate) coach: CoachActor,
}

impl<'a> Desk<'a> {
    /// With these calendars, never read so far.
    pub(crate) async fn new(db: &'a TestDb, calendars: &[&str]) -> Self {
        Self::of(db, ProviderKind::Google, calendars).await
    }

    pub(crate) async fn of(db: &'a TestDb, kind: ProviderKind, calendars: &[&str]) -> Self {
        let (fake, coach) = (FakeCalendars::default(), db.coach("maya").await);
        fake.world().listed = calendars.iter().map(|name| (*name).to_owned()).collect();
        let tokens = fake.tokens(&db.deps());
        connect(&db.deps(), &tokens, coach.id(), kind, "maya", calendars).await;
        Self { db, fake, sync: BusySync::new(tokens.clone(), PERIOD), tokens, coach }
    }

    /// Reads now.
    pub(crate) async fn read(&self) -> Synced {
        let all = self.sync.sync_coach(self.coach.id()).await.expect("the database works");
        *all.first().expect("an integration")
    }

    pub(crate) async fn reads_well(&self) {
        assert_eq!(self.read().await.went, Went::Well);
    }

    /// What is stored as busy, merged again.
    pub(crate) async fn stored(&self) -> Vec<Interval> {
        let rows = sql("SELECT starts_at, ends_at FROM calendar_busy ORDER BY starts_at").all(self.db.store()).await.expect("rows");
        let mut merged: Vec<Interval> = Vec::new();
        for row in rows {
            let span = Interval { start: row.get("starts_at").expect("a start"), end: row.get("ends_at").expect("an end") };
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }

    pub(crate) async fn revision(&self) -> i64 {
        self.db.row("SELECT claims_revision FROM coaches").await.get("claims_revision").expect("a number")
    }

    pub(crate) async fn row(&self) -> Row {
        self.db.row("SELECT * FROM calendar_integrations").await
    }

    pub(crate) async fn health(&self) -> (String, Option<String>) {
        let row = self.row().await;
        (row.get("health").expect("a word"), row.get("health_reason").expect("a word or none"))
    }

    pub(crate) async fn due(&self) -> Option<Instant> {
        self.row().await.get("sync_at").expect("an instant or none")
    }

    pub(crate) async fn problems(&self) -> Vec<Option<String>> {
        let rows = sql("SELECT problem FROM integration_calendars ORDER BY external_id").all(self.db.store()).await.expect("rows");
        rows.iter().map(|row| row.get("problem").expect("a text or none")).collect()
    }

    /// What may be offered now, if the coach wants `policy`.
    pub(crate) async fn standing(&self, policy: UnknownPolicy) -> Standing {
        let row = self.db.row("SELECT * FROM coaches").await;
        let known_at = row.get("calendars_known_at").expect("an instant or none");
        let known_until = row.get("calendars_known_until").expect("an instant or none");
        CalendarTrust { known_at, known_until, policy }.at(self.db.now())
    }
}

/// From `start` for `hours`.
pub(crate) fn busy(start: &str, hours: u32) -> Interval {
    Interval::of_minutes(at(start), hours * 60)
}
