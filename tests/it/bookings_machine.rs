//! The state machine: every command at every status, by everyone.

use std::time::Duration;

use wellmet::{
    accounts::{Actor, CoachActor, MenteeActor},
    bookings::{AnswerError, Booking, BookingChange, CancelError, FinishError, Outcome, RescheduleError},
    coaches::SessionType,
    model::{BookingStatus, Instant, Role},
    store::sql,
};

use crate::{
    bookings_world::{MILLI, Server, at},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Confirm,
    Decline,
    Cancel,
    Move,
    Complete,
    NoShow,
    Expire,
}
use Command::{Cancel, Complete, Confirm, Decline, Expire, Move, NoShow};

/// What comes of each command before the session starts, at each status in the order of [`BookingStatus::ALL`]: the
/// status it is changed to, `=` for nothing changed and no error, `x` for the wrong status, `early` for not yet.
const BEFORE: [(Command, [&str; 7]); 7] = [
    //          pending      confirmed    completed no_show declined expired cancelled
    (Confirm, ["confirmed", "=", "x", "x", "x", "x", "x"]),
    (Decline, ["declined", "x", "x", "x", "=", "x", "x"]),
    (Cancel, ["cancelled", "cancelled", "x", "x", "x", "x", "="]),
    (Move, ["pending", "confirmed", "x", "x", "x", "x", "x"]),
    (Complete, ["x", "early", "=", "x", "x", "x", "x"]),
    (NoShow, ["x", "early", "x", "=", "x", "x", "x"]),
    (Expire, ["=", "=", "=", "=", "=", "=", "="]),
];

/// The same once it has started. What is past cannot be called off or moved, and a request nobody answered is over.
const AFTER: [(Command, [&str; 7]); 7] = [
    (Confirm, ["x expired", "=", "x", "x", "x", "x", "x"]),
    (Decline, ["x expired", "x", "x", "x", "=", "x", "x"]),
    (Cancel, ["x expired", "past", "x", "x", "x", "x", "="]),
    (Move, ["x expired", "past", "x", "x", "x", "x", "x"]),
    (Complete, ["x", "completed", "=", "x", "x", "x", "x"]),
    (NoShow, ["x", "no_show", "x", "=", "x", "x", "x"]),
    (Expire, ["expired", "=", "=", "=", "=", "=", "="]),
];

/// Who is in the play.
struct Stage {
    db: TestDb,
    server: Server,
    coach: CoachActor,
    other_coach: CoachActor,
    mentee: MenteeActor,
    asked: SessionType,
    direct: SessionType,
}

impl Stage {
    async fn set(db: TestDb) -> Self {
        let server = Server::of(&db);
        let (coach, other_coach, mentee) = (db.coach("maya").await, db.coach("tom").await, db.mentee("ana").await);
        let asked = server.kind(&coach, |draft| draft.approval_required = true).await;
        let direct = server.kind(&coach, |draft| draft.name = "Direct".to_owned()).await;
        Self { db, server, coach, other_coach, mentee, asked, direct }
    }

    async fn next_start(&self, kind: &SessionType) -> Instant {
        let now = self.db.now();
        *self.server.starts(&self.coach, kind, now + MILLI, 7).await.first().expect("a free time within a week")
    }

    /// A booking that has come to `status`, without its time having passed if that can be.
    async fn booking_at(&self, status: BookingStatus) -> Booking {
        let (bookings, coach) = (&self.server.bookings, &self.coach);
        let kind = if matches!(status, BookingStatus::Completed | BookingStatus::NoShow) { &self.direct } else { &self.asked };
        let start = self.next_start(kind).await;
        let made = self.server.book(&self.mentee, coach, kind, start).await;
        match status {
            BookingStatus::Pending => made,
            BookingStatus::Confirmed => bookings.confirm(coach, made.id).await.unwrap(),
            BookingStatus::Declined => bookings.decline(coach, made.id, "away").await.unwrap(),
            BookingStatus::Cancelled => bookings.cancel(self.mentee, made.id, "").await.unwrap(),
            BookingStatus::Expired => {
                self.db.clock().set(made.answer_by.expect("a time to answer"));
                assert!(bookings.expire_due().await.unwrap() >= 1);
                bookings.booking(self.mentee, made.id).await.unwrap().expect("still there")
            }
            BookingStatus::Completed | BookingStatus::NoShow => {
                self.db.clock().set(made.starts_at);
                let outcome = if status == BookingStatus::NoShow { Outcome::NoShow } else { Outcome::Completed };
                bookings.finish(coach, made.id, outcome).await.unwrap()
            }
        }
    }

    /// What came of it, in the words of the tables.
    async fn play(&self, command: Command, actor: Actor, booking: &Booking) -> String {
        let (bookings, id) = (&self.server.bookings, booking.id);
        let done = match (command, actor) {
            (Confirm, Actor::Coach(coach)) => bookings.confirm(&coach, id).await.map_err(answer_word),
            (Decline, Actor::Coach(coach)) => bookings.decline(&coach, id, "no").await.map_err(answer_word),
            (Complete, Actor::Coach(coach)) => bookings.finish(&coach, id, Outcome::Completed).await.map_err(finish_word),
            (NoShow, Actor::Coach(coach)) => bookings.finish(&coach, id, Outcome::NoShow).await.map_err(finish_word),
            (Cancel, actor) => bookings.cancel(actor, id, "ill").await.map_err(cancel_word),
            (Move, actor) => {
                let to = self.next_start(&self.asked).await;
                bookings.reschedule(actor, id, to, "ill").await.map_err(move_word)
            }
            (Expire, _) => {
                bookings.expire_due().await.unwrap();
                Ok(bookings.booking(self.mentee, id).await.unwrap().expect("still there"))
            }
            _ => unreachable!("no such command for this actor"),
        };
        let stored = bookings.booking(self.mentee, id).await.unwrap().expect("still there");
        match done {
            Ok(after) => {
                assert_eq!(after, stored, "what was answered is what is stored");
                if after == *booking { "=".to_owned() } else { after.status.as_str().to_owned() }
            }
            Err(word) => {
                assert_eq!(stored, *booking, "a refusal changes nothing");
                // The plain wrong status is the one it has.
                if word == format!("x {}", booking.status.as_str()) { "x".to_owned() } else { word }
            }
        }
    }

    async fn events(&self, booking: &Booking) -> i64 {
        let row = sql("SELECT COUNT(*) AS n FROM booking_events WHERE booking_id = $1").bind(booking.id);
        row.one(self.db.store()).await.unwrap().get("n").unwrap()
    }
}

fn answer_word(error: AnswerError) -> String {
    match error {
        AnswerError::NotFound => "nobody".to_owned(),
        AnswerError::WrongStatus(status) => format!("x {}", status.as_str()),
        other => panic!("{other:?}"),
    }
}

fn finish_word(error: FinishError) -> String {
    match error {
        FinishError::NotFound => "nobody".to_owned(),
        FinishError::WrongStatus(status) => format!("x {}", status.as_str()),
        FinishError::NotYet(_) => "early".to_owned(),
        other @ FinishError::Internal(_) => panic!("{other:?}"),
    }
}

fn cancel_word(error: CancelError) -> String {
    match error {
        CancelError::NotFound => "nobody".to_owned(),
        CancelError::WrongStatus(status) => format!("x {}", status.as_str()),
        CancelError::Past => "past".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn move_word(error: RescheduleError) -> String {
    match error {
        RescheduleError::NotFound => "nobody".to_owned(),
        RescheduleError::WrongStatus(status) => format!("x {}", status.as_str()),
        RescheduleError::Past => "past".to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Those who may give the command, and those to whom the booking does not exist.
async fn cast(stage: &Stage, command: Command) -> (Vec<Actor>, Vec<Actor>) {
    let stranger = stage.db.mentee(&format!("stranger{command:?}").to_lowercase()).await;
    let admin = stage.db.admin(&format!("admin{command:?}").to_lowercase()).await;
    let (coach, other): (Actor, Actor) = (stage.coach.into(), stage.other_coach.into());
    match command {
        Confirm | Decline | Complete | NoShow => (vec![coach], vec![other]),
        Cancel | Move => (vec![stage.mentee.into(), coach, admin.into()], vec![stranger.into(), other]),
        Expire => (vec![admin.into()], Vec::new()),
    }
}

/// Every command of `table` at every status by everyone, with its row in the history.
async fn plays_as_written(db: TestDb, table: &[(Command, [&str; 7]); 7], started: bool) {
    let stage = Stage::set(db).await;
    for &(command, outcomes) in table {
        let (parties, strangers) = cast(&stage, command).await;
        for (status, expected) in BookingStatus::ALL.into_iter().zip(outcomes) {
            for actor in &parties {
                let booking = stage.booking_at(status).await;
                if started {
                    stage.db.clock().set(booking.starts_at.max(stage.db.now()));
                }
                let (case, before) = (format!("{command:?} at {status:?} by {actor:?}"), stage.events(&booking).await);
                for stranger in &strangers {
                    assert_eq!(stage.play(command, *stranger, &booking).await, "nobody", "{case}: a stranger");
                }
                assert_eq!(stage.events(&booking).await, before, "{case}: strangers leave no trace");
                // Whoever answers each request has not answered the new time of what a mentee moves.
                let asks_again = (command, expected) == (Move, "confirmed") && matches!(actor, Actor::Mentee(_));
                let expected = if asks_again { "pending" } else { expected };
                assert_eq!(stage.play(command, *actor, &booking).await, expected, "{case}");
                let changed = BookingStatus::ALL.iter().any(|status| status.as_str() == expected);
                assert_eq!(stage.events(&booking).await - before, i64::from(changed), "{case}: rows in the history");
            }
        }
    }
    assert_sound(stage.db.store()).await;
}

/// The tables above and the model's own arrows say the same.
#[test]
fn the_arrows_are_those_of_the_model() {
    for (_, outcomes) in BEFORE.into_iter().chain(AFTER) {
        for (from, word) in BookingStatus::ALL.into_iter().zip(outcomes) {
            if let Ok(to) = word.parse::<BookingStatus>() {
                assert!(from == to || from.may_become(to), "{from:?} -> {to:?}");
            }
        }
    }
}

both_engines! {
    async fn before_the_session(db: TestDb) {
        plays_as_written(db, &BEFORE, false).await;
    }

    async fn once_it_has_started(db: TestDb) {
        plays_as_written(db, &AFTER, true).await;
    }

    async fn notice_counts_to_the_millisecond(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| draft.rules.notice_minutes = 24 * 60).await;
        let asked = server.kind(&coach, |draft| (draft.rules.notice_minutes, draft.approval_required) = (24 * 60, true)).await;
        let limit = at("2026-11-04T10:00:00Z");
        let first = server.book(&mentee, &coach, &kind, at("2026-11-05T10:00:00Z")).await;
        let second = server.book(&mentee, &coach, &kind, at("2026-11-05T11:00:00Z")).await;
        let request = server.book(&mentee, &coach, &asked, at("2026-11-05T09:00:00Z")).await;
        db.clock().set(limit + MILLI);
        for actor in [mentee.into(), Actor::from(coach)] {
            assert_eq!(first.can_cancel(actor, limit), first.can_move(actor, limit));
        }
        assert!(matches!(server.bookings.cancel(mentee, first.id, "").await, Err(CancelError::TooLate(since)) if since == limit));
        let later = at("2026-11-06T10:00:00Z");
        assert!(matches!(server.bookings.reschedule(mentee, first.id, later, "").await, Err(RescheduleError::TooLate(_))));
        assert!(matches!(server.bookings.reschedule(mentee, request.id, later, "").await, Err(RescheduleError::TooLate(_))));
        // A request may be withdrawn inside the notice: nothing was agreed.
        assert_eq!(server.bookings.cancel(mentee, request.id, "").await.unwrap().status, BookingStatus::Cancelled);
        db.clock().set(limit);
        assert_eq!(server.bookings.reschedule(mentee, first.id, later, "").await.unwrap().starts_at, later);
        db.clock().set(second.free_until());
        assert_eq!(server.bookings.cancel(mentee, second.id, "").await.unwrap().status, BookingStatus::Cancelled);
        assert_sound(db.store()).await;
    }

    async fn the_start_is_the_end_of_cancelling(db: TestDb) {
        let (server, coach, mentee, admin) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await, db.admin("root").await);
        let kind = server.kind(&coach, |_| ()).await;
        let start = at("2026-11-03T10:00:00Z");
        let booking = server.book(&mentee, &coach, &kind, start).await;
        db.clock().set(start);
        for actor in [mentee.into(), coach.into(), Actor::from(admin)] {
            assert!(matches!(server.bookings.cancel(actor, booking.id, "late").await, Err(CancelError::Past)));
            assert!(!booking.can_cancel(actor, start) && booking.can_cancel(actor, start - MILLI));
        }
        db.clock().set(start - MILLI);
        assert!(matches!(server.bookings.finish(&coach, booking.id, Outcome::Completed).await, Err(FinishError::NotYet(_))));
        server.bookings.cancel(coach, booking.id, "ill").await.unwrap();
        assert_sound(db.store()).await;
    }

    async fn coaches_and_admins_give_a_reason(db: TestDb) {
        let (server, coach, mentee, admin) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await, db.admin("root").await);
        let kind = server.kind(&coach, |_| ()).await;
        let (start, later) = (at("2026-11-03T10:00:00Z"), at("2026-11-03T12:00:00Z"));
        let id = server.book(&mentee, &coach, &kind, start).await.id;
        for actor in [Actor::from(coach), admin.into()] {
            for blank in ["", " \n\t ", "\u{0}\u{7}"] {
                let refused = server.bookings.cancel(actor, id, blank).await;
                assert!(matches!(refused, Err(CancelError::Invalid(ref errors)) if errors.about("reason").is_some()), "{refused:?}");
                let refused = server.bookings.reschedule(actor, id, later, blank).await;
                assert!(matches!(refused, Err(RescheduleError::Invalid(ref errors)) if errors.about("reason").is_some()), "{refused:?}");
            }
        }
        // Who may not see the booking hears nothing about the form.
        let stranger = db.coach("tom").await;
        assert!(matches!(server.bookings.cancel(stranger, id, "").await, Err(CancelError::NotFound)));
        assert!(matches!(server.bookings.reschedule(stranger, id, later, "").await, Err(RescheduleError::NotFound)));
        server.bookings.reschedule(mentee, id, later, "").await.unwrap();
        db.clock().advance(Duration::from_secs(1));
        server.bookings.cancel(admin, id, " coach is ill ").await.unwrap();
        let history = server.bookings.history(mentee, id).await.unwrap();
        let told: Vec<_> = history.iter().map(|event| (event.change, event.role, event.why.as_str())).collect();
        assert!(told.contains(&(BookingChange::Booked, Some(Role::Mentee), "")));
        assert!(told.contains(&(BookingChange::Moved, Some(Role::Mentee), "")));
        assert_eq!(told.last(), Some(&(BookingChange::Cancelled, Some(Role::Admin), "coach is ill")));
        assert!(server.bookings.history(stranger, id).await.unwrap().is_empty());
        assert_sound(db.store()).await;
    }

    async fn a_moved_request_keeps_its_three_days(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| draft.approval_required = true).await;
        let (made, soon, later) = (db.now(), at("2026-11-03T10:00:00Z"), at("2026-11-09T10:00:00Z"));
        let request = server.book(&mentee, &coach, &kind, soon).await;
        assert_eq!(request.answer_by, Some(soon));
        let moved = server.bookings.reschedule(mentee, request.id, later, "").await.unwrap();
        assert_eq!(moved.answer_by, Some(made.plus_minutes(3 * 24 * 60)));
        db.clock().set(soon);
        assert_eq!(server.bookings.expire_due().await.unwrap(), 0);
        let back = server.bookings.reschedule(mentee, request.id, at("2026-11-03T12:00:00Z"), "").await.unwrap();
        assert_eq!(back.answer_by, Some(back.starts_at));
        assert_sound(db.store()).await;
    }

    async fn what_a_mentee_moves_waits_for_the_coach_again(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |draft| draft.approval_required = true).await;
        let direct = server.kind(&coach, |draft| draft.name = "Direct".to_owned()).await;
        let id = server.book(&mentee, &coach, &kind, at("2026-11-09T10:00:00Z")).await.id;
        server.bookings.confirm(&coach, id).await.unwrap();
        // Long after it was made, so that three days from then are over.
        db.clock().set(at("2026-11-06T10:00:00Z"));
        let moved = server.bookings.reschedule(mentee, id, at("2026-11-11T10:00:00Z"), "").await.unwrap();
        assert_eq!((moved.status, moved.answer_by), (BookingStatus::Pending, Some(at("2026-11-09T10:00:00Z"))));
        assert_eq!(server.bookings.booking(mentee, id).await.unwrap(), Some(moved.clone()));
        let again = server.bookings.reschedule(mentee, id, at("2026-11-12T10:00:00Z"), "").await.unwrap();
        assert_eq!(again.answer_by, moved.answer_by, "another move gives no more time");
        let starts = server.starts(&coach, &kind, at("2026-11-09T00:00:00Z"), 1).await;
        assert!(starts.contains(&at("2026-11-09T10:00:00Z")), "the old time is free");
        assert_eq!(server.bookings.confirm(&coach, id).await.unwrap().status, BookingStatus::Confirmed);
        // Where nobody answers requests nothing is asked.
        let other = server.book(&mentee, &coach, &direct, at("2026-11-09T10:00:00Z")).await.id;
        let other = server.bookings.reschedule(mentee, other, at("2026-11-09T12:00:00Z"), "").await.unwrap();
        assert_eq!((other.status, other.answer_by), (BookingStatus::Confirmed, None));
        assert_sound(db.store()).await;
    }
}
