use std::collections::HashMap;

use wellmet::{
    coaches::{Coaches, Cursor, DirectoryQuery, ProfileDraft},
    model::{Currency, Price, SessionTypeDraft},
};

use super::{coach_named, coaches, draft, rename, tick};
use crate::support::{TestDb, both_engines};

/// The slugs that `q` finds, in order.
async fn found(service: &Coaches, q: &str) -> Vec<String> {
    let page = service.directory(DirectoryQuery { q: q.to_owned(), ..Default::default() }).await.expect("an answer");
    page.coaches.into_iter().map(|card| card.slug).collect()
}

async fn filtered(service: &Coaches, topic: Option<&str>, language: Option<&str>) -> wellmet::coaches::DirectoryPage {
    let query = DirectoryQuery { topic: topic.map(str::to_owned), language: language.map(str::to_owned), ..Default::default() };
    service.directory(query).await.expect("an answer")
}

both_engines! {
    async fn every_word_must_be_somewhere(db: TestDb) {
        let maya = coach_named(&db, "maya", "Maya Chen", "Career changes", &["Leadership"]).await;
        coach_named(&db, "tom", "Tom Chen", "Careful writing", &["Leadership"]).await;
        let service = coaches(&db);
        let bio = ProfileDraft { bio: "Twenty years\nin hospitals.".to_owned(), ..draft("maya", "Career changes", &["Leadership"]) };
        service.update_profile(&maya, bio).await.expect("a profile");
        for (q, wanted) in [
            ("", &["maya", "tom"][..]),
            ("  \t", &["maya", "tom"]),
            ("chen", &["maya", "tom"]),
            ("CHEN leader", &["maya", "tom"]),
            ("care", &["maya", "tom"]),
            ("chen career", &["maya"]),
            ("hospitals leadership maya changes", &["maya"]),
            ("maya tom", &[]),
            ("chencareer", &[]),
            ("english", &[]),
        ] {
            assert_eq!(found(&service, q).await, wanted, "{q}");
        }
    }

    /// What means something to SQL, JSON or a pattern is a letter like any other.
    async fn signs_are_letters(db: TestDb) {
        coach_named(&db, "percent", "A", "100% yours", &[]).await;
        coach_named(&db, "under", "B", "snake_case", &[]).await;
        coach_named(&db, "quote", "C", "it's \"so\"", &[]).await;
        coach_named(&db, "slash", "D", r"back\slash", &[]).await;
        coach_named(&db, "plain", "E", "100 snakescase its so back slash", &[]).await;
        let service = coaches(&db);
        for (q, wanted) in [
            ("%", "percent"), ("0%", "percent"), ("_", "under"), ("e_c", "under"), ("'", "quote"), ("it's", "quote"),
            ("\"so\"", "quote"), ("\\", "slash"), ("k\\s", "slash"),
        ] {
            assert_eq!(found(&service, q).await, [wanted], "{q}");
        }
        for nothing in ["%%", "__", "\\%", "' OR '1'='1", "*", "100\0%x"] {
            assert_eq!(found(&service, nothing).await, Vec::<String>::new(), "{nothing}");
        }
        assert_eq!(found(&service, "100\0%").await, ["percent"]);
        assert_eq!(found(&service, &"so ".repeat(1_000_000)).await, ["quote", "plain"]);
    }

    async fn case_does_not_matter_in_any_script(db: TestDb) {
        coach_named(&db, "asa", "ÅSA ÄNGSTRÖM", "", &["Övning"]).await;
        coach_named(&db, "asa-plain", "Asa Angstrom", "", &[]).await;
        let service = coaches(&db);
        for q in ["åsa", "ÅSA", "ängSTRÖM", "öVN", "åsa övning"] {
            assert_eq!(found(&service, q).await, ["asa"], "{q}");
        }
        assert_eq!(found(&service, "asa").await, ["asa-plain"]);
        assert_eq!(filtered(&service, Some(" öVNING "), None).await.coaches.len(), 1);
        assert_eq!(filtered(&service, Some("övnin"), None).await.coaches.len(), 0);
        assert_eq!(filtered(&service, Some("\0'%"), None).await.coaches.len(), 0);
    }

    /// The same order on both engines: small letters, byte by byte, then by id.
    async fn cards_are_ordered_by_name(db: TestDb) {
        for (number, name) in ["zoe", "Åsa", "adam", "Zack", "Bo X", "Bo-X", "adam"].into_iter().enumerate() {
            coach_named(&db, &format!("c{}", number + 1), name, "", &[]).await;
        }
        assert_eq!(found(&coaches(&db), "").await, ["c3", "c7", "c5", "c6", "c4", "c1", "c2"]);
    }

    async fn a_new_name_is_what_a_coach_is_found_by(db: TestDb) {
        let coach = coach_named(&db, "maya", "Maya", "Career", &[]).await;
        let service = coaches(&db);
        rename(&db, coach, "Örjan").await;
        assert_eq!((found(&service, "maya").await.len(), found(&service, "örjan career").await.len()), (0, 1));
        service.update_profile(&coach, draft("maya", "Sleep", &[])).await.expect("a profile");
        assert_eq!((found(&service, "career").await.len(), found(&service, "ÖRJAN sleep").await.len()), (0, 1));
    }

    async fn a_new_coach_is_found_by_name(db: TestDb) {
        db.coach("Ängla").await;
        assert_eq!(found(&coaches(&db), "ängla").await.len(), 1);
    }

    /// The directory shows who can be booked.
    async fn only_listed_coaches_with_something_to_book(db: TestDb) {
        let service = coaches(&db);
        let unlisted = coach_named(&db, "unlisted", "U", "", &["T"]).await;
        service.update_profile(&unlisted, ProfileDraft { listed: false, ..draft("unlisted", "", &["T"]) }).await.expect("a profile");
        let resting = coach_named(&db, "resting", "R", "", &["T"]).await;
        let gone = coach_named(&db, "gone", "G", "", &["T"]).await;
        coach_named(&db, "open", "O", "", &["T"]).await;
        let first = service.session_types(&resting).await.expect("types")[0].id;
        let inactive = SessionTypeDraft { active: false, ..SessionTypeDraft::first() };
        service.update_session_type(&resting, first, inactive).await.expect("a change");
        let first = service.session_types(&gone).await.expect("types")[0].id;
        service.archive_session_type(&gone, first).await.expect("a change");
        assert_eq!(found(&service, "").await, ["open"]);
        assert_eq!(filtered(&service, None, None).await.topics, [("T".to_owned(), 1)]);
        assert!(service.profile("unlisted").await.expect("an answer").is_some());
    }

    async fn a_card_says_what_a_mentee_compares(db: TestDb) {
        let coach = coach_named(&db, "maya", "Maya", "Hello", &["B", "A"]).await;
        let service = coaches(&db);
        for (name, minutes, minor, active) in [("Long", 90, 9000, true), ("Short", 30, 4000, true), ("Secret", 15, 100, false)] {
            tick(&db);
            let mut draft = SessionTypeDraft { name: name.to_owned(), active, ..SessionTypeDraft::first() };
            draft.rules.duration_minutes = minutes;
            draft.price = Price { minor, currency: Currency::EUR };
            service.create_session_type(&coach, draft).await.expect("a session type");
        }
        let free = service.session_types(&coach).await.expect("types")[0].id;
        service.archive_session_type(&coach, free).await.expect("a change");
        let page = service.directory(DirectoryQuery::default()).await.expect("an answer");
        let card = &page.coaches[0];
        assert_eq!((card.from_price, card.shortest_minutes), (Price { minor: 4000, currency: Currency::EUR }, 30));
        assert_eq!((card.id, card.name.as_str(), card.headline.as_str(), card.zone.name()), (coach.id(), "Maya", "Hello", "Europe/Berlin"));
        assert_eq!((&card.topics[..], &card.languages[..]), (&["B".to_owned(), "A".to_owned()][..], &["English".to_owned()][..]));
    }

    /// A facet counts what choosing it would leave: the other filters hold, its own does not.
    async fn facets_count_what_they_would_leave(db: TestDb) {
        let service = coaches(&db);
        let practice = [("aa", &["Career", "Sleep"][..], "English"), ("bb", &["career"], "Svenska"), ("cc", &["Sleep"], "svenska")];
        for (slug, topics, language) in practice {
            let coach = coach_named(&db, slug, "N", "", topics).await;
            let profile = ProfileDraft { languages: vec![language.to_owned()], ..draft(slug, "", topics) };
            service.update_profile(&coach, profile).await.expect("a profile");
        }
        let shown = |facets: &[(String, u32)]| -> Vec<String> {
            facets.iter().map(|(word, count)| format!("{} {count}", word.to_lowercase())).collect()
        };
        let page = filtered(&service, None, None).await;
        assert_eq!(shown(&page.topics), ["career 2", "sleep 2"]);
        assert_eq!(shown(&page.languages), ["svenska 2", "english 1"]);
        let page = filtered(&service, Some("career"), Some("english")).await;
        assert_eq!(page.coaches.len(), 1);
        assert_eq!(shown(&page.topics), ["career 1", "sleep 1"]);
        assert_eq!(shown(&page.languages), ["english 1", "svenska 1"]);
    }

    /// 250 coaches, ten and more of one name, read page by page while one is renamed to and fro: of the others none
    /// is missed and none comes twice.
    async fn pages_lose_and_repeat_nobody(db: TestDb) {
        let mut wanderer = None;
        for number in 0..250 {
            wanderer = Some(db.coach(&format!("name{}.{number}", number % 20)).await);
        }
        db.run("UPDATE coaches SET name_key = SUBSTR(name_key, 1, 6)").await;
        let (wanderer, service) = (wanderer.expect("a coach"), coaches(&db));
        let (mut seen, mut after, mut pages) = (HashMap::new(), None::<Cursor>, 0_usize);
        loop {
            let page = service.directory(DirectoryQuery { after, limit: 7, ..Default::default() }).await.expect("an answer");
            assert!(page.coaches.len() == 7 || page.next.is_none());
            for card in page.coaches {
                *seen.entry(card.id).or_insert(0) += 1;
            }
            pages += 1;
            rename(&db, wanderer, ["Aaron", "Zz", "name5."][pages % 3]).await;
            let Some(next) = page.next else { break };
            after = Some(Cursor::parse(&next.to_string()).expect("a cursor survives its text"));
        }
        seen.remove(&wanderer.id());
        assert_eq!((seen.len(), seen.values().all(|times| *times == 1)), (249, true));
    }

    async fn limits_are_kept_and_the_last_page_has_no_next(db: TestDb) {
        let service = coaches(&db);
        for slug in ["c1", "c2", "c3"] {
            db.coach(slug).await;
        }
        for (limit, shown, more) in [(0, 1, true), (2, 2, true), (3, 3, false), (u32::MAX, 3, false)] {
            let page = service.directory(DirectoryQuery { limit, ..Default::default() }).await.expect("an answer");
            assert_eq!((page.coaches.len(), page.next.is_some()), (shown, more), "{limit}");
        }
    }
}
