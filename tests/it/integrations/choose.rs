//! Which calendars count, which one receives bookings, and what is wanted when it is not known.

use serde_json::json;
use wellmet::integrations::{
    Choice, ChooseError, PolicyError, ProviderKind, Start,
    health::{Health, HealthReason},
    standing::UnknownPolicy,
};

use super::world::{Decision, World};
use crate::support::{TestDb, both_engines};

const KIND: ProviderKind = ProviderKind::Google;
const CLAIMS: &str = "SELECT MAX(claims_revision) AS n FROM coaches";

both_engines! {
    async fn what_does_not_count_any_more_is_forgotten(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let id = world.connect(&coach, KIND, "maya@google.example").await;
        world.db.run("UPDATE integration_calendars SET read_at = 5, sync_state = 'x'").await;
        world.db.run("INSERT INTO calendar_busy (calendar_id, coach_id, starts_at, ends_at)
            SELECT id, coach_id, 1, 2 FROM integration_calendars WHERE counts_busy = 1").await;
        let before = world.db.count(CLAIMS).await;
        world.integrations.choose(&coach.actor, id, Choice::default()).await.expect("a choice");
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM calendar_busy").await, 0);
        assert!(world.db.count(CLAIMS).await > before);
        assert!(world.integrations.trust(&coach.actor).await.unwrap().known_at.is_none());
        let calendars = world.found(&coach, id).await.calendars;
        let all = calendars.iter().map(|calendar| calendar.id).collect();
        world.integrations.choose(&coach.actor, id, Choice { busy: all, target: None }).await.expect("a choice");
        // What counts newly was not read yet, whatever was read of it long ago.
        let trust = world.integrations.trust(&coach.actor).await.unwrap();
        assert_eq!(trust.known_at.map(wellmet::model::Instant::millis), Some(0));
    }

    async fn one_calendar_of_all_receives_bookings_and_only_one_that_can(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let first = world.connect(&coach, KIND, "maya@google.example").await;
        let calendars = world.found(&coach, first).await.calendars;
        let (owned, foreign) = (&calendars[0], calendars.iter().find(|calendar| !calendar.writable).expect("a calendar of others"));
        let target = |target| Choice { busy: vec![owned.id], target: Some(target) };
        let chosen = world.integrations.choose(&coach.actor, first, target(owned.id)).await;
        assert!(matches!(chosen, Err(ChooseError::WritingNotGranted)), "{chosen:?}");
        let mut ids = Vec::new();
        for account in ["maya@google.example", "tomas@google.example"] {
            let writing = Start { wants_writing: true, ..Start::default() };
            let callback = world.journey(&coach, KIND, writing, account, Decision::Allow).await;
            ids.push(world.finish(&coach, KIND, callback).await.expect("a connection"));
        }
        assert_eq!(ids[0], first);
        let chosen = world.integrations.choose(&coach.actor, first, target(foreign.id)).await;
        assert!(matches!(chosen, Err(ChooseError::NotWritable)), "{chosen:?}");
        world.integrations.choose(&coach.actor, first, target(owned.id)).await.expect("a target");
        let other = world.found(&coach, ids[1]).await.calendars[0].id;
        let chosen = world.integrations.choose(&coach.actor, first, target(other)).await;
        assert!(matches!(chosen, Err(ChooseError::NotFound)), "{chosen:?}");
        world.integrations.choose(&coach.actor, ids[1], Choice { busy: vec![], target: Some(other) }).await.expect("a target");
        let receiving: Vec<_> = world.integrations.list(&coach.actor).await.unwrap().into_iter()
            .flat_map(|connected| connected.calendars).filter(|calendar| calendar.receives_bookings).map(|calendar| calendar.id).collect();
        assert_eq!(receiving, [other]);
        // No target in one account leaves the other's.
        world.integrations.choose(&coach.actor, first, Choice { busy: vec![owned.id], target: None }).await.expect("a choice");
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM integration_calendars WHERE receives_bookings = 1").await, 1);
    }

    async fn nobody_chooses_for_someone_else(db: TestDb) {
        let world = World::on(db).await;
        let (coach, other) = (world.coach("amelie").await, world.coach("bruno").await);
        let id = world.connect(&coach, KIND, "maya@google.example").await;
        assert!(matches!(world.integrations.choose(&other.actor, id, Choice::default()).await, Err(ChooseError::NotFound)));
        assert!(world.integrations.find(&other.actor, id).await.unwrap().is_none());
        assert!(world.integrations.test(&other.actor, id).await.unwrap().is_none());
        assert!(!world.integrations.disconnect(&other.actor, id).await.unwrap());
        assert_eq!(world.found(&coach, id).await.integration.state.health, Health::Healthy);
    }

    async fn a_list_is_a_hint(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let id = world.connect(&coach, KIND, "maya@google.example").await;
        let before = world.found(&coach, id).await;
        let private = before.calendars.iter().find(|calendar| calendar.name == "Private").expect("a calendar").id;
        let busy = vec![before.calendars[0].id, private];
        world.integrations.choose(&coach.actor, id, Choice { busy, target: None }).await.expect("a choice");
        world.db.run("INSERT INTO calendar_busy (calendar_id, coach_id, starts_at, ends_at)
            SELECT id, coach_id, 1, 2 FROM integration_calendars WHERE counts_busy = 1").await;
        let place = json!({ "provider": "google", "account": "maya@google.example", "calendar": "maya-private@group.calendar.google.example" });
        world.control("DELETE", "calendars", &place).await;
        world.control("POST", "calendars", &json!({ "provider": "google", "account": "maya@google.example", "name": "New" })).await;
        let relisted = world.integrations.relist(&before.integration).await.expect("a list");
        assert_eq!((relisted.added, relisted.vanished), (1, 1));
        let after = world.found(&coach, id).await;
        let gone = after.calendars.iter().find(|calendar| calendar.id == private).expect("it keeps its row");
        assert_eq!((gone.missing_since, gone.counts_busy), (Some(world.db.now()), true));
        assert!(after.calendars.iter().any(|calendar| calendar.name == "New" && !calendar.counts_busy));
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM calendar_busy").await, 2);
        assert_eq!((after.integration.state.health, after.integration.state.reason), (Health::Degraded, Some(HealthReason::CalendarMissing)));
        let again = world.integrations.relist(&before.integration).await.expect("a list");
        assert_eq!((again.added, again.vanished), (0, 0));
    }

    async fn a_coach_says_what_unknown_means(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        assert_eq!(world.integrations.policy(&coach.actor).await.unwrap(), UnknownPolicy::Keep { minutes: 1440 });
        for policy in [UnknownPolicy::Keep { minutes: 60 }, UnknownPolicy::OnRequest, UnknownPolicy::Stop] {
            world.integrations.set_policy(&coach.actor, policy).await.expect("a policy");
            assert_eq!(world.integrations.policy(&coach.actor).await.unwrap(), policy);
        }
        for minutes in [0, 14, 43_201] {
            let set = world.integrations.set_policy(&coach.actor, UnknownPolicy::Keep { minutes }).await;
            assert!(matches!(set, Err(PolicyError::Invalid(errors)) if errors.about("minutes").is_some()));
        }
    }
}
