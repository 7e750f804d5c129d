//! `/api/coaches/...`: finding coaches, and what a coach sets.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wellmet::{
    accounts::{Identity, TokenScope},
    coaches::{MAX_SESSION_TYPES, ProfileDraft},
    model::{Place, PlaceKind, Role, SessionTypeDraft},
};

use crate::{
    asking::{Program, code, done, fields},
    site::TestSite,
    support::{TestDb, both_engines},
};

const HOURS: &str = "/coaches/me/availability";
const TYPES: &str = "/coaches/me/session-types";

/// A new coach, and the coach's program.
async fn coach<'a>(db: &TestDb, site: &'a TestSite, name: &str) -> (Program<'a>, Identity) {
    Program::of_new(db, site, name, Role::Coach, "Europe/Stockholm").await
}

/// The names in a list of coaches, and where it goes on.
fn names(page: &Value) -> (Vec<&str>, Option<&str>) {
    let coaches = page["coaches"].as_array().expect("coaches").iter();
    (coaches.map(|coach| coach["name"].as_str().expect("a name")).collect(), page["next"].as_str())
}

both_engines! {
    async fn a_coach_is_found_and_tells_no_secrets(db: TestDb) {
        let site = TestSite::new(&db);
        let (_, maya) = coach(&db, &site, "maya").await;
        let actor = maya.coach().unwrap();
        let words = |text: &str| vec![text.to_owned()];
        let profile = ProfileDraft {
            slug: "maya".to_owned(),
            headline: "Careers".to_owned(),
            bio: "Twelve years in hospitals.".to_owned(),
            languages: words("Swedish"),
            topics: words("Leadership"),
            listed: true,
        };
        site.app.coaches.update_profile(&actor, profile).await.unwrap();
        for (name, kind, value, active) in [
            ("Linked", PlaceKind::Link, "https://meet.example/secret", true),
            ("Here", PlaceKind::InPerson, "Storgatan 1", true),
            ("Later", PlaceKind::Phone, "", false),
        ] {
            db.clock().advance(Duration::from_millis(1));
            let place = Place { kind, value: value.to_owned() };
            let draft = SessionTypeDraft { name: name.to_owned(), place, active, ..SessionTypeDraft::first() };
            site.app.coaches.create_session_type(&actor, draft).await.unwrap();
        }
        let nobody = Program::nobody(&site);
        let page = done(&nobody.get("/coaches").await, StatusCode::OK);
        let card = &page["coaches"][0];
        let kinds = card["session_types"].as_array().unwrap();
        assert_eq!(kinds.iter().map(|kind| kind["name"].as_str().unwrap()).collect::<Vec<_>>(), ["Coaching session", "Linked", "Here"]);
        assert_eq!(kinds[1]["place"], json!({ "kind": "link", "value": "" }), "the link is told to whoever books");
        assert_eq!(kinds[2]["place"], json!({ "kind": "in_person", "value": "Storgatan 1" }));
        assert_eq!(card["bio"], Value::Null);
        assert_eq!(
            (&card["user_id"], &card["headline"], &card["languages"], &card["topics"], &card["time_zone"]),
            (&json!(maya.id().to_string()), &json!("Careers"), &json!(["Swedish"]), &json!(["Leadership"]), &json!("Europe/Stockholm"))
        );
        let id = maya.id().to_string();
        for name in [id.as_str(), &id.to_lowercase(), "maya"] {
            let mut one = done(&nobody.get(&format!("/coaches/{name}")).await, StatusCode::OK);
            assert_eq!(one["bio"], "Twelve years in hospitals.");
            one.as_object_mut().unwrap().remove("bio");
            assert_eq!(one, *card, "{name}");
        }
        for unknown in ["nobody", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "me", "%00", "a%2Fb", "%ff"] {
            let answer = nobody.get(&format!("/coaches/{unknown}")).await;
            assert_eq!(code(&answer, 404), "not_found", "{unknown}");
            assert!(answer.body.contains("Invalid coach") || unknown == "%ff", "{}", answer.body);
        }
        let admin = db.admin("root").await;
        db.accounts().set_active(&admin, maya.id(), false).await.unwrap();
        for name in [id.as_str(), "maya"] {
            let gone = nobody.get(&format!("/coaches/{name}")).await;
            assert!(code(&gone, 404) == "not_found" && gone.body.contains("Invalid coach"));
        }
        assert_eq!(names(&done(&nobody.get("/coaches").await, StatusCode::OK)).0, Vec::<&str>::new());
    }

    async fn the_list_is_narrowed_and_comes_in_pages(db: TestDb) {
        let site = TestSite::new(&db);
        let nobody = Program::nobody(&site);
        for name in ["ada", "bea", "cem"] {
            let (_, who) = coach(&db, &site, name).await;
            let topics = if name == "bea" { vec!["Pricing".to_owned()] } else { vec![] };
            let profile = ProfileDraft { slug: format!("{name}-x"), topics, listed: true, ..site_profile() };
            site.app.coaches.update_profile(&who.coach().unwrap(), profile).await.unwrap();
        }
        let mut path = "/coaches?limit=2".to_owned();
        let mut seen = Vec::new();
        loop {
            let page = done(&nobody.get(&path).await, StatusCode::OK);
            let (found, next) = names(&page);
            seen.push(found.join(" "));
            let Some(next) = next else { break };
            path = format!("/coaches?limit=2&after={next}");
        }
        assert_eq!(seen, ["ada bea", "cem"]);
        for (query, found) in
            [("q=CEM", "cem"), ("topic=pricing", "bea"), ("language=Danish", ""), ("q=&topic=&language=", "ada bea cem"), ("q=%25", "")]
        {
            let page = done(&nobody.get(&format!("/coaches?{query}")).await, StatusCode::OK);
            assert_eq!(names(&page).0.join(" "), found, "{query}");
        }
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=many", "limit"),
            ("after=x", "after"),
            ("free_from=tomorrow", "free_from"),
            ("free_until=2020-01-01T00:00:00Z", "free_until"),
            ("q=%00", "q"),
        ] {
            assert_eq!(fields(&nobody.get(&format!("/coaches?{query}")).await), [field], "{query}");
        }
        for query in ["colour=red", "q=a&q=b"] {
            assert_eq!(code(&nobody.get(&format!("/coaches?{query}")).await, 422), "invalid_field");
        }
    }

    /// It is Monday the 2nd, 9:00 in Stockholm. Ada works from Monday to Friday, Bea on Saturday afternoon alone.
    async fn the_list_knows_real_free_time(db: TestDb) {
        let site = TestSite::new(&db);
        let nobody = Program::nobody(&site);
        coach(&db, &site, "ada").await;
        let (bea, _) = coach(&db, &site, "bea").await;
        let hours = json!({ "time_zone": "Europe/Stockholm", "weekly": [{ "weekday": "saturday", "from": "14:00", "until": "16:00" }], "overrides": [] });
        done(&bea.ask(Method::PUT, HOURS, Some(&hours)).await, StatusCode::OK);
        for (query, found) in [
            ("free_from=2026-11-07T00:00:00Z&free_until=2026-11-08T00:00:00Z", "bea"),
            ("free_from=2026-11-07T15:00:01%2B01:00&free_until=2026-11-08T00:00:00Z", ""),
            ("free_until=2026-11-05T00:00:00Z", "ada"),
            ("free_from=2026-11-07T00:00:00Z", "ada bea"),
        ] {
            let page = done(&nobody.get(&format!("/coaches?{query}")).await, StatusCode::OK);
            assert_eq!(names(&page), (found.split(' ').filter(|name| !name.is_empty()).collect(), None), "{query}");
        }
        let page = done(&nobody.get("/coaches?limit=1&free_from=2026-11-03T00:00:00Z").await, StatusCode::OK);
        let (found, next) = names(&page);
        assert_eq!(found, ["ada"]);
        let rest = format!("/coaches?limit=1&free_from=2026-11-03T00:00:00Z&after={}", next.expect("there is more"));
        assert_eq!(names(&done(&nobody.get(&rest).await, StatusCode::OK)), (vec!["bea"], None));
    }

    async fn hours_are_read_and_written_back(db: TestDb) {
        let site = TestSite::new(&db);
        let (maya, of_maya) = coach(&db, &site, "maya").await;
        let usual = done(&maya.get(HOURS).await, StatusCode::OK);
        assert_eq!((&usual["time_zone"], usual["overrides"].as_array().map(Vec::len)), (&json!("Europe/Stockholm"), Some(0)));
        assert_eq!(done(&maya.ask(Method::PUT, HOURS, Some(&usual)).await, StatusCode::OK), usual);
        let window = |weekday: &str, from: &str, until: &str| json!({ "weekday": weekday, "from": from, "until": until });
        let sent = json!({
            "time_zone": "america/new_york",
            "weekly": [window("sunday", "20:00", "24:00"), window("monday", "13:00", "17:30"), window("monday", "00:00", "12:00")],
            "overrides": [
                { "date": "2026-12-24", "windows": [] },
                { "date": "2026-11-02", "windows": [{ "from": "22:00", "until": "24:00" }, { "from": "08:00", "until": "09:00" }] },
            ],
        });
        let wanted = json!({
            "time_zone": "America/New_York",
            "weekly": [window("monday", "00:00", "12:00"), window("monday", "13:00", "17:30"), window("sunday", "20:00", "24:00")],
            "overrides": [
                { "date": "2026-11-02", "windows": [{ "from": "08:00", "until": "09:00" }, { "from": "22:00", "until": "24:00" }] },
                { "date": "2026-12-24", "windows": [] },
            ],
        });
        assert_eq!(done(&maya.ask(Method::PUT, HOURS, Some(&sent)).await, StatusCode::OK), wanted);
        assert_eq!(done(&maya.get(HOURS).await, StatusCode::OK), wanted);
        assert_eq!(done(&maya.get("/auth/me").await, StatusCode::OK)["time_zone"], "America/New_York");
        // What was read yesterday can be written today.
        db.clock().advance(Duration::from_hours(24));
        let maya = Program::of(&site, &of_maya).await;
        let today = done(&maya.ask(Method::PUT, HOURS, Some(&wanted)).await, StatusCode::OK);
        assert_eq!(today["overrides"], json!([{ "date": "2026-12-24", "windows": [] }]));
    }

    async fn hours_that_cannot_stand_are_named_as_they_were_sent(db: TestDb) {
        let site = TestSite::new(&db);
        let (maya, _) = coach(&db, &site, "maya").await;
        let before = done(&maya.get(HOURS).await, StatusCode::OK);
        let window = |weekday: &str, from: &str, until: &str| json!({ "weekday": weekday, "from": from, "until": until });
        let on = |date: &str, from: &str, until: &str| json!({ "date": date, "windows": [{ "from": from, "until": until }] });
        let good = || json!({ "time_zone": "Europe/Stockholm", "weekly": [], "overrides": [] });
        let weekly = |windows: Value| { let mut body = good(); body["weekly"] = windows; body };
        let overrides = |dates: Value| { let mut body = good(); body["overrides"] = dates; body };
        let many: Vec<_> = (0..13).map(|hour| window("friday", &format!("{hour:02}:00"), &format!("{hour:02}:30"))).collect();
        for (body, named) in [
            (weekly(json!([window("friday", "09:00", "10:00"), window("monday", "09:00", "09:00")])), vec!["weekly.1.until"]),
            (weekly(json!([window("monday", "09:00", "12:00"), window("friday", "09:00", "10:00"), window("monday", "11:00", "13:00")])), vec!["weekly.2.until"]),
            (weekly(json!([window("monday", "24:00", "24:00")])), vec!["weekly.0.from"]),
            (weekly(json!([window("monday", "", "")])), vec!["weekly.0.from", "weekly.0.until"]),
            (weekly(json!([window("monday", "09:00:00", "9:30")])), vec!["weekly.0.from", "weekly.0.until"]),
            (weekly(Value::Array(many)), vec!["weekly.12.until"]),
            (weekly(json!([{ "weekday": "Monday", "from": "09:00", "until": "10:00" }])), vec!["weekly.0.weekday"]),
            (overrides(json!([on("2026-11-01", "09:00", "10:00")])), vec!["overrides.0.date"]),
            (overrides(json!([on("2026-11-09", "09:00", "10:00"), on("2026-11-09", "09:00", "10:00")])), vec!["overrides.1.date"]),
            (overrides(json!([on(" 2026-11-09", "09:00", "10:00")])), vec!["overrides.0.date"]),
            (overrides(json!([on("2026-11-09", "11:00", "10:00")])), vec!["overrides.0.windows.0"]),
            (overrides(json!([on("2026-11-09", "11:00", "25:00")])), vec!["overrides.0.windows.0.until"]),
            (json!({ "time_zone": "Mars/Olympus", "weekly": [], "overrides": [] }), vec!["time_zone"]),
        ] {
            let answer = maya.ask(Method::PUT, HOURS, Some(&body)).await;
            assert_eq!(fields(&answer), named, "{body}");
        }
        assert_eq!(code(&maya.ask(Method::PUT, HOURS, Some(&json!({ "weekly": [] }))).await, 422), "invalid_field");
        assert_eq!(done(&maya.get(HOURS).await, StatusCode::OK), before);
    }

    async fn a_session_type_is_made_changed_and_archived(db: TestDb) {
        let site = TestSite::new(&db);
        let (maya, _) = coach(&db, &site, "maya").await;
        db.clock().advance(Duration::from_millis(1));
        let answer = maya.post(TYPES, &json!({ "name": " Career crossroads ", "duration_minutes": 45 })).await;
        let made = done(&answer, StatusCode::CREATED);
        let path = format!("{TYPES}/{}", made["id"].as_str().unwrap());
        assert_eq!(answer.header("location"), format!("/api{path}"));
        let usual = json!({
            "id": made["id"], "slug": "career-crossroads", "name": "Career crossroads", "description": "", "duration_minutes": 45, "step_minutes": 45,
            "buffer_before_minutes": 0, "buffer_after_minutes": 0, "notice_minutes": 720, "horizon_days": 60, "daily_cap": null,
            "weekly_cap": null, "price_minor": 0, "currency": "EUR", "approval_required": false,
            "place": { "kind": "phone", "value": "" }, "active": true,
        });
        assert_eq!(made, usual);
        assert_eq!(done(&maya.get(&path).await, StatusCode::OK), usual);
        assert_eq!(done(&maya.get(TYPES).await, StatusCode::OK)["session_types"][1], usual);

        // Only what is given changes, and null is given.
        let changing = async |changes: Value| done(&maya.ask(Method::PATCH, &path, Some(&changes)).await, StatusCode::OK);
        let all = json!({
            "name": "Crossroads", "description": "Two\nlines.", "duration_minutes": 90, "step_minutes": 30, "buffer_before_minutes": 5,
            "buffer_after_minutes": 15, "notice_minutes": 0, "horizon_days": 730, "daily_cap": 3, "weekly_cap": 9, "price_minor": 9050,
            "currency": "SEK", "approval_required": true, "place": { "kind": "link", "value": "https://meet.example/maya" }, "active": false,
        });
        let mut changed = all.clone();
        (changed["id"], changed["slug"]) = (usual["id"].clone(), usual["slug"].clone());
        assert_eq!(changing(all).await, changed);
        assert_eq!(changing(json!({})).await, changed);
        (changed["daily_cap"], changed["price_minor"]) = (Value::Null, json!(0));
        assert_eq!(changing(json!({ "daily_cap": null, "price_minor": 0 })).await, changed);
        changed["place"] = json!({ "kind": "jitsi", "value": "" });
        assert_eq!(changing(json!({ "place": { "kind": "jitsi" } })).await, changed);
        assert_eq!(done(&maya.get(&path).await, StatusCode::OK), changed);

        assert_eq!(maya.ask(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
        let nothing = json!({});
        for (method, body) in [(Method::DELETE, None), (Method::GET, None), (Method::PATCH, Some(&nothing))] {
            assert_eq!(code(&maya.ask(method, &path, body).await, 404), "not_found");
        }
        assert_eq!(done(&maya.get(TYPES).await, StatusCode::OK)["session_types"].as_array().unwrap().len(), 1);
    }

    async fn a_session_type_that_cannot_stand_is_named(db: TestDb) {
        let site = TestSite::new(&db);
        let (maya, _) = coach(&db, &site, "maya").await;
        let before = done(&maya.get(TYPES).await, StatusCode::OK);
        let path = format!("{TYPES}/{}", before["session_types"][0]["id"].as_str().unwrap());
        for (field, value, named) in [
            ("name", json!(" "), "name"),
            ("name", json!("a\u{0}b"), "name"),
            ("name", json!("x".repeat(81)), "name"),
            ("name", Value::Null, "name"),
            ("description", json!("a\u{7}"), "description"),
            ("description", json!("x".repeat(2001)), "description"),
            ("duration_minutes", json!(4), "duration_minutes"),
            ("duration_minutes", json!(-1), "duration_minutes"),
            ("duration_minutes", json!("60"), "duration_minutes"),
            ("step_minutes", json!(721), "step_minutes"),
            ("buffer_before_minutes", json!(241), "buffer_before_minutes"),
            ("buffer_after_minutes", json!(241), "buffer_after_minutes"),
            ("notice_minutes", json!(86_401), "notice_minutes"),
            ("horizon_days", json!(731), "horizon_days"),
            ("daily_cap", json!(0), "daily_cap"),
            ("weekly_cap", json!(501), "weekly_cap"),
            ("price_minor", json!(-1), "price_minor"),
            ("price_minor", json!(100_000_001), "price_minor"),
            ("currency", json!("eur"), "currency"),
            ("currency", json!("EURO"), "currency"),
            ("place", json!({ "kind": "link", "value": "javascript:alert(1)" }), "place.value"),
            ("place", json!({ "kind": "link" }), "place.value"),
            ("place", json!({ "kind": "in_person", "value": " " }), "place.value"),
            ("place", json!({ "kind": "in_person", "value": "a\u{0}" }), "place.value"),
            ("place", json!({ "kind": "moon" }), "place.kind"),
            ("place", json!({ "kind": "phone", "colour": 1 }), "place.colour"),
            ("slug", json!("other"), "slug"),
        ] {
            let mut body = json!({ "name": "Crossroads", "duration_minutes": 60 });
            body[field] = value.clone();
            assert_eq!(fields(&maya.post(TYPES, &body).await), [named], "{field} {value}");
            let only = json!({ field: value });
            assert_eq!(fields(&maya.ask(Method::PATCH, &path, Some(&only)).await), [named], "{only}");
        }
        assert_eq!(fields(&maya.post(TYPES, &json!({})).await), ["name", "duration_minutes"]);
        assert_eq!(done(&maya.get(TYPES).await, StatusCode::OK), before);
    }

    async fn there_are_forty_at_most(db: TestDb) {
        let site = TestSite::new(&db);
        let (maya, _) = coach(&db, &site, "maya").await;
        let body = json!({ "name": "Again", "duration_minutes": 60 });
        for _ in 1..MAX_SESSION_TYPES {
            done(&maya.post(TYPES, &body).await, StatusCode::CREATED);
        }
        let full = maya.post(TYPES, &body).await;
        assert!(code(&full, 409) == "conflict" && full.body.contains("40 session types"), "{}", full.body);
    }

    async fn what_a_coach_sets_is_the_coachs_alone(db: TestDb) {
        let site = TestSite::new(&db);
        let (maya, of_maya) = coach(&db, &site, "maya").await;
        let (tom, _) = coach(&db, &site, "tom").await;
        let (jonas, _) = Program::of_new(&db, &site, "jonas", Role::Mentee, "UTC").await;
        let reading = site.app.accounts.create_token(of_maya.actor(), "reading", TokenScope::Read, Duration::from_hours(1)).await.unwrap();
        let reading = Program::with(&site, &reading.expose());
        let own = done(&maya.get(TYPES).await, StatusCode::OK)["session_types"][0]["id"].as_str().unwrap().to_owned();
        let own = format!("{TYPES}/{own}");
        let (kind, hours) = (json!({ "name": "X", "duration_minutes": 60 }), done(&maya.get(HOURS).await, StatusCode::OK));
        let nothing = json!({});
        let asked = [
            (Method::GET, HOURS, None),
            (Method::PUT, HOURS, Some(&hours)),
            (Method::GET, TYPES, None),
            (Method::POST, TYPES, Some(&kind)),
            (Method::GET, own.as_str(), None),
            (Method::PATCH, own.as_str(), Some(&nothing)),
            (Method::DELETE, own.as_str(), None),
        ];
        for (method, path, body) in asked {
            let said = format!("{method} {path}");
            assert_eq!(code(&Program::nobody(&site).ask(method.clone(), path, body).await, 401), "unauthorized", "{said}");
            assert_eq!(code(&jonas.ask(method.clone(), path, body).await, 403), "forbidden", "{said}");
            let read = reading.ask(method.clone(), path, body).await;
            if method == Method::GET {
                assert_eq!(read.status, StatusCode::OK, "{said}");
            } else {
                assert_eq!(code(&read, 403), "read_only_token", "{said}");
            }
            if path == own {
                assert_eq!(code(&tom.ask(method, path, body).await, 404), "not_found", "{said}");
            }
        }
        assert_eq!(maya.get(&own).await.status, StatusCode::OK, "nobody took it away");
    }
}

fn site_profile() -> ProfileDraft {
    ProfileDraft {
        slug: String::new(),
        headline: String::new(),
        bio: String::new(),
        languages: Vec::new(),
        topics: Vec::new(),
        listed: true,
    }
}
