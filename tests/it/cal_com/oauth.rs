//! Coaches' own Cal.com accounts, by OAuth 2.0.

use std::time::Duration;

use serde_json::json;
use wellmet::integrations::{Callback, ProviderKind, Start, health::Health, outcome::TokenError, tokens::Force};

use super::world::{Coach, World, state};
use crate::support::{TestDb, both_engines};

const KIND: ProviderKind = ProviderKind::CalComOauth;
const ACCOUNT: &str = "tomas@cal.example";

async fn connect(world: &World, coach: &Coach) -> wellmet::integrations::Integration {
    let integrations = &world.server.integrations;
    let page = integrations.start_oauth(&coach.actor, &coach.sign_in, KIND, Start::default()).await.expect("a page").page;
    let back = world.visit(&page, ACCOUNT, "allow").await;
    let code = back.query_pairs().find(|(name, _)| name == "code").map(|(_, value)| value.into_owned());
    let callback = Callback { state: state(&back), code, ..Callback::default() };
    let id = integrations.finish_oauth(&coach.actor, &coach.sign_in, KIND, callback).await.expect("a connection");
    world.found(coach, id).await.integration
}

both_engines! {
    async fn a_coachs_own_account(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let integration = connect(&world, &coach).await;
        assert_eq!((integration.account_label.as_str(), integration.managed_user_id), (ACCOUNT, None));
        assert_eq!(integration.scopes, "APPS_READ PROFILE_READ");
        let calendars = world.found(&coach, integration.id).await.calendars;
        assert!(calendars.iter().any(|calendar| calendar.counts_busy), "{calendars:?}");
        // Half an hour later the token is over, and refreshed before it is used.
        world.advance(Duration::from_mins(31)).await;
        world.server.integrations.relist(&integration).await.expect("calendars");
        // Refused without warning: any 401 may be about it.
        world.control("POST", "tokens/expire", json!({ "provider": "cal", "account": ACCOUNT })).await;
        world.forget().await;
        world.server.integrations.relist(&integration).await.expect("calendars");
        let statuses: Vec<_> = world.requests("/v2/").await.iter().map(|request| request["status"].clone()).collect();
        assert_eq!(statuses, [401, 200, 200]);
        assert!(world.server.sync.sync_one(&integration).await.is_ok());
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Healthy);
    }

    async fn a_grant_that_is_gone_asks_the_coach(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let integration = connect(&world, &coach).await;
        world.control("POST", "grants/revoke", json!({ "provider": "cal", "account": ACCOUNT })).await;
        world.forget().await;
        let gone = world.server.tokens.ensure_valid(&integration, Force::Rejected(2)).await;
        assert!(matches!(gone, Err(TokenError::NeedsReconnect)), "{gone:?}");
        assert_eq!(world.refreshes().await, (0, 0), "nobody but the coach has authority over the account");
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::NeedsReconnect);
        let again = connect(&world, &coach).await;
        assert_eq!((again.id, again.state.health), (integration.id, Health::Healthy));
    }
}
