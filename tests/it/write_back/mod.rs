//! A booking is one event in the coach's calendar, whatever breaks.

pub(crate) mod fake;
mod kills;
mod world;

use std::time::Duration;

use wellmet::{
    integrations::{
        outcome::CallError,
        write_back::{Drift, DriftAnswer, InCalendar},
    },
    model::PlaceKind,
};

use crate::support::{TestDb, both_engines};
use fake::Fault;
use world::World;

both_engines! {
    async fn an_event_is_made_moves_in_place_and_goes(db: TestDb) {
        let world = World::new(&db).await;
        let booking = world.book(10).await;
        assert!(matches!(world.view(&booking).await, InCalendar::NotYet { problem: None, .. }));
        world.work().await;
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
        assert_eq!(world.view(&booking).await, InCalendar::Written);
        let moved = world.move_to(&booking, 14).await;
        assert!(matches!(world.view(&moved).await, InCalendar::NotYet { .. }));
        world.work().await;
        assert_eq!(world.calendar.times(), [(moved.starts_at, moved.ends_at)]);
        assert_eq!(world.calendar.world().made, 1, "in place");
        world.cancel(&moved).await;
        world.work().await;
        assert!(world.calendar.times().is_empty());
        let calls = world.calendar.world().calls;
        world.work().await;
        assert_eq!(world.calendar.world().calls, calls, "nothing is left to do");
    }

    async fn what_overtakes_the_calendar_is_written_once_as_it_is_in_the_end(db: TestDb) {
        let world = World::new(&db).await;
        let booking = world.book(10).await;
        let booking = world.move_to(&booking, 14).await;
        let booking = world.move_to(&booking, 13).await;
        world.work().await;
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
        let other = world.book(10).await;
        world.cancel(&other).await;
        world.work().await;
        assert_eq!(world.calendar.times().len(), 1, "what was cancelled before it was written is never written");
    }

    async fn a_calendar_that_is_down_for_hours_gets_everything(db: TestDb) {
        let world = World::new(&db).await;
        world.calendar.world().always = Some(Fault::Before(CallError::ProviderDown(503)));
        let (first, second) = (world.book(10).await, world.book(12).await);
        for _ in 0..6 {
            world.work().await;
            db.clock().advance(Duration::from_hours(1));
        }
        assert!(matches!(world.view(&first).await, InCalendar::NotYet { problem: Some(_), given_up: false, .. }));
        world.cancel(&second).await;
        world.calendar.world().always = None;
        db.clock().advance(Duration::from_hours(2));
        world.work().await;
        assert_eq!(world.calendar.times(), [(first.starts_at, first.ends_at)]);
        assert_eq!(world.calendar.world().most, 1);
    }

    async fn lost_answers_make_no_second_event(db: TestDb) {
        let world = World::new(&db).await;
        let lost = || Fault::After(CallError::Unreachable);
        world.calendar.world().faults.extend([lost(), lost(), lost()]);
        let booking = world.book(10).await;
        world.work_for(10).await;
        assert_eq!(world.calendar.world().made, 1);
        world.calendar.world().faults.extend([lost(), lost()]);
        let booking = world.move_to(&booking, 14).await;
        world.work_for(10).await;
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
        world.calendar.world().faults.extend([lost(), lost()]);
        world.cancel(&booking).await;
        world.work_for(10).await;
        assert!(world.calendar.times().is_empty());
        assert_eq!(world.calendar.made_and_most(), (1, 1));
    }

    async fn a_provider_that_asks_for_patience_gets_it_for_all_of_the_coachs_events(db: TestDb) {
        let world = World::new(&db).await;
        for hour in [9, 11, 13, 15] {
            world.book(hour).await;
        }
        world.calendar.world().always = Some(Fault::Before(CallError::RateLimited(Some(Duration::from_mins(5)))));
        world.work().await;
        let asked = world.calendar.world().calls;
        assert!(asked <= 4, "{asked} calls");
        db.clock().advance(Duration::from_mins(4));
        world.work().await;
        assert_eq!(world.calendar.world().calls, asked);
        world.calendar.world().always = None;
        db.clock().advance(Duration::from_mins(2));
        world.work().await;
        assert_eq!(world.calendar.times().len(), 4);
    }

    async fn a_deleted_event_is_a_hint_and_the_booking_stands(db: TestDb) {
        let world = World::new(&db).await;
        let booking = world.book(10).await;
        world.work().await;
        world.calendar.coach_deletes();
        db.clock().advance(Duration::from_mins(31));
        world.work().await;
        let asked = world.write_back.drifted(&world.coach).await.unwrap();
        assert_eq!((asked.len(), asked[0].booking, asked[0].drift), (1, booking.id, Drift::Deleted));
        assert!(world.booking(&booking).await.status.is_live());
        assert!(world.write_back.answer_drift(&world.coach, booking.id, DriftAnswer::PutBack).await.unwrap());
        world.work().await;
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
        assert!(world.write_back.drifted(&world.coach).await.unwrap().is_empty());
        assert!(!world.write_back.answer_drift(&world.coach, booking.id, DriftAnswer::Leave).await.unwrap(), "nothing is asked any more");
        // Left alone it stays away, until the session itself moves.
        world.calendar.coach_deletes();
        db.clock().advance(Duration::from_mins(31));
        world.work().await;
        assert!(world.write_back.answer_drift(&world.coach, booking.id, DriftAnswer::Leave).await.unwrap());
        db.clock().advance(Duration::from_hours(8));
        world.work().await;
        assert!(world.calendar.times().is_empty());
    }

    async fn a_moved_event_is_a_hint_and_may_be_put_back_or_left(db: TestDb) {
        let world = World::new(&db).await;
        let booking = world.book(10).await;
        world.work().await;
        world.calendar.coach_moves(60);
        db.clock().advance(Duration::from_mins(31));
        world.work().await;
        let (start, end) = (booking.starts_at.plus_minutes(60), booking.ends_at.plus_minutes(60));
        assert_eq!(world.write_back.drift(&world.coach, booking.id).await.unwrap().unwrap().drift, Drift::Moved(start, end));
        assert_eq!(world.booking(&booking).await.starts_at, booking.starts_at);
        assert!(world.write_back.answer_drift(&world.coach, booking.id, DriftAnswer::PutBack).await.unwrap());
        world.work().await;
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
        world.calendar.coach_moves(60);
        db.clock().advance(Duration::from_mins(31));
        world.work().await;
        assert!(world.write_back.answer_drift(&world.coach, booking.id, DriftAnswer::Leave).await.unwrap());
        db.clock().advance(Duration::from_mins(31));
        world.work().await;
        assert_eq!(world.calendar.times(), [(start, end)]);
        assert!(world.write_back.drifted(&world.coach).await.unwrap().is_empty());
        // The session itself is moved to where the event is: the event is its own, and not in its way.
        let moved = world.move_to(&booking, 11).await;
        world.work().await;
        assert_eq!(world.calendar.times(), [(moved.starts_at, moved.ends_at)]);
        assert_eq!(world.calendar.world().made, 1);
    }

    async fn the_providers_link_is_waited_for_and_stays(db: TestDb) {
        let world = World::new(&db).await;
        world.meet_at(PlaceKind::Provider).await;
        world.calendar.world().link_at_look = Some(2);
        let booking = world.book(10).await;
        assert!(booking.awaits_link());
        world.work_for(1).await;
        let link = world.booking(&booking).await.meeting_link().expect("a link");
        assert!(link.starts_with("https://meet.example.org/"), "{link}");
        let moved = world.move_to(&booking, 14).await;
        world.work_for(1).await;
        assert_eq!(world.booking(&moved).await.meeting_link(), Some(link));
    }

    async fn who_makes_no_link_gets_a_room(db: TestDb) {
        let world = World::new(&db).await;
        world.meet_at(PlaceKind::Provider).await;
        let booking = world.book(10).await;
        world.work().await;
        let link = world.booking(&booking).await.meeting_link().expect("a link");
        assert!(link.starts_with("https://meet.jit.si/wellmet-"), "{link}");
        world.no_calendar().await;
        let other = world.book(12).await;
        world.work().await;
        let other = world.booking(&other).await.meeting_link().expect("a link without any calendar");
        assert!(other.starts_with("https://meet.jit.si/wellmet-") && other != link, "{other}");
    }

    async fn an_event_in_the_calendar_is_not_in_its_own_bookings_way(db: TestDb) {
        let world = World::new(&db).await;
        let booking = world.book(10).await;
        world.work().await;
        world.busy_where_written().await;
        assert!(world.try_book(10).await.is_err(), "busy for others");
        let moved = world.move_by_minutes(&booking, 30).await;
        assert_eq!(moved.starts_at, booking.starts_at.plus_minutes(30));
    }

    async fn choosing_a_calendar_later_writes_what_is_to_come(db: TestDb) {
        let world = World::new(&db).await;
        world.no_calendar().await;
        let booking = world.book(10).await;
        world.work().await;
        assert!(world.calendar.times().is_empty());
        assert_eq!(world.view(&booking).await, InCalendar::NotWanted);
        world.choose_calendar().await;
        world.work().await;
        assert_eq!(world.calendar.times(), [(booking.starts_at, booking.ends_at)]);
    }
}
