//! The server is killed wherever it waits for something.

use std::{future::Future, pin::pin, task::Poll};

use wellmet::{
    bookings::Booking,
    jobs::{Handler, Job, JobKind},
    model::BookingStatus,
    payments::PaymentState,
};

use super::world::{PRICE, World};
use crate::support::{TestDb, both_engines};

/// Runs `work` until it has waited `steps` times, then drops it. Whether it came to its end before.
pub(super) async fn killed_after<F: Future>(work: F, steps: u32) -> bool {
    let mut work = pin!(work);
    let mut waited = 0;
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if waited == steps => Poll::Ready(false),
        Poll::Pending => {
            waited += 1;
            Poll::Pending
        }
    })
    .await
}

async fn job(world: &World, booking: &Booking) -> Job {
    Job {
        id: world.db.ids().id(world.db.now()),
        kind: JobKind::Payment,
        key: "killed".to_owned(),
        coach_id: Some(booking.coach_id),
        booking_id: Some(booking.id),
        user_id: None,
        payload: serde_json::json!({ "payment": world.money(booking).await.payment.id }),
        attempt: 1,
        created_at: world.db.now(),
    }
}

/// Kills the settling of `booking`'s payment at its first, second, third ... wait, until it needs no more of them.
async fn at_every_step(world: &World, booking: &Booking) -> u32 {
    let job = job(world, booking).await;
    for steps in 0..400 {
        if killed_after(world.payments.run(&job), steps).await {
            return steps;
        }
        assert!(world.at_stripe().await <= PRICE, "charged twice after {steps} steps");
    }
    panic!("it never comes to an end");
}

both_engines! {
    async fn whatever_step_a_kill_hits_the_money_is_right(db: TestDb) {
        let world = World::with(db, |draft| draft.approval_required = true).await;
        let booking = world.book().await;
        world.pay(&booking, "card").await;
        let steps = at_every_step(&world, &booking).await;
        assert!(steps >= 5, "only {steps} steps: nothing was killed in the middle");
        assert_eq!(world.stands(&booking).await, (BookingStatus::Pending, PaymentState::Authorized));
        world.server.bookings.confirm(&world.coach, booking.id).await.unwrap();
        at_every_step(&world, &booking).await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid));
        world.assert_at_rest().await;
        world.server.bookings.cancel(world.coach, booking.id, "Ill").await.unwrap();
        at_every_step(&world, &booking).await;
        world.work().await;
        assert_eq!(world.money(&booking).await.gone_back.minor, PRICE);
        assert_eq!(world.stripe("refunds").await.len(), 1);
        world.assert_at_rest().await;
    }

    async fn a_page_that_was_asked_for_in_vain_is_found_again(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        for steps in 0..400 {
            let begun = killed_after(world.payments.begin(&world.mentee, booking.id), steps).await;
            assert!(world.stripe("checkout/sessions").await.len() <= 1, "{steps}");
            if begun {
                assert!(steps >= 3);
                break;
            }
        }
        world.pay(&booking, "card").await;
        world.pass(5).await;
        world.work().await;
        assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid));
        world.assert_at_rest().await;
    }

    async fn a_page_that_nobody_lived_to_note_is_ended_all_the_same(db: TestDb) {
        let world = World::on(db).await;
        for steps in 0..60 {
            let booking = world.book().await;
            if killed_after(world.payments.begin(&world.mentee, booking.id), steps).await {
                break;
            }
            if steps % 3 == 0 {
                world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
            }
            world.pass(40).await;
            world.work().await;
            assert_eq!(world.money(&booking).await.payment.state, PaymentState::Released, "{steps}");
        }
        world.pass(60).await;
        world.work().await;
        let held = world.db.count("SELECT COUNT(*) AS n FROM claims").await;
        assert_eq!((held, world.at_stripe().await), (0, 0));
    }

    async fn a_worker_killed_at_every_step_leaves_nothing_undone(db: TestDb) {
        let world = World::on(db).await;
        for round in 0..24 {
            let booking = world.book().await;
            world.pay(&booking, "card").await;
            world.deliver().await;
            let _over = killed_after(world.worker().drain(), round * 2).await;
            // The dead one's lease runs out; another does the rest.
            world.pass(3).await;
            world.work().await;
            assert_eq!(world.stands(&booking).await, (BookingStatus::Confirmed, PaymentState::Paid), "{round}");
            world.server.bookings.cancel(world.mentee, booking.id, "").await.unwrap();
            let _over = killed_after(world.worker().drain(), round * 2).await;
            world.pass(3).await;
            world.work().await;
            assert_eq!(world.money(&booking).await.gone_back.minor, PRICE, "{round}");
        }
        world.assert_at_rest().await;
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'payment' AND state IN ('waiting', 'dead')").await, 0);
    }
}
