//! Live pages: whoever looks is told of a change on any server, of nothing else, and not for ever.

use std::time::Duration;

use tokio::time::timeout;
use wellmet::{
    coaches::SessionType,
    notices::{Live, LiveError, LiveSettings, Looking, Topic},
};

use crate::{
    bookings_world::{Server, at},
    support::{TestDb, both_engines},
};

/// Asks often, so that tests are quick.
const QUICK: LiveSettings = LiveSettings { look_every: Duration::from_millis(20), most: 100, each: 50 };

async fn told(looking: &mut Looking) -> bool {
    timeout(Duration::from_secs(5), looking.changed()).await.is_ok_and(|mark| mark.is_some())
}

/// Nothing for a dozen rounds.
async fn silent(looking: &mut Looking) -> bool {
    timeout(QUICK.look_every * 12, looking.changed()).await.is_err()
}

async fn kind(server: &Server, coach: &wellmet::accounts::CoachActor) -> SessionType {
    server.kind(coach, |draft| draft.name = "live".to_owned()).await
}

both_engines! {
    async fn a_change_on_another_server_is_told_and_nothing_else(db: TestDb) {
        let (coach, other, mentee, friend) = (db.coach("cora").await, db.coach("otto").await, db.mentee("mia").await, db.mentee("fred").await);
        let (here, there) = (Live::new(db.deps(), QUICK), Server::another(&db).await);
        let kind = kind(&there, &coach).await;
        let mut looks = Vec::new();
        for topic in [Topic::Coach(coach.id()), Topic::Mentee(mentee.id()), Topic::Coach(other.id()), Topic::Mentee(friend.id())] {
            looks.push(here.look(topic, "a").await.unwrap());
        }
        for look in &mut looks {
            assert!(silent(look).await, "nothing has changed");
        }
        let booking = there.book(&mentee, &coach, &kind, at("2026-11-03T10:00:00Z")).await;
        assert!(told(&mut looks[0]).await && told(&mut looks[1]).await);
        // Holding and booking may be told one after the other.
        while !silent(&mut looks[0]).await {}
        db.clock().advance(Duration::from_secs(1));
        there.bookings.cancel(coach, booking.id, "ill").await.unwrap();
        assert!(told(&mut looks[0]).await && told(&mut looks[1]).await);
        there.coaches.update_session_type(&coach, kind.id, wellmet::model::SessionTypeDraft::first()).await.unwrap();
        assert!(told(&mut looks[0]).await && silent(&mut looks[0]).await);
        assert!(silent(&mut looks[1]).await, "that is none of the mentee's bookings");
        assert!(silent(&mut looks[2]).await && silent(&mut looks[3]).await, "these are other people");
    }

    async fn a_hold_that_ends_by_itself_is_a_change(db: TestDb) {
        let (coach, server) = (db.coach("cora").await, Server::of(&db));
        let kind = kind(&server, &coach).await;
        server.hold(&coach, &kind, at("2026-11-03T10:00:00Z")).await.unwrap();
        let live = Live::new(db.deps(), QUICK);
        let mut look = live.look(Topic::Coach(coach.id()), "a").await.unwrap();
        db.clock().advance(Duration::from_mins(5));
        assert!(silent(&mut look).await);
        db.clock().advance(Duration::from_mins(6));
        assert!(told(&mut look).await && silent(&mut look).await);
    }

    async fn a_mark_from_before_the_change_differs(db: TestDb) {
        let (coach, mentee, server) = (db.coach("cora").await, db.mentee("mia").await, Server::of(&db));
        let live = Live::new(db.deps(), QUICK);
        let topics = [Topic::Coach(coach.id()), Topic::Mentee(mentee.id())];
        let kind = kind(&server, &coach).await;
        for topic in topics {
            let before = live.mark(topic).await.unwrap().unwrap();
            assert_eq!(live.look(topic, "a").await.unwrap().last(), &before);
            server.book(&mentee, &coach, &kind, server.starts(&coach, &kind, db.now(), 5).await[0]).await;
            assert_ne!(live.look(topic, "a").await.unwrap().last(), &before);
        }
        // A mentee is no coach, and nobody is nobody.
        assert_eq!(live.mark(Topic::Coach(mentee.id())).await.unwrap(), None);
        assert!(matches!(live.look(Topic::Coach(mentee.id()), "a").await, Err(LiveError::NotFound)));
        assert_eq!(live.looking(), 0);
    }

    async fn places_are_bounded_and_a_stopping_server_lets_everyone_go(db: TestDb) {
        let coach = db.coach("cora").await;
        let live = Live::new(db.deps(), LiveSettings { most: 3, each: 2, ..QUICK });
        let topic = Topic::Coach(coach.id());
        let mut looks = vec![live.look(topic, "a").await.unwrap(), live.look(topic, "a").await.unwrap()];
        assert!(matches!(live.look(topic, "a").await, Err(LiveError::TooManyHere)));
        looks.push(live.look(topic, "b").await.unwrap());
        assert!(matches!(live.look(topic, "c").await, Err(LiveError::Full)));
        drop(looks.pop());
        looks.push(live.look(topic, "c").await.unwrap());
        live.close();
        for look in &mut looks {
            assert_eq!(timeout(Duration::from_secs(5), look.changed()).await, Ok(None));
        }
        drop(looks);
        assert!(matches!(live.look(topic, "c").await, Err(LiveError::Full)));
    }
}
