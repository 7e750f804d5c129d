//! The pages of webhooks and of what is outstanding, as a coach and as an admin use them.

use std::time::Duration;

use app::server::{AppState, outbox};
use axum::http::StatusCode;
use wellmet::{
    accounts::{ClientInfo, CoachActor},
    model::Role,
    time::Secret,
};

use crate::{
    desk::{booked, post_as},
    receiver::{Receiver, Reply},
    site::{Answer, TestSite, cookie},
    support::{PASSWORD, TestDb, both_engines},
};

const LOCAL: [(&str, &str); 2] = [("WEBHOOK_NETWORKS", "127.0.0.0/8"), ("ALLOW_HTTP_WEBHOOKS", "yes")];
const EVERYTHING: &str = "kinds=booked&kinds=requested&kinds=confirmed&kinds=declined&kinds=expired&kinds=moved&kinds=cancelled\
    &kinds=completed&kinds=no_show&active=true";

/// A coach at a site whose webhooks may go to this machine, and a receiver there.
struct Office {
    db: TestDb,
    site: TestSite,
    app: AppState,
    coach: CoachActor,
    secret: Secret,
    receiver: Receiver,
}

impl Office {
    async fn on(db: TestDb) -> Self {
        let (identity, secret) = db.person("cleo", Role::Coach, "Europe/Stockholm").await;
        let (site, app) = TestSite::with_app(db.deps(), &LOCAL);
        Self { site, app, coach: identity.coach().expect("a coach"), secret, receiver: Receiver::start().await, db }
    }

    async fn get(&self, path: &str) -> Answer {
        let mut answer = self.site.get_as(path, &cookie(&self.secret)).await;
        answer.body = words(&answer.body);
        answer
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let mut answer = post_as(&self.site, &self.secret, path, form).await;
        answer.body = words(&answer.body);
        answer
    }

    fn form(&self, path: &str) -> String {
        format!("url={}&{EVERYTHING}", self.receiver.url(path).replace(':', "%3A").replace('/', "%2F"))
    }

    /// A webhook made through the form below `base`: its address and its secret. The receiver believes the secret.
    async fn hook(&self, base: &str) -> (String, String) {
        let made = self.post(&format!("{base}/new"), &self.form("/hook")).await;
        assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"), "{}", made.body);
        let secret = format!("whsec_{}", after(&made.body, "whsec_").chars().take(43).collect::<String>());
        let id: String = after(&made.body, &format!("href=\"{base}/")).chars().take(26).collect();
        self.receiver.trust(&[&secret], self.db.now().millis() / 1000);
        (format!("{base}/{id}"), secret)
    }

    /// Does what is due, as the running site does.
    async fn work(&self) {
        outbox::worker(&self.app).drain().await.expect("the worker works");
    }

    /// The address of the only delivery in the log of a webhook.
    async fn delivery(&self, hook: &str) -> String {
        let page = self.get(hook).await;
        let start = format!("href=\"{hook}/deliveries/");
        assert_eq!(page.body.matches(&start).count(), 1, "{}", page.body);
        format!("{hook}/deliveries/{}", after(&page.body, &start).chars().take(26).collect::<String>())
    }
}

/// A page's words without what HTML makes of them.
fn words(body: &str) -> String {
    body.replace("<!>", "").replace("&#x27;", "'").replace("&quot;", "\"")
}

/// What stands behind the first `mark`.
fn after<'a>(body: &'a str, mark: &str) -> &'a str {
    body.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {body}")).1
}

both_engines! {
    async fn a_coach_adds_a_webhook_and_sees_its_secret_once(db: TestDb) {
        let office = Office::on(db).await;
        let tab = office.get("/dashboard/settings?tab=notices").await;
        assert!(tab.body.contains("No webhook yet") && tab.body.contains("href=\"/dashboard/webhooks/new\""), "{}", tab.body);
        let form = office.get("/dashboard/webhooks/new").await;
        assert_eq!(form.body.matches("type=\"checkbox\"").count(), 10, "nine events and whether to send");
        let (hook, secret) = office.hook("/dashboard/webhooks").await;
        for path in [hook.clone(), "/dashboard/settings?tab=notices".to_owned(), format!("{hook}/secret"), format!("{hook}/remove")] {
            let page = office.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.body.contains("127.0.0.1") && !page.body.contains(&secret[6..]), "{path}");
        }
        // The form sent again, as by a reload of the page with the secret.
        let again = office.post("/dashboard/webhooks/new", &office.form("/hook")).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.body.contains("This address has a webhook already.") && !again.body.contains("whsec_"), "{}", again.body);
        let renewed = office.post(&format!("{hook}/secret"), "").await;
        assert!(renewed.body.contains("Until tomorrow the former secret signs as well") && !renewed.body.contains(&secret[6..]));
        assert!(office.get(&hook).await.body.contains("the former secret signs as well."));
        let removed = office.post(&format!("{hook}/remove"), "").await;
        assert_eq!(removed.header("location"), "/dashboard/settings?tab=notices&done=webhook-removed");
        assert_eq!(office.get(&hook).await.status, StatusCode::NOT_FOUND);
    }

    async fn mistakes_stand_beside_their_fields(db: TestDb) {
        let office = Office::on(db).await;
        let answer = office.post("/dashboard/webhooks/new", "url=http%3A%2F%2F10.0.0.1%2Fx&active=true").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        for part in [
            "<title>Error: Add a webhook",
            "id=\"f-url-error\"",
            "This address leads into a private network. Webhooks go to public addresses only.",
            "value=\"http://10.0.0.1/x\"",
            "id=\"f-kinds-error\"",
            "href=\"#f-kinds\"",
            "Tick at least one event.",
        ] {
            assert!(answer.body.contains(part), "{part} in {}", answer.body);
        }
        let (hook, _) = office.hook("/dashboard/webhooks").await;
        let wrong = office.post(&hook, "url=ftp%3A%2F%2Fx.test&kinds=booked").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("must begin with https://") && wrong.body.contains("value=\"ftp://x.test\""), "{}", wrong.body);
        let right = office.post(&hook, &format!("{}&kinds=booked", office.form("/other").split("&kinds").next().unwrap())).await;
        assert_eq!(right.header("location"), format!("{hook}?done=webhook"), "{}", right.body);
        let page = office.get(right.header("location")).await;
        assert!(page.body.contains("The webhook is saved.") && page.body.contains("chip\">Off"), "{}", page.body);
        assert_eq!(page.body.matches(" checked").count(), 1, "one event, and nothing is sent");
    }

    async fn a_test_and_a_replay_are_seen_in_the_log(db: TestDb) {
        let office = Office::on(db).await;
        let (hook, _) = office.hook("/dashboard/webhooks").await;
        let sent = office.post(&format!("{hook}/test"), "").await;
        let place = sent.header("location").to_owned();
        let waiting = office.get(&place).await;
        assert_eq!(waiting.header("refresh"), "3");
        assert!(waiting.body.contains("On its way") && waiting.body.contains("It was not tried yet."), "{}", waiting.body);
        office.receiver.script([Reply::status(500)]);
        office.work().await;
        let failed = office.get(&place).await;
        assert_eq!(failed.header("refresh"), "");
        assert!(failed.body.contains("Not delivered") && failed.body.contains("The receiver answered with status 500."), "{}", failed.body);
        let again = office.post(&format!("{}/again", place.split('?').next().unwrap()), "").await;
        assert!(again.header("location").ends_with("?done=tried-again"), "{}", again.body);
        office.work().await;
        let done = office.get(&place).await;
        assert!(done.body.contains("chip-ok\">Delivered") && done.body.contains("\"type\": \"ping\""), "{}", done.body);
        let received = office.receiver.received();
        assert_eq!((received.len(), received[0].id()), (2, received[1].id()));
    }

    async fn a_coach_reads_what_is_outstanding_and_tries_again(db: TestDb) {
        let office = Office::on(db).await;
        let (hook, secret) = office.hook("/dashboard/webhooks").await;
        assert!(office.get("/dashboard/outstanding").await.body.contains("Nothing is outstanding"));
        office.receiver.otherwise(Some(Reply::status(503)));
        booked(&office.db, office.coach, false).await;
        office.work().await;
        assert_eq!(office.receiver.received().len(), 1);
        let today = office.get("/dashboard").await;
        assert!(today.body.contains("One follow-up of your bookings could not be done yet."), "{}", today.body);
        let list = office.get("/dashboard/outstanding").await;
        for part in ["The webhook to 127.0.0.1:", "with m&lt;b&gt;ia", "The receiver answered with status 503.", "Next try in ", " seconds, after one try.", "Try now"] {
            assert!(list.body.contains(part), "{part} in {}", list.body);
        }
        let job: String = after(&list.body, "action=\"/dashboard/outstanding/").chars().take(26).collect();
        let (_, stranger) = office.db.person("otto", Role::Coach, "Europe/Berlin").await;
        let path = format!("/dashboard/outstanding/{job}/again");
        assert_eq!(post_as(&office.site, &stranger, &path, "").await.status, StatusCode::NOT_FOUND);
        assert!(!office.site.get_as("/dashboard/outstanding", &cookie(&stranger)).await.body.contains("127.0.0.1"));
        assert_eq!(office.post(&path, "").await.header("location"), "/dashboard/outstanding?done=tried-again");
        office.work().await;
        assert_eq!(office.receiver.received().len(), 1, "tried now, not in five seconds");
        // Given up in the end, and tried again once the receiver is back.
        for _ in 0..300 {
            office.db.clock().advance(Duration::from_mins(20));
            office.receiver.trust(&[&secret], office.db.now().millis() / 1000);
            office.work().await;
        }
        office.receiver.received();
        let (_, secret_again) = office.db.accounts().sign_in("cleo@example.org", PASSWORD, &ClientInfo::default()).await.unwrap();
        let office = Office { secret: secret_again, ..office };
        let list = office.get("/dashboard/outstanding").await;
        assert!(list.body.contains("Given up") && list.body.contains("Try again"), "{}", list.body);
        assert!(office.get(&office.delivery(&hook).await).await.body.contains("Given up"));
        office.receiver.otherwise(None);
        assert_eq!(office.post(&path, "").await.status, StatusCode::SEE_OTHER);
        assert!(office.post(&path, "").await.header("location").ends_with("done=not-tried"));
        office.work().await;
        assert!(office.get("/dashboard/outstanding").await.body.contains("Nothing is outstanding"));
        assert!(!office.get("/dashboard").await.body.contains("follow-up"));
    }

    async fn an_admin_has_webhooks_of_the_site_and_sees_all_jobs(db: TestDb) {
        let office = Office::on(db).await;
        office.db.admin("root").await;
        let (_, admin) = office.db.accounts().sign_in("root@example.org", PASSWORD, &ClientInfo::default()).await.unwrap();
        let (cleos, _) = office.hook("/dashboard/webhooks").await;
        let office = Office { secret: admin, ..office };
        assert!(office.get("/admin/webhooks").await.body.contains("No webhook yet"), "a coach's is not the site's");
        assert_eq!(office.get(&cleos.replace("/dashboard/", "/admin/")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(office.get(&cleos).await.status, StatusCode::FORBIDDEN);
        // The questions whether people's addresses are theirs.
        office.db.run("DELETE FROM jobs").await;
        assert!(office.get("/admin/jobs").await.body.contains("Nothing is to be done"));
        let (site, _) = office.hook("/admin/webhooks").await;
        office.receiver.otherwise(Some(Reply::Cut));
        booked(&office.db, office.coach, false).await;
        // The receiver believes the site's secret only.
        office.db.run("UPDATE webhook_endpoints SET active = 0 WHERE coach_id IS NOT NULL").await;
        office.work().await;
        assert_eq!(office.receiver.received().len(), 1);
        let jobs = office.get("/admin/jobs").await;
        for part in ["<td>Webhooks</td>", "The webhook to 127.0.0.1:", "with Cleo", "ended the connection without an answer", "Try now"] {
            assert!(jobs.body.to_lowercase().contains(&part.to_lowercase()), "{part} in {}", jobs.body);
        }
        let job: String = after(&jobs.body, "action=\"/admin/jobs/").chars().take(26).collect();
        office.receiver.otherwise(None);
        assert_eq!(office.post(&format!("/admin/jobs/{job}/again"), "").await.header("location"), "/admin/jobs?done=tried-again");
        office.work().await;
        assert!(office.get("/admin/jobs").await.body.contains("Nothing is outstanding"));
        assert!(office.get(&office.delivery(&site).await).await.body.contains("Delivered"));
    }

    async fn nobody_else_sees_any_of_it(db: TestDb) {
        let office = Office::on(db).await;
        let (hook, _) = office.hook("/dashboard/webhooks").await;
        booked(&office.db, office.coach, false).await;
        office.work().await;
        let delivery = office.delivery(&hook).await;
        let (_, other) = office.db.person("otto", Role::Coach, "Europe/Berlin").await;
        let (_, mentee) = office.db.person("nils", Role::Mentee, "Europe/Berlin").await;
        for path in [hook.clone(), format!("{hook}/secret"), format!("{hook}/remove"), delivery.clone()] {
            assert_eq!(office.site.get_as(&path, &cookie(&other)).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(office.site.get_as(&path, &cookie(&mentee)).await.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(office.site.get(&path).await.status, StatusCode::SEE_OTHER, "{path}");
        }
        for path in [hook.clone(), format!("{hook}/secret"), format!("{hook}/remove"), format!("{hook}/test"), format!("{delivery}/again")] {
            let form = if path == hook { office.form("/mine") } else { String::new() };
            assert_eq!(post_as(&office.site, &other, &path, &form).await.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(post_as(&office.site, &mentee, &path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        for path in ["/admin/webhooks", "/admin/jobs", "/admin/webhooks/new"] {
            assert_eq!(office.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert!(!office.site.get_as("/settings?tab=notices", &cookie(&mentee)).await.body.contains("Webhooks"));
        assert_eq!(office.get(&hook).await.status, StatusCode::OK, "and it is still there");
    }
}
