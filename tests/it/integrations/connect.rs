//! Connecting, reconnecting, disconnecting.

use serde_json::json;
use url::Url;
use wellmet::integrations::{
    Choice, FinishError, ProviderKind, Start, StartError,
    health::Health,
    outcome::{CallError, TokenError},
    providers::Feature,
    tokens::Force,
};

use super::world::{CONSENT, Decision, World};
use crate::support::{TestDb, both_engines};

both_engines! {
    async fn a_coach_comes_back_connected(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let coach = world.coach(slug).await;
            let account = format!("maya@{slug}.example");
            let id = world.connect(&coach, kind, &account).await;
            let connected = world.found(&coach, id).await;
            assert_eq!((connected.integration.kind, &connected.integration.account_label), (kind, &account));
            assert_eq!(connected.integration.state.health, Health::Healthy);
            assert!(!connected.integration.can_write);
            assert_eq!(connected.integration.last_ok_at, Some(world.db.now()));
            assert!(connected.calendars.len() >= 2, "{:?}", connected.calendars);
            for calendar in &connected.calendars {
                assert_eq!(calendar.counts_busy, calendar.primary, "{calendar:?}");
                assert!(!calendar.receives_bookings && calendar.missing_since.is_none() && calendar.problem.is_none());
            }
            let primary = connected.calendars.iter().filter(|calendar| calendar.primary).count();
            assert_eq!(primary, 1);
            let held = world.tokens.ensure_valid(&connected.integration, Force::No).await.expect("a token");
            let owner = world.control("POST", "tokens/owner", &json!({ "token": held.secret.expose() })).await;
            assert_eq!(owner["account"], account.as_str());
            // The first read is due at once, and until then nothing is known.
            assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM calendar_integrations WHERE sync_at IS NULL").await, 0);
            assert!(world.integrations.trust(&coach.actor).await.unwrap().known_until.is_some_and(|until| until < world.db.now()));
        }
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM oauth_states").await, 0);
    }

    async fn as_little_as_possible_is_asked_for(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let google = "https://www.googleapis.com/auth/calendar";
        let page = |start: Start| world.integrations.start_oauth(&coach.actor, &coach.sign_in, ProviderKind::Google, start);
        let query = |page: &str, name: &str| {
            let url = Url::parse(page).unwrap();
            url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        };
        let reading = page(Start::default()).await.unwrap().page;
        assert_eq!(query(&reading, "scope").unwrap(), format!("openid email {google}.calendarlist.readonly {google}.freebusy"));
        assert_eq!(query(&reading, "redirect_uri").unwrap(), "http://127.0.0.1:3000/integrations/google/callback");
        assert_eq!(query(&reading, "code_challenge_method").unwrap(), "S256");
        assert_eq!(query(&reading, "access_type").unwrap(), "offline");
        assert_eq!(query(&reading, "prompt").unwrap(), "consent");
        let writing = page(Start { wants_writing: true, ..Start::default() }).await.unwrap().page;
        assert!(query(&writing, "scope").unwrap().ends_with(".freebusy https://www.googleapis.com/auth/calendar.events.owned"));
        assert_ne!(query(&reading, "state"), query(&writing, "state"));
        assert_ne!(query(&reading, "code_challenge"), query(&writing, "code_challenge"));
    }

    async fn what_this_site_does_not_have_is_not_offered(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        for offered in world.integrations.offered() {
            let started = world.integrations.start_oauth(&coach.actor, &coach.sign_in, offered.kind, Start::default()).await;
            assert!(started.is_ok() || matches!(started, Err(StartError::NotOffered)), "{started:?}");
            assert!(offered.configured || started.is_err());
        }
    }

    async fn a_refusal_stores_nothing(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let coach = world.coach(slug).await;
            let callback = world.journey(&coach, kind, Start::default(), &format!("maya@{slug}.example"), Decision::Refuse).await;
            assert!(matches!(world.finish(&coach, kind, callback).await, Err(FinishError::Refused)));
            world.nothing_stored().await;
        }
    }

    async fn an_unticked_permission_is_named_and_nothing_stored(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        let reading = Start::default();
        let writing = Start { wants_writing: true, ..reading.clone() };
        for (start, unticked, feature) in [
            (reading.clone(), "calendar.freebusy", Feature::BusyTimes),
            (reading, "calendar.calendarlist.readonly", Feature::CalendarList),
            (writing, "calendar.events.owned", Feature::Writing),
        ] {
            // Each with an account of its own: what was granted before is included.
            let account = format!("{}@google.example", unticked.replace('.', "-"));
            world.control("POST", "accounts", &json!({ "provider": "google", "email": account })).await;
            let callback = world.journey(&coach, ProviderKind::Google, start, &account, Decision::AllowBut(unticked)).await;
            let finished = world.finish(&coach, ProviderKind::Google, callback).await;
            assert!(matches!(finished, Err(FinishError::MissingScope(named)) if named == feature), "{finished:?}");
            world.nothing_stored().await;
        }
    }

    async fn a_provider_that_fails_on_the_way_stores_nothing(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let coach = world.coach(slug).await;
            let account = format!("maya@{slug}.example");
            let paths = [token_path(slug), list_path(slug)];
            for path in paths {
                for (fault, expected) in [
                    (json!({ "kind": "status", "status": 503 }), Some(CallError::ProviderDown(503))),
                    (json!({ "kind": "malformed_json" }), None),
                    (json!({ "kind": "cut_body" }), None),
                    (json!({ "kind": "after_effect" }), Some(CallError::Unreachable)),
                ] {
                    let callback = world.journey(&coach, kind, Start::default(), &account, Decision::Allow).await;
                    world.fault(slug, path, fault, json!(1)).await;
                    let finished = world.finish(&coach, kind, callback).await;
                    let Err(FinishError::Provider(error)) = finished else { panic!("{finished:?}") };
                    assert!(expected.as_ref().is_none_or(|expected| *expected == error), "{error:?}");
                    world.clear_faults().await;
                    world.nothing_stored().await;
                }
            }
        }
    }

    async fn reconnecting_keeps_what_was_chosen_and_refuses_another_account(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let coach = world.coach(slug).await;
            let account = format!("maya@{slug}.example");
            let id = world.connect(&coach, kind, &account).await;
            let before = world.found(&coach, id).await;
            let busy: Vec<_> = before.calendars.iter().filter(|calendar| !calendar.primary).map(|calendar| calendar.id).collect();
            let choice = Choice { busy: busy.clone(), target: None };
            world.integrations.choose(&coach.actor, id, choice).await.expect("a choice");
            let again = Start { reconnect: Some(id), ..Start::default() };
            let callback = world.journey(&coach, kind, again.clone(), &format!("tomas@{slug}.example"), Decision::Allow).await;
            assert!(matches!(world.finish(&coach, kind, callback).await, Err(FinishError::WrongAccount)));
            assert_eq!(world.integrations.list(&coach.actor).await.unwrap().len(), 1);
            // And now the right one, with writing: a consent of its own that keeps the rest.
            let callback = world.journey(&coach, kind, Start { wants_writing: true, ..again.clone() }, &account, Decision::Allow).await;
            assert_eq!(world.finish(&coach, kind, callback).await.expect("reconnected"), id);
            let after = world.found(&coach, id).await;
            assert!(after.integration.can_write);
            let counted: Vec<_> = after.calendars.iter().filter(|calendar| calendar.counts_busy).map(|calendar| calendar.id).collect();
            assert_eq!(counted, busy);
            // What was granted is asked for again, whatever the wish.
            let page = world.integrations.start_oauth(&coach.actor, &coach.sign_in, kind, again).await.unwrap().page;
            let page = Url::parse(&page).unwrap();
            let value = |name: &str| page.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
            assert!(value("scope").is_some_and(|scope| scope.contains("calendar.events.owned") || scope.contains("ReadWrite")));
            assert_eq!(value("login_hint"), Some(account));
        }
    }

    async fn disconnecting_revokes_and_forgets_and_coming_back_finds_the_choice(db: TestDb) {
        let world = World::on(db).await;
        for (kind, slug) in CONSENT {
            let coach = world.coach(slug).await;
            let account = format!("maya@{slug}.example");
            let id = world.connect(&coach, kind, &account).await;
            let before = world.found(&coach, id).await;
            let all: Vec<_> = before.calendars.iter().map(|calendar| calendar.id).collect();
            world.integrations.choose(&coach.actor, id, Choice { busy: all.clone(), target: None }).await.expect("a choice");
            world.db.run("INSERT INTO calendar_busy (calendar_id, coach_id, starts_at, ends_at)
                SELECT id, coach_id, 1, 2 FROM integration_calendars
                WHERE integration_id IN (SELECT id FROM calendar_integrations WHERE health = 'healthy')").await;
            assert!(world.integrations.disconnect(&coach.actor, id).await.unwrap());
            assert!(!world.integrations.disconnect(&coach.actor, id).await.unwrap());
            let left = world.db.row("SELECT COUNT(access_sealed) + COUNT(refresh_sealed) + COUNT(sync_at) AS n FROM calendar_integrations").await;
            assert_eq!(left.get::<i64>("n").unwrap(), 0);
            assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM calendar_busy").await, 0);
            assert!(world.integrations.find(&coach.actor, id).await.unwrap().is_none());
            assert!(matches!(world.tokens.ensure_valid(&before.integration, Force::No).await, Err(TokenError::Disconnected)));
            assert!(world.integrations.trust(&coach.actor).await.unwrap().known_at.is_none());
            if kind == ProviderKind::Google {
                let grants = world.control("GET", "grants", &json!(null)).await;
                assert!(grants["grants"].as_array().unwrap().iter().all(|grant| grant["revoked"] == true), "{grants}");
            }
            assert_eq!(world.connect(&coach, kind, &account).await, id);
            let after = world.found(&coach, id).await;
            assert_eq!(after.integration.state.health, Health::Healthy);
            assert!(after.calendars.iter().all(|calendar| calendar.counts_busy && calendar.read_at.is_none()), "{:?}", after.calendars);
            world.integrations.disconnect(&coach.actor, id).await.unwrap();
        }
    }

    /// Whatever the provider does meanwhile.
    async fn disconnecting_does_not_wait_for_the_provider(db: TestDb) {
        let world = World::on(db).await;
        let coach = world.coach("amelie").await;
        for fault in [json!({ "kind": "status", "status": 500 }), json!({ "kind": "close" })] {
            let id = world.connect(&coach, ProviderKind::Google, "maya@google.example").await;
            world.fault("google", "/revoke", fault, json!(1)).await;
            assert!(world.integrations.disconnect(&coach.actor, id).await.unwrap());
            assert!(world.integrations.list(&coach.actor).await.unwrap().is_empty());
        }
    }

    /// Two coaches who share an account: one leaving does not cut the other off.
    async fn an_account_that_another_coach_uses_is_not_revoked(db: TestDb) {
        let world = World::on(db).await;
        let (amelie, bruno) = (world.coach("amelie").await, world.coach("bruno").await);
        let first = world.connect(&amelie, ProviderKind::Google, "maya@google.example").await;
        let second = world.connect(&bruno, ProviderKind::Google, "maya@google.example").await;
        assert!(world.integrations.disconnect(&amelie.actor, first).await.unwrap());
        let report = world.integrations.test(&bruno.actor, second).await.unwrap().unwrap();
        assert!(report.went_well(), "{report:?}");
    }
}

/// The token endpoint of `slug`, after the provider's prefix.
pub(super) fn token_path(slug: &str) -> &'static str {
    if slug == "google" { "/token" } else { "/common/oauth2/v2.0/token" }
}

/// Where `slug` lists calendars.
pub(super) fn list_path(slug: &str) -> &'static str {
    if slug == "google" { "/calendar/v3/users/me/calendarList" } else { "/v1.0/me/calendars" }
}
