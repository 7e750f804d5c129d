//! A site whose prices are collected, a Stripe, and somebody who pays.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use sandbox::{Sandbox, SandboxConfig, StripeConfig};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wellmet::{
    accounts::{CoachActor, MenteeActor},
    bookings::Booking,
    coaches::SessionType,
    config::Config,
    integrations::http::Http,
    jobs::{Handler, JobKind, Source, Worker, WorkerSettings},
    model::{BookingStatus, Instant, RefundPolicy, SessionTypeDraft},
    notices::{PaymentFollows, Spread, mail::BookingMails},
    payments::{PaymentChecks, PaymentState, PaymentView, Payments},
    store::sql,
};

use crate::{bookings_world::Server, invariants::assert_sound, support::TestDb};

pub(super) const PRICE: i64 = 9000;

/// See the module.
pub(super) struct World {
    pub(super) db: TestDb,
    sandbox: sandbox::RunningSandbox,
    http: Http,
    config: Config,
    pub(super) server: Server,
    pub(super) payments: Payments,
    pub(super) coach: CoachActor,
    pub(super) mentee: MenteeActor,
    pub(super) kind: SessionType,
}

impl World {
    /// An hour for EUR 90, agreed at once, half of it back after a day's notice. What Stripe tells by itself is lost until
    /// [`World::deliver`] is called.
    pub(super) async fn on(db: TestDb) -> Self {
        Self::with(db, |_| ()).await
    }

    pub(super) async fn with(db: TestDb, change: impl FnOnce(&mut SessionTypeDraft)) -> Self {
        let hooked = Arc::<OnceLock<Payments>>::default();
        let url = listen(hooked.clone()).await;
        let stripe = Some(StripeConfig { webhook_urls: vec![url] });
        let sandbox = Sandbox::start(SandboxConfig { stripe, ..SandboxConfig::default() }).await.expect("a sandbox");
        let mut env: HashMap<String, String> = sandbox.environment().into_iter().collect();
        env.insert("PUBLIC_URL".to_owned(), "https://booking.example.org".to_owned());
        let config = Config::from_env(&env).expect("the sandbox's settings");
        let http = Http::new().expect("a client");
        let now = control(&http, &sandbox, "GET", "clock", Value::Null).await["now"].as_str().and_then(Instant::parse_rfc3339);
        db.clock().set(now.expect("the sandbox's time"));
        let (coach, mentee) = (db.coach("maya").await, db.mentee("jonas").await);
        let server = paying(Server::of(&db));
        let kind = server
            .kind(&coach, |draft| {
                draft.price.minor = PRICE;
                draft.rules.notice_minutes = 24 * 60;
                draft.refund = RefundPolicy { late_refund_percent: 50, no_show_percent: 100 };
                change(draft);
            })
            .await;
        let payments = Payments::new(db.deps(), server.bookings.clone(), config.stripe.as_ref(), http.clone(), config.public_url.clone());
        assert!(hooked.set(payments.clone()).is_ok());
        let world = Self { db, sandbox, http, config, server, payments, coach, mentee, kind };
        world.post(json!({ "held": true })).await;
        world
    }

    /// Another server on the same database: its bookings and its payments.
    pub(super) async fn second_server(&self) -> (Server, Payments) {
        let deps = self.db.deps_on(self.db.second_server().await);
        let server = paying(Server::on(deps.clone(), wellmet::limits::LimitSettings::NONE));
        let url = self.config.public_url.clone();
        let payments = Payments::new(deps, server.bookings.clone(), self.config.stripe.as_ref(), self.http.clone(), url);
        (server, payments)
    }

    pub(super) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        control(&self.http, &self.sandbox, method, path, body).await
    }

    /// How webhooks go wrong.
    pub(super) async fn post(&self, how: Value) {
        self.control("PATCH", "stripe/post", how).await;
    }

    pub(super) async fn switch(&self, how: Value) {
        self.control("PATCH", "stripe/switches", how).await;
    }

    /// Everything that Stripe has to tell arrives, as [`World::post`] says.
    pub(super) async fn deliver(&self) {
        self.post(json!({ "held": false })).await;
        for _ in 0..200 {
            let all = self.control("GET", "stripe/deliveries", Value::Null).await;
            let all = all["deliveries"].as_array().expect("a list").clone();
            if all.iter().all(|delivery| ["delivered", "lost"].contains(&delivery["stand"].as_str().unwrap_or_default())) {
                return self.post(json!({ "held": true })).await;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("webhooks do not arrive: {}", self.control("GET", "stripe/deliveries", Value::Null).await);
    }

    /// Time passes, here and there.
    pub(super) async fn pass(&self, minutes: i64) {
        let by = Duration::from_secs(u64::try_from(minutes * 60).expect("forwards"));
        self.db.clock().advance(by);
        self.control("POST", "clock", json!({ "advance": by.as_secs() })).await;
        // Stripe does what is due by then within its next look.
        tokio::time::sleep(Duration::from_millis(60)).await;
    }

    pub(super) fn worker(&self) -> Worker {
        worker(&self.db, &self.payments)
    }

    /// Everything that is due is done.
    pub(super) async fn work(&self) {
        self.worker().drain().await.expect("the work is done");
    }

    /// The `nth` start on offer.
    pub(super) async fn start(&self, nth: usize) -> Instant {
        self.server.starts(&self.coach, &self.kind, self.db.now(), 10).await[nth]
    }

    /// A booking that waits for its payment.
    pub(super) async fn book(&self) -> Booking {
        let start = self.start(0).await;
        let booking = self.server.book(&self.mentee, &self.coach, &self.kind, start).await;
        assert!(booking.is_unpaid() && booking.status == BookingStatus::Pending, "{booking:?}");
        booking
    }

    /// The id of the session at Stripe that the mentee is sent to.
    pub(super) async fn page(&self, booking: &Booking) -> String {
        let url = self.payments.begin(&self.mentee, booking.id).await.expect("a page to pay on");
        url.rsplit('/').next().expect("an id").to_owned()
    }

    /// The mentee pays on the page `session`.
    pub(super) async fn pay_on(&self, session: &str, with: &str) -> Value {
        self.control("POST", &format!("stripe/sessions/{session}/pay"), json!({ "with": with })).await
    }

    /// As [`World::pay_on`]; whether the page took it.
    pub(super) async fn try_pay_on(&self, session: &str, with: &str) -> bool {
        let url = self.sandbox.url(&format!("/_control/stripe/sessions/{session}/pay"));
        let reply = self.http.send(self.http.client().post(url).json(&json!({ "with": with }))).await.expect("the sandbox answers");
        reply.status.is_success()
    }

    /// As [`World::pay_on`], on the booking's page.
    pub(super) async fn pay(&self, booking: &Booking, with: &str) -> Value {
        let session = self.page(booking).await;
        self.pay_on(&session, with).await
    }

    /// A booking that is paid, or whose money is held.
    pub(super) async fn paid(&self) -> Booking {
        let booking = self.book().await;
        self.pay(&booking, "card").await;
        self.deliver().await;
        self.work().await;
        let booking = self.now(&booking).await;
        assert!(booking.status.is_live() && !booking.is_unpaid(), "{booking:?}");
        booking
    }

    /// The booking as it is now.
    pub(super) async fn now(&self, booking: &Booking) -> Booking {
        self.server.bookings.booking(self.coach, booking.id).await.expect("an answer").expect("a booking")
    }

    pub(super) async fn money(&self, booking: &Booking) -> PaymentView {
        self.payments.of(&self.now(booking).await).await.expect("an answer").expect("a payment")
    }

    pub(super) async fn stands(&self, booking: &Booking) -> (BookingStatus, PaymentState) {
        (self.now(booking).await.status, self.money(booking).await.payment.state)
    }

    /// All objects of a kind, of Stripe's own API.
    pub(super) async fn stripe(&self, path: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::<Value>::new(), String::new());
        loop {
            let request = self.http.client().get(self.sandbox.url(&format!("/stripe/v1/{path}?limit=100{after}")));
            let request = request.bearer_auth(sandbox::STRIPE_SECRET_KEY).header("Stripe-Version", "2026-10-28.endive");
            let reply = self.http.send(request).await.expect("an answer");
            assert!(reply.status.is_success(), "{}", String::from_utf8_lossy(&reply.body));
            let page = reply.json::<Value>().expect("JSON");
            all.extend(page["data"].as_array().expect("a list").iter().cloned());
            if page["has_more"] != true {
                return all;
            }
            after = format!("&starting_after={}", all.last().and_then(|last| last["id"].as_str()).expect("an id"));
        }
    }

    /// What Stripe has of the mentees' money.
    pub(super) async fn at_stripe(&self) -> i64 {
        self.stripe("charges").await.iter().map(kept).sum()
    }

    /// Payment by payment, the ledger says what Stripe has.
    async fn assert_ledger_is_stripes(&self) {
        let (charges, refunds) = (self.stripe("charges").await, self.stripe("refunds").await);
        let of = |list: &[Value], intent: &str| list.iter().filter(|found| found["payment_intent"] == intent).cloned().collect::<Vec<_>>();
        let rows = sql("SELECT p.id, COALESCE(p.intent_id, '') AS intent, COALESCE((SELECT CAST(SUM(CASE WHEN e.to_account = 'client'
                 OR e.from_account = 'coach' THEN -e.amount_minor ELSE e.amount_minor END) AS BIGINT)
             FROM ledger_entries e WHERE e.payment_id = p.id AND e.kind IN ('charge', 'capture', 'refund', 'refund_failed')), 0) AS net
             FROM payments p");
        for row in rows.all(self.db.store()).await.expect("payments") {
            let (intent, net): (String, i64) = (row.get("intent").unwrap(), row.get("net").unwrap());
            let at_stripe: i64 = of(&charges, &intent).iter().map(kept).sum();
            if net == at_stripe {
                continue;
            }
            let ours = sql("SELECT r.id, r.state, r.attempt, COALESCE(r.stripe_id, '') AS stripe FROM refunds r WHERE payment_id = $1");
            let ours = ours.bind(row.get::<String>("id").unwrap()).all(self.db.store()).await.expect("refunds");
            for refund in ours {
                let text = |name| refund.get::<String>(name).unwrap();
                println!("ours: {} {} {} {}", text("id"), text("state"), refund.get::<i64>("attempt").unwrap(), text("stripe"));
            }
            for refund in of(&refunds, &intent) {
                println!("Stripe's: {} {} {} {}", refund["id"], refund["status"], refund["amount"], refund["metadata"]);
            }
            panic!("the ledger has {net}, Stripe {at_stripe}");
        }
        let known: i64 = charges.iter().map(kept).sum();
        let all = self.db.row(
            "SELECT CAST(COALESCE(SUM(CASE WHEN kind IN ('charge', 'capture', 'refund_failed') THEN amount_minor
             WHEN kind = 'refund' THEN -amount_minor ELSE 0 END), 0) AS BIGINT) AS n FROM ledger_entries",
        );
        assert_eq!(all.await.get::<i64>("n").unwrap(), known, "Stripe has money that nobody knows of");
    }

    /// Nothing is due and nothing is wrong: bookings, payments, the ledger and Stripe agree.
    pub(super) async fn assert_at_rest(&self) {
        assert_sound(self.db.store()).await;
        let wrong = sql(WRONG).all(self.db.store()).await.expect("the rules can be asked for");
        let wrong: Vec<String> =
            wrong.iter().map(|row| format!("{} {}", row.get::<String>("what").unwrap(), row.get::<String>("id").unwrap())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        self.assert_ledger_is_stripes().await;
        let open = self.stripe("checkout/sessions").await.into_iter().filter(|session| session["status"] == "open");
        assert_eq!(i64::try_from(open.count()).unwrap(), self.db.count("SELECT COUNT(*) AS n FROM payments WHERE state = 'open'").await);
    }
}

/// One row for each payment that does not agree with its booking or with the ledger.
const WRONG: &str = "
    WITH money AS (SELECT p.id, p.state, p.amount_minor, b.status, b.payment,
            COALESCE((SELECT SUM(amount_minor) FROM ledger_entries e WHERE e.payment_id = p.id AND e.kind IN ('charge', 'capture')), 0) AS took,
            COALESCE((SELECT SUM(CASE kind WHEN 'hold' THEN amount_minor ELSE -amount_minor END) FROM ledger_entries e
                WHERE e.payment_id = p.id AND e.kind IN ('hold', 'capture', 'release')), 0) AS held,
            COALESCE((SELECT SUM(CASE kind WHEN 'refund' THEN amount_minor ELSE -amount_minor END) FROM ledger_entries e
                WHERE e.payment_id = p.id AND e.kind IN ('refund', 'refund_failed')), 0) AS back,
            (SELECT COUNT(*) FROM ledger_entries e WHERE e.payment_id = p.id AND e.kind = 'fee') AS fees
        FROM payments p JOIN bookings b ON b.id = p.booking_id)
    SELECT 'paid and not in the ledger', id FROM money WHERE state = 'paid' AND (took <> amount_minor OR fees <> 1)
    UNION ALL SELECT 'in the ledger and not paid', id FROM money WHERE state <> 'paid' AND took <> 0
    UNION ALL SELECT 'held, or not', id FROM money WHERE held <> CASE state WHEN 'authorized' THEN amount_minor ELSE 0 END AND held + took <> took
    UNION ALL SELECT 'agreed and not paid', id FROM money WHERE status IN ('confirmed', 'completed') AND (state <> 'paid' OR back <> 0)
    UNION ALL SELECT 'not to be and still paid', id FROM money WHERE status IN ('declined', 'expired') AND took <> back
    UNION ALL SELECT 'over and still to be paid', id FROM money WHERE status NOT IN ('pending', 'confirmed') AND state IN ('open', 'authorized')
    UNION ALL SELECT 'more back than came', id FROM money WHERE back > took OR back < 0
    UNION ALL SELECT 'told before it was paid', b.id FROM bookings b WHERE b.payment = 'awaited'
        AND EXISTS (SELECT 1 FROM jobs j WHERE j.booking_id = b.id AND j.kind <> 'payment')
    UNION ALL SELECT 'a payment without its step', b.id FROM bookings b
        WHERE (b.payment = 'none') <> (NOT EXISTS (SELECT 1 FROM payments p WHERE p.booking_id = b.id))";

/// What Stripe has of a charge.
fn kept(charge: &Value) -> i64 {
    let part = |name: &str| charge[name].as_i64().expect("an amount");
    let captured = charge["captured"].as_bool().expect("a flag") && charge["status"] == "succeeded";
    if captured { part("amount_captured") - part("amount_refunded") } else { 0 }
}

fn paying(mut server: Server) -> Server {
    server.bookings = server.bookings.with_payments();
    server
}

/// What does payments, and plans the mails that follow from changes.
pub(super) fn worker(db: &TestDb, payments: &Payments) -> Worker {
    let sources: Vec<Arc<dyn Source>> = vec![
        Arc::new(Spread::new(db.deps(), vec![Arc::new(BookingMails), Arc::new(PaymentFollows)])),
        Arc::new(PaymentChecks::new(db.deps())),
    ];
    let handler: Arc<dyn Handler> = Arc::new(payments.clone());
    Worker::new(db.deps(), WorkerSettings::default(), [(JobKind::Payment, handler)], sources)
}

async fn control(http: &Http, sandbox: &sandbox::RunningSandbox, method: &str, path: &str, body: Value) -> Value {
    let mut request = http.client().request(method.parse().expect("a method"), sandbox.url(&format!("/_control/{path}")));
    if !body.is_null() {
        request = request.json(&body);
    }
    let reply = http.send(request).await.expect("the sandbox answers");
    assert!(reply.status.is_success(), "{path}: {}", String::from_utf8_lossy(&reply.body));
    reply.json().expect("JSON")
}

/// Takes webhooks on a port of this machine and hands them to whoever is there by then.
async fn listen(hooked: Arc<OnceLock<Payments>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/webhooks/stripe", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let hooked = hooked.clone();
            tokio::spawn(async move { take(stream, &hooked).await });
        }
    });
    url
}

async fn take(mut stream: TcpStream, hooked: &OnceLock<Payments>) -> Option<()> {
    let mut read = Vec::new();
    let (head, from, length) = loop {
        let mut piece = [0; 8192];
        let number = stream.read(&mut piece).await.ok().filter(|number| *number > 0)?;
        read.extend_from_slice(&piece[..number]);
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(read[..end].to_vec()).ok()?;
        let length = header(&head, "content-length")?.parse::<usize>().ok()?;
        if read.len() >= end + 4 + length {
            break (head, end + 4, length);
        }
    };
    let taken = hooked.get()?.receive(header(&head, "stripe-signature").as_deref(), &read[from..from + length]).await;
    let status = if taken.is_ok() { "204 No Content" } else { "400 Bad Request" };
    stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes()).await.ok()
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}
