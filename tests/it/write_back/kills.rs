//! The server is killed at every point at which a job waits for something.

use std::{future::Future, pin::pin, task::Poll, time::Duration};

use wellmet::{
    jobs::{Handler, Job, JobKind},
    model::PlaceKind,
};

use super::{
    fake::Fault,
    world::{World, handler, worker},
};
use crate::support::{TestDb, both_engines};

/// Runs `work` until it has waited `steps` times, then drops it, as a kill would. Whether it came to its end before.
async fn killed_after<F: Future>(work: F, steps: u32) -> bool {
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

/// The booking's job, as a worker would hand it over.
fn job(world: &World<'_>, booking: &wellmet::bookings::Booking) -> Job {
    Job {
        id: world.db.ids().id(world.db.now()),
        kind: JobKind::CalendarEvent,
        key: "killed".to_owned(),
        coach_id: Some(booking.coach_id),
        booking_id: Some(booking.id),
        user_id: None,
        payload: serde_json::json!({ "check": false }),
        attempt: 1,
        created_at: world.db.now(),
    }
}

/// Kills the handler at its first, second, third ... wait until it needs no more of them; `change` makes something to do before each.
async fn at_every_step(world: &World<'_>, booking: &wellmet::bookings::Booking) -> u32 {
    for steps in 0..400 {
        if killed_after(handler(&world.tokens).run(&job(world, booking)), steps).await {
            return steps;
        }
        assert!(world.calendar.world().most <= 1, "two events after {steps} steps");
    }
    panic!("it never comes to an end");
}

both_engines! {
    async fn whatever_step_a_kill_hits_there_is_one_event(db: TestDb) {
        let world = World::new(&db).await;
        world.meet_at(PlaceKind::Provider).await;
        world.calendar.world().link_at_look = Some(0);
        let booking = world.book(10).await;
        let steps = at_every_step(&world, &booking).await;
        assert!(steps >= 5, "only {steps} steps: nothing was killed in the middle");
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
        let link = world.booking(&booking).await.meeting_link();
        assert!(link.is_some());
        let booking = world.move_to(&booking, 14).await;
        at_every_step(&world, &booking).await;
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
        assert_eq!(world.booking(&booking).await.meeting_link(), link);
        world.cancel(&booking).await;
        at_every_step(&world, &booking).await;
        assert!(world.calendar.times().is_empty());
        assert_eq!(world.calendar.made_and_most(), (1, 1));
    }

    async fn a_provider_that_hangs_before_or_after_its_work_leads_to_one_event(db: TestDb) {
        let world = World::new(&db).await;
        let mut booking = world.book(10).await;
        for (round, fault) in [Fault::Hang, Fault::DoneThenHang, Fault::Hang, Fault::DoneThenHang].into_iter().enumerate() {
            world.calendar.world().faults.push_back(fault);
            let (handler, job) = (handler(&world.tokens), job(&world, &booking));
            let given_up = tokio::time::timeout(Duration::from_millis(300), handler.run(&job)).await;
            assert!(given_up.is_err(), "round {round} came to an end");
            world.work().await;
            assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
            booking = world.move_to(&booking, if round % 2 == 0 { 14 } else { 10 }).await;
        }
        world.calendar.world().faults.push_back(Fault::DoneThenHang);
        world.cancel(&booking).await;
        let job = job(&world, &booking);
        assert!(tokio::time::timeout(Duration::from_millis(300), handler(&world.tokens).run(&job)).await.is_err());
        world.work().await;
        assert!(world.calendar.times().is_empty());
        assert_eq!(world.calendar.made_and_most(), (1, 1));
    }

    async fn a_worker_killed_at_every_step_leaves_nothing_undone(db: TestDb) {
        let world = World::new(&db).await;
        let mut booking = world.book(10).await;
        for round in 0..40 {
            booking = world.move_to(&booking, if round % 2 == 0 { 14 } else { 10 }).await;
            let _over = killed_after(worker(&db, &world.tokens).drain(), round).await;
            // The dead one's lease runs out; another does the rest.
            db.clock().advance(Duration::from_mins(3));
            // PostgreSQL may hear of the dead one a moment later, and until then its row is passed over.
            for _ in 0..100 {
                worker(&db, &world.tokens).drain().await.unwrap();
                if world.calendar.times() == [(booking.starts_at, booking.ends_at)] {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)], "round {round}");
        }
        assert_eq!(world.calendar.made_and_most(), (1, 1));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'calendar_event' AND state IN ('waiting', 'dead')").await, 0);
    }
}
