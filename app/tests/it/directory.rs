//! Finding a coach: the directory, a coach's page, the front page.

use std::time::Duration;

use axum::http::StatusCode;
use wellmet::{
    accounts::{Actor, CoachActor},
    coaches::{Coaches, Offers, OverrideDraft, ProfileDraft},
};

use crate::{
    site::{TestSite, cookie},
    support::{TestDb, both_engines},
};

const LISBON: &str = "tz=Europe/Lisbon";

fn coaches(db: &TestDb) -> Coaches {
    Coaches::new(db.deps(), Offers::new(db.store().clone()))
}

fn draft(slug: &str) -> ProfileDraft {
    ProfileDraft {
        slug: slug.to_owned(),
        headline: format!("{slug} listens"),
        bio: "First.\nStill first.\n\nSecond.".to_owned(),
        languages: vec!["English".to_owned()],
        topics: vec!["Leadership".to_owned()],
        listed: true,
    }
}

/// A coach in Berlin, free on weekdays from nine to five, twelve hours ahead: from Tuesday 3 November on.
async fn coach(db: &TestDb, slug: &str, change: impl FnOnce(&mut ProfileDraft)) -> CoachActor {
    db.clock().advance(Duration::from_secs(1));
    let coach = db.coach(slug).await;
    let mut draft = draft(slug);
    change(&mut draft);
    coaches(db).update_profile(&coach, draft).await.expect("a profile");
    coach
}

async fn rename(db: &TestDb, coach: CoachActor, name: &str) {
    db.accounts().update_profile(Actor::Coach(coach), name, "Europe/Berlin").await.expect("a name");
}

/// Closes a coach's days from Monday 2 November, so many of them.
async fn close(db: &TestDb, coach: CoachActor, days: u64) {
    for day in chrono::NaiveDate::from_ymd_opt(2026, 11, 2).unwrap().iter_days().take(usize::try_from(days).unwrap()) {
        let closed = OverrideDraft { date: day.to_string(), windows: vec![] };
        coaches(db).set_override(&coach, closed).await.expect("a closed day");
    }
}

/// The slugs of the coaches on a page, in order.
fn shown(body: &str) -> Vec<&str> {
    body.split("<h3><a href=\"/coaches/").skip(1).filter_map(|rest| rest.split(['"', '?']).next()).collect()
}

/// The first link with these words, as a path.
fn link(body: &str, mark: &str) -> String {
    let (before, _) = body.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {body}"));
    let tag = &before[before.rfind("href=\"").expect("a link") + 6..];
    tag.split('"').next().expect("its end").replace("&amp;", "&")
}

both_engines! {
    async fn words_topics_and_languages_narrow(db: TestDb) {
        coach(&db, "ada", |draft| draft.topics = vec!["Pricing".to_owned(), "Leadership".to_owned()]).await;
        coach(&db, "bo", |draft| draft.languages = vec!["Māori".to_owned()]).await;
        let site = TestSite::new(&db);
        let page = site.get("/coaches").await;
        assert_eq!((page.status, shown(&page.body)), (StatusCode::OK, vec!["ada", "bo"]), "{}", page.body);
        assert!(page.body.contains("Two coaches"), "{}", page.body);
        for (path, found) in [
            ("/coaches?q=ADA+listens", &["ada"][..]),
            ("/coaches?topic=pricing", &["ada"]),
            ("/coaches?language=M%C4%81ori", &["bo"]),
            ("/coaches?q=&topic=Leadership&language=", &["ada", "bo"]),
        ] {
            let page = site.get(path).await;
            assert_eq!(shown(&page.body), found, "{path}");
        }
        // Every choice keeps what else was chosen, and its count is what it leaves.
        let narrowed = site.get("/coaches?q=listens&language=M%C4%81ori").await.body;
        assert!(narrowed.contains("href=\"/coaches?q=listens&amp;topic=Leadership&amp;language=M%C4%81ori\""), "{narrowed}");
        assert!(!narrowed.contains("Pricing"), "{narrowed}");
        assert!(site.get("/coaches?topic=pricing").await.body.contains("One coach on pricing"));
        let nobody = site.get("/coaches?q=zebra&topic=Pricing").await.body;
        assert!(nobody.contains("Nobody found") && nobody.contains("value=\"zebra\""), "{nobody}");
        assert_eq!(link(&nobody, ">Show all coaches"), "/coaches");
    }

    async fn pages_show_each_coach_once(db: TestDb) {
        for n in 0..21 {
            coach(&db, &format!("coach-{n:02}"), |_| {}).await;
        }
        let site = TestSite::new(&db);
        let first = site.get("/coaches?topic=Leadership&tz=Europe%2FLisbon").await.body;
        assert!(first.contains("21 coaches on Leadership"), "{first}");
        let next = link(&first, ">Next<");
        assert!(next.starts_with("/coaches?topic=Leadership&tz=Europe/Lisbon&after="), "{next}");
        let second = site.get(&next).await.body;
        let mut all: Vec<_> = [shown(&first), shown(&second)].concat();
        assert_eq!((shown(&first).len(), all.len()), (20, 21));
        assert!(!second.contains(">Next<") && second.contains("Back to the first coaches"), "{second}");
        all.dedup();
        assert!(all.len() == 21 && all.is_sorted(), "{all:?}");
        assert_eq!(shown(&site.get("/coaches?after=nonsense").await.body).len(), 20);
    }

    async fn who_cannot_be_found_is_not_there(db: TestDb) {
        coach(&db, "unlisted", |draft| draft.listed = false).await;
        let gone = coach(&db, "gone", |_| {}).await;
        let admin = db.admin("root").await;
        db.accounts().set_active(&admin, gone.id(), false).await.expect("an answer");
        let site = TestSite::new(&db);
        for path in ["/", "/coaches", "/coaches?q=listens", "/coaches?free_from=2026-11-03"] {
            let page = site.get(path).await.body;
            assert!(!page.contains("unlisted") && !page.contains("gone listens"), "{path}: {page}");
        }
        assert!(site.get("/coaches").await.body.contains("No coaches yet"));
        assert!(site.get("/").await.body.contains("The first coaches are still on their way"));
        let unlisted = site.get("/coaches/unlisted").await;
        assert!(unlisted.status == StatusCode::OK && unlisted.body.contains("noindex"), "{}", unlisted.body);
        for path in ["/coaches/gone", "/coaches/nobody", "/coaches/%00", "/coaches/UPPER", "/coaches/gone/coaching-session"] {
            assert_eq!(site.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn text_stays_text(db: TestDb) {
        let nasty = "\"><script>alert(1)</script>&amp;";
        let ada = coach(&db, "ada", |draft| {
            draft.headline = nasty.to_owned();
            draft.bio = format!("{nasty}\n\n{nasty}");
            draft.topics = vec![nasty.to_owned()];
        }).await;
        rename(&db, ada, nasty).await;
        let site = TestSite::new(&db);
        let query = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
        for path in ["/".to_owned(), "/coaches".to_owned(), "/coaches/ada".to_owned(), format!("/coaches?q={query}&topic={query}&language={query}&free_from={query}")] {
            let page = site.get(&path).await.body;
            assert!(page.contains("alert(1)") && !page.contains("<script>alert"), "{path}: {page}");
            assert!(!page.contains("=\"\">"), "{path}: {page}");
        }
    }

    async fn free_time_is_real_and_on_the_visitors_clock(db: TestDb) {
        coach(&db, "ada", |_| {}).await;
        let bo = coach(&db, "bo", |_| {}).await;
        close(&db, bo, 7).await;
        let site = TestSite::new(&db);
        let lisbon = site.get_as("/coaches", LISBON).await.body;
        assert!(lisbon.contains("Tue 3 Nov, 08:00") && lisbon.contains("Mon 9 Nov, 08:00"), "{lisbon}");
        assert!(lisbon.contains("Times are in Europe/Lisbon") && lisbon.contains("one hour ahead of you"), "{lisbon}");
        assert_eq!(link(&lisbon, "<time datetime=\"2026-11-03T08:00:00Z\""), "/coaches/ada/coaching-session?day=2026-11-03");
        let unknown = site.get_as("/coaches", "tz=Mars%2FOlympus").await.body;
        assert!(unknown.contains("Times are in UTC"), "{unknown}");
        // In Auckland that Tuesday morning is Tuesday evening; what the address asks for wins over the cookie.
        let auckland = site.get_as("/coaches?tz=Pacific/Auckland", LISBON).await.body;
        assert!(auckland.contains("Tue 3 Nov, 21:00") && auckland.contains("/coaches/ada?tz=Pacific/Auckland"), "{auckland}");
        for (days, found) in [
            ("free_from=2026-11-03&free_until=2026-11-03", &["ada"][..]),
            ("free_from=2026-11-02&free_until=2026-11-02", &[]),
            ("free_from=2026-11-07&free_until=2026-11-08", &[]),
            ("free_until=2026-11-09", &["ada", "bo"]),
            ("free_from=2026-11-09&q=bo", &["bo"]),
            ("free_from=2026-12-30", &["ada", "bo"]),
            ("free_from=2027-02-01", &[]),
        ] {
            let page = site.get_as(&format!("/coaches?{days}"), LISBON).await;
            assert_eq!((page.status, shown(&page.body)), (StatusCode::OK, found.to_vec()), "{days}");
        }
        // The first hour of Tuesday in Berlin is still Monday in Los Angeles.
        let monday = site.get_as("/coaches?free_until=2026-11-03&free_from=2026-11-02", "tz=America/Los_Angeles").await.body;
        assert!(monday.contains("One coach, free between Mon 2 Nov and Tue 3 Nov") && monday.contains("Tue 3 Nov, 00:00"), "{monday}");
        let nobody = site.get_as("/coaches?free_from=2026-11-07&free_until=2026-11-08", LISBON).await.body;
        assert_eq!(link(&nobody, ">Show them at any time"), "/coaches", "{nobody}");
    }

    async fn days_that_cannot_be_are_named_and_kept(db: TestDb) {
        coach(&db, "ada", |_| {}).await;
        let site = TestSite::new(&db);
        for (days, field, kept) in [
            ("free_from=soon", "f-free_from", "soon"),
            ("free_from=2026-11-09&free_until=2026-11-08", "f-free_until", "2026-11-08"),
            ("free_until=2026-11-01", "f-free_until", "2026-11-01"),
            ("free_from=9999-01-01", "f-free_from", "9999-01-01"),
            ("free_until=2027-11-01", "f-free_until", "2027-11-01"),
        ] {
            let page = site.get(&format!("/coaches?q=ada&{days}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
            for part in [format!("href=\"#{field}\""), format!("id=\"{field}-error\""), format!("value=\"{kept}\""), "value=\"ada\"".to_owned()] {
                assert!(page.body.contains(&part), "{days}: no {part} in {}", page.body);
            }
        }
    }

    async fn a_coachs_page(db: TestDb) {
        let ada = coach(&db, "ada", |_| {}).await;
        let site = TestSite::new(&db);
        // Without the framework's markers between texts.
        let page = site.get_as("/coaches/ada", LISBON).await.body.replace("<!>", "");
        for part in [
            "<title>ada: ada listens · Wellmet</title>",
            "name=\"description\" content=\"First.",
            "Still first.</p>",
            "It is 09:00 for ada now",
            "one hour ahead",
            "href=\"/coaches?topic=Leadership\"",
            "href=\"/coaches/ada/coaching-session\"",
            "Tue 3 Nov, 08:00",
        ] {
            assert!(page.contains(part), "no {part} in {page}");
        }
        assert!(!page.contains("Edit your profile"), "{page}");
        let (_, secret) = db.accounts().sign_in("ada@example.org", crate::support::PASSWORD, &wellmet::accounts::ClientInfo::default()).await.unwrap();
        let own = site.get_as("/coaches/ada", &cookie(&secret)).await.body;
        assert!(own.contains("/dashboard/settings?tab=profile") && own.contains("/dashboard/session-types"), "{own}");
        let kinds = coaches(&db).session_types(&ada).await.unwrap();
        coaches(&db).archive_session_type(&ada, kinds[0].id).await.unwrap();
        let bare = site.get("/coaches/ada").await;
        assert!(bare.status == StatusCode::OK && bare.body.contains("Nothing to book at the moment"), "{}", bare.body);
    }

    async fn the_front_page_shows_who_is_free_first(db: TestDb) {
        for slug in ["ada", "bo", "cem", "dag"] {
            let coach = coach(&db, slug, |_| {}).await;
            if slug == "ada" {
                close(&db, coach, 7).await;
            }
        }
        let page = TestSite::new(&db).get_as("/", LISBON).await.body;
        assert_eq!(shown(&page), ["bo", "cem", "dag"], "{page}");
        assert!(page.contains("href=\"/coaches?topic=Leadership\"") && page.contains("/register?role=coach"), "{page}");
    }
}
