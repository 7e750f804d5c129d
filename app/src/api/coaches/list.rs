//! `GET /coaches`: the directory.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wellmet::{
    bookings::{FOUND_AHEAD_DAYS, FreeQuery},
    coaches::{Cursor, DirectoryQuery},
    model::{FieldErrors, Instant},
    time::Interval,
};

use super::shapes::CoachShape;
use crate::{
    api::{
        caller::MaybeCaller,
        moment::check_text,
        problem::Problem,
        refusals::{Always, WithToken},
        sent::Asked,
        shapes::Time,
    },
    server::AppState,
};

/// Nobody can be booked further ahead.
const FURTHEST_DAYS: i64 = 730;
const DAY: i64 = 24 * 60;

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Words, each of which is part of the name, the headline, a topic or the bio, in either case.
    #[param(max_length = 200, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$", example = "career")]
    q: Option<String>,
    /// Only coaches with this topic, in either case.
    #[param(max_length = 200, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$", example = "Leadership")]
    topic: Option<String>,
    /// Only coaches with this language, in either case.
    #[param(max_length = 200, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$", example = "Swedish")]
    language: Option<String>,
    /// Only coaches with a free time that starts then or later. Without `free_until`: within 92 days. What is past counts as now.
    #[param(value_type = Option<Time>, example = "2026-12-07T08:00:00Z")]
    free_from: Option<String>,
    /// Only coaches with a free time that starts before then: at most 92 days after `free_from`, or from now on without it.
    #[param(value_type = Option<Time>, example = "2026-12-12T00:00:00Z")]
    free_until: Option<String>,
    /// At most so many coaches.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<u32>,
    /// The `next` of the page before.
    #[param(max_length = 2000, pattern = "^[A-Za-z0-9_-]+$", example = "MDFKQ1o4WjVRM1Y3TjJLNE02UDhSMFQxVzNtYXlh")]
    after: Option<String>,
}

/// A page of coaches.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CoachList {
    /// The coaches, by name. With `free_from` or `free_until` a page may have fewer than `limit`, even none, and still a `next`.
    #[schema(max_items = 100)]
    coaches: Vec<CoachShape>,
    /// The `after` of the next page; null on the last.
    #[schema(required, example = "MDFKQ1o4WjVRM1Y3TjJLNE02UDhSMFQxVzNtYXlh")]
    next: Option<String>,
}

/// Find coaches
///
/// The active coaches who show themselves in the directory and have something to book, by name.
#[utoipa::path(
    get,
    path = "/coaches",
    operation_id = "coaches",
    tag = "coaches",
    security((), ("token" = [])),
    params(Search),
    responses((status = 200, description = "A page of coaches.", body = CoachList), Always, WithToken)
)]
pub(super) async fn get(State(app): State<AppState>, _: MaybeCaller, Asked(search): Asked<Search>) -> Result<Json<CoachList>, Problem> {
    let query = search.read(app.deps.clock.now())?;
    let found = app.bookings.find_coaches(&app.coaches, &query).await?;
    Ok(Json(CoachList {
        coaches: found.coaches.into_iter().map(|(card, offer)| CoachShape::of_card(card, &offer)).collect(),
        next: found.next.map(|next| next.to_string()),
    }))
}

impl Search {
    /// What it means at `now`.
    fn read(self, now: Instant) -> Result<FreeQuery, Problem> {
        for (field, words) in [("q", &self.q), ("topic", &self.topic), ("language", &self.language)] {
            check_text(field, words.as_deref(), 200)?;
        }
        let mut errors = FieldErrors::new();
        let limit = self.limit.unwrap_or(20);
        if !(1..=100).contains(&limit) {
            errors.add("limit", "A number between 1 and 100 is wanted.");
        }
        let after = self.after.as_deref().and_then(Cursor::parse);
        if self.after.is_some() && after.is_none() {
            errors.add("after", "This is no `next` of an answer.");
        }
        let within = within(&mut errors, self.free_from.as_deref(), self.free_until.as_deref(), now);
        let asked = |word: Option<String>| word.filter(|word| !word.trim().is_empty());
        let find = DirectoryQuery { q: self.q.unwrap_or_default(), topic: asked(self.topic), language: asked(self.language), after, limit };
        Ok(errors.or(FreeQuery { find, within })?)
    }
}

/// The range in which somebody is to be free, if one is asked for.
fn within(errors: &mut FieldErrors, from: Option<&str>, until: Option<&str>, now: Instant) -> Option<Interval> {
    if from.is_none() && until.is_none() {
        return None;
    }
    let mut read = |field: &str, text: Option<&str>| {
        let at = text.and_then(Instant::parse_rfc3339);
        if text.is_some() && at.is_none() {
            errors.add(field, "An instant with its offset is wanted, such as 2026-12-07T08:00:00Z.");
        }
        at
    };
    let (from, until) = (read("free_from", from), read("free_until", until));
    if !errors.0.is_empty() {
        return None;
    }
    let start = from.map_or(now, |from| from.max(now));
    let last = start.plus_minutes(FOUND_AHEAD_DAYS * DAY);
    let end = until.unwrap_or(last);
    if start > now.plus_minutes(FURTHEST_DAYS * DAY) {
        errors.add("free_from", "Nobody can be booked more than two years ahead.");
    } else if end <= now {
        errors.add("free_until", "This is over.");
    } else if end <= start {
        errors.add("free_until", "This is not after `free_from`.");
    } else if end > last {
        errors.add("free_until", format!("At most {FOUND_AHEAD_DAYS} days can be looked at."));
    }
    Some(Interval { start, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_ahead_and_not_too_long() {
        let now = Instant::parse_rfc3339("2026-11-02T08:00:00Z").unwrap();
        let read = |from: Option<&str>, until: Option<&str>| {
            let mut errors = FieldErrors::new();
            let range = within(&mut errors, from, until, now);
            errors
                .0
                .first()
                .map_or_else(|| Ok(range.map(|range| (range.start.to_rfc3339(), range.end.to_rfc3339()))), |error| Err(error.field.clone()))
        };
        let range = |start: &str, end: &str| Ok(Some((start.to_owned(), end.to_owned())));
        let wrong = |field: &str| Err(field.to_owned());
        assert_eq!(read(None, None), Ok(None));
        assert_eq!(read(Some("2026-11-03T09:00:00+01:00"), None), range("2026-11-03T08:00:00Z", "2027-02-03T08:00:00Z"));
        assert_eq!(read(Some("0001-01-01T00:00:00Z"), Some("2026-11-02T08:00:01Z")), range("2026-11-02T08:00:00Z", "2026-11-02T08:00:01Z"));
        assert_eq!(read(None, Some("2026-11-02T08:00:00Z")), wrong("free_until"));
        assert_eq!(read(None, Some("2027-02-02T08:00:01Z")), wrong("free_until"));
        assert_eq!(read(Some("2026-11-05T00:00:00Z"), Some("2026-11-04T00:00:00Z")), wrong("free_until"));
        assert_eq!(read(Some("9999-12-31T23:59:59Z"), None), wrong("free_from"));
        for no_instant in ["", "tomorrow", "2026-11-03", "2026-11-03T09:00:00"] {
            assert_eq!(read(Some(no_instant), None), wrong("free_from"), "{no_instant}");
        }
    }
}
