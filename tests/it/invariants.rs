//! What must hold of bookings, claims and their history at any moment, as one query.

use wellmet::store::{Store, sql};

/// One row for each violation: what is wrong, and with which row.
const VIOLATIONS: &str = "
    SELECT 'two claims of a coach overlap' AS what, a.id AS id FROM claims a JOIN claims b
        ON a.coach_id = b.coach_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
    UNION ALL SELECT 'a live booking has not one claim', b.id FROM bookings b
        WHERE b.status IN ('pending', 'confirmed') AND (SELECT COUNT(*) FROM claims c WHERE c.booking_id = b.id) <> 1
    UNION ALL SELECT 'a booking that is not live has a claim', b.id FROM bookings b JOIN claims c ON c.booking_id = b.id
        WHERE b.status NOT IN ('pending', 'confirmed')
    UNION ALL SELECT 'a claim is not its booking''s time', b.id FROM bookings b JOIN claims c ON c.booking_id = b.id
        WHERE c.coach_id <> b.coach_id OR c.starts_at <> b.starts_at - b.buffer_before_minutes * 60000
           OR c.ends_at <> b.ends_at + b.buffer_after_minutes * 60000
    UNION ALL SELECT 'only a pending booking waits for an answer', b.id FROM bookings b
        WHERE (b.status = 'pending') <> (b.answer_by IS NOT NULL)
    UNION ALL SELECT 'a history begins otherwise than once', b.id FROM bookings b
        WHERE (SELECT COUNT(*) FROM booking_events e WHERE e.booking_id = b.id AND e.what IN ('booked', 'requested'))
              <> CASE b.payment WHEN 'awaited' THEN 0 ELSE 1 END
    UNION ALL SELECT 'what is to be paid begins otherwise than by being chosen', b.id FROM bookings b
        WHERE (SELECT COUNT(*) FROM booking_events e WHERE e.booking_id = b.id AND e.what = 'reserved' AND e.ordinal = 1)
              <> CASE b.payment WHEN 'none' THEN 0 ELSE 1 END
    UNION ALL SELECT 'a history has not a row for each move', b.id FROM bookings b
        WHERE (SELECT COUNT(*) FROM booking_events e WHERE e.booking_id = b.id AND e.what = 'moved') <> b.sequence
    UNION ALL SELECT 'a history does not end as the booking did', b.id FROM bookings b
        WHERE b.status NOT IN ('pending', 'confirmed')
          AND (SELECT COUNT(*) FROM booking_events e WHERE e.booking_id = b.id AND e.what = b.status) <> 1
    UNION ALL SELECT 'a history has no row for where the booking stands', b.id FROM bookings b
        WHERE NOT EXISTS (SELECT 1 FROM booking_events e WHERE e.booking_id = b.id AND e.sequence = b.sequence AND e.status = b.status)
    UNION ALL SELECT 'a request was confirmed without a question', b.id FROM bookings b
        WHERE (SELECT COUNT(*) FROM booking_events e WHERE e.booking_id = b.id AND e.what = 'confirmed')
              > (SELECT COUNT(*) FROM booking_events e WHERE e.booking_id = b.id AND e.status = 'pending')
           OR b.status = 'confirmed' AND EXISTS (SELECT 1 FROM booking_events e WHERE e.booking_id = b.id AND e.what = 'requested')
              AND NOT EXISTS (SELECT 1 FROM booking_events e WHERE e.booking_id = b.id AND e.what = 'confirmed')
    UNION ALL SELECT 'a booking ended more than once', b.id FROM bookings b
        WHERE (SELECT COUNT(*) FROM booking_events e WHERE e.booking_id = b.id
               AND e.what IN ('completed', 'no_show', 'declined', 'expired', 'cancelled'))
              <> CASE WHEN b.status IN ('pending', 'confirmed') THEN 0 ELSE 1 END";

/// Fails with every violation there is.
pub(crate) async fn assert_sound(store: &Store) {
    let rows = sql(VIOLATIONS).all(store).await.expect("the invariant can be asked for");
    let wrong: Vec<String> = rows
        .iter()
        .map(|row| format!("{}: {}", row.get::<String>("what").expect("a word"), row.get::<String>("id").expect("an id")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
