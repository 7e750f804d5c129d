//! Paying in the browser, and what Stripe tells by itself.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use hmac::{Hmac, KeyInit, Mac};
use sandbox::{RunningSandbox, STRIPE_WEBHOOK_SECRET, Sandbox, SandboxConfig, StripeConfig};
use sha2::Sha256;
use wellmet::{
    bookings::HoldRequest,
    model::{BookingId, Instant, Role, SessionTypeDraft},
    time::{Secret, Zone},
};

use crate::{
    desk::{post_as, services},
    site::{Answer, TestSite, cookie},
    support::{TestDb, both_engines},
};

/// A site with a Stripe, a coach's session for EUR 90 and a mentee who wants it.
struct Shop {
    site: TestSite,
    sandbox: RunningSandbox,
    hold: Secret,
    mentee: Secret,
    coach: Secret,
}

impl Shop {
    async fn open(db: &TestDb) -> Self {
        let sandbox = Sandbox::start(SandboxConfig { stripe: Some(StripeConfig::default()), ..SandboxConfig::default() }).await.unwrap();
        let env = sandbox.environment();
        let env: Vec<_> =
            env.iter().filter(|(name, _)| name.starts_with("STRIPE")).map(|(name, value)| (name.as_str(), value.as_str())).collect();
        db.clock().set(control(&sandbox, "GET", "clock", "").await["now"].as_str().and_then(Instant::parse_rfc3339).unwrap());
        let site = TestSite::with(db.deps(), &env);
        let (coach, coach_secret) = db.person("cleo", Role::Coach, "Europe/Berlin").await;
        let coach = coach.coach().unwrap();
        let (coaches, _) = services(db);
        let mut draft = SessionTypeDraft::first();
        (draft.price.minor, draft.rules.notice_minutes, draft.refund.late_refund_percent) = (9000, 60, 50);
        let id = coaches.session_types(&coach).await.unwrap()[0].id;
        let kind = coaches.update_session_type(&coach, id, draft).await.unwrap();
        let offer = site.app.offers.by_id(coach.id()).await.unwrap().unwrap();
        let query = wellmet::bookings::SlotQuery::booking(&offer, &kind);
        let range = wellmet::time::Interval { start: db.now(), end: db.now().plus_minutes(7 * 24 * 60) };
        let start = site.app.bookings.slots().within(&query, range).await.unwrap()[0].start;
        let request = HoldRequest { coach: coach.id(), session_type: kind.id, start, zone: Zone::utc(), from: None };
        let (hold, _) = site.app.bookings.hold(request, None).await.unwrap();
        let (_, mentee) = db.person("mia", Role::Mentee, "Europe/Lisbon").await;
        Self { site, sandbox, hold, mentee, coach: coach_secret }
    }

    async fn get(&self, path: &str) -> Answer {
        self.site.get_as(path, &cookie(&self.mentee)).await
    }

    async fn post(&self, path: &str) -> Answer {
        post_as(&self.site, &self.mentee, path, "").await
    }

    /// Sends the form; gives where it leads.
    async fn book(&self) -> String {
        let answer = self.post(&format!("/book/h/{}", self.hold.expose())).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    async fn pay(&self, address: &str, with: &str) {
        let session = address.rsplit('/').next().unwrap();
        control(&self.sandbox, "POST", &format!("stripe/sessions/{session}/pay"), &format!(r#"{{"with":"{with}"}}"#)).await;
    }

    async fn told(&self, signature: &str, body: &str) -> Answer {
        let request =
            Request::post("/webhooks/stripe").header("stripe-signature", signature).header(header::CONTENT_TYPE, "application/json");
        self.site.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

/// Asks the sandbox something: what a browser there would do.
async fn control(sandbox: &RunningSandbox, method: &str, path: &str, body: &str) -> serde_json::Value {
    let http = wellmet::integrations::http::Http::new().unwrap();
    let mut request = http.client().request(method.parse().unwrap(), sandbox.url(&format!("/_control/{path}")));
    if !body.is_empty() {
        request = request.header("content-type", "application/json").body(body.to_owned());
    }
    http.send(request).await.unwrap().json().unwrap()
}

/// As Stripe signs.
fn signature(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    mac.finalize().into_bytes().iter().fold(format!("t={at},v1="), |text, byte| format!("{text}{byte:02x}"))
}

both_engines! {
    async fn from_the_form_to_stripe_and_back(db: TestDb) {
        let shop = Shop::open(&db).await;
        let form = shop.get(&format!("/book/h/{}", shop.hold.expose())).await;
        assert!(form.body.contains("On to payment") && form.body.contains("after that 50 % is refunded"), "{}", form.body);
        let pay = shop.book().await;
        let booking = pay.strip_suffix("/pay").unwrap().to_owned();
        let page = shop.get(&pay).await;
        assert!(page.body.contains("Pay EUR 90") && page.body.contains("after that 50 % is refunded"), "{}", page.body);
        // The coach sees that the time is taken, and has nothing to answer.
        let seen = shop.site.get_as(&booking, &cookie(&shop.coach)).await;
        assert!(seen.body.contains("Waits for payment") && !seen.body.contains("/confirm"), "{}", seen.body);
        let away = shop.post(&pay).await;
        assert_eq!(away.status, StatusCode::OK, "{}", away.body);
        let refresh = away.headers[header::REFRESH].to_str().unwrap();
        let address = refresh.strip_prefix("0; url=").unwrap();
        assert!(address.starts_with(&shop.sandbox.url("/stripe/c/pay/")), "{address}");
        assert!(shop.get(&booking).await.body.contains("is still to be paid"));
        let waiting = shop.get(&format!("{booking}/paid?session=cs_test_anything")).await;
        assert!(waiting.headers.contains_key(header::REFRESH) && waiting.body.contains("being confirmed"), "{}", waiting.body);
        shop.site.work().await;
        assert!(shop.get(&booking).await.body.contains("is still to be paid"), "the page of success decided");
        shop.pay(address, "card").await;
        db.clock().advance(std::time::Duration::from_secs(3));
        assert_eq!(shop.get(&format!("{booking}/paid?session=x")).await.status, StatusCode::OK);
        shop.site.work().await;
        let done = shop.get(&format!("{booking}/paid?session=x")).await;
        assert_eq!(done.headers[header::LOCATION], format!("{booking}?done=booked"));
        let page = shop.get(&booking).await;
        assert!(page.body.contains("EUR 90 is paid.") && page.body.contains("Confirmed"), "{}", page.body);
        let list = shop.site.get_as("/dashboard/payments", &cookie(&shop.coach)).await;
        assert!(list.body.contains("EUR 90 from mia") && list.body.contains("kept by Stripe"), "{}", list.body);
        let year = &db.now().to_rfc3339()[..4];
        let table = shop.site.get_as(&format!("/dashboard/payments/{year}.csv"), &cookie(&shop.coach)).await;
        assert_eq!(table.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
        let lines: Vec<_> = table.body.lines().collect();
        assert!(lines.len() == 3 && lines[1].contains(",charge,client,coach,90,EUR,") && lines[2].contains(",fee,coach,fees,"), "{lines:?}");
        assert_eq!(shop.get("/dashboard/payments").await.status, StatusCode::FORBIDDEN);
        assert_eq!(shop.site.get_as("/dashboard/payments/then.csv", &cookie(&shop.coach)).await.status, StatusCode::NOT_FOUND);
        let cancel = shop.get(&format!("{booking}/cancel")).await;
        assert!(cancel.body.contains("You get back all of EUR 90."), "{}", cancel.body);
        assert_eq!(shop.post(&format!("{booking}/cancel")).await.status, StatusCode::SEE_OTHER);
        assert!(shop.get(&booking).await.body.contains("EUR 90 is paid."));
        shop.site.work().await;
        assert!(shop.get(&booking).await.body.contains("EUR 90 was paid, and all of it went back."));
    }

    async fn nobody_pays_for_anothers_booking(db: TestDb) {
        let shop = Shop::open(&db).await;
        let pay = shop.book().await;
        let (_, stranger) = db.person("noor", Role::Mentee, "Europe/Lisbon").await;
        for path in [pay.clone(), pay.replace("/pay", "/paid")] {
            assert_eq!(shop.site.get_as(&path, &cookie(&stranger)).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(post_as(&shop.site, &stranger, &pay, "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(post_as(&shop.site, &shop.coach, &pay, "").await.status, StatusCode::FORBIDDEN);
    }

    async fn a_stripe_that_is_away_is_said_and_nothing_is_lost(db: TestDb) {
        let shop = Shop::open(&db).await;
        let pay = shop.book().await;
        let fault = r#"{"provider":"stripe","match":{"path_prefix":"/v1/checkout"},"fault":{"kind":"status","status":429},"times":"forever"}"#;
        control(&shop.sandbox, "POST", "faults", fault).await;
        let away = shop.post(&pay).await;
        assert!(away.status == StatusCode::SERVICE_UNAVAILABLE && away.body.contains("try again in a moment"), "{} {}", away.status, away.body);
        control(&shop.sandbox, "DELETE", "faults", "").await;
        assert!(shop.post(&pay).await.headers.contains_key(header::REFRESH));
    }

    async fn a_webhook_is_believed_only_if_it_is_stripes_and_new(db: TestDb) {
        let shop = Shop::open(&db).await;
        let pay = shop.book().await;
        let id: BookingId = pay.split('/').nth(2).unwrap().parse().unwrap();
        let payment: String = db.row("SELECT id FROM payments").await.get("id").unwrap();
        let body = format!(
            r#"{{"id":"evt_1","type":"checkout.session.completed","data":{{"object":{{"id":"cs_x","object":"checkout.session","metadata":{{"payment":"{payment}"}}}}}}}}"#
        );
        let now = db.now().millis() / 1000;
        let good = signature(STRIPE_WEBHOOK_SECRET, now, &body);
        let jobs = "SELECT COUNT(*) AS n FROM jobs WHERE key LIKE '%:event:%'";
        for (wrong, body) in [
            (String::new(), body.clone()),
            (signature("whsec_other", now, &body), body.clone()),
            (good.clone(), body.replace("completed", "expired")),
            (format!("{good} ").replace("v1", "v0"), body.clone()),
            (signature(STRIPE_WEBHOOK_SECRET, now - 301, &body), body.clone()),
            (signature(STRIPE_WEBHOOK_SECRET, now, "not JSON"), "not JSON".to_owned()),
        ] {
            let answer = shop.told(&wrong, &body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong} {body}");
        }
        assert_eq!(db.count(jobs).await, 0);
        for _ in 0..3 {
            assert_eq!(shop.told(&good, &body).await.status, StatusCode::NO_CONTENT);
        }
        assert_eq!(db.count(jobs).await, 1);
        // It is signed, and still says only where to look: nobody has paid.
        shop.site.work().await;
        let booking = services(&db).1.booking(db.admin("ada").await, id).await.unwrap().unwrap();
        assert!(booking.is_unpaid());
        // What is about nothing of ours is taken, and that is all.
        let other = body.replace(&payment, "01ARZ3NDEKTSV4RRFFQ69G5FAV").replace("evt_1", "evt_2");
        assert_eq!(shop.told(&signature(STRIPE_WEBHOOK_SECRET, now, &other), &other).await.status, StatusCode::NO_CONTENT);
        assert_eq!(db.count(jobs).await, 1);
        assert_eq!(shop.site.get("/webhooks/stripe").await.status, StatusCode::METHOD_NOT_ALLOWED);
    }

    async fn without_stripe_nothing_is_collected(db: TestDb) {
        let site = TestSite::new(&db);
        let request = Request::post("/webhooks/stripe").header("stripe-signature", "t=1,v1=00").body(Body::empty()).unwrap();
        assert_eq!(site.send(request).await.status, StatusCode::NOT_FOUND);
        assert!(!site.app.payments.is_on());
    }
}
