//! A coach with a webhook, a mentee who books, and the receiver.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use wellmet::{
    accounts::{CoachActor, MenteeActor},
    bookings::{Booking, BookingChange},
    coaches::SessionType,
    config::{Networks, SecretKey},
    integrations::{
        safe_fetch::{Fetch, Limits, Resolve, Rules, SystemResolver},
        tokens::Vault,
    },
    jobs::{Handler, JobKind, Worker, WorkerSettings},
    notices::{
        Spread,
        webhooks::{Endpoint, EndpointDraft, Keeper, WebhookJobs, Webhooks},
    },
};

use crate::{
    bookings_world::{Server, at},
    receiver::Receiver,
    support::TestDb,
};

pub(super) struct World {
    pub(super) db: TestDb,
    pub(super) server: Server,
    pub(super) webhooks: Webhooks,
    pub(super) receiver: Receiver,
    pub(super) coach: CoachActor,
    pub(super) mentee: MenteeActor,
    pub(super) kind: SessionType,
}

/// The webhooks of a server whose keys these are, that resolves names so and may enter this machine if it `may`.
pub(crate) fn webhooks(db: &TestDb, keys: &[u8], resolver: Arc<dyn Resolve>, may: bool) -> Webhooks {
    let networks = Networks::parse(if may { "127.0.0.1" } else { "" }).expect("networks");
    let limits = Limits { connect: Duration::from_secs(6), total: Duration::from_secs(6), body: 0 };
    let fetch = Fetch::new(Rules { allow_http: true, networks }, limits, resolver).expect("a client");
    Webhooks::new(db.deps(), vault(db, keys), fetch)
}

pub(crate) fn vault(db: &TestDb, keys: &[u8]) -> Vault {
    let keys: Vec<_> = keys.iter().map(|byte| SecretKey::from_bytes([*byte; 32])).collect();
    Vault::new(&keys[0], &keys[1..], db.deps().ids)
}

impl World {
    pub(super) async fn on(db: TestDb) -> Self {
        let (server, receiver) = (Server::of(&db), Receiver::start().await);
        let (coach, mentee) = (db.coach("cora").await, db.mentee("mia").await);
        let kind = server.kind(&coach, |draft| draft.rules.horizon_days = 60).await;
        let webhooks = webhooks(&db, &[7], Arc::new(SystemResolver), true);
        Self { db, server, webhooks, receiver, coach, mentee, kind }
    }

    /// A webhook for everything that happens to the coach's bookings; the receiver believes its secret.
    pub(super) async fn hook(&self) -> Endpoint {
        let (endpoint, secret) = self.make(self.coach, "/hook").await;
        self.receiver.trust(&[&secret], self.seconds());
        endpoint
    }

    /// A webhook of anyone's, with its secret.
    pub(super) async fn make(&self, keeper: impl Into<Keeper>, path: &str) -> (Endpoint, String) {
        let (endpoint, secret) = self.webhooks.create(keeper, &everything(&self.receiver.url(path))).await.expect("a webhook");
        (endpoint, secret.expose().to_owned())
    }

    pub(super) fn seconds(&self) -> i64 {
        self.db.now().millis() / 1000
    }

    pub(super) fn worker(&self) -> Worker {
        self.worker_of(&self.webhooks)
    }

    pub(super) fn worker_of(&self, webhooks: &Webhooks) -> Worker {
        let spread = Spread::new(self.db.deps(), vec![Arc::new(WebhookJobs)]);
        let sender: Arc<dyn Handler> = Arc::new(webhooks.sender());
        Worker::new(self.db.deps(), WorkerSettings::default(), [(JobKind::Webhook, sender)], vec![Arc::new(spread)])
    }

    /// Does what is due now.
    pub(super) async fn work(&self) {
        self.worker().drain().await.expect("the worker works");
    }

    /// Time passes, on the receiver's clock too, then what is due is done.
    pub(super) async fn later(&self, by: Duration, secrets: &[&str]) {
        self.db.clock().advance(by);
        self.receiver.trust(secrets, self.seconds());
        self.work().await;
    }

    pub(super) async fn book(&self, start: &str) -> Booking {
        self.server.book(&self.mentee, &self.coach, &self.kind, at(start)).await
    }

    pub(super) async fn cancel(&self, booking: &Booking, why: &str) {
        self.server.bookings.cancel(self.coach, booking.id, why).await.expect("it is cancelled");
    }
}

pub(crate) fn everything(url: &str) -> EndpointDraft {
    let kinds = BookingChange::ALL.iter().map(|change| change.as_str().to_owned()).collect();
    EndpointDraft { url: url.to_owned(), kinds, active: true }
}

/// A name with addresses, one list for each time it is asked for; the last stays.
pub(super) struct Names(Vec<&'static str>, AtomicUsize);

impl Names {
    pub(super) fn new(answers: &[&'static str]) -> Arc<Self> {
        Arc::new(Self(answers.to_vec(), AtomicUsize::new(0)))
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        let turn = self.1.fetch_add(1, SeqCst).min(self.0.len() - 1);
        Ok(vec![self.0[turn].parse().expect("an address")])
    }
}
