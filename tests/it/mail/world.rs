//! A site whose mail is kept for the test to read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use wellmet::{
    accounts::{CoachActor, MenteeActor},
    bookings::{BookRequest, Booking, HoldRequest},
    coaches::SessionType,
    config::{Config, PublicUrl, SecretKey, Sender},
    integrations::tokens::Vault,
    jobs::{Handler, JobKind, Source, Worker, WorkerSettings},
    model::{Instant, SessionTypeDraft},
    notices::{
        Spread,
        mail::{BookingMails, Delivery, Letter, Mailer, Transport, Words},
    },
    time::Zone,
};

use crate::{bookings_world::Server, support::TestDb};

/// Keeps what it is given, and says what it is told to.
#[derive(Default)]
pub(crate) struct Keep {
    letters: Mutex<Vec<Letter>>,
    said: Mutex<Vec<Delivery>>,
}

impl Keep {
    /// Answers the next letters so; then takes all.
    pub(crate) fn say(&self, deliveries: &[Delivery]) {
        *self.said.lock().unwrap() = deliveries.iter().rev().cloned().collect();
    }

    /// What came since the last time one looked.
    pub(crate) fn taken(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.letters.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Keep {
    async fn send(&self, letter: &Letter) -> Delivery {
        self.letters.lock().unwrap().push(letter.clone());
        self.said.lock().unwrap().pop().unwrap_or(Delivery::Accepted)
    }
}

pub(crate) struct Desk {
    pub(crate) db: TestDb,
    pub(crate) server: Server,
    pub(crate) keep: Arc<Keep>,
    pub(crate) worker: Worker,
}

/// `PUBLIC_URL` of these tests.
pub(crate) fn public_url() -> PublicUrl {
    let env = HashMap::from([("PUBLIC_URL".to_owned(), "https://booking.example.org".to_owned())]);
    Config::from_env(&env).unwrap().public_url
}

pub(crate) fn sender() -> Sender {
    Sender::parse("Acme Coaching <book@acme.example>").unwrap()
}

/// A worker that does all mail of `db` by `transport`.
pub(crate) fn worker(db: &TestDb, transport: Arc<dyn Transport>, words: Words) -> Worker {
    let vault = Vault::new(&SecretKey::from_bytes([7; 32]), &[], db.deps().ids);
    let mailer: Arc<dyn Handler> = Arc::new(Mailer::with(db.deps(), transport, words, sender(), public_url(), vault));
    let kinds = [JobKind::BookingMail, JobKind::Reminder, JobKind::CalendarTrouble, JobKind::AccountMail];
    let source: Arc<dyn Source> = Arc::new(Spread::new(db.deps(), vec![Arc::new(BookingMails)]));
    Worker::new(db.deps(), WorkerSettings::default(), kinds.map(|kind| (kind, mailer.clone())), vec![source])
}

impl Desk {
    pub(crate) fn new(db: TestDb) -> Self {
        let keep = Arc::new(Keep::default());
        let worker = worker(&db, keep.clone(), Words::of_program().unwrap());
        Self { server: Server::of(&db), keep, worker, db }
    }

    /// A coach in Berlin and a mentee, both with confirmed addresses and nothing in the post.
    pub(crate) async fn people(&self) -> (CoachActor, MenteeActor) {
        let (coach, mentee) = (self.db.coach("cora").await, self.db.mentee("mia").await);
        self.db.run("UPDATE users SET email_checked_at = created_at").await;
        self.mail().await;
        (coach, mentee)
    }

    /// A session type with a link of the coach's own; then as `change` says.
    pub(crate) async fn kind(&self, coach: &CoachActor, change: impl FnOnce(&mut SessionTypeDraft)) -> SessionType {
        let link = |draft: &mut SessionTypeDraft| {
            draft.name = "Career talk".to_owned();
            draft.place.kind = wellmet::model::PlaceKind::Link;
            draft.place.value = "https://meet.example/cora".to_owned();
            change(draft);
        };
        self.server.kind(coach, link).await
    }

    /// Books at `start` from New York, with `notes`.
    pub(crate) async fn book(&self, mentee: &MenteeActor, coach: &CoachActor, kind: &SessionType, start: Instant, notes: &str) -> Booking {
        let zone = Zone::parse("America/New_York").unwrap();
        let wish = HoldRequest { coach: coach.id(), session_type: kind.id, start, zone, from: None };
        let (secret, _) = self.server.bookings.hold(wish, None).await.expect("the time is free");
        let request = BookRequest { notes: notes.to_owned(), ..BookRequest::default() };
        self.server.bookings.book(mentee, &secret, request).await.expect("it is booked")
    }

    /// Does what is due and gives the mail that was sent.
    pub(crate) async fn mail(&self) -> Vec<Letter> {
        self.worker.drain().await.unwrap();
        let mut letters = self.keep.taken();
        letters.sort_by(|a, b| a.to.cmp(&b.to));
        letters
    }

    /// The mails of one change: the coach's (cora) and the mentee's (mia).
    pub(crate) async fn both(&self) -> (Letter, Letter) {
        let letters = self.mail().await;
        let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
        assert_eq!(to, ["cora@example.org", "mia@example.org"]);
        let [coach, client] = letters.try_into().unwrap();
        (coach, client)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.db.clock().advance(by);
    }
}

/// The line of an unfolded invitation that begins so.
pub(crate) fn line(invite: &str, start: &str) -> String {
    let unfolded = invite.replace("\r\n ", "");
    let found = unfolded.split("\r\n").find(|line| line.starts_with(start));
    found.unwrap_or_else(|| panic!("no {start} in {unfolded}")).to_owned()
}
