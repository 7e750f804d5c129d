//! What may pass by itself never asks a coach for anything.

use std::time::Duration;

use serde_json::{Value, json};
use wellmet::integrations::{
    Integration, StepResult,
    health::{Health, HealthReason},
};

use super::{
    connect::{list_path, token_path},
    world::{CONSENT, Coach, World},
};
use crate::support::{TestDb, both_engines};

/// Faults, and the reason that the coach reads.
fn faults() -> Vec<(Value, HealthReason)> {
    vec![
        (json!({ "kind": "status", "status": 500 }), HealthReason::ProviderDown),
        (json!({ "kind": "status", "status": 502, "body": "<html>Bad gateway</html>" }), HealthReason::ProviderDown),
        (json!({ "kind": "status", "status": 503, "retry_after": 30 }), HealthReason::ProviderDown),
        (json!({ "kind": "status", "status": 429, "retry_after": 7 }), HealthReason::RateLimited),
        (json!({ "kind": "status", "status": 418 }), HealthReason::BadAnswer),
        (json!({ "kind": "status", "status": 302 }), HealthReason::BadAnswer),
        (json!({ "kind": "hang", "ms": 200 }), HealthReason::Unreachable),
        (json!({ "kind": "close" }), HealthReason::Unreachable),
        (json!({ "kind": "malformed_json" }), HealthReason::BadAnswer),
        (json!({ "kind": "cut_body" }), HealthReason::BadAnswer),
    ]
}

async fn connected(world: &World, slug: &str) -> (Coach, Integration) {
    let kind = CONSENT.iter().find(|(_, known)| *known == slug).expect("a provider").0;
    let coach = world.coach(slug).await;
    let id = world.connect(&coach, kind, &format!("maya@{slug}.example")).await;
    let integration = world.found(&coach, id).await.integration;
    (coach, integration)
}

/// Tests the connection while `fault` strikes below `path`; then without.
async fn passes(world: &World, coach: &Coach, integration: &Integration, place: (&str, &str), fault: &Value, reason: HealthReason) {
    let (slug, path) = place;
    world.fault(slug, path, fault.clone(), json!("forever")).await;
    let report = world.integrations.test(&coach.actor, integration.id).await.unwrap().expect("an integration");
    let last = report.steps.last().expect("a step");
    assert_eq!(last.went, StepResult::Failed(reason.says().to_owned()), "{fault} at {path}: {report:?}");
    let state = world.found(coach, integration.id).await.integration.state;
    assert_eq!((state.health, state.reason), (Health::Degraded, Some(reason)), "{fault} at {path}");
    world.clear_faults().await;
    let report = world.integrations.test(&coach.actor, integration.id).await.unwrap().expect("an integration");
    assert!(report.went_well(), "{fault} at {path}: {report:?}");
    assert_eq!(world.found(coach, integration.id).await.integration.state.health, Health::Healthy);
}

both_engines! {
    async fn a_provider_that_fails_is_a_degraded_calendar(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (coach, integration) = connected(&world, slug).await;
            for (fault, reason) in faults() {
                passes(&world, &coach, &integration, (slug, list_path(slug)), &fault, reason).await;
            }
        }
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'calendar_trouble'").await, 0);
    }

    async fn a_refresh_that_fails_is_a_degraded_calendar(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (coach, integration) = connected(&world, slug).await;
            for (fault, reason) in faults() {
                world.db.clock().advance(Duration::from_hours(1));
                passes(&world, &coach, &integration, (slug, token_path(slug)), &fault, reason).await;
            }
        }
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'calendar_trouble'").await, 0);
    }

    /// As long as the token has life left, a refresh that fails ahead of its end disturbs nobody.
    async fn a_refresh_that_fails_ahead_of_expiry_is_tried_again(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (coach, integration) = connected(&world, slug).await;
            world.db.clock().advance(Duration::from_mins(50));
            world.fault(slug, token_path(slug), json!({ "kind": "status", "status": 503 }), json!("forever")).await;
            world.tokens.refresh_due(100).await.unwrap();
            assert!(world.integrations.test(&coach.actor, integration.id).await.unwrap().unwrap().went_well());
            world.clear_faults().await;
            world.db.clock().advance(Duration::from_mins(1));
            assert_eq!(world.tokens.refresh_due(100).await.unwrap(), 1);
            world.integrations.disconnect(&coach.actor, integration.id).await.unwrap();
        }
    }

    /// Google says of each calendar by itself what went wrong, inside an answer that went well.
    async fn one_calendar_that_cannot_be_read_is_unknown_and_named(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world, "google").await;
        for (error, reason) in [("internalError", HealthReason::ProviderDown), ("notFound", HealthReason::Gone), ("newReason", HealthReason::BadAnswer)] {
            let broken = json!({ "provider": "google", "account": "maya@google.example", "busy_error": error });
            world.control("PATCH", "calendars", &broken).await;
            let report = world.integrations.test(&coach.actor, integration.id).await.unwrap().expect("an integration");
            let last = report.steps.last().expect("a step");
            assert!(last.what.contains("maya@google.example"), "{report:?}");
            assert_eq!(last.went, StepResult::Failed(reason.says().to_owned()));
            assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Degraded);
        }
    }

    async fn the_test_says_what_happened_in_words(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (coach, integration) = connected(&world, slug).await;
            let report = world.integrations.test(&coach.actor, integration.id).await.unwrap().expect("an integration");
            let words: Vec<_> = report.steps.iter().map(|step| match &step.went {
                StepResult::Ok(words) => words.as_str(),
                StepResult::Failed(words) => panic!("{words}"),
            }).collect();
            assert_eq!(words[..2], ["They are valid.", "It lists 3 calendars."]);
            assert!(words[2].starts_with("It has ") && words[2] != "It has no busy times.", "{words:?}");
            assert_eq!(report.steps.len(), 3);
        }
    }
}
