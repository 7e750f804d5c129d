//! However many ask, on however many servers: one refresh.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use wellmet::integrations::{
    Integration, ProviderKind,
    tokens::{Force, Tokens},
};

use super::{
    connect::token_path,
    world::{CONSENT, Coach, World, server},
};
use crate::support::{TestDb, both_engines};

/// A request that only needs the token: what it was made with.
async fn call(tokens: &Tokens, integration: &Integration) -> String {
    let used = tokens.call(integration, |access| {
        let token = access.secret.expose().to_owned();
        Box::pin(async move { Ok(token) })
    });
    used.await.expect("a token")
}

/// Fifty calls at once, by turns on the servers.
async fn fifty(servers: &[Tokens], integration: &Integration) -> Vec<String> {
    let calls: Vec<_> = (0..50)
        .map(|turn| {
            let (tokens, integration) = (servers[turn % servers.len()].clone(), integration.clone());
            tokio::spawn(async move { call(&tokens, &integration).await })
        })
        .collect();
    let mut used = Vec::new();
    for call in calls {
        used.push(call.await.expect("a call"));
    }
    used
}

async fn connected(world: &World, slug: &str, kind: ProviderKind) -> (Coach, Integration) {
    let coach = world.coach(slug).await;
    let id = world.connect(&coach, kind, &format!("maya@{slug}.example")).await;
    let integration = world.found(&coach, id).await.integration;
    (coach, integration)
}

both_engines! {
    async fn fifty_calls_on_two_servers_with_an_expired_token_are_one_refresh(db: TestDb) {
        let world = World::on(db).await;
        world.control("PATCH", "switches", &json!({ "strict_rotation": true })).await;
        let (_, second) = world.second_server(&[7]).await;
        let servers = [world.tokens.clone(), second];
        for (kind, slug) in CONSENT {
            let (_, integration) = connected(&world, slug, kind).await;
            for _ in 0..3 {
                world.db.clock().advance(Duration::from_hours(1));
                world.fault(slug, token_path(slug), json!({ "kind": "latency", "ms": 150 }), json!("forever")).await;
                world.forget_requests().await;
                let used = fifty(&servers, &integration).await;
                assert!(used.iter().all(|token| *token == used[0]));
                let refreshes = world.requests("grant_type=refresh_token").await;
                assert_eq!(refreshes.len(), 1, "{refreshes:?}");
                world.clear_faults().await;
            }
        }
    }

    /// A provider that answers slowly for a while, and then not at all: those who wait get the same honest answer.
    async fn who_waits_for_a_refresh_that_fails_does_not_start_one_each(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let (_, integration) = connected(&world, slug, kind).await;
            world.control("POST", "grants/revoke", &json!({ "provider": slug })).await;
            world.db.clock().advance(Duration::from_hours(1));
            world.forget_requests().await;
            let calls: Vec<_> = (0..20).map(|_| {
                let (tokens, integration) = (world.tokens.clone(), integration.clone());
                tokio::spawn(async move { tokens.ensure_valid(&integration, Force::No).await.is_err() })
            }).collect();
            for call in calls {
                assert!(call.await.expect("a call"));
            }
            assert_eq!(world.requests("grant_type=refresh_token").await.len(), 1);
        }
    }

    /// A provider that is down is not asked fifty times because fifty wait; and who can do with the old token does.
    async fn who_waits_for_a_provider_that_is_down_does_not_ask_once_each(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let (_, integration) = connected(&world, slug, kind).await;
            let broken = json!({ "kind": "hang", "ms": 400 });
            // A minute of life left: too little to start with, enough to make do.
            for (advance, lives) in [(Duration::from_secs(3599 - 60), true), (Duration::from_mins(2), false)] {
                world.db.clock().advance(advance);
                world.fault(slug, token_path(slug), broken.clone(), json!("forever")).await;
                world.forget_requests().await;
                let calls: Vec<_> = (0..50)
                    .map(|_| {
                        let (tokens, integration) = (world.tokens.clone(), integration.clone());
                        tokio::spawn(async move { tokens.ensure_valid(&integration, Force::No).await.is_ok() })
                    })
                    .collect();
                for call in calls {
                    assert_eq!(call.await.expect("a call"), lives);
                }
                assert_eq!(world.requests("grant_type=refresh_token").await.len(), 1);
                world.clear_faults().await;
            }
            // And whoever comes later asks anew.
            assert!(world.tokens.ensure_valid(&integration, Force::No).await.is_ok());
        }
    }

    /// Whoever asked may give up; the token that was exchanged for them is stored all the same.
    async fn who_gives_up_waiting_loses_nothing(db: TestDb) {
        let world = World::on(db).await;
        world.control("PATCH", "switches", &json!({ "strict_rotation": true })).await;
        for (kind, slug) in CONSENT {
            let (_, integration) = connected(&world, slug, kind).await;
            world.db.clock().advance(Duration::from_hours(1));
            world.fault(slug, token_path(slug), json!({ "kind": "latency", "ms": 300 }), json!(1)).await;
            world.forget_requests().await;
            let impatient = tokio::time::timeout(Duration::from_millis(50), world.tokens.ensure_valid(&integration, Force::No)).await;
            assert!(impatient.is_err());
            assert!(world.tokens.ensure_valid(&integration, Force::No).await.is_ok());
            assert_eq!(world.requests("grant_type=refresh_token").await.len(), 1);
        }
    }

    /// A new key takes over while tokens are refreshed: afterwards it alone opens everything.
    async fn a_key_is_rotated_while_refreshes_run(db: TestDb) {
        let world = Arc::new(World::on(db).await);
        let mut all = Vec::new();
        for turn in 0..6 {
            let account = format!("person{turn}@google.example");
            world.control("POST", "accounts", &json!({ "provider": "google", "email": account })).await;
            let coach = world.coach(&format!("coach{turn}")).await;
            let id = world.connect(&coach, ProviderKind::Google, &account).await;
            all.push(world.found(&coach, id).await.integration);
        }
        let (_, both) = world.second_server(&[9, 7]).await;
        let refreshers: Vec<_> = all.iter().cloned().map(|integration| {
            let tokens = both.clone();
            tokio::spawn(async move {
                for _ in 0..8 {
                    let held = tokens.ensure_valid(&integration, Force::No).await.expect("a token");
                    tokens.ensure_valid(&integration, Force::Rejected(held.revision)).await.expect("a new token");
                }
            })
        }).collect();
        let mut sealed = 0;
        while refreshers.iter().any(|refresher| !refresher.is_finished()) {
            let done = both.rotate_key().await.expect("a rotation");
            assert_eq!(done.unopenable, 0);
            sealed += done.sealed;
        }
        for refresher in refreshers {
            refresher.await.expect("no token is lost");
        }
        sealed += both.rotate_key().await.expect("a rotation").sealed;
        assert!(sealed >= 6, "{sealed}");
        let http = wellmet::integrations::http::Http::new().unwrap();
        let (_, newest) = server(world.db.deps(), &world.config, &http, &[9]);
        for integration in &all {
            let held = newest.ensure_valid(integration, Force::No).await.expect("the new key opens the token");
            newest.ensure_valid(integration, Force::Rejected(held.revision)).await.expect("and the refresh token");
        }
        let (_, former) = server(world.db.deps(), &world.config, &http, &[7]);
        assert!(former.ensure_valid(&all[0], Force::No).await.is_err());
    }
}
