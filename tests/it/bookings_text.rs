//! What people type: limits are named, the rest is kept as it was typed.

use wellmet::{
    bookings::{AnswerError, BookError, BookRequest, CancelError, RescheduleError},
    model::FieldErrors,
};

use crate::{
    bookings_world::{Server, at},
    invariants::assert_sound,
    support::{TestDb, both_engines},
};

const MARKUP: &str = "</textarea><script>alert(1)</script> & \"quotes\" 'n' %s $1 {{x}} \\u0000 \u{202e}rtl\u{2066} 👩‍👩‍👧‍👦 שלום";

fn at_most(errors: &FieldErrors, field: &str, most: usize) -> bool {
    errors.about(field).is_some_and(|message| message.contains(&most.to_string()))
}

both_engines! {
    async fn notes_are_kept_as_typed(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |_| ()).await;
        let long = "ñ".repeat(2000);
        let typed = [
            (MARKUP, MARKUP),
            ("  one\r\ntwo\rthree\ttab\n", "one\ntwo\nthree\ttab"),
            ("a\u{0}b\u{7}c\u{1b}[31md\u{85}", "abc[31md"),
            (&long, &long),
            ("", ""),
        ];
        for (hour, (notes, kept)) in (9..).zip(typed) {
            let (secret, _) = server.hold(&coach, &kind, at(&format!("2026-11-03T{hour:02}:00:00Z"))).await.unwrap();
            let request = BookRequest { notes: notes.to_owned(), ..BookRequest::default() };
            let booking = server.bookings.book(&mentee, &secret, request).await.unwrap();
            assert_eq!(booking.notes, kept);
            assert_eq!(server.bookings.booking(coach, booking.id).await.unwrap().unwrap().notes, kept);
        }
        assert_sound(db.store()).await;
    }

    async fn a_megabyte_is_refused_by_name(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let (kind, start) = (server.kind(&coach, |draft| draft.approval_required = true).await, at("2026-11-03T10:00:00Z"));
        let (secret, _) = server.hold(&coach, &kind, start).await.unwrap();
        let megabyte = "x".repeat(1 << 20);
        for notes in [megabyte.clone(), "ñ".repeat(2001)] {
            let refused = server.bookings.book(&mentee, &secret, BookRequest { notes, ..BookRequest::default() }).await;
            assert!(matches!(&refused, Err(BookError::Invalid(errors)) if at_most(errors, "notes", 2000)), "{refused:?}");
        }
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM bookings").await, 0);
        // The hold stood, and the same form, mended, books.
        let booking = server.bookings.book(&mentee, &secret, BookRequest::default()).await.unwrap();
        let cancelled = server.bookings.cancel(mentee, booking.id, &megabyte).await;
        assert!(matches!(&cancelled, Err(CancelError::Invalid(errors)) if at_most(errors, "reason", 500)), "{cancelled:?}");
        let moved = server.bookings.reschedule(mentee, booking.id, start.plus_minutes(60), &megabyte).await;
        assert!(matches!(&moved, Err(RescheduleError::Invalid(errors)) if at_most(errors, "reason", 500)), "{moved:?}");
        let declined = server.bookings.decline(&coach, booking.id, &megabyte).await;
        assert!(matches!(&declined, Err(AnswerError::Invalid(errors)) if at_most(errors, "reason", 500)), "{declined:?}");
        assert_eq!(db.count("SELECT COUNT(*) AS n FROM booking_events").await, 1);
        assert_sound(db.store()).await;
    }

    async fn reasons_are_kept_as_typed(db: TestDb) {
        let (server, coach, mentee) = (Server::of(&db), db.coach("maya").await, db.mentee("ana").await);
        let kind = server.kind(&coach, |_| ()).await;
        let booking = server.book(&mentee, &coach, &kind, at("2026-11-03T10:00:00Z")).await;
        server.bookings.cancel(coach, booking.id, MARKUP).await.unwrap();
        let history = server.bookings.history(mentee, booking.id).await.unwrap();
        assert!(history.iter().any(|event| event.why == MARKUP));
    }
}
