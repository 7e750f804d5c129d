//! However many ask, Cal.com is asked for a new token once.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::world::World;
use crate::support::{TestDb, both_engines};

both_engines! {
    async fn fifty_tasks_on_two_servers_are_one_refresh(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let integration = world.connect(&coach).await;
        let other = world.second_server().await;
        world.advance(Duration::from_hours(2)).await;
        world.forget().await;
        world.fault("/v2/oauth/", json!({ "kind": "latency", "ms": 100 }), json!("forever")).await;
        let mut tasks = JoinSet::new();
        for index in 0..50 {
            let integrations = if index % 2 == 0 { &world.server.integrations } else { &other.integrations };
            let (integrations, integration) = (integrations.clone(), integration.clone());
            tasks.spawn(async move { integrations.relist(&integration).await });
        }
        for result in tasks.join_all().await {
            assert!(result.is_ok(), "{result:?}");
        }
        assert_eq!(world.refreshes().await, (1, 0));
    }

    async fn a_token_that_is_refused_to_many_is_refreshed_once(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let integration = world.connect(&coach).await;
        let other = world.second_server().await;
        world.control("POST", "cal/tokens/forget", json!({ "account": coach.alias })).await;
        world.forget().await;
        world.fault("/v2/oauth/", json!({ "kind": "latency", "ms": 100 }), json!("forever")).await;
        let mut tasks = JoinSet::new();
        for index in 0..20 {
            let integrations = if index % 2 == 0 { &world.server.integrations } else { &other.integrations };
            let (integrations, integration) = (integrations.clone(), integration.clone());
            tasks.spawn(async move { integrations.relist(&integration).await });
        }
        for result in tasks.join_all().await {
            assert!(result.is_ok(), "{result:?}");
        }
        assert_eq!(world.refreshes().await, (1, 0));
    }
}
