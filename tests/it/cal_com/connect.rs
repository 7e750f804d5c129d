//! To the consent page by way of Cal.com, and back.

use std::time::Duration;

use serde_json::{Value, json};
use wellmet::integrations::{
    CalConnectError,
    health::Health,
    providers::Behind,
    tokens::{Clear, Force},
};

use super::world::{Coach, MAYA, SITE, World, state, travelling};
use crate::support::{TestDb, both_engines};

both_engines! {
    async fn a_coach_comes_back_connected(db: TestDb) {
        let world = World::on(db).await;
        let cases = [(Behind::Google, "google", "gcal-oauth-redirect"), (Behind::Office365, "microsoft", "office-oauth-redirect")];
        for (behind, slug, path) in cases {
            let coach = world.coach(slug).await;
            let page = world.server.integrations.start_cal_connect(&coach.actor, &coach.sign_in, behind).await.expect("a page");
            let back = world.visit(page.expose(), &format!("maya@{slug}.example"), "allow").await;
            assert!(back.as_str().starts_with(&format!("{SITE}/api/cal/{path}?state=")), "{back}");
            let finished = world.server.integrations.finish_cal_connect(&coach.actor, &coach.sign_in, behind, state(&back).as_deref()).await;
            let found = world.found(&coach, finished.expect("a connection")).await;
            assert_eq!(found.integration.state.health, Health::Healthy);
            assert_eq!(found.calendars.iter().filter(|calendar| calendar.counts_busy).count(), 1, "{:?}", found.calendars);
            assert!(found.calendars.iter().all(|calendar| calendar.counts_busy == calendar.primary));
            // The token that travelled is of no use any more; the one that is stored is the coach's.
            let travelled = travelling(page.expose());
            let dead = world.http.client().get(world.sandbox.url("/cal/v2/me")).bearer_auth(&travelled);
            assert_eq!(world.http.send(dead).await.unwrap().status, 401);
            let held = world.server.tokens.ensure_valid(&found.integration, Force::No).await.expect("a token");
            let owner = world.control("POST", "tokens/owner", json!({ "token": held.secret.expose() })).await;
            assert_eq!(owner["account"], coach.alias.as_str());
        }
        let users = world.control("GET", "cal/users", Value::Null).await;
        let managed: Vec<_> = users["users"].as_array().unwrap().iter().filter(|user| !user["managed_by"].is_null()).collect();
        assert_eq!(managed.len(), 2);
        assert!(managed.iter().all(|user| user["time_zone"] == "Europe/Berlin"), "{managed:?}");
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM oauth_states").await, 0);
    }

    async fn a_refusal_leaves_nothing_connected(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let refused = world.try_connect(&coach, Behind::Google, MAYA, "refuse").await;
        assert!(matches!(refused, Err(CalConnectError::Refused)), "{refused:?}");
        assert!(world.server.integrations.list(&coach.actor).await.unwrap().is_empty());
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM calendar_integrations WHERE access_sealed IS NOT NULL").await, 0);
        // The managed user is there at Cal.com, and taken back.
        let integration = world.connect(&coach).await;
        assert_eq!(integration.state.health, Health::Healthy);
        // To refuse when one is connected already changes nothing and is no success.
        let again = world.try_connect(&coach, Behind::Google, MAYA, "refuse").await;
        assert!(matches!(again, Err(CalConnectError::NothingNew)), "{again:?}");
        let other = world.try_connect(&coach, Behind::Office365, "maya@microsoft.example", "refuse").await;
        assert!(matches!(other, Err(CalConnectError::Refused)), "{other:?}");
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::Healthy);
    }

    async fn a_second_calendar_counts_as_well(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let first = world.connect(&coach).await;
        let second = world.try_connect(&coach, Behind::Office365, "tomas@microsoft.example", "allow").await.expect("a connection");
        assert_eq!(first.id, second);
        let counted = world.found(&coach, second).await.calendars.into_iter().filter(|calendar| calendar.counts_busy);
        assert_eq!(counted.count(), 2);
        assert_eq!(world.credentials().await.len(), 2);
    }

    async fn the_way_back_is_the_coachs_own_and_good_once(db: TestDb) {
        let world = World::on(db).await;
        let (coach, other) = (world.coach("amelie").await, world.coach("bruno").await);
        let integrations = &world.server.integrations;
        let leave = async || {
            let page = integrations.start_cal_connect(&coach.actor, &coach.sign_in, Behind::Google).await.expect("a page");
            state(&world.visit(page.expose(), MAYA, "allow").await).expect("a state")
        };
        let unknown = |result: Result<_, CalConnectError>| assert!(matches!(result, Err(CalConnectError::StateUnknown)), "{result:?}");
        let back = async |who: &Coach, sign_in: &Coach, behind, state: Option<String>| {
            integrations.finish_cal_connect(&who.actor, &sign_in.sign_in, behind, state.as_deref()).await
        };
        unknown(back(&coach, &coach, Behind::Google, None).await);
        unknown(back(&coach, &coach, Behind::Google, Some("forged".to_owned())).await);
        unknown(back(&other, &other, Behind::Google, Some(leave().await)).await);
        unknown(back(&coach, &other, Behind::Google, Some(leave().await)).await);
        unknown(back(&coach, &coach, Behind::Office365, Some(leave().await)).await);
        let late = leave().await;
        world.advance(Duration::from_mins(10)).await;
        unknown(back(&coach, &coach, Behind::Google, Some(late)).await);
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM integration_calendars").await, 0);
    }

    async fn a_user_who_is_there_already_is_taken_back(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let first = world.connect(&coach).await;
        // As when the answer of the creation was lost: Cal.com knows the user, we do not.
        world.db.run("DELETE FROM calendar_integrations").await;
        let page = world.server.integrations.start_cal_connect(&coach.actor, &coach.sign_in, Behind::Google).await;
        assert!(page.is_ok(), "{page:?}");
        let again = world.server.integrations.list(&coach.actor).await.unwrap().remove(0).integration;
        assert_eq!(again.managed_user_id, first.managed_user_id);
        assert!(world.server.integrations.relist(&again).await.is_ok());
    }

    async fn nobody_gets_the_calendars_of_who_had_the_address_before(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        world.connect(&coach).await;
        world.db.run("UPDATE users SET email = 'new@example.org', email_key = 'new@example.org' WHERE email_key = 'amelie@example.org'").await;
        let other = world.coach("amelie").await;
        let taken = world.server.integrations.start_cal_connect(&other.actor, &other.sign_in, Behind::Google).await;
        assert!(matches!(taken, Err(CalConnectError::AddressTaken)), "{taken:?}");
        assert!(world.server.integrations.list(&other.actor).await.unwrap().is_empty());
    }

    async fn the_token_stays_while_the_coach_is_away(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        world.connect(&coach).await;
        // With less life than the journey may take: renewed before, not on the way.
        world.advance(Duration::from_mins(49)).await;
        world.forget().await;
        let integrations = &world.server.integrations;
        let page = integrations.start_cal_connect(&coach.actor, &coach.sign_in, Behind::Office365).await.expect("a page");
        assert_eq!(world.refreshes().await, (1, 0));
        world.advance(Duration::from_mins(9)).await;
        assert_eq!(world.server.tokens.refresh_due(10).await.unwrap(), 0);
        let back = world.visit(page.expose(), "tomas@microsoft.example", "allow").await;
        let finished = integrations.finish_cal_connect(&coach.actor, &coach.sign_in, Behind::Office365, state(&back).as_deref()).await;
        assert!(finished.is_ok(), "{finished:?}");
        assert_eq!(world.refreshes().await, (1, 1));
    }

    async fn a_revoked_calendar_is_mended_by_connecting_again(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let integration = world.connect(&coach).await;
        let before = world.found(&coach, integration.id).await.calendars;
        let path = format!("cal/credentials/{}", world.credential().await);
        world.control("PATCH", &path, json!({ "invalid": true })).await;
        world.server.sync.sync_one(&integration).await.expect("a read");
        assert_eq!(world.found(&coach, integration.id).await.integration.state.health, Health::NeedsReconnect);
        let id = world.try_connect(&coach, Behind::Google, MAYA, "allow").await.expect("connected again");
        assert_eq!(id, integration.id);
        let after = world.found(&coach, id).await;
        assert_eq!(after.integration.state.health, Health::Healthy);
        assert!(after.calendars.iter().all(|calendar| calendar.problem.is_none() && calendar.missing_since.is_none()));
        let counted = |calendars: &[wellmet::integrations::Calendar]| {
            calendars.iter().filter(|calendar| calendar.counts_busy).map(|calendar| calendar.id).collect::<Vec<_>>()
        };
        assert_eq!(counted(&before), counted(&after.calendars));
    }

    async fn looking_again_and_handing_on(db: TestDb) {
        let world = World::on(db).await;
        let (coach, other) = (world.coach("amelie").await, world.coach("bruno").await);
        let integrations = &world.server.integrations;
        let none = integrations.sync_cal_credentials(&coach.actor, Behind::Google).await;
        assert!(matches!(none, Err(CalConnectError::NotConnected)), "{none:?}");
        world.connect(&coach).await;
        integrations.sync_cal_credentials(&coach.actor, Behind::Google).await.expect("it works");
        let none = integrations.sync_cal_credentials(&coach.actor, Behind::Office365).await;
        assert!(matches!(none, Err(CalConnectError::NotConnected)), "{none:?}");
        // A state that Cal.com made for someone else's user is not handed on.
        let page = integrations.start_cal_connect(&other.actor, &other.sign_in, Behind::Google).await.expect("a page");
        let theirs = Clear::new(state(&url::Url::parse(page.expose()).unwrap()).unwrap());
        world.forget().await;
        let saved = integrations.save_cal_credentials(&coach.actor, Behind::Google, &theirs, &Clear::new("code")).await;
        assert!(matches!(saved, Err(CalConnectError::StateUnknown)), "{saved:?}");
        assert!(world.requests("/v2/calendars/google/save").await.is_empty());
        let saved = integrations.save_cal_credentials(&other.actor, Behind::Google, &theirs, &Clear::new("code")).await;
        assert!(matches!(saved, Err(CalConnectError::Refused)), "{saved:?}");
        assert_eq!(world.requests("/v2/calendars/google/save").await.len(), 1);
    }

    async fn disconnecting_disconnects_there_too(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let integration = world.connect(&coach).await;
        assert!(world.server.integrations.disconnect(&coach.actor, integration.id).await.unwrap());
        assert!(world.credentials().await.is_empty());
        assert_eq!(world.connect(&coach).await.id, integration.id);
    }
}
