//! Reminders, calendars in trouble, and another language.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use wellmet::{
    bookings::Booking,
    jobs::{self, JobKind, NewJob},
    model::Instant,
    notices::mail::{LANGUAGES, Words},
    store::sql,
};

use super::world::{Desk, Keep, worker};
use crate::{
    bookings_world::{Server, at},
    support::{TestDb, both_engines},
};

const TUESDAY: &str = "2026-11-10T12:00:00Z";

async fn plan_reminder(desk: &Desk, booking: &Booking, sequence: i64, to: &str) {
    let job = NewJob {
        kind: JobKind::Reminder,
        key: format!("reminder:{}:{sequence}:1440:{to}", booking.id),
        lane: None,
        coach_id: Some(booking.coach_id),
        booking_id: Some(booking.id),
        user_id: None,
        payload: json!({ "to": to, "sequence": sequence, "minutes": 1440 }),
        run_at: booking.starts_at.plus_minutes(-1440),
    };
    let mut tx = desk.db.store().begin().await.unwrap();
    jobs::enqueue(&mut tx, desk.db.ids(), desk.db.now(), job).await.unwrap();
    tx.commit().await.unwrap();
}

async fn break_calendar(desk: &Desk, coach: wellmet::model::UserId, since: Instant) {
    let mut tx = desk.db.store().begin().await.unwrap();
    sql("INSERT INTO calendar_integrations (id, coach_id, provider, account_key, account_label, health, health_reason, health_since, created_at,
             updated_at) VALUES ('01J00000000000000000000001', $1, 'google', 'k', 'cora@gmail.example', 'needs_reconnect', 'grant_revoked', $2, 0, 0)")
        .bind(coach).bind(since).run(&mut tx).await.unwrap();
    for day in [0, 1, 3, 7, 14] {
        let job = NewJob {
            kind: JobKind::CalendarTrouble,
            key: format!("calendar_trouble:01J00000000000000000000001:{}:{day}", since.millis()),
            lane: None,
            coach_id: Some(coach),
            booking_id: None,
            user_id: Some(coach),
            payload: json!({ "integration_id": "01J00000000000000000000001", "coach_id": coach, "day": day, "since": since }),
            run_at: since.plus_minutes(day * 24 * 60),
        };
        jobs::enqueue(&mut tx, desk.db.ids(), since, job).await.unwrap();
    }
    tx.commit().await.unwrap();
}

both_engines! {
    async fn both_are_reminded_of_what_still_stands(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |_| ()).await;
        let booking = desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        desk.mail().await;
        for to in ["client", "coach"] {
            plan_reminder(&desk, &booking, 0, to).await;
        }
        desk.advance(Duration::from_hours(24 * 6));
        assert_eq!(desk.mail().await, []);
        desk.advance(Duration::from_hours(28));
        let (to_coach, to_client) = desk.both().await;
        assert_eq!(to_client.subject, "In 24 hours: Career talk with cora, Tue 10 Nov, 07:00");
        assert_eq!(to_coach.subject, "In 24 hours: Career talk with mia, Tue 10 Nov, 13:00");
        assert!(to_client.text.contains("https://meet.example/cora") && to_client.invite.is_none());
    }

    async fn nobody_is_reminded_of_what_was_moved_or_called_off_or_has_begun(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |_| ()).await;
        let (moved, off, begun) = (
            desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await,
            desk.book(&mentee, &coach, &kind, at("2026-11-10T13:00:00Z"), "").await,
            desk.book(&mentee, &coach, &kind, at("2026-11-10T14:00:00Z"), "").await,
        );
        for booking in [&moved, &off, &begun] {
            plan_reminder(&desk, booking, 0, "client").await;
        }
        desk.server.bookings.reschedule(coach, moved.id, at("2026-11-11T12:00:00Z"), "x").await.unwrap();
        desk.server.bookings.cancel(mentee, off.id, "").await.unwrap();
        desk.mail().await;
        desk.advance(Duration::from_hours(24 * 8 + 7));
        assert_eq!(desk.mail().await, []);
        let moot = "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'reminder' AND state = 'cancelled'";
        assert_eq!(desk.db.count(moot).await, 3);
    }

    async fn a_coach_is_told_five_times_that_a_calendar_is_out_and_never_once_it_is_well(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, _) = desk.people().await;
        let since = desk.db.now();
        break_calendar(&desk, coach.id(), since).await;
        let [first] = desk.mail().await.try_into().unwrap();
        assert_eq!(first.subject, "Google Calendar has to be connected again");
        for words in ["cora@gmail.example (Google Calendar) since Monday 2 November 2026, 09:00", "Access was withdrawn",
            "https://booking.example.org/dashboard/settings?tab=integrations"] {
            assert!(first.text.contains(words), "{words}\n{}", first.text);
        }
        desk.advance(Duration::from_hours(24));
        let [second] = desk.mail().await.try_into().unwrap();
        assert_eq!(second.subject, "Google Calendar is still not connected");
        desk.db.run("UPDATE calendar_integrations SET health = 'healthy', health_reason = NULL").await;
        desk.advance(Duration::from_hours(24 * 20));
        assert_eq!(desk.mail().await, []);
        desk.db.run("UPDATE calendar_integrations SET health = 'needs_reconnect', health_since = 0").await;
        desk.db.run("UPDATE jobs SET state = 'waiting', run_at = 0 WHERE key LIKE 'calendar_trouble:%'").await;
        assert_eq!(desk.mail().await, [], "these were of another time");
    }
}

/// English with a mark around every message, as a translator's file would have every one in another language.
fn marked() -> String {
    let mark = |line: &str| match line.split_once(" = ") {
        Some((key, words)) if words.ends_with("->") => format!("{key} = «{words}\n"),
        Some((key, words)) if !line.starts_with([' ', '#']) => format!("{key} = «{words}»\n"),
        _ if line == "}" => "}»\n".to_owned(),
        _ => format!("{line}\n"),
    };
    let lines: Vec<String> = LANGUAGES[0].1.lines().map(mark).collect();
    lines.concat()
}

/// Everything that comes between the outermost marks is the file's; what is outside comes from the code.
fn outside(text: &str) -> String {
    let mut depth = 0;
    let kept = text.chars().filter(|character| {
        depth += i32::from(*character == '«');
        let keep = depth == 0;
        depth -= i32::from(*character == '»');
        keep
    });
    kept.collect()
}

#[tokio::test]
async fn a_second_language_is_a_file() {
    let db = TestDb::sqlite().await;
    let words = Words::of(&[("xx", &marked()), LANGUAGES[0]]).unwrap();
    let keep = Arc::new(Keep::default());
    let desk = Desk { server: Server::of(&db), worker: worker(&db, keep.clone(), words), keep, db };
    let (coach, mentee) = (desk.db.coach("cora").await, desk.db.mentee("mia").await);
    desk.db.run("UPDATE users SET language = 'xx'").await;
    let mut letters = desk.mail().await;
    desk.db.run("UPDATE users SET email_checked_at = created_at").await;
    desk.advance(Duration::from_secs(1));
    desk.db.accounts().forgot_password("mia@example.org", &wellmet::accounts::ClientInfo::default()).await.unwrap();
    let (agreed, asked) = (desk.kind(&coach, |_| ()).await, desk.kind(&coach, |draft| draft.approval_required = true).await);
    let bookings = &desk.server.bookings;
    let booked = desk.book(&mentee, &coach, &agreed, at(TUESDAY), "Notes").await;
    bookings.reschedule(coach, booked.id, at("2026-11-11T12:00:00Z"), "why").await.unwrap();
    bookings.cancel(mentee, booked.id, "").await.unwrap();
    let declined = desk.book(&mentee, &coach, &asked, at(TUESDAY), "").await;
    bookings.decline(&coach, declined.id, "").await.unwrap();
    let confirmed = desk.book(&mentee, &coach, &asked, at(TUESDAY), "").await;
    bookings.confirm(&coach, confirmed.id).await.unwrap();
    bookings.reschedule(mentee, confirmed.id, at("2026-11-12T12:00:00Z"), "").await.unwrap();
    bookings.reschedule(coach, confirmed.id, at("2026-11-13T12:00:00Z"), "x").await.unwrap();
    let reminded = desk.book(&mentee, &coach, &agreed, at("2026-11-16T12:00:00Z"), "").await;
    letters.extend(desk.mail().await);
    plan_reminder(&desk, &reminded, 0, "client").await;
    plan_reminder(&desk, &reminded, 0, "coach").await;
    break_calendar(&desk, coach.id(), desk.db.now()).await;
    desk.advance(Duration::from_hours(24 * 13 + 5));
    bookings.expire_due().await.unwrap();
    letters.extend(desk.mail().await);
    let told: Vec<_> = letters.iter().map(|letter| [letter.subject.as_str(), letter.text.as_str()].join("\n")).collect();
    let told = told.concat();
    for what in [
        "Booked",
        "New booking",
        "Moved",
        "Cancelled",
        "Please answer",
        "Declined",
        "Confirmed",
        "Waiting for confirmation",
        "New time",
        "No answer",
        "Ended unanswered",
        "In «24 hours»",
        "has to be connected again",
        "Confirm your address",
        "A new password",
    ] {
        assert!(told.contains(what), "{what} is not told");
    }
    for letter in &letters {
        assert_eq!(outside(&letter.subject), "", "{}", letter.subject);
        assert!(letter.html.contains("<html lang=\"xx\">"));
        // What is left is people's own: links, names, notes, what separates them.
        let own: String =
            outside(&letter.text).replace("mia <mia@example.org>", "").replace("cora", "").replace("> Notes", "").replace("why", "");
        let left: Vec<_> = own.lines().filter(|line| !line.trim().starts_with("https://")).collect();
        let left = left.concat().replace(['x', ':', '-', ' '], "");
        assert_eq!(left, "", "{}", letter.text);
        assert!(!letter.text.contains('{'), "{}", letter.text);
    }
}
