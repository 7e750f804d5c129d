//! What independent readers make of our mail: Python's email package, a calendar library, and a calendar server that takes invitations
//! from mail.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use wellmet::notices::mail::Letter;

use super::world::Desk;
use crate::{bookings_world::at, support::TestDb, tools::tool};

fn fed(command: &mut Command, bytes: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap()
}

/// The mail as Python reads it. `None` without the tools.
fn read(letter: &Letter) -> Option<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mail/reader.py");
    let output = fed(Command::new(tool("python")?).arg(script), &letter.bytes);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

async fn desk_with_odd_names() -> (Desk, wellmet::bookings::Booking, wellmet::accounts::MenteeActor, wellmet::accounts::CoachActor) {
    let desk = Desk::new(TestDb::sqlite().await);
    let (coach, mentee) = desk.people().await;
    desk.db.run("UPDATE users SET name = 'Zoë \"Z\" Müller-Lüdenscheidt, Dr. (渡辺) <x@y.example>' WHERE role = 'coach'").await;
    desk.db.run("UPDATE users SET name = 'Ada; Lovelace: 😀' WHERE role = 'client'").await;
    let kind = desk.kind(&coach, |draft| draft.name = "Überblick: was, wie; warum? ".repeat(2)).await;
    let booking = desk.book(&mentee, &coach, &kind, at("2026-11-10T12:00:00Z"), &"Eine lange Notiz — ohne Umbruch. ".repeat(50)).await;
    (desk, booking, mentee, coach)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shape_is_the_one_that_large_calendars_look_for() {
    let (desk, booking, ..) = desk_with_odd_names().await;
    let (to_coach, to_client) = desk.both().await;
    for letter in [&to_coach, &to_client] {
        let Some(mail) = read(letter) else { return };
        assert_eq!((&mail["header_defects"], &mail["body"]["defects"]), (&json!([]), &json!([])), "{mail}");
        let headers = &mail["headers"];
        assert_eq!(headers["subject"], json!(letter.subject));
        assert_eq!((&headers["x-auto-response-suppress"], &headers["auto-submitted"]), (&json!("OOF, AutoReply"), &Value::Null));
        assert_eq!(headers["message-id"], json!(format!("<{}>", letter.id)));
        assert_eq!(headers["from"], json!("Acme Coaching <book@acme.example>"));
        assert_eq!(headers["date"], json!("Mon, 02 Nov 2026 08:00:00 +0000"));
        assert!(headers["to"].as_str().unwrap().ends_with(&format!("<{}>", letter.to)), "{headers}");
        let body = &mail["body"];
        let types = |of: &Value| -> Vec<String> {
            of["parts"].as_array().unwrap().iter().map(|part| part["type"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(
            (body["type"].as_str(), types(body)),
            (Some("multipart/mixed"), vec!["multipart/alternative".to_owned(), "application/ics".to_owned()])
        );
        let alternatives = &body["parts"][0];
        assert_eq!(types(alternatives), ["text/plain", "text/html", "text/calendar"]);
        let calendar = &alternatives["parts"][2];
        assert_eq!((&calendar["params"]["method"], &calendar["method"]), (&json!("REQUEST"), &json!("REQUEST")));
        assert_eq!(calendar["params"]["charset"], json!("utf-8"));
        assert_eq!((&calendar["disposition"], &calendar["defects"]), (&Value::Null, &json!([])), "no disposition on this one");
        let file = &body["parts"][1];
        assert_eq!((&file["disposition"], &file["params"]["name"]), (&json!("attachment"), &json!("invite.ics")));
        let event = &calendar["event"];
        assert_eq!(event["errors"], json!([]));
        assert_eq!((&event["uid"], &event["sequence"]), (&json!(format!("{}@wellmet", booking.id.as_str().to_lowercase())), &json!(0)));
        assert_eq!((&event["start"], &event["end"]), (&json!("2026-11-10T12:00:00+00:00"), &json!("2026-11-10T13:00:00+00:00")));
        assert_eq!(
            (&event["organizer"], &event["attendee"]),
            (&json!("mailto:book@acme.example"), &json!(format!("mailto:{}", letter.to)))
        );
        let plain = |value: &Value| value.as_str().unwrap().replace("\r\n", "\n");
        assert_eq!(plain(&alternatives["parts"][0]["text"]), letter.text);
        assert_eq!(plain(&alternatives["parts"][1]["text"]), letter.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_without_an_invitation_is_two_alternatives() {
    let desk = Desk::new(TestDb::sqlite().await);
    desk.db.mentee("mia").await;
    let Some(mail) = read(&desk.mail().await[0]) else { return };
    assert_eq!(mail["headers"]["auto-submitted"], json!("auto-generated"));
    let body = &mail["body"];
    assert_eq!((body["type"].as_str(), body["parts"].as_array().unwrap().len()), (Some("multipart/alternative"), 2));
    assert_eq!((&body["parts"][0]["type"], &body["parts"][1]["type"]), (&json!("text/plain"), &json!("text/html")));
}

/// Files what `letter` brings where the server keeps its calendars.
fn import(folder: &Path, letter: &Letter) -> Option<Output> {
    let mut command = Command::new(tool("xandikos")?);
    command.arg("import-imip").arg("-d").arg(folder).args(["--principal", "/coach/", "--autocreate"]);
    Some(fed(&mut command, &letter.bytes))
}

/// The events in all calendars below `folder`, as text.
fn events(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with(".git") && !path.ends_with("inbox") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "ics") {
                found.push(std::fs::read_to_string(path).unwrap().replace("\r\n ", ""));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_server_takes_moves_and_removes_what_mail_brings() {
    let (desk, booking, mentee, coach) = desk_with_odd_names().await;
    let folder = tempfile::tempdir().unwrap();
    let first = desk.both().await.1;
    let Some(output) = import(folder.path(), &first) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [event] = events(folder.path()).try_into().unwrap();
    assert!(event.contains("DTSTART:20261110T120000Z") && event.contains("STATUS:CONFIRMED"), "{event}");
    desk.server.bookings.reschedule(coach, booking.id, at("2026-11-11T12:00:00Z"), "x").await.unwrap();
    let output = import(folder.path(), &desk.both().await.1).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [event] = events(folder.path()).try_into().unwrap();
    assert!(event.contains("DTSTART:20261111T120000Z") && event.contains("SEQUENCE:1"), "the same event, moved: {event}");
    desk.server.bookings.cancel(mentee, booking.id, "").await.unwrap();
    let output = import(folder.path(), &desk.both().await.1).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let left = events(folder.path());
    assert!(left.iter().all(|event| event.contains("STATUS:CANCELLED")), "{left:?}");
    // That server is strict about what Outlook is strict about.
    let mut wrong = first;
    let text = String::from_utf8(wrong.bytes).unwrap();
    wrong.bytes = text.replace("method=REQUEST", "method=CANCEL").into_bytes();
    assert!(!import(folder.path(), &wrong).unwrap().status.success());
}
