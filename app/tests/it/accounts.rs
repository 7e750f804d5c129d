//! Signing up, in and out through the pages.

use axum::{
    body::Body,
    http::{StatusCode, header},
};
use wellmet::model::Role;

use crate::{
    site::{Answer, TestSite, cookie, form_request},
    support::{PASSWORD, TestDb, both_engines},
};

const ADA: &str = "role=client&name=Ada&email=ada%40example.org&password=correct+horse+battery&time_zone=Europe%2FParis";

fn pair(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

both_engines! {
    async fn signing_up_signs_in(db: TestDb) {
        let site = TestSite::new(&db);
        let answer = site.post("/register", &format!("{ADA}&next=%2Fcoaches")).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/coaches"), "{}", answer.body);
        let page = site.get_as("/", &pair(&answer)).await;
        assert!(page.body.contains("Account of Ada") && page.body.contains("My bookings"), "{}", page.body);
    }

    async fn signing_up_twice_makes_one_account(db: TestDb) {
        let site = TestSite::new(&db);
        let (one, two) = tokio::join!(site.post("/register", ADA), site.post("/register", ADA));
        // A double click is not a mistake: both end signed in.
        assert_eq!((one.status, two.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM users").await, 1);
        let stranger = site.post("/register", &ADA.replace("correct+horse", "another+horse")).await;
        assert_eq!(stranger.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(stranger.body.contains("href=\"#f-email\""), "{}", stranger.body);
        assert_eq!(stranger.header("set-cookie"), "");
    }

    async fn signing_out_ends_it(db: TestDb) {
        let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
        let site = TestSite::new(&db);
        let request = form_request("/logout").header(header::COOKIE, cookie(&secret)).body(Body::empty()).unwrap();
        let answer = site.send(request).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/?done=signed-out"));
        assert!(answer.header("set-cookie").starts_with("wellmet=; Path=/; Max-Age=0"));
        assert!(db.accounts().authenticate(&secret).await.unwrap().is_none());
        assert!(site.get("/?done=signed-out").await.body.contains("You are signed out."));
        assert!(!site.get("/?done=You+won").await.body.contains("You won"));
    }
}

#[tokio::test]
async fn the_cookie_is_as_strict_as_the_address_allows() {
    let db = TestDb::sqlite().await;
    db.person("ada", Role::Mentee, "Europe/Paris").await;
    let form = format!("email=ada%40example.org&password={}", PASSWORD.replace(' ', "+"));
    let plain = TestSite::new(&db).post("/login", &form).await;
    let set = plain.header("set-cookie");
    assert!(set.starts_with("wellmet=") && set.ends_with("; Path=/; Max-Age=2592000; SameSite=Lax; HttpOnly"), "{set}");
    let secure = TestSite::with(db.deps(), &[("PUBLIC_URL", "https://wellmet.test")]).post("/login", &form).await;
    let set = secure.header("set-cookie");
    assert!(set.starts_with("__Host-wellmet=") && set.ends_with("; SameSite=Lax; HttpOnly; Secure"), "{set}");
    assert!(!set.contains("Domain"));
}

#[tokio::test]
async fn a_sign_in_leads_on_within_the_site_alone() {
    let db = TestDb::sqlite().await;
    db.person("ada", Role::Mentee, "Europe/Paris").await;
    db.person("cleo", Role::Coach, "Europe/Paris").await;
    let site = TestSite::new(&db);
    let after = async |name: &str, next: &str| {
        let form = format!("email={name}%40example.org&password={}&next={next}", PASSWORD.replace(' ', "+"));
        site.post("/login", &form).await.header("location").to_owned()
    };
    assert_eq!(after("ada", "%2Fcoaches%3Fq%3Da").await, "/coaches?q=a");
    for bad in ["", "%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example", "%2Fa%0D%0AX%3A+y", "coaches"] {
        assert_eq!(after("ada", bad).await, "/bookings", "{bad}");
    }
    assert_eq!(after("cleo", "").await, "/dashboard");
    // Nor does the page offer it.
    assert!(!site.get("/login?next=//evil.example").await.body.contains("evil.example\" />"));
    assert!(!site.get("/login?next=//evil.example").await.body.contains("name=\"next\" value=\"//evil"));
}

#[tokio::test]
async fn wrong_passwords_say_nothing_and_run_out() {
    let db = TestDb::sqlite().await;
    db.person("ada", Role::Mentee, "Europe/Paris").await;
    let site = TestSite::with(db.deps(), &[("LIMIT_SIGN_IN_PER_ACCOUNT", "2")]);
    let known = site.post("/login", "email=ada%40example.org&password=wrong-wrong").await;
    let unknown = site.post("/login", "email=eve%40example.org&password=wrong-wrong").await;
    assert_eq!((known.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    for answer in [&known, &unknown] {
        assert!(answer.body.contains("The address or the password is wrong.") && answer.header("set-cookie").is_empty());
    }
    assert!(known.body.contains("value=\"ada@example.org\""));
    site.post("/login", "email=ada%40example.org&password=wrong-wrong").await;
    let limited = site.post("/login", "email=ada%40example.org&password=wrong-wrong").await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(limited.body.contains("Too many attempts"));
}

#[tokio::test]
async fn the_browsers_zone_is_chosen_on_the_form() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    assert!(site.get_as("/register", "tz=Europe/Lisbon").await.body.contains("<option value=\"Europe/Lisbon\" selected>"));
    assert!(site.get_as("/register", "tz=\"><script>").await.body.contains("Choose a time zone"));
}
