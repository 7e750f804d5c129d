//! `/api/booking/...`: free times, booking, and what becomes of bookings.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wellmet::{
    accounts::CoachActor,
    bookings::SlotQuery,
    model::{Instant, Role, SessionTypeDraft},
    time::Interval,
};

use crate::{
    desk::services,
    program::{Program, field, json, problem},
    site::TestSite,
    support::{TestDb, both_engines},
};

/// Tuesday, 3 November 2026, at ten in Berlin: on offer.
const TUESDAY: &str = "2026-11-03T09:00:00Z";
const WEDNESDAY: &str = "2026-11-04T09:00:00Z";

/// A site with a coach in Berlin, a client in New York and an admin, each with a program.
struct World {
    db: TestDb,
    site: TestSite,
    actor: CoachActor,
    coach: Program,
    client: Program,
    admin: Program,
}

impl World {
    async fn on(db: TestDb) -> Self {
        let site = TestSite::new(&db);
        let (identity, _) = db.person("maya", Role::Coach, "Europe/Berlin").await;
        let coach = Program::of(&site.app, &identity).await;
        let client = Program::new(&db, &site, "jonas", Role::Mentee, "America/New_York").await;
        let admin = Program::new(&db, &site, "ada", Role::Admin, "UTC").await;
        Self { actor: identity.coach().expect("a coach"), db, site, coach, client, admin }
    }

    /// The coach's first session type, changed.
    async fn kind(&self, change: impl FnOnce(&mut SessionTypeDraft)) {
        let (coaches, _) = services(&self.db);
        let id = coaches.session_types(&self.actor).await.expect("types")[0].id;
        let mut draft = SessionTypeDraft::first();
        change(&mut draft);
        coaches.update_session_type(&self.actor, id, draft).await.expect("a change");
    }

    /// Another one.
    async fn another_kind(&self, change: impl FnOnce(&mut SessionTypeDraft)) -> String {
        let mut draft = SessionTypeDraft { name: "Another".to_owned(), ..SessionTypeDraft::first() };
        change(&mut draft);
        services(&self.db).0.create_session_type(&self.actor, draft).await.expect("a type").id.to_string()
    }

    fn wish(&self, start: &str) -> Value {
        json!({ "coach_id": self.coach.id, "session_datetime": start, "duration_minutes": 60 })
    }

    /// A booking of the client's.
    async fn booked(&self, start: &str) -> Value {
        json(&self.client.post(&self.site, "/booking", &self.wish(start)).await, StatusCode::CREATED)
    }

    /// Its address.
    async fn path(&self, start: &str) -> String {
        format!("/booking/{}", self.booked(start).await["id"].as_str().expect("an id"))
    }

    async fn history(&self, path: &str) -> Vec<(String, Option<Role>, String)> {
        let id = path.trim_start_matches("/booking/").parse().expect("an id");
        let events = self.site.app.bookings.history(self.actor, id).await.expect("a history");
        events.into_iter().map(|event| (event.change.as_str().to_owned(), event.role, event.why)).collect()
    }
}

both_engines! {
    async fn the_quick_start_goes_as_written(db: TestDb) {
        let world = World::on(db).await;
        let (site, client, coach) = (&world.site, &world.client, &world.coach);
        // As Python's `datetime.utcnow().isoformat() + "Z"` writes it.
        let window = "start_date=2026-11-03T00:00:00.123456Z&end_date=2026-11-04T00:00:00.123456Z&duration_minutes=60";
        let free = Program::nobody().get(site, &format!("/booking/coach/{}/availability?{window}", coach.id)).await;
        let free = json(&free, StatusCode::OK);
        assert_eq!((free["coach_id"].as_str(), free["time_zone"].as_str()), (Some(coach.id.as_str()), Some("Europe/Berlin")));
        assert_eq!((free["calendars"].as_str(), &free["calendars_known_at"]), (Some("known"), &Value::Null));
        let slots = free["available_slots"].as_array().expect("slots");
        assert_eq!(slots.len(), 8, "nine to five: {slots:?}");
        assert_eq!(slots[1], json!({ "start": TUESDAY, "end": "2026-11-03T10:00:00Z", "duration_minutes": 60 }));
        let wish = json!({
            "coach_id": coach.id, "session_datetime": slots[1]["start"], "duration_minutes": 60,
            "notes": "Looking forward to discussing\r\ncareer transition"
        });
        let answer = client.post(site, "/booking", &wish).await;
        let booking = json(&answer, StatusCode::CREATED);
        let id = booking["id"].as_str().expect("an id");
        assert_eq!(answer.header("location"), format!("/api/booking/{id}"));
        let expected = json!({
            "id": id, "client_id": client.id, "coach_id": coach.id, "session_datetime": TUESDAY, "duration_minutes": 60, "status": "confirmed",
            "payment_id": null, "payment": null, "meeting_link": null, "notes": "Looking forward to discussing\ncareer transition",
            "created_at": "2026-11-02T08:00:00Z", "updated_at": "2026-11-02T08:00:00Z", "session_type_id": free["session_type_id"],
            "ends_at": "2026-11-03T10:00:00Z", "sequence": 0, "title": "Coaching session", "time_zone": "America/New_York",
            "changeable_until": "2026-11-02T21:00:00Z", "answer_by": null, "place": { "kind": "phone", "value": "" },
            "client_name": "jonas", "coach_name": "maya"
        });
        assert_eq!(booking, expected);
        assert_eq!(json(&client.get(site, &format!("/booking/{id}")).await, StatusCode::OK), booking);
        let mine = json(&client.get(site, &format!("/booking/client/{}", client.id)).await, StatusCode::OK);
        assert_eq!(mine, json!({ "bookings": [booking], "next": null }));
        let theirs = json(&coach.get(site, &format!("/booking/coach/{}", coach.id)).await, StatusCode::OK);
        assert_eq!(theirs, mine);
        let cancelled = json(&client.delete(site, &format!("/booking/{id}")).await, StatusCode::OK);
        assert_eq!((cancelled["status"].as_str(), &cancelled["id"]), (Some("cancelled"), &booking["id"]));
    }

    async fn availability_is_what_the_picker_shows(db: TestDb) {
        let site = TestSite::new(&db);
        let client = Program::new(&db, &site, "jonas", Role::Mentee, "UTC").await;
        let (coaches, bookings) = services(&db);
        for (name, zone) in [("maya", "Europe/Berlin"), ("lea", "America/New_York"), ("ravi", "Asia/Kolkata"), ("lou", "Australia/Lord_Howe")] {
            let (identity, _) = db.person(name, Role::Coach, zone).await;
            let coach = identity.coach().expect("a coach");
            let mut draft = SessionTypeDraft { name: "Short".to_owned(), ..SessionTypeDraft::first() };
            (draft.rules.duration_minutes, draft.rules.step_minutes, draft.rules.buffer_after_minutes) = (45, 15, 15);
            (draft.rules.daily_cap, draft.rules.horizon_days) = (Some(3), 365);
            let short = coaches.create_session_type(&coach, draft).await.expect("a type");
            let offer = site.app.offers.by_id(coach.id()).await.expect("an answer").expect("a coach");
            // Clock changes of both hemispheres lie in there.
            let spans = [("2026-11-02T00:00:00Z", "2026-11-15T12:30:00Z"), ("2027-03-20T00:00:00Z", "2027-06-20T00:00:00Z")];
            for taken in 0..4 {
                for kind in &offer.session_types {
                    for (from, until) in spans {
                        let at = |text| Instant::parse_rfc3339(text).expect("an instant");
                        let span = Interval { start: at(from), end: at(until) };
                        let shown = bookings.slots().within(&SlotQuery::booking(&offer, kind), span).await.expect("slots");
                        let shown: Vec<_> = shown.iter().map(|slot| json!({
                            "start": slot.start.to_rfc3339(), "end": slot.end.to_rfc3339(), "duration_minutes": kind.rules.duration_minutes
                        })).collect();
                        for asked in [format!("session_type_id={}", kind.id), format!("duration_minutes={}", kind.rules.duration_minutes)] {
                            let path = format!("/booking/coach/{}/availability?start_date={from}&end_date={until}&{asked}", coach.id());
                            let told = json(&client.get(&site, &path).await, StatusCode::OK);
                            assert_eq!(told["available_slots"], json!(shown), "{name} {taken} {asked}");
                            assert_eq!(told["session_type_id"], json!(kind.id));
                        }
                    }
                }
                // Then with one booking more.
                let query = SlotQuery::booking(&offer, offer.session_type(short.id).expect("its type"));
                let start = bookings.slots().next(&query, db.now().plus_minutes(2 * 1440)).await.expect("slots").expect("a slot").start;
                let wish = json!({ "coach_id": coach.id(), "session_datetime": start.to_rfc3339(), "duration_minutes": 45 });
                json(&client.post(&site, "/booking", &wish).await, StatusCode::CREATED);
            }
        }
    }

    async fn availability_refuses(db: TestDb) {
        let world = World::on(db).await;
        let (site, nobody) = (&world.site, Program::nobody());
        let base = format!("/booking/coach/{}/availability", world.coach.id);
        let day = "start_date=2026-11-03T00:00:00Z&end_date=2026-11-04T00:00:00Z";
        for (query, named) in [
            ("", "start_date"),
            ("start_date=2026-11-03T00:00:00Z", "end_date"),
            ("start_date=2026-11-03&end_date=2026-11-04T00:00:00Z", "start_date"),
            ("start_date=2026-11-03T00:00:00Z&end_date=2026-11-03T00:00:00Z", "end_date"),
            ("start_date=2026-11-03T00:00:00Z&end_date=2027-02-04T00:00:01Z", "end_date"),
            ("start_date=2026-11-03T00:00:00Z&end_date=2026-11-04T00:00:00Z&duration_minutes=x", "duration_minutes"),
            ("start_date=2026-11-03T00:00:00Z&end_date=2026-11-04T00:00:00Z&session_type_id=1", "session_type_id"),
            ("start_date=2026-11-03T00:00:00Z&end_date=2026-11-04T00:00:00Z&session_type_id=01ARZ3NDEKTSV4RRFFQ69G5FAV", "session_type_id"),
        ] {
            assert!(field(&nobody.get(site, &format!("{base}?{query}")).await).starts_with(named), "{query}");
        }
        assert_eq!(json(&nobody.get(site, &format!("{base}?{day}")).await, StatusCode::OK)["available_slots"].as_array().map(Vec::len), Some(8));
        let other = nobody.get(site, &format!("{base}?{day}&duration_minutes=45")).await;
        assert_eq!(field(&other), "duration_minutes");
        assert!(other.body.contains("sessions of 60 minutes"), "{}", other.body);
        world.another_kind(|draft| (draft.rules.duration_minutes, draft.rules.step_minutes) = (30, 30)).await;
        let other = nobody.get(site, &format!("{base}?{day}&duration_minutes=45")).await;
        assert!(other.body.contains("sessions of 30 or 60 minutes"), "{}", other.body);
        assert_eq!(field(&nobody.get(site, &format!("{base}?{day}&surprise=1")).await), "surprise");
        // The ends of the calendar are far from everything, and no more.
        world.kind(|draft| (draft.rules.daily_cap, draft.rules.weekly_cap, draft.rules.buffer_before_minutes) = (Some(2), Some(3), 240)).await;
        for (from, until) in [
            ("0000-01-01T00:00:00%2B23:59", "0000-01-02T00:00:00Z"),
            ("9999-12-01T00:00:00Z", "9999-12-31T23:59:59.999999999-23:59"),
            ("2016-12-31T23:59:60Z", "2017-01-01T23:59:60.5Z"),
        ] {
            let free = nobody.get(site, &format!("{base}?start_date={from}&end_date={until}")).await;
            assert_eq!(json(&free, StatusCode::OK)["available_slots"], json!([]), "{from}");
        }
        for start in ["0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999999-23:59"] {
            assert_eq!(problem(&world.client.post(site, "/booking", &world.wish(start)).await, 409).0, "slot_unavailable", "{start}");
        }
        let bad = Program { token: Some("Bearer wm_nonsense".to_owned()), id: String::new() };
        assert_eq!(problem(&bad.get(site, &format!("{base}?{day}")).await, 401).0, "invalid_token");
        for unknown in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "COACH_UUID", world.client.id.as_str()] {
            let answer = nobody.get(site, &format!("/booking/coach/{unknown}/availability?{day}")).await;
            assert_eq!(problem(&answer, 404), ("not_found".to_owned(), "Invalid coach".to_owned()));
        }
        let admin = world.db.admin("otto").await;
        world.db.accounts().set_active(&admin, world.actor.id(), false).await.expect("a change");
        assert_eq!(problem(&nobody.get(site, &format!("{base}?{day}")).await, 404).1, "Invalid coach");
        let refused = world.client.post(site, "/booking", &world.wish(TUESDAY)).await;
        assert_eq!((field(&refused), problem(&refused, 422).1), ("coach_id".to_owned(), "Invalid coach".to_owned()));
    }

    async fn unknown_is_not_free(db: TestDb) {
        let world = World::on(db).await;
        let day = "start_date=2026-11-03T00:00:00Z&end_date=2026-11-04T00:00:00Z";
        let path = format!("/booking/coach/{}/availability?{day}", world.coach.id);
        // Read an hour ago, and not since.
        world.db.run("UPDATE coaches SET calendars_known_at = 1793602800000, calendars_known_until = 1793603700000, unknown_keep_minutes = 120").await;
        for (policy, state, asks, slots) in [
            ("UPDATE coaches SET unknown_policy = 'keep'", "last_known", false, 8),
            ("UPDATE coaches SET unknown_policy = 'on_request'", "on_request", true, 8),
            ("UPDATE coaches SET unknown_policy = 'stop'", "unknown", false, 0),
        ] {
            world.db.run(policy).await;
            let free = json(&Program::nobody().get(&world.site, &path).await, StatusCode::OK);
            assert_eq!((free["calendars"].as_str(), free["calendars_known_at"].as_str()), (Some(state), Some("2026-11-02T07:00:00Z")));
            assert_eq!((&free["approval_required"], free["available_slots"].as_array().map(Vec::len)), (&json!(asks), Some(slots)));
        }
        let refused = world.client.post(&world.site, "/booking", &world.wish(TUESDAY)).await;
        assert_eq!(problem(&refused, 409).0, "slot_unavailable");
        assert!(refused.body.contains("\"alternatives\":[]"), "nothing is offered: {}", refused.body);
        world.db.run("UPDATE coaches SET unknown_policy = 'on_request'").await;
        assert_eq!(world.booked(TUESDAY).await["status"], "pending");
    }

    async fn booking_refuses(db: TestDb) {
        let world = World::on(db).await;
        let (site, client) = (&world.site, &world.client);
        assert_eq!(problem(&Program::nobody().post(site, "/booking", &world.wish(TUESDAY)).await, 401).0, "unauthorized");
        for other in [&world.coach, &world.admin] {
            let refused = other.post(site, "/booking", &world.wish(TUESDAY)).await;
            assert_eq!(problem(&refused, 403), ("forbidden".to_owned(), "Invalid client".to_owned()));
        }
        let mut other_kind = world.another_kind(|draft| (draft.rules.duration_minutes, draft.rules.step_minutes) = (30, 30)).await;
        for (name, value) in [
            ("coach_id", json!("01ARZ3NDEKTSV4RRFFQ69G5FAV")),
            ("coach_id", json!("COACH_UUID")),
            ("coach_id", json!(null)),
            ("session_datetime", json!("2026-11-03T09:00:00")),
            ("session_datetime", json!(1_762_000_000)),
            ("duration_minutes", json!(45)),
            ("duration_minutes", json!("60")),
            ("duration_minutes", json!(-60)),
            ("notes", json!("x".repeat(2001))),
            ("notes", json!("a\u{0}b")),
            ("notes", json!({ "a": 1 })),
            ("session_type_id", json!("01ARZ3NDEKTSV4RRFFQ69G5FAV")),
            ("time_zone", json!("Mars/Olympus")),
            ("time_zone", json!("\u{0}")),
            ("payment_id", json!(null)),
        ] {
            let mut wish = world.wish(TUESDAY);
            wish[name] = value.clone();
            assert_eq!(field(&client.post(site, "/booking", &wish).await), name, "{value}");
        }
        let mut wish = world.wish(TUESDAY);
        wish["session_type_id"] = json!(std::mem::take(&mut other_kind));
        let refused = client.post(site, "/booking", &wish).await;
        assert_eq!(field(&refused), "duration_minutes");
        assert!(refused.body.contains("takes 30 minutes"), "{}", refused.body);
        for start in ["2026-11-03T09:07:00Z", "2026-11-01T09:00:00Z", "2026-11-02T09:00:00Z", "2099-01-01T09:00:00Z", "0001-01-01T00:00:00Z", "2026-11-03T02:00:00Z"] {
            let refused = client.post(site, "/booking", &world.wish(start)).await;
            assert_eq!(problem(&refused, 409), ("slot_unavailable".to_owned(), "Time slot is not available".to_owned()), "{start}");
            let body: Value = serde_json::from_str(&refused.body).expect("JSON");
            let first = &body["alternatives"][0];
            assert!(first["start"].is_string() && first["end"].is_string() && first["duration_minutes"] == 60, "{body}");
        }
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM bookings").await, 0);
        assert_eq!(world.db.count("SELECT COUNT(*) AS n FROM claims").await, 0);
        let mut wish = world.wish(TUESDAY);
        (wish["time_zone"], wish["notes"]) = (json!("Asia/Tokyo"), json!("  "));
        let booking = json(&client.post(site, "/booking", &wish).await, StatusCode::CREATED);
        assert_eq!((booking["time_zone"].as_str(), &booking["notes"]), (Some("Asia/Tokyo"), &Value::Null));
        assert_eq!(problem(&client.post(site, "/booking", &world.wish(TUESDAY)).await, 409).0, "slot_unavailable");
    }

    async fn a_booking_is_its_parties_alone(db: TestDb) {
        let world = World::on(db).await;
        let site = &world.site;
        let stranger = Program::new(&world.db, site, "noa", Role::Mentee, "UTC").await;
        let other_coach = Program::new(&world.db, site, "lea", Role::Coach, "UTC").await;
        let path = world.path(TUESDAY).await;
        for yes in [&world.client, &world.coach, &world.admin] {
            assert_eq!(yes.get(site, &path).await.status, StatusCode::OK);
        }
        let unauthorized = || ("forbidden".to_owned(), "Unauthorized to view this booking".to_owned());
        let nothing = "/booking/01ARZ3NDEKTSV4RRFFQ69G5FAV";
        for no in [&stranger, &other_coach] {
            assert_eq!(problem(&no.get(site, &path).await, 403), unauthorized());
            for list in ["client", "coach"] {
                for whose in [&world.client.id, &world.coach.id] {
                    assert_eq!(problem(&no.get(site, &format!("/booking/{list}/{whose}")).await, 403), unauthorized());
                }
            }
            for target in [path.as_str(), nothing, "/booking/BOOKING_UUID"] {
                let moved = json!({ "session_datetime": WEDNESDAY });
                assert_eq!(problem(&no.delete(site, target).await, 404).0, "not_found");
                assert_eq!(problem(&no.patch(site, &format!("{target}/status"), &json!({ "status": "cancelled" })).await, 404).0, "not_found");
                assert_eq!(problem(&no.patch(site, &format!("{target}/status"), &json!({ "status": "confirmed" })).await, 404).0, "not_found");
                assert_eq!(problem(&no.post(site, &format!("{target}/reschedule"), &moved).await, 404).0, "not_found");
            }
            assert_eq!(problem(&no.get(site, nothing).await, 404).0, "not_found");
        }
        assert_eq!(problem(&Program::nobody().get(site, &path).await, 401).0, "unauthorized");
        assert_eq!(problem(&world.coach.get(site, &format!("/booking/client/{}", world.client.id)).await, 403), unauthorized());
        for (list, whose) in [("client", &world.client.id), ("coach", &world.coach.id)] {
            let all = json(&world.admin.get(site, &format!("/booking/{list}/{whose}")).await, StatusCode::OK);
            assert_eq!(all["bookings"].as_array().map(Vec::len), Some(1));
        }
        assert_eq!(json(&world.admin.get(site, &path).await, StatusCode::OK)["status"], "confirmed");
    }

    async fn lists_come_in_pages_that_nothing_disturbs(db: TestDb) {
        let world = World::on(db).await;
        let (site, client) = (&world.site, &world.client);
        let mut made = Vec::new();
        for hour in 8..15 {
            // Ids follow each other by the clock.
            world.db.clock().advance(Duration::from_secs(1));
            made.push(world.booked(&format!("2026-11-05T{hour:02}:00:00Z")).await["id"].as_str().expect("an id").to_owned());
        }
        made.reverse();
        let list = format!("/booking/client/{}", client.id);
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = json(&client.get(site, &format!("{list}?limit=3{after}")).await, StatusCode::OK);
            seen.extend(page["bookings"].as_array().expect("a page").iter().map(|booking| booking["id"].as_str().expect("an id").to_owned()));
            // A move and a new booking in between.
            if seen.len() == 3 {
                let moved = json!({ "session_datetime": "2026-11-06T08:00:00Z" });
                json(&client.post(site, &format!("/booking/{}/reschedule", made[5]), &moved).await, StatusCode::OK);
                world.db.clock().advance(Duration::from_secs(1));
                world.booked("2026-11-06T10:00:00Z").await;
            }
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, made);
        json(&client.delete(site, &format!("/booking/{}", made[2])).await, StatusCode::OK);
        let cancelled = json(&client.get(site, &format!("{list}?status=cancelled")).await, StatusCode::OK);
        assert_eq!((cancelled["bookings"].as_array().map(Vec::len), &cancelled["bookings"][0]["id"]), (Some(1), &json!(made[2])));
        for (query, named) in [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("after=x", "after"), ("status=gone", "status"), ("page=2", "page")] {
            assert_eq!(field(&client.get(site, &format!("{list}?{query}")).await), named);
        }
    }

    async fn a_request_is_answered_by_its_coach_or_an_admin(db: TestDb) {
        let world = World::on(db).await;
        world.kind(|draft| draft.approval_required = true).await;
        let site = &world.site;
        let to = |status: &str| json!({ "status": status });
        let booking = world.booked(TUESDAY).await;
        assert_eq!((booking["status"].as_str(), booking["answer_by"].as_str()), (Some("pending"), Some(TUESDAY)));
        let path = format!("/booking/{}", booking["id"].as_str().expect("an id"));
        let change = format!("{path}/status");
        for status in ["confirmed", "declined", "completed", "no_show"] {
            assert_eq!(problem(&world.client.patch(site, &change, &to(status)).await, 403).0, "forbidden");
        }
        assert_eq!(problem(&world.coach.patch(site, &change, &to("completed")).await, 409).0, "wrong_state");
        for _ in 0..2 {
            let confirmed = json(&world.coach.patch(site, &change, &to("confirmed")).await, StatusCode::OK);
            assert_eq!((confirmed["status"].as_str(), &confirmed["answer_by"]), (Some("confirmed"), &Value::Null));
        }
        assert_eq!(problem(&world.coach.patch(site, &change, &to("declined")).await, 409), ("wrong_state".to_owned(), "The booking is confirmed.".to_owned()));
        assert_eq!(problem(&world.coach.patch(site, &change, &to("completed")).await, 409).0, "wrong_state", "it has not started");
        let second = world.path(WEDNESDAY).await;
        json(&world.admin.patch(site, &format!("{second}/status"), &to("confirmed")).await, StatusCode::OK);
        let third = world.path("2026-11-05T09:00:00Z").await;
        let declined = json!({ "status": "declined", "reason": "Away that week" });
        json(&world.admin.patch(site, &format!("{third}/status"), &declined).await, StatusCode::OK);
        world.db.clock().set(Instant::parse_rfc3339("2026-11-04T10:30:00Z").expect("an instant"));
        let missed = json!({ "status": "no_show", "reason": "Nobody came" });
        assert_eq!(json(&world.admin.patch(site, &format!("{second}/status"), &missed).await, StatusCode::OK)["status"], "no_show");
        assert_eq!(json(&world.coach.patch(site, &change, &to("completed")).await, StatusCode::OK)["status"], "completed");
        assert_eq!(problem(&world.admin.patch(site, &change, &to("confirmed")).await, 409).0, "wrong_state");
        let row = |what: &str, role, why: &str| (what.to_owned(), Some(role), why.to_owned());
        let requested = row("requested", Role::Mentee, "");
        assert_eq!(world.history(&path).await, [requested.clone(), row("confirmed", Role::Coach, ""), row("completed", Role::Coach, "")]);
        assert_eq!(world.history(&second).await, [requested.clone(), row("confirmed", Role::Admin, ""), row("no_show", Role::Admin, "Nobody came")]);
        assert_eq!(world.history(&third).await, [requested, row("declined", Role::Admin, "Away that week")]);
        for (body, named) in [(json!({}), "status"), (to("pending"), "status"), (json!({ "status": "declined", "reason": "\u{7}" }), "reason"), (json!({ "status": "declined", "why": "x" }), "why")] {
            assert_eq!(field(&world.coach.patch(site, &change, &body).await), named);
        }
    }

    async fn cancelling_has_its_time(db: TestDb) {
        let world = World::on(db).await;
        let site = &world.site;
        let (first, second, third) = (world.path(TUESDAY).await, world.path(WEDNESDAY).await, world.path("2026-11-05T09:00:00Z").await);
        let ended = json(&world.client.patch(site, &format!("{first}/status"), &json!({ "status": "cancelled", "reason": "Ill" })).await, StatusCode::OK);
        assert_eq!(ended["status"], "cancelled");
        for _ in 0..2 {
            assert_eq!(json(&world.coach.delete(site, &format!("{second}?reason=Travelling")).await, StatusCode::OK)["status"], "cancelled");
        }
        json(&world.admin.delete(site, &third).await, StatusCode::OK);
        let row = |role, why: &str| ("cancelled".to_owned(), Some(role), why.to_owned());
        assert_eq!(world.history(&first).await[1..], [row(Role::Mentee, "Ill")]);
        assert_eq!(world.history(&second).await[1..], [row(Role::Coach, "Travelling")]);
        assert_eq!(world.history(&third).await[1..], [row(Role::Admin, "No reason was given.")]);
        let fourth = world.path(TUESDAY).await;
        world.db.clock().set(Instant::parse_rfc3339("2026-11-02T21:00:01Z").expect("an instant"));
        let late = world.client.delete(site, &fourth).await;
        assert_eq!(problem(&late, 409), ("too_late".to_owned(), "Clients could do this until 2026-11-02T21:00:00Z.".to_owned()));
        let moved = json!({ "session_datetime": "2026-11-06T09:00:00Z" });
        assert_eq!(problem(&world.client.post(site, &format!("{fourth}/reschedule"), &moved).await, 409).0, "too_late");
        world.db.clock().set(Instant::parse_rfc3339(TUESDAY).expect("an instant"));
        assert_eq!(problem(&world.coach.delete(site, &fourth).await, 409), ("too_late".to_owned(), "The session has started.".to_owned()));
        assert_eq!(field(&world.coach.delete(site, &format!("{fourth}?reason={}", "x".repeat(501))).await), "reason");
        assert_eq!(field(&world.coach.delete(site, &format!("{fourth}?reason=a%00b")).await), "reason");
        assert_eq!(field(&world.coach.delete(site, &format!("{fourth}?why=x")).await), "why");
    }

    async fn moving_keeps_the_booking(db: TestDb) {
        let world = World::on(db).await;
        let site = &world.site;
        let path = world.path(TUESDAY).await;
        let to = |start: &str| json!({ "session_datetime": start });
        let moved = json(&world.client.post(site, &format!("{path}/reschedule"), &to("2026-11-04T10:00:00+01:00")).await, StatusCode::OK);
        assert_eq!((moved["session_datetime"].as_str(), moved["ends_at"].as_str()), (Some(WEDNESDAY), Some("2026-11-04T10:00:00Z")));
        assert_eq!((&moved["sequence"], moved["status"].as_str()), (&json!(1), Some("confirmed")));
        assert_eq!(json(&world.client.post(site, &format!("{path}/reschedule"), &to(WEDNESDAY)).await, StatusCode::OK)["sequence"], 1);
        world.path(TUESDAY).await;
        let refused = world.coach.post(site, &format!("{path}/reschedule"), &to(TUESDAY)).await;
        assert_eq!(problem(&refused, 409), ("slot_unavailable".to_owned(), "Time slot is not available".to_owned()));
        assert!(refused.body.contains("\"alternatives\":[{\"start\""), "{}", refused.body);
        // Within the notice that protects the coach.
        let soon = json(&world.admin.post(site, &format!("{path}/reschedule"), &to("2026-11-02T10:00:00Z")).await, StatusCode::OK);
        assert_eq!(soon["sequence"], 2);
        let why: Vec<_> = world.history(&path).await.into_iter().map(|(_, role, why)| (role, why)).collect();
        assert_eq!(why[2], (Some(Role::Admin), "No reason was given.".to_owned()));
        for (body, named) in [(json!({}), "session_datetime"), (to("soon"), "session_datetime"), (json!({ "session_datetime": TUESDAY, "reason": "\u{1}" }), "reason")] {
            assert_eq!(field(&world.coach.post(site, &format!("{path}/reschedule"), &body).await), named);
        }
        let cancelled = world.coach.send(site, Method::DELETE, &path, None, &[]).await;
        assert_eq!(cancelled.status, StatusCode::OK);
        assert_eq!(problem(&world.coach.post(site, &format!("{path}/reschedule"), &to(TUESDAY)).await, 409).0, "wrong_state");
    }
}
