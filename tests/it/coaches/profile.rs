use wellmet::{
    coaches::{DirectoryQuery, ProfileDraft, ProfileError},
    model::FieldErrors,
};

use super::{coach_named, coaches, draft, rename, server};
use crate::support::{TestDb, both_engines};

const HTML: &str = "</textarea><script>alert('1')</script> & \"so\" \\ %_ 🦉";

fn invalid<T>(answer: Result<T, ProfileError>) -> FieldErrors {
    match answer {
        Err(ProfileError::Invalid(errors)) => errors,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

both_engines! {
    /// What is shown is what was typed; a link to the profile works for anyone.
    async fn a_profile_is_kept_as_typed(db: TestDb) {
        let coach = db.coach("maya").await;
        let service = coaches(&db);
        let typed = ProfileDraft {
            slug: "maya-chen".to_owned(),
            headline: HTML.to_owned(),
            bio: format!("Å\r\n\r\n{HTML}"),
            languages: vec!["Svenska".to_owned(), " svenska ".to_owned(), HTML.chars().take(40).collect()],
            topics: vec!["Öl".to_owned(), String::new(), "ÖL".to_owned(), "Career".to_owned()],
            listed: false,
        };
        let written = service.update_profile(&coach, typed).await.expect("a profile");
        let seen = service.profile("maya-chen").await.expect("an answer").expect("a coach");
        assert_eq!(seen, written);
        assert_eq!(seen, service.own_profile(&coach).await.expect("an answer"));
        assert_eq!((seen.name.as_str(), seen.zone.name(), seen.listed), ("maya", "Europe/Berlin", false));
        assert_eq!((seen.headline.as_str(), seen.bio), (HTML, format!("Å\n\n{HTML}")));
        assert_eq!(seen.languages, ["Svenska".to_owned(), HTML.chars().take(40).collect::<String>()]);
        assert_eq!(seen.topics, ["Öl", "Career"]);
        assert_eq!(seen.session_types.iter().map(|kind| kind.slug.as_str()).collect::<Vec<_>>(), ["coaching-session"]);
    }

    async fn words_replace_the_earlier_ones(db: TestDb) {
        let coach = coach_named(&db, "maya", "Maya", "", &["One", "Two"]).await;
        let now = coaches(&db).update_profile(&coach, draft("maya", "", &["two", "Three", "One"])).await.expect("a profile");
        assert_eq!(now.topics, ["two", "Three", "One"]);
    }

    async fn a_slug_belongs_to_one_coach(db: TestDb) {
        coach_named(&db, "maya", "Maya", "", &[]).await;
        let tom = coach_named(&db, "tom", "Tom", "before", &[]).await;
        let service = coaches(&db);
        let errors = invalid(service.update_profile(&tom, draft("maya", "after", &["Lost"])).await);
        assert_eq!(errors, FieldErrors::one("slug", "This address is taken. Choose another."));
        let tom_now = service.own_profile(&tom).await.expect("an answer");
        assert_eq!((tom_now.slug.as_str(), tom_now.headline.as_str(), tom_now.topics.len()), ("tom", "before", 0));
        service.update_profile(&tom, draft("tom", "same slug", &[])).await.expect("one's own slug is not taken");
    }

    async fn what_is_wrong_is_named_and_nothing_is_written(db: TestDb) {
        let coach = coach_named(&db, "maya", "Maya", "before", &[]).await;
        let service = coaches(&db);
        let wrong = ProfileDraft { headline: "h".repeat(1_000_000), topics: vec!["t".repeat(41)], ..draft("new", "", &[]) };
        let errors = invalid(service.update_profile(&coach, wrong).await);
        assert_eq!(errors.0.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["slug", "headline", "topics"]);
        assert_eq!(service.own_profile(&coach).await.expect("an answer").headline, "before");
    }

    /// To everyone else a deactivated coach is as unknown as one who never was.
    async fn a_deactivated_coach_is_nowhere(db: TestDb) {
        let coach = coach_named(&db, "maya", "Maya", "", &[]).await;
        let admin = db.admin("root").await;
        let (service, offers) = server(&db, db.store());
        assert!(service.profile("maya").await.expect("an answer").is_some());
        for (active, found) in [(false, 0), (true, 1)] {
            db.accounts().set_active(&admin, coach.id(), active).await.expect("an answer");
            assert_eq!(service.profile("maya").await.expect("an answer").is_some(), active);
            assert_eq!(offers.by_slug("maya").await.expect("an answer").is_some(), active);
            let page = service.directory(DirectoryQuery::default()).await.expect("an answer");
            assert_eq!((page.coaches.len(), page.topics.len(), page.languages.len()), (found, 0, found));
        }
    }

    async fn noise_in_the_path_is_not_found(db: TestDb) {
        coach_named(&db, "maya", "Maya", "", &[]).await;
        let (service, offers) = server(&db, db.store());
        for noise in ["", "m", "MAYA", "maya\0", "' OR 1=1 --", "%", "m_ya", "å", &"a".repeat(100_000)] {
            assert_eq!(service.profile(noise).await.expect("an answer"), None, "{noise}");
            assert_eq!(offers.by_slug(noise).await.expect("an answer"), None, "{noise}");
        }
    }

    /// Whatever a name is made of, its coach gets a page that works and can be kept.
    async fn every_name_gets_a_page(db: TestDb) {
        for name in ["A", "A-", "me", "New", "01arz3ndektsv4rrffq69g5fav", "渡辺", "Coach", "x.y"] {
            let coach = db.coach(name).await;
            let service = coaches(&db);
            let slug = service.own_profile(&coach).await.expect("an answer").slug;
            let seen = service.profile(&slug).await.expect("an answer").unwrap_or_else(|| panic!("{name}: {slug}"));
            assert_eq!(seen.name, name);
            service.update_profile(&coach, draft(&slug, "", &[])).await.unwrap_or_else(|error| panic!("{slug}: {error}"));
        }
    }

    async fn long_names_that_are_alike_get_pages_too(db: TestDb) {
        for number in 0..3 {
            let coach = db.coach(&format!("maya{number}")).await;
            rename(&db, coach, &"m".repeat(80)).await;
        }
        for number in 0..3 {
            let coach = db.coach(&format!("{}{number}", "m".repeat(60))).await;
            assert!(coaches(&db).own_profile(&coach).await.expect("an answer").slug.len() <= 60);
        }
    }
}
