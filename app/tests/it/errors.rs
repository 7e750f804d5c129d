//! What goes wrong is a page in words with the right status.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use wellmet::model::Role;

use crate::{
    site::{TestSite, cookie},
    support::{TestDb, both_engines},
};

#[tokio::test]
async fn what_is_not_there() {
    let db = TestDb::sqlite().await;
    let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
    let site = TestSite::new(&db);
    let answer = site.get("/nowhere").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("<title>There is nothing here · Wellmet</title>"));
    assert!(answer.body.contains("noindex") && answer.body.contains("Sign in"));
    // Whoever is signed in keeps their navigation.
    assert!(site.get_as("/nowhere", &cookie(&secret)).await.body.contains("My bookings"));
}

#[tokio::test]
async fn an_error_after_a_form_leads_back_to_its_page() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    // A page of an error after a form leads back to the page the form was on, by the same rules as a sign-in.
    let request = |referer: &str| crate::site::form_request("/theme").header(header::REFERER, referer).body(Body::from("theme=pink"));
    let page = site.send(request("http://wellmet.test/login?next=%2Fa").unwrap()).await;
    assert!(page.body.contains("name=\"next\" value=\"/login?next=%2Fa\""), "{}", page.body);
    let page = site.send(request("http://wellmet.test//evil.example").unwrap()).await;
    assert!(page.body.contains("name=\"next\" value=\"/\""), "{}", page.body);
}

#[tokio::test]
async fn what_takes_another_method() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let answer = site.get("/logout").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.body.contains("This address does not work that way"));
}

both_engines! {
    async fn a_database_that_is_gone_is_a_503_page(db: TestDb) {
        let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
        let store = db.second_server().await;
        let site = TestSite::with(db.deps_on(store.clone()), &[]);
        store.close().await;
        let answer = site.get_as("/", &cookie(&secret)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), "5");
        assert!(answer.body.contains("Back in a moment") && answer.body.contains("<h1>"), "{}", answer.body);
        // A page that needs no data is there for visitors.
        assert_eq!(site.get("/login").await.status, StatusCode::OK);
        let form = site.post("/login", "email=ada@example.org&password=whatever-it-is").await;
        assert_eq!(form.status, StatusCode::SERVICE_UNAVAILABLE);
    }

    async fn our_own_fault_shows_an_id_and_no_cause(db: TestDb) {
        let (_, secret) = db.person("ada", Role::Mentee, "Europe/Paris").await;
        let site = TestSite::new(&db);
        db.run("ALTER TABLE sign_ins RENAME TO sign_ins_away").await;
        let answer = site.get_as("/", &cookie(&secret)).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let id = answer.body.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("an incident");
        assert_eq!(id.len(), 26, "{id}");
        assert!(!answer.body.contains("sign_ins"), "{}", answer.body);
    }
}

#[tokio::test]
async fn server_functions_are_reached_and_unknown_ones_refused() {
    let db = TestDb::sqlite().await;
    let site = TestSite::new(&db);
    let request = Request::post("/srv/nothing").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = site.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
