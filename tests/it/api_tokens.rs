//! Bearer tokens of the REST API, on both engines.

use std::time::Duration;

use wellmet::{
    accounts::{
        Actor, ClientInfo, CreateTokenError, HashCost, Identity, IssuedToken, JoinError, LOGIN_TOKEN_LASTS, LinkPurpose, MOST_LOGIN_TOKENS,
        MOST_TOKENS, NewToken, PERSONAL_TOKEN_LASTS, PasswordHasher, Registration, SignInError, TokenKind, TokenScope,
    },
    limits::{LimitSettings, Limits},
    model::{Instant, Role},
    store::sql,
    time::Secret,
};

use crate::support::{PASSWORD, TestDb, accounts, both_engines};

const DAY: Duration = Duration::from_hours(24);

/// A personal token of `actor` for a day.
async fn personal(db: &TestDb, actor: Actor) -> IssuedToken {
    db.accounts().create_token(actor, "a program", TokenScope::Write, DAY).await.expect("a token")
}

/// A token from signing in.
async fn login(db: &TestDb, email: &str) -> (Identity, IssuedToken) {
    db.accounts().log_in(email, PASSWORD, &ClientInfo::default()).await.expect("a token")
}

async fn works(db: &TestDb, token: &IssuedToken) -> bool {
    db.accounts().by_api_token(&token.expose()).await.expect("an answer").is_some()
}

fn wish(email: &str) -> Registration {
    Registration {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        name: "Ada".to_owned(),
        role: Role::Coach,
        time_zone: "Europe/Paris".to_owned(),
    }
}

both_engines! {
    async fn what_is_stored_opens_nothing(db: TestDb) {
        let ada = db.mentee("ada").await;
        let (_, by_login) = login(&db, "ada@example.org").await;
        for token in [personal(&db, ada.into()).await, by_login] {
            let clear = token.expose();
            let secret = clear.strip_prefix("wm_").expect("a prefix");
            assert!(secret.len() >= 43, "256 bits: {}", secret.len());
            let row = sql("SELECT secret_hash, hint, name FROM api_tokens WHERE id = $1").bind(token.token.id).one(db.store()).await.unwrap();
            let (hash, hint, name): (String, String, String) = (row.get("secret_hash").unwrap(), row.get("hint").unwrap(), row.get("name").unwrap());
            assert!(secret.ends_with(&hint) && hint.len() == 4);
            assert!(!hash.contains(secret) && !secret.contains(&hash) && !name.contains(secret));
            for stored in [hash.clone(), format!("wm_{hash}")] {
                assert!(db.accounts().by_api_token(&stored).await.unwrap().is_none());
            }
            assert!(!format!("{token:?}").contains(secret), "a log would have it");
        }
    }

    async fn a_token_says_whose_it_is_until_its_end(db: TestDb) {
        let ada = db.mentee("ada").await;
        let made = db.accounts().create_token(ada.into(), " My\u{0} CRM ", TokenScope::Read, DAY).await.unwrap();
        let (identity, token) = db.accounts().by_api_token(&made.expose()).await.unwrap().expect("it works");
        assert_eq!((identity.id(), token.kind, token.scope, token.name.as_str()), (ada.id(), TokenKind::Personal, TokenScope::Read, "My CRM"));
        assert_eq!((token.last_used_at, token.expires_at), (None, db.now() + DAY));
        db.clock().advance(Duration::from_mins(4));
        let used = |tokens: Vec<wellmet::accounts::ApiToken>| tokens[0].last_used_at;
        let first_use: Option<Instant> = used(db.accounts().tokens(ada.into()).await.unwrap());
        works(&db, &made).await;
        assert_eq!((first_use, used(db.accounts().tokens(ada.into()).await.unwrap())), (Some(token.created_at), first_use), "noted every five minutes");
        db.clock().advance(Duration::from_mins(1));
        works(&db, &made).await;
        assert_eq!(used(db.accounts().tokens(ada.into()).await.unwrap()), Some(db.now()));

        db.clock().set(made.token.expires_at - Duration::from_millis(1));
        assert!(works(&db, &made).await);
        db.clock().advance(Duration::from_millis(1));
        assert!(!works(&db, &made).await);
        assert!(db.accounts().tokens(ada.into()).await.unwrap()[0].is_over(db.now()), "it is still seen");
        let without_prefix = made.expose().replace("wm_", "");
        for noise in ["", "wm_", "wm_x", "wm_\u{0}", without_prefix.as_str()] {
            assert!(db.accounts().by_api_token(noise).await.unwrap().is_none(), "{noise}");
        }
    }

    async fn what_cannot_be_a_token_is_named(db: TestDb) {
        let ada = db.mentee("ada").await;
        for (name, lasts, field) in [(" ", DAY, "name"), (&*"x".repeat(61), DAY, "name"), ("a", Duration::ZERO, "lasts"), ("a", PERSONAL_TOKEN_LASTS + Duration::from_secs(1), "lasts")] {
            let made = db.accounts().create_token(ada.into(), name, TokenScope::Read, lasts).await;
            assert!(matches!(&made, Err(CreateTokenError::Invalid(errors)) if errors.about(field).is_some()), "{made:?}");
        }
    }

    /// Two servers make tokens at once: there are never more than may be.
    async fn twenty_work_at_most(db: TestDb) {
        let ada = db.mentee("ada").await;
        let second = db.second_server().await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..MOST_TOKENS + 4 {
            let here = if number % 2 == 0 { db.accounts() } else { accounts(db.deps_on(second.clone()), LimitSettings::NONE) };
            tasks.spawn(async move { here.create_token(ada.into(), "again", TokenScope::Read, DAY).await });
        }
        let refused: Vec<_> = tasks.join_all().await.into_iter().filter_map(Result::err).collect();
        assert!(refused.len() == 4 && refused.iter().all(|error| matches!(error, CreateTokenError::Full)), "{refused:?}");
        let tokens = db.accounts().tokens(ada.into()).await.unwrap();
        assert_eq!(tokens.len(), MOST_TOKENS);
        assert!(db.accounts().revoke_token(ada.into(), tokens[0].id).await.unwrap());
        personal(&db, ada.into()).await;
        second.close().await;
    }

    async fn a_form_that_is_sent_twice_makes_one(db: TestDb) {
        let (ada, bob) = (db.mentee("ada").await, db.mentee("bob").await);
        let new = NewToken { id: Some(db.ids().id(db.now())), name: "once".to_owned(), scope: TokenScope::Read, lasts: DAY };
        db.accounts().make_token(ada.into(), new.clone()).await.unwrap();
        for actor in [Actor::from(ada), bob.into()] {
            assert!(matches!(db.accounts().make_token(actor, new.clone()).await, Err(CreateTokenError::Made)));
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM api_tokens").await, 1);
    }

    async fn only_its_owner_revokes_a_token(db: TestDb) {
        let (ada, bob) = (db.mentee("ada").await, db.mentee("bob").await);
        let token = personal(&db, ada.into()).await;
        assert!(!db.accounts().revoke_token(bob.into(), token.token.id).await.unwrap() && works(&db, &token).await);
        assert!(db.accounts().revoke_token(ada.into(), token.token.id).await.unwrap() && !works(&db, &token).await);
        assert!(!db.accounts().revoke_token(ada.into(), token.token.id).await.unwrap(), "it was ended before");
        assert!(db.accounts().tokens(ada.into()).await.unwrap().is_empty());
    }

    /// As at signing in: a stale hash is renewed, what was counted is forgiven, and there is no sign-in of a browser.
    async fn signing_in_over_the_api_is_signing_in(db: TestDb) {
        db.mentee("ada").await;
        db.run("DELETE FROM sign_ins").await;
        let costlier = HashCost { passes: 2, ..HashCost::CHEAPEST };
        let limits = Limits::new(db.deps(), LimitSettings { sign_in_per_account: 2, ..LimitSettings::NONE });
        let service = wellmet::accounts::Accounts::new(db.deps(), limits, PasswordHasher::new(costlier));
        let from = ClientInfo::default();
        for _ in 0..3 {
            assert!(matches!(service.log_in("ada@example.org", "wrong", &from).await, Err(SignInError::Wrong)));
            service.log_in("ADA@example.org", PASSWORD, &from).await.expect("a token");
        }
        for _ in 0..2 {
            assert!(matches!(service.log_in("ada@example.org", "wrong", &from).await, Err(SignInError::Wrong)));
        }
        assert!(matches!(service.log_in("ada@example.org", PASSWORD, &from).await, Err(SignInError::TooMany { .. })));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users WHERE password_hash LIKE '%t=2%'").await, 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM sign_ins").await, 0);
        let (_, token) = login(&db, "ada@example.org").await;
        assert_eq!((token.token.kind, token.token.expires_at), (TokenKind::Login, db.now() + LOGIN_TOKEN_LASTS));
    }

    /// Two servers sign one person in at once: fifty tokens work, the newest; nobody else's and no personal one ends for it.
    async fn the_oldest_of_fifty_logins_ends(db: TestDb) {
        let (ada, _) = (db.mentee("ada").await, db.mentee("bob").await);
        let (own, others) = (personal(&db, ada.into()).await, login(&db, "bob@example.org").await.1);
        let mut made = Vec::new();
        for _ in 0..MOST_LOGIN_TOKENS {
            db.clock().advance(Duration::from_millis(1));
            made.push(login(&db, "ada@example.org").await.1);
        }
        assert!(works(&db, &made[0]).await, "fifty fit");
        db.clock().advance(Duration::from_millis(1));
        let last = login(&db, "ada@example.org").await.1;
        assert_eq!((works(&db, &made[0]).await, works(&db, &made[1]).await, works(&db, &last).await), (false, true, true));
        db.clock().advance(Duration::from_millis(1));
        let second = db.second_server().await;
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..6 {
            let here = if number % 2 == 0 { db.accounts() } else { accounts(db.deps_on(second.clone()), LimitSettings::NONE) };
            tasks.spawn(async move { here.log_in("ada@example.org", PASSWORD, &ClientInfo::default()).await.expect("a token") });
        }
        tasks.join_all().await;
        let live = db.count("SELECT COUNT(*) AS n FROM api_tokens t JOIN users u ON u.id = t.user_id
            WHERE u.email = 'ada@example.org' AND t.kind = 'login' AND t.revoked_at IS NULL").await;
        assert_eq!(usize::try_from(live), Ok(MOST_LOGIN_TOKENS));
        assert_eq!((works(&db, &own).await, works(&db, &others).await), (true, true));
        second.close().await;
    }

    async fn registering_over_the_api_signs_no_browser_in(db: TestDb) {
        let (identity, token) = db.accounts().register_over_api(wish("ada@example.org"), &ClientInfo::default()).await.unwrap();
        assert_eq!((identity.role(), token.token.kind), (Role::Coach, TokenKind::Login));
        assert!(works(&db, &token).await);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM sign_ins").await, 0);
        let again = db.accounts().register_over_api(wish("ADA@example.org"), &ClientInfo::default()).await;
        assert!(matches!(again, Err(JoinError::Taken)), "{again:?}");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM api_tokens").await, 1);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'account_mail'").await, 1, "the address is asked about");
    }

    async fn a_new_password_ends_what_the_old_one_opened(db: TestDb) {
        let (ada, keep) = db.person("ada", Role::Mentee, "UTC").await;
        let bob = db.mentee("bob").await;
        let others = [personal(&db, bob.into()).await, login(&db, "bob@example.org").await.1];
        let (by_login, own) = (login(&db, "ada@example.org").await.1, personal(&db, ada.actor()).await);
        let service = db.accounts();
        service.change_password(ada.actor(), (PASSWORD, "another good one"), &keep, false).await.unwrap();
        assert_eq!((works(&db, &by_login).await, works(&db, &own).await), (false, true));
        service.change_password(ada.actor(), ("another good one", PASSWORD), &keep, true).await.unwrap();
        assert!(!works(&db, &own).await);

        let (by_login, own) = (login(&db, "ada@example.org").await.1, personal(&db, ada.actor()).await);
        let secret = reset_link(&db, &ada).await;
        service.reset_password(&secret, "one more good one").await.unwrap();
        assert_eq!((works(&db, &by_login).await, works(&db, &own).await), (false, false));
        for token in &others {
            assert!(works(&db, token).await, "other people's go on");
        }
    }

    async fn a_shut_account_has_no_tokens_that_work(db: TestDb) {
        let (ada, admin) = (db.mentee("ada").await, db.admin("root").await);
        let (own, by_login) = (personal(&db, ada.into()).await, login(&db, "ada@example.org").await.1);
        db.accounts().set_active(&admin, ada.id(), false).await.unwrap();
        assert_eq!((works(&db, &own).await, works(&db, &by_login).await), (false, false));
        assert!(matches!(db.accounts().log_in("ada@example.org", PASSWORD, &ClientInfo::default()).await, Err(SignInError::Wrong)));
        assert!(db.accounts().create_token(ada.into(), "late", TokenScope::Read, DAY).await.is_err());
        db.accounts().set_active(&admin, ada.id(), true).await.unwrap();
        assert_eq!((works(&db, &own).await, works(&db, &by_login).await), (true, false), "programs go on, sign-ins do not");
    }

    async fn what_is_over_goes_in_time(db: TestDb) {
        let ada = db.mentee("ada").await;
        let service = db.accounts();
        login(&db, "ada@example.org").await;
        personal(&db, ada.into()).await;
        let revoked = service.create_token(ada.into(), "revoked", TokenScope::Read, PERSONAL_TOKEN_LASTS).await.unwrap();
        service.revoke_token(ada.into(), revoked.token.id).await.unwrap();
        let lasting = service.create_token(ada.into(), "lasting", TokenScope::Read, PERSONAL_TOKEN_LASTS).await.unwrap();
        let mut swept = Vec::new();
        for wait in [Duration::ZERO, LOGIN_TOKEN_LASTS, 29 * DAY, DAY, DAY] {
            db.clock().advance(wait);
            swept.push(service.sweep().await.unwrap().tokens);
        }
        assert_eq!(swept, [0, 1, 0, 1, 1], "a login at its end, others a month after theirs");
        assert!(works(&db, &lasting).await);
    }
}

/// A link to choose a new password, as the mail has it.
async fn reset_link(db: &TestDb, of: &Identity) -> Secret {
    let secret = db.ids().secret();
    let mut tx = db.store().begin().await.expect("a transaction");
    sql("INSERT INTO mail_links (secret_hash, purpose, user_id, email_key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(secret.hash())
        .bind(LinkPurpose::ResetPassword.as_str())
        .bind(of.id())
        .bind(of.email())
        .bind(db.now())
        .bind(db.now() + Duration::from_hours(1))
        .run(&mut tx)
        .await
        .expect("a link");
    tx.commit().await.expect("a commit");
    secret
}
