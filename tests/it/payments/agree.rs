//! Paying, not paying, and the coach's answer.

use serde_json::json;
use wellmet::{
    accounts::MenteeActor,
    bookings::{AnswerError, RescheduleError, Scope},
    model::{BookingStatus, PaymentStep},
    payments::{Account, PayError, PaymentState},
};

use super::world::{PRICE, World};
use crate::support::{TestDb, both_engines};

async fn asking(db: TestDb) -> World {
    World::with(db, |draft| draft.approval_required = true).await
}

async fn what_happened(world: &World, booking: &wellmet::bookings::Booking) -> Vec<&'static str> {
    let history = world.server.bookings.history(world.mentee, booking.id).await.unwrap();
    history.iter().map(|event| event.change.as_str()).collect()
}

const MAILS: &str = "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'booking_mail'";

both_engines! {
    async fn a_paid_session_is_agreed_and_only_then_told(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        world.work().await;
        assert_eq!(world.db.count(MAILS).await, 0);
        assert!(world.server.bookings.list(world.coach, Scope::Requests, None, 10).await.unwrap().bookings.is_empty());
        let session = world.page(&booking).await;
        assert_eq!(world.page(&booking).await, session, "a second page");
        assert!(world.pay_on(&session, "declined_card").await["declined"].is_string());
        world.deliver().await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Pending, PaymentState::Open));
        world.pay_on(&session, "card").await;
        // Nobody has told yet: what the browser says proves nothing.
        assert_eq!(world.stands(&booking).await, (BookingStatus::Pending, PaymentState::Open));
        world.deliver().await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid));
        assert_eq!(what_happened(&world, &booking).await, ["reserved", "booked"]);
        assert_eq!(world.now(&booking).await.payment, PaymentStep::Made);
        assert_eq!(world.db.count(MAILS).await, 2);
        let balances = world.payments.balances(&world.coach).await.unwrap();
        let of = |account| balances.iter().find(|balance| balance.account == account).map(|balance| balance.minor);
        let fee = of(Account::Fees).unwrap();
        assert_eq!((of(Account::Client), of(Account::Coach), of(Account::Held)), (Some(-PRICE), Some(PRICE - fee), None));
        assert!(fee > 0 && balances.iter().map(|balance| balance.minor).sum::<i64>() == 0);
        world.assert_at_rest().await;
        assert!(matches!(world.payments.begin(&world.mentee, booking.id).await, Err(PayError::NotOpen(BookingStatus::Confirmed))));
    }

    async fn without_a_single_webhook_it_is_found(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        world.work().await;
        world.pay(&booking, "card").await;
        world.work().await;
        assert_eq!(world.stands(&booking).await.0, BookingStatus::Pending);
        world.pass(5).await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid));
        world.assert_at_rest().await;
        // What comes after all changes nothing.
        world.deliver().await;
        world.work().await;
        assert_eq!(what_happened(&world, &booking).await, ["reserved", "booked"]);
        world.assert_at_rest().await;
    }

    async fn who_waits_is_not_kept_waiting(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        world.work().await;
        world.pay(&booking, "card").await;
        world.work().await;
        assert_eq!(world.stands(&booking).await.0, BookingStatus::Pending);
        world.payments.look_soon(&world.now(&booking).await).await.unwrap();
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid));
    }

    async fn webhooks_twice_and_in_the_wrong_order_count_once(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        world.post(json!({ "copies": 2, "reversed": true })).await;
        world.pay(&booking, "card").await;
        world.deliver().await;
        let events = world.db.count("SELECT COUNT(*) AS n FROM stripe_events").await;
        let jobs = world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE key LIKE '%:event:%'").await;
        assert!(events >= 3 && jobs == events, "{events} {jobs}");
        world.work().await;
        assert_eq!(what_happened(&world, &booking).await, ["reserved", "booked"]);
        world.assert_at_rest().await;
    }

    async fn an_abandoned_page_is_ended_before_the_time_is_free(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        let session = world.page(&booking).await;
        world.pass(30).await;
        world.work().await;
        assert!(!world.server.offers_start(&world.coach, &world.kind, booking.starts_at).await);
        // The sweeper of requests leaves it alone: Stripe has not said that it is over.
        world.pass(20).await;
        assert_eq!(world.server.bookings.expire_due().await.unwrap(), 0);
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Expired, PaymentState::Released));
        assert_eq!(what_happened(&world, &booking).await, ["reserved", "expired"]);
        assert!(world.server.offers_start(&world.coach, &world.kind, booking.starts_at).await);
        assert_eq!(world.db.count(MAILS).await, 0);
        world.assert_at_rest().await;
        assert!(world.stripe("checkout/sessions").await.iter().any(|found| found["id"] == session.as_str() && found["status"] == "expired"));
    }

    async fn nobody_who_never_asked_for_a_page_keeps_the_time(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        world.pass(35).await;
        world.work().await;
        assert_eq!(world.stands(&booking).await.0, BookingStatus::Pending);
        world.pass(2).await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Expired, PaymentState::Released));
        assert!(world.stripe("checkout/sessions").await.is_empty());
        world.assert_at_rest().await;
    }

    async fn a_debit_takes_its_time(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        world.pay(&booking, "debit").await;
        world.deliver().await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Pending, PaymentState::Processing));
        world.pass(1).await;
        world.deliver().await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid));
        world.assert_at_rest().await;
    }

    async fn a_debit_that_takes_an_hour_keeps_its_time(db: TestDb) {
        let world = World::on(db).await;
        world.switch(json!({ "debit_delay": 7200 })).await;
        let booking = world.book().await;
        world.pay(&booking, "debit").await;
        world.deliver().await;
        world.work().await;
        world.pass(90).await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Pending, PaymentState::Processing));
        world.pass(60).await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid));
        world.assert_at_rest().await;
    }

    async fn a_debit_that_comes_back_frees_the_time(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        world.pay(&booking, "failing_debit").await;
        world.deliver().await;
        world.work().await;
        world.pass(1).await;
        world.deliver().await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Expired, PaymentState::Failed));
        assert!(world.server.offers_start(&world.coach, &world.kind, booking.starts_at).await);
        world.assert_at_rest().await;
    }

    async fn a_request_is_paid_when_the_coach_accepts(db: TestDb) {
        let world = asking(db).await;
        let unpaid = world.book().await;
        assert!(matches!(world.server.bookings.confirm(&world.coach, unpaid.id).await, Err(AnswerError::WrongStatus(BookingStatus::Pending))));
        world.pay(&unpaid, "card").await;
        world.deliver().await;
        world.work().await;
        assert_eq!(world.stands(&unpaid).await, (BookingStatus::Pending, PaymentState::Authorized));
        assert_eq!(world.at_stripe().await, 0);
        let request = world.server.bookings.list(world.coach, Scope::Requests, None, 10).await.unwrap().bookings;
        assert_eq!(request[0].id, unpaid.id);
        assert!(request[0].answer_by.unwrap() > world.db.now().plus_minutes(60 * 24));
        world.assert_at_rest().await;
        world.server.bookings.confirm(&world.coach, unpaid.id).await.unwrap();
        world.work().await;
        assert_eq!(world.stands(&unpaid).await, (BookingStatus::Confirmed, PaymentState::Paid));
        assert_eq!(world.at_stripe().await, PRICE);
        assert_eq!(what_happened(&world, &unpaid).await, ["reserved", "requested", "confirmed"]);
        world.assert_at_rest().await;
    }

    async fn a_request_that_is_declined_withdrawn_or_left_costs_nothing(db: TestDb) {
        let world = asking(db).await;
        let declined = world.paid().await;
        world.server.bookings.decline(&world.coach, declined.id, "Not this week.").await.unwrap();
        let withdrawn = world.paid().await;
        world.server.bookings.cancel(world.mentee, withdrawn.id, "").await.unwrap();
        let left = world.paid().await;
        world.work().await;
        assert_eq!(world.stands(&declined).await, (BookingStatus::Declined, PaymentState::Released));
        assert_eq!(world.stands(&withdrawn).await, (BookingStatus::Cancelled, PaymentState::Released));
        world.pass(4 * 24 * 60).await;
        assert_eq!(world.server.bookings.expire_due().await.unwrap(), 1);
        world.work().await;
        assert_eq!(world.stands(&left).await, (BookingStatus::Expired, PaymentState::Released));
        assert_eq!(world.at_stripe().await, 0);
        world.assert_at_rest().await;
    }

    async fn money_that_the_bank_let_go_of_is_seen(db: TestDb) {
        let world = asking(db).await;
        let booking = world.paid().await;
        let intent = world.stripe("payment_intents").await[0]["id"].as_str().unwrap().to_owned();
        world.control("POST", &format!("stripe/payment_intents/{intent}/spoil"), json!({})).await;
        world.server.bookings.confirm(&world.coach, booking.id).await.unwrap();
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Failed));
        assert!(world.money(&booking).await.payment.problem.is_some());
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'payment' AND state = 'dead'").await, 1);
    }

    async fn what_waits_for_payment_is_its_mentees_to_give_up_and_nobodys_to_move(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        let session = world.page(&booking).await;
        let moved = world.server.bookings.reschedule(world.mentee, booking.id, world.start(3).await, "").await;
        assert!(matches!(moved, Err(RescheduleError::WrongStatus(_))));
        let stranger: MenteeActor = world.db.mentee("noor").await;
        assert!(matches!(world.payments.begin(&stranger, booking.id).await, Err(PayError::NotFound)));
        world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
        // Between giving up and the page's end it is paid.
        world.pay_on(&session, "card").await;
        world.work().await;
        let money = world.money(&booking).await;
        assert_eq!((money.payment.state, money.gone_back.minor), (PaymentState::Paid, PRICE));
        assert_eq!(world.at_stripe().await, 0);
        assert_eq!(world.db.count(MAILS).await, 0);
        world.assert_at_rest().await;
        let given_up = world.book().await;
        world.page(&given_up).await;
        world.server.bookings.cancel(world.mentee, given_up.id, "").await.unwrap();
        world.work().await;
        assert_eq!(world.stands(&given_up).await, (BookingStatus::Cancelled, PaymentState::Released));
        world.assert_at_rest().await;
    }

    async fn what_stripe_does_not_take_ends_at_once(db: TestDb) {
        let world = World::with(db, |draft| draft.price.minor = 10).await;
        let booking = world.book().await;
        assert!(matches!(world.payments.begin(&world.mentee, booking.id).await, Err(PayError::Refused)));
        assert_eq!(world.stands(&booking).await, (BookingStatus::Expired, PaymentState::Failed));
        world.work().await;
        world.assert_at_rest().await;
    }

    async fn a_free_session_needs_no_payment(db: TestDb) {
        let world = World::with(db, |draft| draft.price.minor = 0).await;
        let start = world.start(0).await;
        let booking = world.server.book(&world.mentee, &world.coach, &world.kind, start).await;
        assert_eq!((booking.status, booking.payment), (BookingStatus::Confirmed, PaymentStep::None));
        assert!(world.payments.of(&booking).await.unwrap().is_none());
    }
}
