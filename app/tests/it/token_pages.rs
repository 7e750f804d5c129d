//! Personal tokens in the settings: made, shown once, revoked.

use axum::http::{Method, StatusCode, header};
use wellmet::{
    accounts::{MOST_TOKENS, TokenScope},
    model::Role,
    time::Secret,
};

use crate::{
    asking::{Program, code},
    desk::post_as,
    site::{Answer, TestSite, cookie},
    support::{PASSWORD, TestDb, both_engines},
};

const FORM: &str = "name=My+%3CCRM%3E&scope=write&days=30";

/// The token that a page shows.
fn shown(page: &Answer) -> String {
    let rest = page.body.split("id=\"fresh-token\"").nth(1).expect("a token is shown");
    rest.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("its value").to_owned()
}

/// What revokes the token of a page that shows one.
fn way_to_revoke(page: &str) -> String {
    let id = page.split("href=\"/settings/tokens/").nth(1).and_then(|rest| rest.split('"').next()).expect("a way to revoke it");
    format!("/settings/tokens/{id}")
}

/// The id that the page's form has for what it makes.
fn form_id(page: &str) -> String {
    page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a hidden field").to_owned()
}

struct World {
    site: TestSite,
    secret: Secret,
    settings: &'static str,
}

impl World {
    async fn of(db: &TestDb, role: Role) -> Self {
        let (_, secret) = db.person("cleo", role, "Europe/Stockholm").await;
        let settings = if role == Role::Coach { "/dashboard/settings?tab=security" } else { "/settings?tab=security" };
        Self { site: TestSite::new(db), secret, settings }
    }

    async fn look(&self, path: &str) -> Answer {
        self.site.get_as(path, &cookie(&self.secret)).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        post_as(&self.site, &self.secret, path, form).await
    }
}

both_engines! {
    async fn it_is_shown_once_works_and_is_revoked(db: TestDb) {
        for role in [Role::Coach, Role::Mentee] {
            let db = if role == Role::Coach { &db } else { &TestDb::sqlite().await };
            let world = World::of(db, role).await;
            let page = world.look(world.settings).await;
            assert!(page.body.contains("API tokens") && !page.body.contains("End my API tokens too"));
            let form = format!("{FORM}&token={}", form_id(&page.body));

            let made = world.post("/settings/tokens", &form).await;
            assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"));
            assert!(!made.headers.contains_key(header::SET_COOKIE) && !made.headers.contains_key(header::LOCATION));
            let token = shown(&made);
            let program = Program::with(&world.site, &token);
            assert_eq!(program.get("/auth/me").await.status, StatusCode::OK);

            let page = world.look(world.settings).await;
            assert!(!page.body.contains(&token) && page.body.contains("My &lt;CRM"), "{}", page.body);
            let end = &token[token.len() - 4..];
            assert!(page.body.contains(&format!("Ends with {end}.")) && page.body.contains("Works until Wednesday 2 December 2026."));
            assert!(page.body.contains("Last used Monday 2 November 2026, 09:00."), "{}", page.body);
            assert!(page.body.contains("End my API tokens too"));

            // The same form once more: one token, and it is not shown again.
            let again = world.post("/settings/tokens", &form).await;
            assert!(again.status == StatusCode::OK && again.body.contains("made its token already") && !again.body.contains(&token));
            assert_eq!(db.count("SELECT COUNT(*) AS n FROM api_tokens").await, 1);

            let way = way_to_revoke(&page.body);
            let asked = world.look(&way).await;
            assert!(asked.body.contains("Revoke this token?") && asked.body.contains(&format!("action=\"{way}\"")), "{}", asked.body);
            let revoked = world.post(&way, "").await;
            assert_eq!(revoked.status, StatusCode::SEE_OTHER);
            assert!(revoked.header("location").ends_with("tab=security&done=token-revoked#api-tokens"));
            assert_eq!(code(&program.get("/auth/me").await, 401), "invalid_token");
            assert!(!world.look(world.settings).await.body.contains("My &lt;CRM"));
            assert_eq!(world.look(&way).await.status, StatusCode::NOT_FOUND);
        }
    }

    async fn what_is_wrong_is_said_and_kept(db: TestDb) {
        let world = World::of(&db, Role::Mentee).await;
        for (form, wrong) in [
            ("name=+&scope=read&days=30", "f-name"),
            ("name=a&scope=all&days=30", "f-scope"),
            ("name=a&scope=read&days=9999", "f-days"),
            ("scope=read&days=30", "f-name"),
        ] {
            let answer = world.post("/settings/tokens", form).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
            assert!(answer.body.contains(&format!("id=\"{wrong}-error\"")), "{form}: {}", answer.body);
            assert!(answer.body.contains("<title>Error: Settings"));
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM api_tokens").await, 0);
    }

    async fn another_persons_token_is_nobodys_business(db: TestDb) {
        let world = World::of(&db, Role::Coach).await;
        world.post("/settings/tokens", FORM).await;
        let way = way_to_revoke(&world.look(world.settings).await.body);
        let (_, stranger) = db.person("noa", Role::Mentee, "UTC").await;
        assert_eq!(world.site.get_as(&way, &cookie(&stranger)).await.status, StatusCode::NOT_FOUND);
        post_as(&world.site, &stranger, &way, "").await;
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM api_tokens WHERE revoked_at IS NULL").await, 1);
        let nobody = world.site.send(axum::http::Request::builder().method(Method::GET).uri(&way).body(axum::body::Body::empty()).unwrap()).await;
        assert!(nobody.header("location").starts_with("/login?next="), "{:?}", nobody.headers);
    }

    async fn there_are_twenty_at_most_and_the_page_says_so(db: TestDb) {
        let world = World::of(&db, Role::Mentee).await;
        for _ in 0..MOST_TOKENS {
            assert_eq!(world.post("/settings/tokens", FORM).await.status, StatusCode::OK);
        }
        let page = world.look(world.settings).await;
        assert!(page.body.contains("You have 20 tokens that work") && !page.body.contains("Make a token"));
        let full = world.post("/settings/tokens", FORM).await;
        assert_eq!(full.status, StatusCode::UNPROCESSABLE_ENTITY);
        // A month later they are over: seen as such, and there is room again.
        db.clock().advance(std::time::Duration::from_hours(29 * 24));
        let page = world.look(world.settings).await;
        assert!(page.body.contains("You have 20 tokens that work"), "{}", page.body);
        db.clock().advance(std::time::Duration::from_hours(24));
        let (identity, secret) = { let accounts = db.accounts(); accounts.sign_in("cleo@example.org", PASSWORD, &wellmet::accounts::ClientInfo::default()).await.unwrap() };
        let page = world.site.get_as(world.settings, &cookie(&secret)).await;
        assert!(page.body.contains("Expired") && page.body.contains("Ended Wednesday 2 December 2026.") && page.body.contains("Make a token"), "{}", page.body);
        assert!(world.site.app.accounts.create_token(identity.actor(), "one more", TokenScope::Read, std::time::Duration::from_hours(1)).await.is_ok());
    }

    async fn a_new_password_ends_tokens_only_if_one_says_so(db: TestDb) {
        let world = World::of(&db, Role::Mentee).await;
        let program = Program::with(&world.site, &shown(&world.post("/settings/tokens", FORM).await));
        let change = |from: &str, to: &str, more: &str| format!("current_password={from}&new_password={to}{more}");
        let [first, second] = ["another+good+one", "a+third+good+one"];
        let old = PASSWORD.replace(' ', "+");
        assert_eq!(world.post("/settings/password", &change(&old, first, "")).await.status, StatusCode::SEE_OTHER);
        assert_eq!(program.get("/auth/me").await.status, StatusCode::OK);
        assert_eq!(world.post("/settings/password", &change(first, second, "&end_tokens=true")).await.status, StatusCode::SEE_OTHER);
        assert_eq!(code(&program.get("/auth/me").await, 401), "invalid_token");
    }
}
