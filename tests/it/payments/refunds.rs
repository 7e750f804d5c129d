//! Money that goes back.

use serde_json::json;
use wellmet::{
    bookings::Outcome,
    model::{BookingStatus, RefundPolicy},
    payments::PaymentState,
};

use super::world::{PRICE, World};
use crate::support::{TestDb, both_engines};

both_engines! {
    async fn cancelling_in_time_gives_everything_back(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.paid().await;
        let preview = world.payments.preview(world.mentee.into(), &booking, world.db.now()).await.unwrap().unwrap();
        assert_eq!((preview.paid.minor, preview.back.minor, preview.held), (PRICE, PRICE, false));
        world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
        world.work().await;
        let money = world.money(&booking).await;
        assert_eq!((money.going_back.minor, money.gone_back.minor, money.troubled), (PRICE, PRICE, false));
        assert_eq!(world.at_stripe().await, 0);
        world.assert_at_rest().await;
    }

    async fn cancelling_late_gives_back_what_was_agreed_when_it_was_booked(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.paid().await;
        // Another policy from now on; this booking keeps its own.
        world.db.run("UPDATE session_types SET late_refund_percent = 0").await;
        let until = (booking.starts_at.millis() - world.db.now().millis()) / 60_000;
        world.pass(until - 60).await;
        let booking = world.now(&booking).await;
        assert!(booking.can_cancel(world.mentee, world.db.now()));
        let preview = world.payments.preview(world.mentee.into(), &booking, world.db.now()).await.unwrap().unwrap();
        assert_eq!(preview.back.minor, PRICE / 2);
        world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
        world.work().await;
        assert_eq!(world.money(&booking).await.gone_back.minor, PRICE / 2);
        assert_eq!(world.at_stripe().await, PRICE / 2);
        world.assert_at_rest().await;
    }

    async fn a_coach_who_cancels_gives_everything_back(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.paid().await;
        let until = (booking.starts_at.millis() - world.db.now().millis()) / 60_000;
        world.pass(until - 5).await;
        world.server.bookings.cancel(world.coach, booking.id, "Ill").await.unwrap();
        world.work().await;
        assert_eq!(world.money(&booking).await.gone_back.minor, PRICE);
        world.assert_at_rest().await;
    }

    async fn a_missed_session_costs_what_was_agreed(db: TestDb) {
        let world = World::with(db, |draft| draft.refund = RefundPolicy { late_refund_percent: 0, no_show_percent: 30 }).await;
        let booking = world.paid().await;
        let until = (booking.starts_at.millis() - world.db.now().millis()) / 60_000;
        world.pass(until + 61).await;
        world.server.bookings.finish(&world.coach, booking.id, Outcome::NoShow).await.unwrap();
        world.work().await;
        assert_eq!(world.money(&booking).await.gone_back.minor, PRICE * 70 / 100);
        world.assert_at_rest().await;
    }

    async fn a_refund_on_its_way_is_followed(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.paid().await;
        world.switch(json!({ "refunds": "pending_then_succeeded", "refund_delay": 600 })).await;
        world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
        world.work().await;
        let money = world.money(&booking).await;
        assert_eq!((money.going_back.minor, money.gone_back.minor), (PRICE, 0));
        world.pass(11).await;
        world.work().await;
        assert_eq!(world.money(&booking).await.gone_back.minor, PRICE);
        world.assert_at_rest().await;
    }

    async fn a_refund_that_fails_is_seen_and_tried_again(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.paid().await;
        world.switch(json!({ "refunds": "succeeded_then_failed", "refund_delay": 30 })).await;
        world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
        world.work().await;
        assert_eq!(world.money(&booking).await.gone_back.minor, PRICE);
        world.switch(json!({ "refunds": "usual" })).await;
        world.pass(1).await;
        world.deliver().await;
        world.work().await;
        let money = world.money(&booking).await;
        assert_eq!((money.going_back.minor, money.gone_back.minor, money.troubled), (PRICE, 0, true));
        assert_eq!(world.at_stripe().await, PRICE);
        let outstanding = world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'payment' AND state = 'waiting' AND attempts > 0");
        assert_eq!(outstanding.await, 1);
        for _ in 0..3 {
            world.pass(6).await;
            world.work().await;
        }
        let money = world.money(&booking).await;
        assert_eq!((money.going_back.minor, money.gone_back.minor, money.troubled), (PRICE, PRICE, false));
        world.assert_at_rest().await;
    }

    async fn a_failure_that_stripe_keeps_stops_nothing(db: TestDb) {
        let world = World::on(db).await;
        for when in ["before_work", "after_work"] {
            world.switch(json!({ "internal_error": when })).await;
            let booking = world.book().await;
            world.pay(&booking, "card").await;
            world.deliver().await;
            world.work().await;
            assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid), "{when}");
            world.switch(json!({ "internal_error": when })).await;
            world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
            for _ in 0..6 {
                world.work().await;
                world.pass(1).await;
            }
            assert_eq!(world.money(&booking).await.gone_back.minor, PRICE, "{when}");
            assert_eq!(world.at_stripe().await, 0, "{when}");
        }
        assert_eq!(world.stripe("refunds").await.len(), 2);
    }

    async fn the_ledger_cannot_be_rewritten(db: TestDb) {
        let world = World::on(db).await;
        world.paid().await;
        for text in ["UPDATE ledger_entries SET amount_minor = 1", "DELETE FROM ledger_entries"] {
            let mut tx = world.db.store().begin().await.unwrap();
            let refused = wellmet::store::sql(text).run(&mut tx).await.unwrap_err();
            assert!(format!("{refused:?}").contains("ledger_append_only"), "{refused:?}");
        }
        world.assert_at_rest().await;
    }
}
