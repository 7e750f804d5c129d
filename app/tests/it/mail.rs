//! Mail's pages: confirming an address, a new password, the demo's mailbox.

use axum::{
    body::Body,
    http::{StatusCode, header},
};
use wellmet::{
    model::Role,
    notices::mail::{Folder, KeptMail},
};

use crate::{
    site::{TestSite, cookie, form_request},
    support::{PASSWORD, TestDb, both_engines},
};

/// A site with a folder for mail, and the folder.
struct Post {
    site: TestSite,
    folder: Folder,
    _place: tempfile::TempDir,
}

impl Post {
    fn of(db: &TestDb) -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().to_str().unwrap();
        Self { site: TestSite::with(db.deps(), &[("MAIL_DIR", folder)]), folder: Folder::new(folder), _place: place }
    }

    /// The mail there is once everything that is due was done, the newest first.
    async fn mail(&self) -> Vec<KeptMail> {
        self.site.work().await;
        self.folder.list().unwrap()
    }
}

/// The path of the link in a mail.
fn link(mail: &KeptMail, path: &str) -> String {
    let start = format!("http://wellmet.test{path}/");
    let link = mail.text.split_whitespace().find(|word| word.starts_with(&start)).expect("a link");
    link.trim_start_matches("http://wellmet.test").to_owned()
}

both_engines! {
    async fn an_address_is_confirmed_by_the_button_alone(db: TestDb) {
        let post = Post::of(&db);
        let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
        let mails = post.mail().await;
        let path = link(&mails[0], "/verify");
        let looked = post.site.get(&path).await;
        assert_eq!(looked.status, StatusCode::OK);
        assert_eq!(looked.header("cache-control"), "no-store");
        assert!(looked.body.contains("ada@example.org") && looked.body.contains("Confirm this address"), "{}", looked.body);
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users WHERE email_checked_at IS NOT NULL").await, 0, "looking does nothing");
        let pressed = post.site.post(&path, "").await;
        assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, format!("{path}?done=address").as_str()));
        let thanks = post.site.get(pressed.header("location")).await.body;
        assert!(thanks.contains("Thank you. Your address is confirmed.") && !thanks.contains("Already confirmed"), "{thanks}");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users WHERE email_checked_at IS NOT NULL").await, 1);
        let again = post.site.get(&path).await;
        assert_eq!(again.status, StatusCode::OK);
        assert!(again.body.contains("Already confirmed") && !again.body.contains("Confirm this address"), "{}", again.body);
        assert_eq!(post.site.post(&path, "").await.header("location"), path, "a double click");
        let request = form_request("/settings/address-check").header(header::COOKIE, cookie(&secret));
        assert_eq!(post.site.send(request.body(Body::from("next=%2Fsettings")).unwrap()).await.header("location"), "/settings?done=check-sent");
        assert_eq!(post.mail().await.len(), 1, "a confirmed address is not asked again");
    }

    async fn links_that_do_not_work_say_so(db: TestDb) {
        let post = Post::of(&db);
        db.person("ada", Role::Mentee, "Europe/Paris").await;
        let path = link(&post.mail().await[0], "/verify");
        let made_up = "A".repeat(43);
        for (start, nothing) in [("/verify", ""), ("/reset", "new_password=a+whole+new+password")] {
            for secret in [made_up.as_str(), "short", "%00", "..%2F"] {
                for answer in [post.site.get(&format!("{start}/{secret}")).await, post.site.post(&format!("{start}/{secret}"), nothing).await] {
                    assert_eq!(answer.status, StatusCode::NOT_FOUND);
                    assert!(answer.body.contains("This link does not work any more"), "{}", answer.body);
                }
            }
        }
        db.clock().advance(std::time::Duration::from_hours(24));
        let (late, pressed) = (post.site.get(&path).await, post.site.post(&path, "").await);
        assert_eq!((late.status, pressed.status), (StatusCode::GONE, StatusCode::GONE));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users WHERE email_checked_at IS NOT NULL").await, 0);
    }

    async fn who_forgot_a_password_chooses_a_new_one(db: TestDb) {
        let post = Post::of(&db);
        let (_, old) = db.person("ada", Role::Mentee, "Europe/Paris").await;
        db.run("UPDATE users SET email_checked_at = created_at").await;
        assert!(post.site.get("/login").await.body.contains("href=\"/forgot\""));
        let known = post.site.post("/forgot", "email=ada%40example.org").await;
        let unknown = post.site.post("/forgot", "email=eve%40example.org").await;
        assert_eq!((known.status, known.header("location")), (unknown.status, unknown.header("location")));
        assert_eq!(known.header("location"), "/forgot?sent=1");
        assert!(post.site.get("/forgot?sent=1").await.body.contains("If there is an account with this address"));
        let mails = post.mail().await;
        assert_eq!((mails.len(), mails[0].to.as_str()), (1, "ada@example.org"));
        let path = link(&mails[0], "/reset");
        assert!(post.site.get(&path).await.body.contains("Set the new password"));
        let short = post.site.post(&path, "new_password=short").await;
        assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(short.body.contains("at least 10 characters") && !short.body.contains("value=\"short\""), "{}", short.body);
        let done = post.site.post(&path, "new_password=a+whole+new+password").await;
        assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/login?done=password-reset"));
        assert!(post.site.get(&path).await.body.contains("This link was used already"));
        assert!(db.accounts().authenticate(&old).await.unwrap().is_none());
        let sign_in = |password: &str| format!("email=ada%40example.org&password={}", password.replace(' ', "+"));
        assert_eq!(post.site.post("/login", &sign_in(PASSWORD)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(post.site.post("/login", &sign_in("a whole new password")).await.status, StatusCode::SEE_OTHER);
    }

    async fn the_mailbox_is_for_a_demo_alone(db: TestDb) {
        let post = Post::of(&db);
        db.person("ada", Role::Mentee, "Europe/Paris").await;
        let name = post.mail().await[0].name.clone();
        let paths = ["/mailbox".to_owned(), format!("/mailbox/{name}"), format!("/mailbox/{name}/html"), format!("/mailbox/{name}/mail.eml")];
        for path in &paths {
            assert_eq!(post.site.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        db.run("INSERT INTO site_facts (name, value) VALUES ('demo', 'yes')").await;
        for path in &paths {
            assert_eq!(post.site.get(path).await.status, StatusCode::OK, "{path}");
        }
        let list = post.site.get("/mailbox").await;
        assert!(list.body.contains("Confirm your address for Wellmet") && list.body.contains("ada@example.org"), "{}", list.body);
        let page = post.site.get(&paths[1]).await;
        assert!(page.body.contains("<iframe") && page.body.contains("sandbox=\"allow-top-navigation-by-user-activation\""), "{}", page.body);
        let html = post.site.get(&paths[2]).await;
        assert!(html.header("content-security-policy").contains("sandbox") && html.header("content-type").starts_with("text/html"));
        assert!(html.body.contains("<base target=\"_top\">"));
        assert_eq!(post.site.get(&paths[3]).await.header("content-type"), "message/rfc822");
        for nothing in ["/mailbox/none", "/mailbox/..%2Fx", &format!("/mailbox/{name}/invite.ics")] {
            assert_eq!(post.site.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
        }
        // With a mail server even a demo has none.
        let smtp = [("SMTP_URL", "smtp://127.0.0.1:9"), ("MAIL_FROM", "a@b.example")];
        assert_eq!(TestSite::with(db.deps(), &smtp).get("/mailbox").await.status, StatusCode::NOT_FOUND);
    }

    async fn those_concerned_are_told(db: TestDb) {
        let post = Post::of(&db);
        let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
        let settings = async |site: &TestSite| site.get_as("/settings?tab=security", &cookie(&secret)).await.body;
        assert!(!settings(&post.site).await.contains("Confirm your address"), "where no mail is sent nobody is asked to wait for one");
        let smtp = TestSite::with(db.deps(), &[("SMTP_URL", "smtp://127.0.0.1:9"), ("MAIL_FROM", "a@b.example")]);
        assert!(settings(&smtp).await.contains("Send it again"));
        db.run("INSERT INTO site_facts (name, value) VALUES ('demo', 'yes')").await;
        let asked = settings(&post.site).await;
        assert!(asked.contains("Send it again") && asked.contains("href=\"/mailbox\""), "{asked}");
        db.run("UPDATE users SET email_checked_at = created_at").await;
        assert!(!settings(&post.site).await.contains("Send it again"));
        db.admin("root").await;
        let form = format!("email=root%40example.org&password={}", PASSWORD.replace(' ', "+"));
        let signed_in = post.site.post("/login", &form).await;
        let admin = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
        let page = post.site.get_as("/admin", &admin).await.body;
        assert!(page.contains("Mail is off: SMTP_URL is not set.") && page.contains("href=\"/mailbox\""), "{page}");
        let page = smtp.get_as("/admin", &admin).await.body;
        assert!(!page.contains("Mail is off") && page.contains("through 127.0.0.1:9"), "{page}");
    }
}

#[tokio::test]
async fn asking_for_mails_is_limited() {
    let db = TestDb::sqlite().await;
    let site = TestSite::with(db.deps(), &[("LIMIT_MAILS_PER_ACCOUNT", "1")]);
    assert_eq!(site.post("/forgot", "email=a%40example.org").await.status, StatusCode::SEE_OTHER);
    let limited = site.post("/forgot", "email=a%40example.org").await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.body.contains("Too many mails") && !limited.header("retry-after").is_empty(), "{}", limited.body);
    let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
    let again = async || {
        let request = form_request("/settings/address-check").header(header::COOKIE, cookie(&secret)).body(Body::empty());
        site.send(request.unwrap()).await.status
    };
    assert_eq!((again().await, again().await), (StatusCode::SEE_OTHER, StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(site.post("/settings/address-check", "").await.header("location"), "/login?next=/");
}
