//! Which refusals are about the token, and what a refresh that fails leads to.

use std::time::Duration;

use serde_json::{Value, json};
use wellmet::integrations::{
    Integration,
    health::Health,
    outcome::{CallError, TokenError},
    tokens::Force,
};

use super::world::{Coach, World};
use crate::support::{TestDb, both_engines};

/// Reads the list of calendars, as anything that needs a token would.
async fn list(world: &World, integration: &Integration) -> Result<(), TokenError> {
    world.server.integrations.relist(integration).await.map(drop)
}

async fn connected(world: &World) -> (Coach, Integration) {
    let coach = world.coach("amelie").await;
    let integration = world.connect(&coach).await;
    world.forget().await;
    (coach, integration)
}

/// An error in Cal.com's envelope.
fn envelope(status: u16, message: &str) -> Value {
    let body = json!({ "status": "error", "error": { "code": "UnauthorizedException", "message": message,
        "details": { "message": message, "error": "Unauthorized", "statusCode": status } } });
    json!({ "kind": "status", "status": status, "body": body })
}

both_engines! {
    async fn every_401_gets_what_its_message_means(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        for (fault, error, refreshed) in [
            (envelope(498, "ACCESS_TOKEN_IS_EXPIRED"), None, 1),
            (envelope(401, "Invalid Access Token."), None, 1),
            (envelope(401, "OAuth client not found given the access token"), None, 1),
            (envelope(401, "These credentials do not belong to you"), Some(CallError::NotOurs), 0),
            (envelope(401, "Google Calendar not connected."), Some(CallError::CalendarNotConnected), 0),
            (envelope(401, "Invalid request origin"), Some(CallError::Refused(401)), 0),
            (envelope(401, "Client with ID x not found"), Some(CallError::Refused(401)), 0),
            (envelope(401, "Invalid client secret"), Some(CallError::Refused(401)), 0),
            (envelope(401, "Only 'x-cal-client-id' header provided."), Some(CallError::Refused(401)), 0),
        ] {
            world.forget().await;
            world.fault("/v2/calendars", fault.clone(), json!(1)).await;
            match (list(&world, &integration).await, error) {
                (Ok(()), None) => {}
                (Err(TokenError::Call(was)), Some(error)) => assert_eq!(was, error, "{fault}"),
                (other, error) => panic!("{fault}: {other:?}, not {error:?}"),
            }
            assert_eq!(world.refreshes().await, (refreshed, 0), "{fault}");
            world.db.run("UPDATE calendar_integrations SET health = 'healthy', health_reason = NULL").await;
        }
        assert_eq!(world.found(&coach, integration.id).await.integration.id, integration.id);
    }

    async fn an_expired_token_is_refreshed_and_nobody_notices(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        // Cal.com says 498 as long as the row is there, and 401 when it is not.
        world.control("POST", "tokens/expire", json!({ "provider": "cal", "account": coach.alias })).await;
        list(&world, &integration).await.expect("calendars");
        world.control("POST", "cal/tokens/forget", json!({ "account": coach.alias })).await;
        list(&world, &integration).await.expect("calendars");
        assert_eq!(world.refreshes().await, (2, 0));
        // By our own clock: before it is even tried.
        world.advance(Duration::from_hours(2)).await;
        world.forget().await;
        list(&world, &integration).await.expect("calendars");
        let statuses: Vec<_> = world.requests("/v2/").await.iter().map(|request| request["status"].clone()).collect();
        assert_eq!(statuses, [200, 200]);
    }

    async fn what_is_refused_regularly_is_forced(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        world.control("POST", "tokens/kill-refresh", json!({ "provider": "cal", "account": coach.alias })).await;
        world.control("POST", "tokens/expire", json!({ "provider": "cal", "account": coach.alias })).await;
        list(&world, &integration).await.expect("calendars");
        assert_eq!(world.refreshes().await, (1, 1));
        world.forget().await;
        // Two refreshes raced and this one lost.
        world.fault("/v2/oauth/", envelope(404, "Not found"), json!(1)).await;
        world.advance(Duration::from_hours(2)).await;
        list(&world, &integration).await.expect("calendars");
        assert_eq!(world.refreshes().await, (1, 1));
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Healthy);
    }

    async fn a_lost_answer_is_recovered(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        world.advance(Duration::from_hours(2)).await;
        world.fault("/v2/oauth/", json!({ "kind": "after_effect" }), json!(1)).await;
        let lost = list(&world, &integration).await;
        assert!(matches!(lost, Err(TokenError::Call(CallError::Unreachable))), "{lost:?}");
        assert_ne!(world.found(&coach, integration.id).await.integration.state.health, Health::NeedsReconnect);
        list(&world, &integration).await.expect("calendars");
        assert_eq!(world.refreshes().await, (2, 1));
    }

    async fn killed_between_the_answer_and_storing_it(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        world.advance(Duration::from_hours(2)).await;
        // What a killed server leaves: a refresh token that is used up, and a lease that nobody gives back.
        world.control("POST", "tokens/kill-refresh", json!({ "provider": "cal", "account": coach.alias })).await;
        let until = (world.db.now() + Duration::from_mins(1)).millis();
        let mut tx = world.db.store().begin().await.unwrap();
        let lease = wellmet::store::sql("UPDATE calendar_integrations SET refresh_lease_owner = 'dead', refresh_lease_until = $1");
        lease.bind(until).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        world.advance(Duration::from_secs(61)).await;
        list(&world, &integration).await.expect("calendars");
        assert_eq!(world.refreshes().await, (1, 1));
        list(&world, &integration).await.expect("calendars");
        assert_eq!(world.refreshes().await, (1, 1));
    }

    async fn a_user_who_is_gone_needs_a_reconnect_and_gets_one(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        let client = sandbox::client_id(sandbox::Provider::Cal);
        let user = integration.managed_user_id.expect("a managed user");
        let delete = world.http.client().delete(world.sandbox.url(&format!("/cal/v2/oauth-clients/{client}/users/{user}")));
        let delete = delete.header("x-cal-client-id", &client).header("x-cal-secret-key", sandbox::client_secret(sandbox::Provider::Cal));
        assert_eq!(world.http.send(delete).await.unwrap().status, 200);
        let gone = list(&world, &integration).await;
        assert!(matches!(gone, Err(TokenError::NeedsReconnect)), "{gone:?}");
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::NeedsReconnect);
        let asked = world.requests("/v2/").await.len();
        let again = list(&world, &integration).await;
        assert!(matches!(again, Err(TokenError::NeedsReconnect)), "{again:?}");
        assert_eq!(world.requests("/v2/").await.len(), asked, "a provider that said no is not asked again");
    }

    async fn the_sites_own_credentials_are_the_operators_to_mend(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        world.advance(Duration::from_hours(2)).await;
        world.fault("/v2/oauth/", envelope(401, "Invalid client secret"), json!(1)).await;
        let refused = list(&world, &integration).await;
        assert!(matches!(refused, Err(TokenError::ClientRejected)), "{refused:?}");
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Degraded);
        list(&world, &integration).await.expect("calendars");
    }

    async fn too_many_requests_wait_as_long_as_cal_com_says(db: TestDb) {
        let world = World::on(db).await;
        let (_, integration) = connected(&world).await;
        world.control("PATCH", "cal/limit", json!({ "per_minute": 1 })).await;
        list(&world, &integration).await.expect("calendars");
        let refused = list(&world, &integration).await;
        let Err(TokenError::Call(CallError::RateLimited(Some(wait)))) = refused else { panic!("{refused:?}") };
        assert!((1..=60).contains(&wait.as_secs()), "{wait:?}");
        world.advance(Duration::from_secs(61)).await;
        list(&world, &integration).await.expect("calendars");
    }

    async fn renewed_on_request(db: TestDb) {
        let world = World::on(db).await;
        let (coach, integration) = connected(&world).await;
        let before = world.server.tokens.ensure_valid(&integration, Force::No).await.unwrap();
        let expires = world.server.integrations.renew_managed(&coach.actor).await.expect("a new token");
        assert!(expires > world.db.now());
        let after = world.server.tokens.ensure_valid(&integration, Force::No).await.unwrap();
        assert!(after.revision > before.revision && after.secret != before.secret);
        let admin = world.db.admin("root").await;
        world.server.integrations.renew_managed_of(&admin, coach.actor.id()).await.expect("a new token");
        assert_eq!(world.refreshes().await, (2, 0));
    }
}
