//! Refreshing: in the coach's context whoever asks, once, and honestly when it cannot be done.

use std::time::Duration;

use serde_json::{Value, json};
use wellmet::{
    integrations::{
        Integration, Start,
        health::{Health, HealthReason},
        outcome::{CallError, TokenError},
        tokens::Force,
    },
    model::Instant,
    store::sql,
};

use super::{
    connect::{list_path, token_path},
    world::{CONSENT, Coach, Decision, World},
};
use crate::support::{TestDb, both_engines};

const HOUR: Duration = Duration::from_hours(1);

/// A coach with a connected account.
async fn connected(world: &World, slug: &str, first: &str) -> (Coach, Integration, String) {
    let kind = CONSENT.iter().find(|(_, known)| *known == slug).expect("a provider").0;
    let (coach, account) = (world.coach(&format!("{first}-{slug}")).await, format!("{first}@{slug}.example"));
    let id = world.connect(&coach, kind, &account).await;
    let integration = world.found(&coach, id).await.integration;
    (coach, integration, account)
}

async fn refreshes(world: &World) -> usize {
    world.requests("grant_type=refresh_token").await.len()
}

fn statuses(requests: &[Value]) -> Vec<u64> {
    requests.iter().filter_map(|request| request["status"].as_u64()).collect()
}

both_engines! {
    /// What the product is about: a mentee looks at a coach's time, and every call is made as that coach, also the
    /// refresh that it takes. There is no way to hand in the mentee; the other coach is not touched.
    async fn the_coachs_own_credentials_are_used_whoever_looks(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (looked_at, integration, account) = connected(&world, slug, "maya").await;
            let (_, other, _) = connected(&world, slug, "tomas").await;
            world.db.mentee(&format!("mentee-{slug}")).await;
            let others = world.tokens.ensure_valid(&other, Force::No).await.unwrap().revision;
            world.db.clock().advance(HOUR);
            world.forget_requests().await;
            let report = world.integrations.test(&looked_at.actor, integration.id).await.unwrap().expect("an integration");
            assert!(report.went_well(), "{report:?}");
            let requests = world.requests("").await;
            assert!(requests.len() >= 3 && requests.iter().all(|request| request["account"] == account.as_str()), "{requests:?}");
            assert_eq!(refreshes(&world).await, 1);
            world.db.clock().set(world.db.now() - HOUR);
            assert_eq!(world.tokens.ensure_valid(&other, Force::No).await.unwrap().revision, others);
        }
    }

    async fn a_rejected_token_is_refreshed_once_and_the_call_tried_once_more(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (coach, integration, account) = connected(&world, slug, "maya").await;
            world.control("POST", "tokens/expire", &json!({ "provider": slug, "account": account })).await;
            world.forget_requests().await;
            let report = world.integrations.test(&coach.actor, integration.id).await.unwrap().expect("an integration");
            assert!(report.went_well(), "{report:?}");
            let lists = world.requests(&format!("path_prefix=/{slug}{}", list_path(slug))).await;
            assert_eq!(statuses(&lists)[..2], [401, 200]);
            assert_eq!(refreshes(&world).await, 1);
        }
    }

    async fn a_token_that_is_always_rejected_is_refreshed_once_and_blamed_on_nobody(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (coach, integration, _) = connected(&world, slug, "maya").await;
            world.fault(slug, list_path(slug), json!({ "kind": "status", "status": 401 }), json!("forever")).await;
            world.forget_requests().await;
            let report = world.integrations.test(&coach.actor, integration.id).await.unwrap().expect("an integration");
            assert!(!report.went_well());
            assert_eq!((world.requests("").await.len(), refreshes(&world).await), (3, 1));
            assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Degraded);
            world.clear_faults().await;
        }
    }

    async fn a_revoked_grant_needs_the_coach_who_is_told_on_five_days(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let (coach, integration, account) = connected(&world, slug, "maya").await;
            world.control("POST", "grants/revoke", &json!({ "provider": slug, "account": account })).await;
            world.db.clock().advance(HOUR);
            let now = world.db.now();
            let call = world.tokens.ensure_valid(&integration, Force::No).await;
            assert!(matches!(call, Err(TokenError::NeedsReconnect)), "{call:?}");
            let state = world.found(&coach, integration.id).await.integration.state;
            assert_eq!((state.health, state.reason, state.since), (Health::NeedsReconnect, Some(HealthReason::GrantRevoked), now));
            let jobs = sql("SELECT run_at FROM jobs WHERE kind = 'calendar_trouble' AND state = 'waiting' AND key LIKE $1 ORDER BY run_at")
                .bind(format!("%{}%", integration.id)).all(world.db.store()).await.unwrap();
            let days: Vec<i64> = jobs.iter().map(|row| (row.get::<Instant>("run_at").unwrap().millis() - now.millis()) / 86_400_000).collect();
            assert_eq!(days, [0, 1, 3, 7, 14]);
            // Never a loop: nothing is asked any more until the coach comes back.
            world.forget_requests().await;
            for _ in 0..3 {
                assert!(!world.integrations.test(&coach.actor, integration.id).await.unwrap().unwrap().went_well());
                world.tokens.refresh_due(100).await.unwrap();
            }
            assert!(world.requests("").await.is_empty());
            let again = Start { reconnect: Some(integration.id), ..Start::default() };
            let callback = world.journey(&coach, kind, again, &account, Decision::Allow).await;
            assert_eq!(world.finish(&coach, kind, callback).await.expect("reconnected"), integration.id);
            assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Healthy);
            assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'waiting' AND kind = 'calendar_trouble'").await, 0);
            assert!(world.integrations.test(&coach.actor, integration.id).await.unwrap().unwrap().went_well());
            world.integrations.disconnect(&coach.actor, integration.id).await.unwrap();
        }
    }

    /// The provider exchanged the token, and its answer is lost. Where the old one still works nothing is lost; where it
    /// was used up the coach is asked for, and not before that is known.
    async fn a_lost_answer_to_a_refresh_is_survived_or_told(db: TestDb) {
        let world = World::on(db).await;
        world.control("PATCH", "switches", &json!({ "strict_rotation": true })).await;
        for (_, slug) in CONSENT {
            let (coach, integration, _) = connected(&world, slug, "maya").await;
            world.db.clock().advance(HOUR);
            world.fault(slug, token_path(slug), json!({ "kind": "after_effect" }), json!(1)).await;
            let lost = world.tokens.ensure_valid(&integration, Force::No).await;
            assert!(matches!(lost, Err(TokenError::Call(CallError::Unreachable))), "{lost:?}");
            assert_ne!(world.found(&coach, integration.id).await.integration.state.health, Health::NeedsReconnect);
            let next = world.tokens.ensure_valid(&integration, Force::No).await;
            let health = world.found(&coach, integration.id).await.integration.state.health;
            if slug == "microsoft" {
                assert!(matches!(next, Err(TokenError::NeedsReconnect)), "{next:?}");
                assert_eq!(health, Health::NeedsReconnect);
            } else {
                assert!(next.is_ok(), "{next:?}");
                assert_eq!(health, Health::Healthy);
            }
        }
    }

    async fn the_schedule_refreshes_ahead_of_expiry(db: TestDb) {
        let world = World::on(db).await;
        for (_, slug) in CONSENT {
            connected(&world, slug, "maya").await;
            connected(&world, slug, "tomas").await;
        }
        assert_eq!(world.tokens.refresh_due(100).await.unwrap(), 0);
        world.db.clock().advance(Duration::from_mins(50));
        world.forget_requests().await;
        let all = u32::try_from(CONSENT.len() * 2).unwrap();
        assert_eq!(world.tokens.refresh_due(100).await.unwrap(), all);
        assert_eq!(world.tokens.refresh_due(100).await.unwrap(), 0);
        assert_eq!(refreshes(&world).await, CONSENT.len() * 2);
    }

    /// The site's own fault: the operator's to mend, no reason to bother a coach.
    async fn a_wrong_client_secret_is_not_the_coachs_fault(db: TestDb) {
        let mut world = World::on(db).await;
        for (_, slug) in CONSENT {
            let (coach, integration, _) = connected(&world, slug, "maya").await;
            world.break_client(slug);
            let (integrations, tokens) = world.second_server(&[7]).await;
            world.db.clock().advance(HOUR);
            let call = tokens.ensure_valid(&integration, Force::No).await;
            assert!(matches!(call, Err(TokenError::ClientRejected)), "{call:?}");
            assert!(!integrations.test(&coach.actor, integration.id).await.unwrap().unwrap().went_well());
            let state = world.found(&coach, integration.id).await.integration.state;
            assert_eq!((state.health, state.reason), (Health::Degraded, Some(HealthReason::SiteRefused)));
            assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'calendar_trouble'").await, 0);
        }
    }
}
