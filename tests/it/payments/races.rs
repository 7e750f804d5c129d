//! Many at once, and two servers.

use wellmet::{
    bookings::{BookError, Booking},
    model::BookingStatus,
    payments::PaymentState,
};

use super::world::{World, worker};
use crate::{
    bookings_world::at_once,
    support::{TestDb, both_engines},
};

both_engines! {
    async fn of_twenty_who_want_to_pay_for_a_time_one_does(db: TestDb) {
        let world = World::on(db).await;
        let start = world.start(0).await;
        let (second, second_payments) = world.second_server().await;
        let mut jobs = Vec::new();
        for number in 0..20 {
            let mentee = world.db.mentee(&format!("mentee{number}")).await;
            let secret = world.server.ticket(&world.coach, &world.kind, start).await;
            let (server, payments) = if number % 2 == 0 { (world.server.clone(), world.payments.clone()) } else { (second.clone(), second_payments.clone()) };
            jobs.push(async move {
                match server.bookings.book(&mentee, &secret, wellmet::bookings::BookRequest::default()).await {
                    Ok(booking) => Some((booking.clone(), payments.begin(&mentee, booking.id).await.expect("a page"))),
                    Err(BookError::Unavailable(_)) => None,
                    Err(error) => panic!("{error:?}"),
                }
            });
        }
        let won: Vec<(Booking, String)> = at_once(jobs).await.into_iter().flatten().collect();
        assert_eq!(won.len(), 1);
        assert_eq!(world.stripe("checkout/sessions").await.len(), 1);
        world.pay_on(won[0].1.rsplit('/').next().unwrap(), "card").await;
        world.deliver().await;
        world.work().await;
        assert_eq!(world.stands(&won[0].0).await, (BookingStatus::Confirmed, PaymentState::Paid));
        world.assert_at_rest().await;
    }

    async fn however_many_press_there_is_one_page(db: TestDb) {
        let world = World::on(db).await;
        let booking = world.book().await;
        let (_, second) = world.second_server().await;
        let presses = (0..12).map(|number| {
            let (payments, mentee, id) = (if number % 2 == 0 { world.payments.clone() } else { second.clone() }, world.mentee, booking.id);
            async move { payments.begin(&mentee, id).await.ok() }
        });
        let pages: Vec<String> = at_once(presses.collect()).await.into_iter().flatten().collect();
        assert!(!pages.is_empty() && pages.iter().all(|page| *page == pages[0]), "{pages:?}");
        assert_eq!(world.stripe("checkout/sessions").await.len(), 1);
    }

    async fn two_servers_do_once_what_both_hear_of(db: TestDb) {
        let world = World::with(db, |draft| draft.approval_required = true).await;
        let (_, second) = world.second_server().await;
        for round in 0..4 {
            let booking = world.book().await;
            world.pay(&booking, "card").await;
            world.deliver().await;
            let both = || async {
                let workers = vec![worker(&world.db, &world.payments), worker(&world.db, &second)];
                at_once(workers.into_iter().map(|worker| async move { worker.drain().await.map(drop) }).collect()).await;
                // What was in the other's way is done after its pause.
                for _ in 0..3 {
                    world.pass(1).await;
                    world.work().await;
                }
            };
            both().await;
            assert_eq!(world.stands(&booking).await, (BookingStatus::Pending, PaymentState::Authorized), "{round}");
            if round % 2 == 0 {
                world.server.bookings.confirm(&world.coach, booking.id).await.unwrap();
                both().await;
                world.server.bookings.cancel(world.coach, booking.id, "Ill").await.unwrap();
            } else {
                world.server.bookings.decline(&world.coach, booking.id, "").await.unwrap();
            }
            both().await;
            world.assert_at_rest().await;
            assert_eq!(world.at_stripe().await, 0, "{round}");
        }
    }
}
