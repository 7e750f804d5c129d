//! `/api/auth/...`: joining, signing in and out, and who a token belongs to.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wellmet::{
    accounts::{LOGIN_TOKEN_LASTS, TokenScope},
    model::Role,
};

use crate::{
    asking::{Program, code, done, fields},
    site::{TestSite, cookie},
    support::{PASSWORD, TestDb, both_engines},
};

fn wish(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "name": "Jonas Weber", "role": "client", "time_zone": "Europe/Berlin" })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut().expect("an object").remove(field);
    body
}

fn token(answer: &Value) -> String {
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("bearer"), &json!(3600)));
    answer["access_token"].as_str().expect("a token").to_owned()
}

both_engines! {
    /// As the quick start goes: an account, a token, who one is, and the end of the token.
    async fn join_sign_in_and_leave(db: TestDb) {
        let site = TestSite::new(&db);
        let nobody = Program::nobody(&site);
        let joined = done(&nobody.post("/auth/register", &wish("Jonas@Example.com")).await, StatusCode::CREATED);
        let user = &joined["user"];
        assert_eq!(
            *user,
            json!({ "id": user["id"], "email": "Jonas@Example.com", "name": "Jonas Weber", "role": "client", "time_zone": "Europe/Berlin" })
        );
        // A token, and no sign-in of a browser.
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM sign_ins").await, 0);
        let first = Program::with(&site, &token(&joined));
        assert_eq!(done(&first.get("/auth/me").await, StatusCode::OK), *user);

        let login = json!({ "email": "jonas@example.COM", "password": PASSWORD });
        let second = Program::with(&site, &token(&done(&nobody.post("/auth/login", &login).await, StatusCode::OK)));
        assert_eq!(done(&second.get("/auth/me").await, StatusCode::OK), *user);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM sign_ins").await, 0);

        let left = second.ask(Method::POST, "/auth/logout", None).await;
        assert_eq!((left.status, left.body.as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(code(&second.get("/auth/me").await, 401), "invalid_token");
        assert_eq!(code(&second.ask(Method::POST, "/auth/logout", None).await, 401), "invalid_token");
        assert_eq!(first.get("/auth/me").await.status, StatusCode::OK, "the other token goes on");
    }

    async fn a_coach_joins_with_all_that_a_coach_has(db: TestDb) {
        let site = TestSite::new(&db);
        let nobody = Program::nobody(&site);
        let joined = done(&nobody.post("/auth/register", &with(wish("maya@example.com"), "role", json!("coach"))).await, StatusCode::CREATED);
        let maya = Program::with(&site, &token(&joined));
        let types = done(&maya.get("/coaches/me/session-types").await, StatusCode::OK);
        assert_eq!(types["session_types"][0]["name"], "Coaching session");
        assert!(!done(&maya.get("/coaches/me/availability").await, StatusCode::OK)["weekly"].as_array().unwrap().is_empty());
    }

    async fn what_cannot_join_is_named(db: TestDb) {
        let site = TestSite::new(&db);
        let nobody = Program::nobody(&site);
        let good = || wish("jonas@example.com");
        for (field, value) in [
            ("email", json!("jonas")),
            ("email", json!("jo\u{0}nas@example.com")),
            ("password", json!("short")),
            ("password", json!("x".repeat(201))),
            ("name", json!(" ")),
            ("name", json!("Jo\u{0}nas")),
            ("name", json!("x".repeat(81))),
            ("name", json!(7)),
            ("role", json!("admin")),
            ("time_zone", json!("Mars/Olympus")),
            ("is_admin", json!(true)),
        ] {
            let answer = nobody.post("/auth/register", &with(good(), field, value.clone())).await;
            assert_eq!(fields(&answer), [field], "{field} {value}");
        }
        for field in ["email", "password", "name", "role", "time_zone"] {
            let answer = nobody.post("/auth/register", &without(good(), field)).await;
            assert_eq!(code(&answer, 422), "invalid_field");
            assert!(answer.body.contains(field), "{}", answer.body);
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users").await, 0);
    }

    /// Whatever the password: whoever repeats themselves has the account, and signs in.
    async fn an_address_joins_once(db: TestDb) {
        let site = TestSite::new(&db);
        let nobody = Program::nobody(&site);
        done(&nobody.post("/auth/register", &wish("jonas@example.com")).await, StatusCode::CREATED);
        for again in [wish("JONAS@example.com"), with(wish("jonas@example.com"), "password", json!("another one entirely"))] {
            let answer = nobody.post("/auth/register", &again).await;
            assert_eq!(code(&answer, 409), "conflict");
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM api_tokens").await, 1);
    }

    async fn wrong_passwords_are_told_alike_and_counted(db: TestDb) {
        let site = TestSite::with(db.deps(), &[("LIMIT_SIGN_IN_PER_ACCOUNT", "3")]);
        let nobody = Program::nobody(&site);
        db.person("jonas", Role::Mentee, "Europe/Berlin").await;
        let guess = |email: &str, password: &str| json!({ "email": email, "password": password });
        let wrong = nobody.post("/auth/login", &guess("jonas@example.org", "not this one")).await;
        assert_eq!(code(&wrong, 401), "wrong_credentials");
        assert_eq!(wrong.header("www-authenticate"), r#"Bearer realm="wellmet""#);
        for (email, password) in [("nobody@example.org", PASSWORD), ("", ""), ("jo\u{0}nas", "\u{0}")] {
            let unknown = nobody.post("/auth/login", &guess(email, password)).await;
            assert_eq!(unknown.body, wrong.body, "{email}");
        }
        for (field, body) in [("email", guess(&"x".repeat(255), "x")), ("password", guess("x", &"x".repeat(201)))] {
            assert_eq!(fields(&nobody.post("/auth/login", &body).await), [field]);
        }
        for _ in 0..2 {
            assert_eq!(code(&nobody.post("/auth/login", &guess("jonas@example.org", "nor this")).await, 401), "wrong_credentials");
        }
        let locked = nobody.post("/auth/login", &guess("jonas@example.org", PASSWORD)).await;
        assert_eq!(code(&locked, 429), "too_many_requests");
        let wait: u64 = locked.header("retry-after").parse().expect("seconds");
        assert!((1..=900).contains(&wait), "{wait}");
        db.clock().advance(Duration::from_secs(wait));
        done(&nobody.post("/auth/login", &guess("jonas@example.org", PASSWORD)).await, StatusCode::OK);
    }

    async fn registrations_are_counted_by_address(db: TestDb) {
        let site = TestSite::with(db.deps(), &[("LIMIT_REGISTER_PER_ADDRESS", "2")]);
        let nobody = Program::nobody(&site);
        for name in ["a", "b"] {
            done(&nobody.post("/auth/register", &wish(&format!("{name}@example.com"))).await, StatusCode::CREATED);
        }
        let answer = nobody.post("/auth/register", &wish("c@example.com")).await;
        assert_eq!((code(&answer, 429).as_str(), answer.header("retry-after").is_empty()), ("too_many_requests", false));
    }

    async fn tokens_end_by_the_clock_by_their_scope_and_with_their_owner(db: TestDb) {
        let site = TestSite::new(&db);
        let (identity, secret) = db.person("jonas", Role::Mentee, "Europe/Berlin").await;
        let login = json!({ "email": "jonas@example.org", "password": PASSWORD });
        let by_login = Program::with(&site, &token(&done(&Program::nobody(&site).post("/auth/login", &login).await, StatusCode::OK)));
        let read = site.app.accounts.create_token(identity.actor(), "reading", TokenScope::Read, Duration::from_hours(48)).await.unwrap();
        let read = Program::with(&site, &read.expose());

        // A cookie is nobody.
        let cookie = site.get_as("/api/auth/me", &cookie(&secret)).await;
        assert_eq!((code(&cookie, 401).as_str(), cookie.header("www-authenticate")), ("unauthorized", r#"Bearer realm="wellmet""#));
        for bad in ["Bearer wm_x", "Bearer", "Basic am9uYXM6eA==", "Bearer wm_\u{e9}"] {
            let program = Program::authorized(&site, bad);
            let answer = program.get("/auth/me").await;
            assert_eq!(code(&answer, 401), "invalid_token", "{bad}");
            assert!(answer.header("www-authenticate").contains("invalid_token"));
            assert_eq!(code(&program.get("/coaches").await, 401), "invalid_token", "a bad token is not nobody");
        }

        db.clock().advance(LOGIN_TOKEN_LASTS);
        assert_eq!(code(&by_login.get("/auth/me").await, 401), "invalid_token");
        assert_eq!(read.get("/auth/me").await.status, StatusCode::OK);
        assert_eq!(code(&read.ask(Method::DELETE, "/coaches/me/session-types/01ARZ3NDEKTSV4RRFFQ69G5FAV", None).await, 403), "read_only_token");
        assert_eq!(read.ask(Method::POST, "/auth/logout", None).await.status, StatusCode::NO_CONTENT, "it may end itself");
        assert_eq!(code(&read.get("/auth/me").await, 401), "invalid_token");

        let personal = Program::of(&site, &identity).await;
        let admin = db.admin("root").await;
        db.accounts().set_active(&admin, identity.id(), false).await.unwrap();
        assert_eq!(code(&personal.get("/auth/me").await, 401), "invalid_token");
        assert_eq!(code(&Program::nobody(&site).post("/auth/login", &login).await, 401), "wrong_credentials");
    }
}
