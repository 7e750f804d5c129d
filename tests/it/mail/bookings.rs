//! What each of the two people reads about each change.

use std::time::Duration;

use wellmet::{bookings::NewStatus, model::BookingStatus, notices::mail::Delivery, store::sql};

use super::world::{Desk, line};
use crate::{
    bookings_world::at,
    support::{TestDb, both_engines},
};

/// A Tuesday at 13:00 in Berlin, 07:00 in New York.
const TUESDAY: &str = "2026-11-10T12:00:00Z";
const WEDNESDAY: &str = "2026-11-11T12:00:00Z";

both_engines! {
    async fn both_read_of_a_booking_in_their_own_zone(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |_| ()).await;
        let booking = desk.book(&mentee, &coach, &kind, at(TUESDAY), "Two\nlines").await;
        let (to_coach, to_client) = desk.both().await;
        assert_eq!(to_client.subject, "Booked: Career talk with cora, Tue 10 Nov, 07:00");
        assert_eq!(to_coach.subject, "New booking: Career talk with mia, Tue 10 Nov, 13:00");
        let page = format!("https://booking.example.org/bookings/{}", booking.id);
        let own = [
            (&to_client, "When: Tuesday 10 November 2026, 07:00–08:00 (America/New_York, UTC-5)", "With: cora\n"),
            (&to_coach, "When: Tuesday 10 November 2026, 13:00–14:00 (Europe/Berlin, UTC+1)", "With: mia <mia@example.org>\n"),
        ];
        for (letter, when, with) in own {
            for words in [when, with, "https://meet.example/cora", &page, "> Two\n> lines\n", "Length: 60 minutes", "Price: Free of charge"] {
                assert!(letter.text.contains(words), "{words}\n{}", letter.text);
            }
            assert!(letter.html.contains(&page) && letter.html.contains("https://meet.example/cora"), "{}", letter.html);
            let invite = letter.invite.as_deref().unwrap();
            assert_eq!(line(invite, "METHOD"), "METHOD:REQUEST");
            assert_eq!(line(invite, "UID"), format!("UID:{}@wellmet", booking.id.as_str().to_lowercase()));
            assert_eq!(line(invite, "DTSTART"), "DTSTART:20261110T120000Z");
            assert_eq!(line(invite, "SEQUENCE"), "SEQUENCE:0");
            assert_eq!(line(invite, "LOCATION"), "LOCATION:https://meet.example/cora");
            assert_eq!(line(invite, "ORGANIZER"), "ORGANIZER;CN=\"cora\":mailto:book@acme.example");
            assert!(line(invite, "ATTENDEE").ends_with(&format!("PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{}", letter.to)), "{invite}");
        }
        // The mentee is not told the coach's address.
        let whole = String::from_utf8(to_client.bytes).unwrap();
        assert!(!whole.contains("cora@example.org") && !whole.contains("Reply-To"), "{whole}");
        assert!(String::from_utf8(to_coach.bytes).unwrap().contains("\r\nReply-To: mia <mia@example.org>\r\n"));
        assert_eq!(desk.mail().await, []);
    }

    async fn sequences_rise_and_the_end_takes_it_out_of_the_calendar(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |_| ()).await;
        let booking = desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        let first = desk.both().await.1;
        desk.advance(Duration::from_mins(5));
        desk.server.bookings.reschedule(coach, booking.id, at(WEDNESDAY), "A dentist").await.unwrap();
        let (to_coach, to_client) = desk.both().await;
        assert_eq!(to_client.subject, "Moved: Career talk with cora, now Wed 11 Nov, 07:00");
        assert!(to_client.text.contains("cora moved Career talk.") && to_coach.text.contains("You moved Career talk with mia."));
        for words in ["Was: Tuesday 10 November 2026, 07:00–08:00", "When: Wednesday 11 November 2026", "Reason given: A dentist"] {
            assert!(to_client.text.contains(words), "{words}\n{}", to_client.text);
        }
        let moved = to_client.invite.unwrap();
        assert_eq!([line(&moved, "METHOD"), line(&moved, "SEQUENCE"), line(&moved, "DTSTART")], ["METHOD:REQUEST", "SEQUENCE:1", "DTSTART:20261111T120000Z"]);
        assert_eq!(line(&moved, "UID"), line(&first.invite.unwrap(), "UID"));
        let whole = String::from_utf8(to_client.bytes).unwrap().replace("\r\n ", " ");
        assert!(whole.contains(&format!("\r\nIn-Reply-To: <{0}>\r\n", first.id)) && whole.contains(&format!("\r\nReferences: <{0}>\r\n", first.id)), "{whole}");
        desk.advance(Duration::from_mins(5));
        desk.server.bookings.cancel(mentee, booking.id, "").await.unwrap();
        let (to_coach, to_client) = desk.both().await;
        assert!(to_client.text.contains("You cancelled") && to_coach.text.contains("mia cancelled"), "{}", to_coach.text);
        assert!(!to_client.text.contains("meet.example") && to_client.text.contains("/coaches/cora"));
        for letter in [to_coach, to_client] {
            let ended = letter.invite.unwrap();
            let told = [line(&ended, "METHOD"), line(&ended, "STATUS"), line(&ended, "SEQUENCE")];
            assert_eq!(told, ["METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:2"]);
        }
    }

    async fn a_request_brings_no_invitation_until_it_is_confirmed(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |draft| draft.approval_required = true).await;
        let asked = desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        let (to_coach, to_client) = desk.both().await;
        assert!(to_coach.subject.starts_with("Please answer: ") && to_client.subject.starts_with("Requested: "));
        assert!(to_coach.text.contains("Answer the request:") && to_coach.text.contains("by Thursday 5 November 2026, 09:00"), "{}", to_coach.text);
        assert!(to_client.text.contains("by Thursday 5 November 2026, 03:00") && !to_client.text.contains("meet.example"), "{}", to_client.text);
        assert_eq!((to_coach.invite, to_client.invite), (None, None));
        desk.server.bookings.confirm(&coach, asked.id).await.unwrap();
        let (to_coach, to_client) = desk.both().await;
        assert!(to_client.subject.starts_with("Confirmed: ") && to_client.text.contains("https://meet.example/cora"));
        assert_eq!(line(&to_client.invite.unwrap(), "SEQUENCE"), "SEQUENCE:1");
        assert!(to_coach.invite.is_some());
        // The mentee moves it: it waits for the coach again, and the entry in the calendar moves along.
        desk.server.bookings.reschedule(mentee, asked.id, at(WEDNESDAY), "").await.unwrap();
        let (to_coach, to_client) = desk.both().await;
        assert!(to_client.subject.starts_with("Waiting for confirmation: ") && to_coach.subject.starts_with("Please answer: "));
        let waiting = to_client.invite.unwrap();
        assert_eq!([line(&waiting, "METHOD"), line(&waiting, "STATUS")], ["METHOD:REQUEST", "STATUS:TENTATIVE"]);
        desk.server.bookings.decline(&coach, asked.id, "Away").await.unwrap();
        let (to_coach, to_client) = desk.both().await;
        assert!(to_client.text.contains("Reason given: Away"));
        assert_eq!(line(&to_client.invite.unwrap(), "METHOD"), "METHOD:CANCEL");
        assert_eq!(line(&to_coach.invite.unwrap(), "METHOD"), "METHOD:CANCEL");
    }

    async fn an_admin_who_answers_is_named(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let admin = desk.db.admin("otto").await;
        desk.mail().await;
        let kind = desk.kind(&coach, |draft| draft.approval_required = true).await;
        for (start, word) in [(TUESDAY, "confirmed"), (WEDNESDAY, "declined")] {
            let asked = desk.book(&mentee, &coach, &kind, at(start), "").await;
            desk.both().await;
            let to = if word == "confirmed" { NewStatus::Confirmed } else { NewStatus::Declined };
            desk.server.bookings.set_status(admin.into(), asked.id, to, "In their place").await.unwrap();
            // The coach is told as well: it was not they who answered.
            let (to_coach, to_client) = desk.both().await;
            for letter in [&to_coach, &to_client] {
                assert!(letter.text.contains(&format!(" {word} ")) && letter.text.contains("The people who run "), "{}", letter.text);
                assert!(letter.text.contains("Reason given: In their place"), "{}", letter.text);
            }
        }
    }

    async fn what_was_never_agreed_is_in_no_calendar(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |draft| draft.approval_required = true).await;
        let asked = desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        desk.mail().await;
        desk.server.bookings.decline(&coach, asked.id, "").await.unwrap();
        // The coach, who declined it a moment ago, is not told so.
        let letters = desk.mail().await;
        assert_eq!(letters.iter().map(|letter| (letter.to.as_str(), letter.invite.is_some())).collect::<Vec<_>>(), [("mia@example.org", false)]);
        desk.book(&mentee, &coach, &kind, at(WEDNESDAY), "").await;
        desk.mail().await;
        desk.advance(Duration::from_hours(73));
        desk.server.bookings.expire_due().await.unwrap();
        let (to_coach, to_client) = desk.both().await;
        assert!(to_coach.subject.starts_with("Ended unanswered: ") && to_client.subject.starts_with("No answer: "));
        assert_eq!((to_coach.invite, to_client.invite), (None, None));
    }

    async fn over_a_change_of_the_clock_each_reads_their_own(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |draft| draft.rules.horizon_days = 365).await;
        // New York puts its clock forward on 8 March, Berlin on 29 March.
        desk.book(&mentee, &coach, &kind, at("2027-03-09T12:00:00Z"), "").await;
        let (to_coach, to_client) = desk.both().await;
        assert!(to_client.text.contains("Tuesday 9 March 2027, 07:00–08:00 (America/New_York, UTC-5)"), "{}", to_client.text);
        assert!(to_coach.text.contains("13:00–14:00 (Europe/Berlin, UTC+1)"));
        desk.book(&mentee, &coach, &kind, at("2027-03-16T12:00:00Z"), "").await;
        let (to_coach, to_client) = desk.both().await;
        assert!(to_client.text.contains("Tuesday 16 March 2027, 08:00–09:00 (America/New_York, UTC-4)"), "{}", to_client.text);
        assert!(to_coach.text.contains("13:00–14:00 (Europe/Berlin, UTC+1)"));
    }

    async fn names_and_notes_add_neither_header_nor_markup_nor_line(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let evil = "<b>Eve</b>\r\nBcc: all@example.org\r\n\r\n\"; x=\u{202e}é";
        let mut tx = desk.db.store().begin().await.unwrap();
        sql("UPDATE users SET name = $1").bind(evil).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let kind = desk.kind(&coach, |draft| draft.name = "{ $coach } <script>".to_owned()).await;
        desk.book(&mentee, &coach, &kind, at(TUESDAY), "<script>alert(1)</script>\r\nMETHOD:CANCEL\r\nATTENDEE:mailto:x@y").await;
        let (to_coach, to_client) = desk.both().await;
        for letter in [to_coach, to_client] {
            let whole = String::from_utf8(letter.bytes.clone()).unwrap();
            let (head, _) = whole.split_once("\r\n\r\n").unwrap();
            assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc:")), "{head}");
            assert!(!letter.html.contains("<b>") && !letter.html.contains("<script"), "{}", letter.html);
            assert!(letter.html.contains("&lt;b&gt;Eve&lt;/b&gt;") && letter.subject.contains("{ $coach } <script>"), "{}", letter.subject);
            let invite = letter.invite.unwrap().replace("\r\n ", "");
            assert_eq!(invite.matches("\r\nMETHOD:").count() + invite.matches("\r\nATTENDEE").count(), 2, "{invite}");
        }
    }

    async fn the_second_try_sends_the_same_bytes(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |_| ()).await;
        let not_now = Delivery::NotNow("It is down.".to_owned());
        desk.keep.say(&[not_now.clone(), not_now]);
        desk.book(&mentee, &coach, &kind, at(TUESDAY), "Ünïcode").await;
        let first = desk.both().await;
        desk.advance(Duration::from_mins(10));
        assert_eq!(desk.both().await, first);
        desk.advance(Duration::from_hours(10));
        assert_eq!(desk.mail().await, []);
        // What is refused for good waits for a person instead.
        desk.keep.say(&[Delivery::Refused("No such mailbox.".to_owned()), Delivery::Refused("No such mailbox.".to_owned())]);
        desk.book(&mentee, &coach, &kind, at(WEDNESDAY), "").await;
        desk.both().await;
        assert_eq!(desk.db.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead' AND problem = 'No such mailbox.'").await, 2);
    }

    async fn a_link_that_is_being_made_is_waited_for_a_while(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let provider = |draft: &mut wellmet::model::SessionTypeDraft| {
            draft.place.kind = wellmet::model::PlaceKind::Provider;
            draft.place.value.clear();
        };
        let kind = desk.kind(&coach, provider).await;
        desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        assert_eq!(desk.mail().await, []);
        desk.db.run("UPDATE bookings SET meeting_link = 'https://provider.example/abc'").await;
        desk.advance(Duration::from_secs(21));
        let (to_coach, to_client) = desk.both().await;
        assert!(to_coach.text.contains("https://provider.example/abc") && to_client.text.contains("https://provider.example/abc"));
        let slow = desk.book(&mentee, &coach, &kind, at(WEDNESDAY), "").await;
        assert_eq!(slow.status, BookingStatus::Confirmed);
        for _ in 0..44 {
            assert_eq!(desk.mail().await, []);
            desk.advance(Duration::from_secs(20));
        }
        desk.advance(Duration::from_secs(40));
        let (_, to_client) = desk.both().await;
        assert!(to_client.text.contains("the link will be on the booking’s page"), "{}", to_client.text);
    }

    async fn nothing_is_sent_to_an_address_that_was_not_confirmed(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |_| ()).await;
        desk.db.run("UPDATE users SET email_checked_at = NULL WHERE role = 'client'").await;
        desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        let to: Vec<_> = desk.mail().await.into_iter().map(|letter| letter.to).collect();
        assert_eq!(to, ["cora@example.org"]);
        desk.advance(Duration::from_hours(30));
        assert_eq!(desk.mail().await, []);
        desk.advance(Duration::from_hours(24 * 7));
        assert_eq!(desk.mail().await, []);
        let given_up = "SELECT COUNT(*) AS n FROM jobs WHERE state = 'cancelled' AND problem = 'The address was not confirmed in time.'";
        assert_eq!(desk.db.count(given_up).await, 1);
    }

    async fn a_coach_whose_calendar_takes_bookings_gets_no_invitation(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |draft| draft.approval_required = true).await;
        let mut tx = desk.db.store().begin().await.unwrap();
        sql("INSERT INTO calendar_integrations (id, coach_id, provider, account_key, account_label, can_write, health_since, created_at,
                 updated_at)
             VALUES ('01J00000000000000000000001', $1, 'caldav', 'k', 'l', 1, 0, 0, 0)").bind(coach.id()).run(&mut tx).await.unwrap();
        sql("INSERT INTO integration_calendars (id, integration_id, coach_id, external_id, name, writable, receives_bookings)
             VALUES ('01J00000000000000000000002', '01J00000000000000000000001', $1, 'e', 'n', 1, 1)").bind(coach.id()).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let asked = desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        desk.mail().await;
        desk.server.bookings.confirm(&coach, asked.id).await.unwrap();
        // They pressed the button and have it in their calendar: there is nothing to tell.
        assert_eq!(desk.mail().await.into_iter().map(|letter| letter.to).collect::<Vec<_>>(), ["mia@example.org"]);
        desk.server.bookings.reschedule(coach, asked.id, at(WEDNESDAY), "x").await.unwrap();
        let (to_coach, to_client) = desk.both().await;
        assert!(to_coach.invite.is_none() && to_client.invite.is_some());
        assert!(to_coach.text.contains("goes into the calendar that you connected"));
    }

    async fn an_invitation_that_was_mailed_is_taken_back_though_a_calendar_was_connected_since(db: TestDb) {
        let desk = Desk::new(db);
        let (coach, mentee) = desk.people().await;
        let kind = desk.kind(&coach, |_| {}).await;
        let booking = desk.book(&mentee, &coach, &kind, at(TUESDAY), "").await;
        let (to_coach, _) = desk.both().await;
        assert!(to_coach.invite.is_some());
        let mut tx = desk.db.store().begin().await.unwrap();
        sql("INSERT INTO calendar_integrations (id, coach_id, provider, account_key, account_label, can_write, health_since, created_at,
                 updated_at)
             VALUES ('01J00000000000000000000001', $1, 'caldav', 'k', 'l', 1, 0, 0, 0)").bind(coach.id()).run(&mut tx).await.unwrap();
        sql("INSERT INTO integration_calendars (id, integration_id, coach_id, external_id, name, writable, receives_bookings)
             VALUES ('01J00000000000000000000002', '01J00000000000000000000001', $1, 'e', 'n', 1, 1)").bind(coach.id()).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        desk.server.bookings.cancel(mentee, booking.id, "ill").await.unwrap();
        let (to_coach, _) = desk.both().await;
        assert!(to_coach.invite.expect("the invitation is taken back").contains("METHOD:CANCEL"));
        // One that was never mailed needs none.
        let other = desk.book(&mentee, &coach, &kind, at(WEDNESDAY), "").await;
        let (to_coach, _) = desk.both().await;
        assert!(to_coach.invite.is_none());
        desk.server.bookings.cancel(mentee, other.id, "ill").await.unwrap();
        assert!(desk.both().await.0.invite.is_none());
    }
}
