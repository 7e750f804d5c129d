//! Random commands, one after the other, against the model: after each the same answer and the same rows.

use std::{collections::BTreeMap, time::Duration};

use wellmet::{
    accounts::{Actor, CoachActor, MenteeActor},
    bookings::{AnswerError, BookError, BookRequest, CancelError, FinishError, HoldError, Outcome, RescheduleError},
    coaches::SessionType,
    model::{BookingId, BookingStatus, Instant},
    store::sql,
    time::Secret,
};

use crate::{
    bookings_model::{Kind, Model, Says, Who},
    bookings_world::{Dice, MILLI, Server, wish},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

const STEPS: usize = 220;

struct Walk {
    db: TestDb,
    servers: [Server; 2],
    coach: CoachActor,
    stranger_coach: CoachActor,
    mentee: MenteeActor,
    stranger: MenteeActor,
    kinds: Vec<SessionType>,
    secrets: Vec<Secret>,
    ids: Vec<BookingId>,
    model: Model,
    dice: Dice,
}

impl Walk {
    async fn begin(db: TestDb, seed: u64) -> Self {
        let servers = [Server::of(&db), Server::another(&db).await];
        let coach = db.coach("maya").await;
        let mut kinds = Vec::new();
        for (minutes, step, buffers, notice, days, cap, asks) in [
            (60, 60, (0, 0), 0, 9, None, false),
            (45, 15, (10, 5), 120, 9, None, true),
            (30, 30, (0, 15), 0, 5, Some(2), false),
            (90, 20, (0, 0), 0, 9, None, true),
        ] {
            let made = servers[0].kind(&coach, |draft| {
                let rules = &mut draft.rules;
                (rules.duration_minutes, rules.step_minutes, rules.notice_minutes, rules.horizon_days) = (minutes, step, notice, days);
                (rules.buffer_before_minutes, rules.buffer_after_minutes) = buffers;
                (rules.daily_cap, draft.approval_required) = (cap, asks);
            });
            kinds.push(made.await);
        }
        let plain = kinds.iter().map(|kind| Kind { rules: kind.rules, asks: kind.approval_required }).collect();
        let (stranger_coach, mentee, stranger) = (db.coach("tom").await, db.mentee("ana").await, db.mentee("eve").await);
        let model = Model::new(db.now(), plain);
        let (secrets, ids, dice) = (Vec::new(), Vec::new(), Dice::new(seed));
        Self { db, servers, coach, stranger_coach, mentee, stranger, kinds, secrets, ids, model, dice }
    }

    /// One command on both sides. Gives what was done and the two answers.
    async fn step(&mut self) -> (String, Says, Says) {
        match self.dice.roll(20) {
            0..4 => self.hold().await,
            4..8 => self.book().await,
            8 => self.release().await,
            9..11 => self.answer().await,
            11..13 => self.cancel().await,
            13..16 => self.reschedule().await,
            16 => self.finish().await,
            17 => self.sweep().await,
            _ => self.wait(),
        }
    }

    fn server(&mut self) -> Server {
        self.dice.pick(&self.servers).clone()
    }

    /// Some start: mostly on a grid, sometimes in the night, at the weekend, past or off by a little.
    fn start(&mut self) -> i64 {
        let day = self.model.now.div_euclid(86_400_000) + [0, 1, 1, 1, 2, 2, 3, 4, 6, 10][self.dice.roll(10)];
        let minute = [10, 15, 20, 30, 60][self.dice.roll(5)] * i64::try_from(self.dice.roll(60)).expect("small") % 600 + 420;
        day * 86_400_000 + minute * 60_000 + i64::from(self.dice.roll(30) == 0)
    }

    fn who(&mut self) -> Who {
        [Who::Mentee, Who::Mentee, Who::Coach, Who::Coach, Who::Stranger][self.dice.roll(5)]
    }

    fn actor(&self, who: Who) -> Actor {
        match who {
            Who::Mentee => self.mentee.into(),
            Who::Coach => self.coach.into(),
            Who::Stranger => self.stranger.into(),
        }
    }

    async fn hold(&mut self) -> (String, Says, Says) {
        let (server, kind, start) = (self.server(), self.dice.roll(self.kinds.len()), self.start());
        let previous = (!self.secrets.is_empty() && self.dice.roll(2) == 0).then(|| self.dice.roll(self.secrets.len()));
        let secret = previous.map(|hold| self.secrets[hold].clone());
        let done = server.bookings.hold(wish(&self.coach, &self.kinds[kind], Instant::from_millis(start)), secret.as_ref()).await;
        let done = done.map(|(secret, _)| self.secrets.push(secret)).map_err(|error| match error {
            HoldError::Unavailable(why) => why.refusal.code().to_owned(),
            other => format!("{other:?}"),
        });
        (format!("hold {kind} {start} previous {previous:?}"), done, self.model.hold(kind, start, previous))
    }

    async fn book(&mut self) -> (String, Says, Says) {
        if self.secrets.is_empty() {
            return self.wait();
        }
        let server = self.server();
        // Mostly the last hold, as people do.
        let hold = if self.dice.roll(3) == 0 { self.dice.roll(self.secrets.len()) } else { self.secrets.len() - 1 };
        let start = (self.dice.roll(4) == 0).then(|| self.start());
        // Somebody else with the secret of a form that was sent already.
        let again = self.model.holds[hold].booked.is_some();
        let who = if again && self.dice.roll(3) == 0 { Who::Stranger } else { Who::Mentee };
        let mentee = if who == Who::Mentee { self.mentee } else { self.stranger };
        let request = BookRequest { start: start.map(Instant::from_millis), ..BookRequest::default() };
        let done = server.bookings.book(&mentee, &self.secrets[hold], request).await;
        let expected = self.model.book(hold, start, who);
        let done = done.map(|booking| booking.id).map_err(|error| match error {
            BookError::NotFound => "nobody".to_owned(),
            BookError::Unavailable(why) => why.refusal.code().to_owned(),
            other => format!("{other:?}"),
        });
        if let (Ok(id), Ok(place)) = (&done, &expected) {
            if *place == self.ids.len() {
                self.ids.push(*id);
            }
            assert_eq!(*id, self.ids[*place], "the first booking again");
        }
        (format!("book {hold} at {start:?} by {who:?}"), done.map(drop), expected.map(drop))
    }

    async fn release(&mut self) -> (String, Says, Says) {
        if self.secrets.is_empty() {
            return self.wait();
        }
        let (server, hold) = (self.server(), self.dice.roll(self.secrets.len()));
        server.bookings.release(&self.secrets[hold]).await.unwrap();
        self.model.release(hold);
        (format!("release {hold}"), Ok(()), Ok(()))
    }

    async fn answer(&mut self) -> (String, Says, Says) {
        let Some((server, id)) = self.some_booking() else { return self.wait() };
        let coach = if self.dice.roll(6) == 0 { self.stranger_coach } else { self.coach };
        let who = if coach == self.coach { Who::Coach } else { Who::Stranger };
        let (to, done) = if self.dice.roll(3) == 0 {
            (BookingStatus::Declined, server.bookings.decline(&coach, self.ids[id], "no").await)
        } else {
            (BookingStatus::Confirmed, server.bookings.confirm(&coach, self.ids[id]).await)
        };
        let done = done.map(drop).map_err(|error| match error {
            AnswerError::NotFound => "nobody".to_owned(),
            AnswerError::WrongStatus(status) => format!("x {}", status.as_str()),
            other => format!("{other:?}"),
        });
        (format!("answer {id} {to:?} by {who:?}"), done, self.model.answer(id, who, to))
    }

    async fn cancel(&mut self) -> (String, Says, Says) {
        let Some((server, id)) = self.some_booking() else { return self.wait() };
        let who = self.who();
        let done = server.bookings.cancel(self.actor(who), self.ids[id], "off").await;
        let done = done.map(drop).map_err(|error| match error {
            CancelError::NotFound => "nobody".to_owned(),
            CancelError::WrongStatus(status) => format!("x {}", status.as_str()),
            CancelError::Past => "past".to_owned(),
            CancelError::TooLate(_) => "too late".to_owned(),
            other => format!("{other:?}"),
        });
        (format!("cancel {id} by {who:?}"), done, self.model.cancel(id, who))
    }

    async fn reschedule(&mut self) -> (String, Says, Says) {
        let Some((server, id)) = self.some_booking() else { return self.wait() };
        let (who, start) = (self.who(), self.start());
        let done = server.bookings.reschedule(self.actor(who), self.ids[id], Instant::from_millis(start), "moved").await;
        let done = done.map(drop).map_err(|error| match error {
            RescheduleError::NotFound => "nobody".to_owned(),
            RescheduleError::WrongStatus(status) => format!("x {}", status.as_str()),
            RescheduleError::Past => "past".to_owned(),
            RescheduleError::TooLate(_) => "too late".to_owned(),
            RescheduleError::Unavailable(why) => why.refusal.code().to_owned(),
            other => format!("{other:?}"),
        });
        (format!("move {id} to {start} by {who:?}"), done, self.model.reschedule(id, who, start))
    }

    async fn finish(&mut self) -> (String, Says, Says) {
        let Some((server, id)) = self.some_booking() else { return self.wait() };
        let (outcome, to) = [(Outcome::Completed, BookingStatus::Completed), (Outcome::NoShow, BookingStatus::NoShow)][self.dice.roll(2)];
        let done = server.bookings.finish(&self.coach, self.ids[id], outcome).await;
        let done = done.map(drop).map_err(|error| match error {
            FinishError::NotFound => "nobody".to_owned(),
            FinishError::WrongStatus(status) => format!("x {}", status.as_str()),
            FinishError::NotYet(_) => "early".to_owned(),
            other @ FinishError::Internal(_) => format!("{other:?}"),
        });
        (format!("finish {id} {to:?}"), done, self.model.finish(id, Who::Coach, to))
    }

    async fn sweep(&mut self) -> (String, Says, Says) {
        let server = self.server();
        let (ended, gone) = (server.bookings.expire_due().await.unwrap(), server.bookings.forget_old_holds().await.unwrap());
        let expected = (self.model.expire(), self.model.forget());
        assert_eq!((ended, gone), expected);
        ("sweep".to_owned(), Ok(()), Ok(()))
    }

    fn wait(&mut self) -> (String, Says, Says) {
        let by = [MILLI, Duration::from_mins(1), Duration::from_mins(10), Duration::from_hours(1), Duration::from_hours(9)];
        let by = *self.dice.pick(&by);
        self.db.clock().advance(by);
        self.model.now = self.db.now().millis();
        (format!("wait {by:?}"), Ok(()), Ok(()))
    }

    fn some_booking(&mut self) -> Option<(Server, usize)> {
        let last = self.ids.len().checked_sub(1)?;
        let id = if self.dice.roll(2) == 0 { last.saturating_sub(self.dice.roll(4)) } else { self.dice.roll(last + 1) };
        Some((self.server(), id))
    }

    /// The rows are those of the model.
    async fn compare(&self, after: &str) {
        let rows = sql("SELECT id, status, starts_at, sequence, answer_by FROM bookings").all(self.db.store()).await.unwrap();
        let rows: BTreeMap<BookingId, (String, i64, i64, Option<i64>)> = rows
            .iter()
            .map(|row| {
                let stored = (row.get("status"), row.get("starts_at"), row.get("sequence"), row.get("answer_by"));
                (row.get("id").unwrap(), (stored.0.unwrap(), stored.1.unwrap(), stored.2.unwrap(), stored.3.unwrap()))
            })
            .collect();
        let model = self.ids.iter().zip(&self.model.bookings);
        let model = model.map(|(id, made)| (*id, (made.status.as_str().to_owned(), made.start, made.moves, made.answer_by))).collect();
        assert_eq!(rows, model, "{after}");
        let claims = sql("SELECT starts_at, ends_at, kind FROM claims WHERE expires_at IS NULL OR expires_at > $1");
        let claims = claims.bind(self.db.now()).all(self.db.store()).await.unwrap();
        let mut claims: Vec<(i64, i64, bool)> = claims
            .iter()
            .map(|row| (row.get("starts_at").unwrap(), row.get("ends_at").unwrap(), row.get::<String>("kind").unwrap() == "hold"))
            .collect();
        claims.sort_unstable();
        assert_eq!(claims, self.model.taken(), "{after}");
    }
}

async fn walk(db: TestDb, seed: u64) {
    let mut walk = Walk::begin(db, seed).await;
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    for step in 0..STEPS {
        let (what, done, expected) = walk.step().await;
        let line = format!("seed {seed}, step {step}: {what}");
        assert_eq!(done, expected, "{line}");
        walk.compare(&line).await;
        let word = format!("{} {}", what.split(' ').next().unwrap_or_default(), done.err().unwrap_or_default());
        *tally.entry(word).or_default() += 1;
    }
    for needed in ["hold ", "hold taken", "book ", "move ", "cancel ", "answer "] {
        assert!(tally.contains_key(needed), "seed {seed} never saw {needed:?}: {tally:?}");
    }
    assert_sound(walk.db.store()).await;
}

both_engines! {
    async fn the_rows_are_those_of_the_model(db: TestDb) {
        walk(db, 1).await;
    }

    async fn and_with_other_dice(db: TestDb) {
        walk(db, 2).await;
    }
}
