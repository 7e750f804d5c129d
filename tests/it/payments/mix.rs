//! Anything in any order: what people do, what gets lost on the way, what fails; then peace, and everything has to agree.

use serde_json::json;
use wellmet::{
    bookings::{Booking, Outcome},
    coaches::SessionType,
    model::Instant,
};

use super::{
    kills::killed_after,
    world::{World, worker},
};
use crate::{
    bookings_world::{Dice, Passing, Server},
    support::{TestDb, both_engines},
};

const STEPS: usize = 60;
const SEEDS: [u64; 6] = [1, 7, 42, 1971, 20_261_120, 4_294_967_291];

/// Everything that a run has made so far.
struct Mix<'w> {
    world: &'w World,
    dice: Dice,
    kinds: [SessionType; 2],
    bookings: Vec<Booking>,
    second: (Server, wellmet::payments::Payments),
}

impl Mix<'_> {
    fn any(&mut self) -> Option<Booking> {
        if self.bookings.is_empty() { None } else { Some(self.bookings[self.dice.roll(self.bookings.len())].clone()) }
    }

    async fn book(&mut self) {
        let kind = self.kinds[self.dice.roll(2)].clone();
        let World { server, coach, mentee, db, .. } = self.world;
        let starts: Vec<Instant> = server.starts(coach, &kind, db.now(), 10).await;
        let start = starts[self.dice.roll(starts.len().min(6))];
        // Whoever was killed in the middle may still hold the coach for a moment.
        for _ in 0..5 {
            match server.try_book(mentee, coach, &kind, start).await {
                Ok(booking) => return self.bookings.push(booking),
                Err(error) if error.passing() => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    async fn pay(&mut self) {
        let Some(booking) = self.any() else { return };
        let Ok(url) = self.world.payments.begin(&self.world.mentee, booking.id).await else { return };
        let with = ["card", "card", "card", "declined_card", "debit", "failing_debit"][self.dice.roll(6)];
        // A page that is over takes nothing: then nothing happens.
        let _refused = self.world.try_pay_on(url.rsplit('/').next().expect("an id"), with).await;
    }

    async fn change(&mut self) {
        let Some(booking) = self.any() else { return };
        let World { server, coach, mentee, .. } = self.world;
        // Most are refused, as they should be: it is not the time for them.
        match self.dice.roll(6) {
            0 => drop(server.bookings.cancel(*mentee, booking.id, "").await),
            1 => drop(server.bookings.cancel(*coach, booking.id, "Ill").await),
            2 | 3 => drop(server.bookings.confirm(coach, booking.id).await),
            4 => drop(server.bookings.decline(coach, booking.id, "").await),
            _ => drop(server.bookings.finish(coach, booking.id, Outcome::NoShow).await),
        }
    }

    async fn step(&mut self) {
        let world = self.world;
        match self.dice.roll(14) {
            0 | 1 => self.book().await,
            2..=4 => self.pay().await,
            5 | 6 => self.change().await,
            7 => {
                let how = json!({ "lose": self.dice.roll(4), "copies": self.dice.roll(3), "reversed": self.dice.roll(2) == 1 });
                world.post(how).await;
                world.deliver().await;
            }
            8 => world.work().await,
            9 => drop(killed_after(world.worker().drain(), u32::try_from(self.dice.roll(80)).expect("it fits")).await),
            10 => drop(worker(&world.db, &self.second.1).drain().await.expect("the work is done")),
            11 => world.pass(i64::try_from(1 + self.dice.roll(20)).expect("it fits")).await,
            12 => drop(world.server.bookings.expire_due().await.expect("requests end")),
            _ => {
                let refunds = ["usual", "pending_then_succeeded", "pending_then_failed", "succeeded_then_failed"][self.dice.roll(4)];
                let error = [json!(null), json!("before_work"), json!("after_work")][self.dice.roll(3)].clone();
                world.switch(json!({ "refunds": refunds, "internal_error": error })).await;
            }
        }
    }

    /// Nobody does anything any more, and nothing fails.
    async fn peace(&self) {
        let world = self.world;
        world.switch(json!({ "refunds": "usual", "internal_error": null })).await;
        world.post(json!({ "lose": 0, "copies": 0, "reversed": false })).await;
        for _ in 0..6 {
            world.pass(15).await;
            world.deliver().await;
            world.work().await;
        }
        world.pass(4 * 24 * 60).await;
        world.server.bookings.expire_due().await.expect("requests end");
        for _ in 0..8 {
            world.deliver().await;
            world.work().await;
            world.pass(61).await;
        }
    }
}

both_engines! {
    async fn whatever_happens_it_agrees_in_the_end(db: TestDb) {
        let world = World::on(db).await;
        let asks = world.server.kind(&world.coach, |draft| {
            draft.name = "Deep dive".to_owned();
            (draft.price.minor, draft.approval_required, draft.refund.late_refund_percent, draft.refund.no_show_percent) = (4711, true, 33, 66);
            draft.rules.notice_minutes = 12 * 60;
        }).await;
        for seed in SEEDS {
            let kinds = [world.kind.clone(), asks.clone()];
            let mut mix = Mix { world: &world, dice: Dice::new(seed), kinds, bookings: Vec::new(), second: world.second_server().await };
            for _ in 0..STEPS {
                mix.step().await;
            }
            mix.peace().await;
            println!("seed {seed}: {} bookings", mix.bookings.len());
            world.assert_at_rest().await;
            let left = "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'payment' AND state IN ('waiting', 'dead')";
            assert_eq!(world.db.count(left).await, 0, "seed {seed}");
        }
        let paid = world.db.count("SELECT COUNT(*) AS n FROM ledger_entries WHERE kind IN ('charge', 'capture')").await;
        let back = world.db.count("SELECT COUNT(*) AS n FROM ledger_entries WHERE kind = 'refund'").await;
        let released = world.db.count("SELECT COUNT(*) AS n FROM ledger_entries WHERE kind = 'release'").await;
        assert!(paid > 5 && back > 2 && released > 2, "too little happened: {paid} {back} {released}");
    }
}
