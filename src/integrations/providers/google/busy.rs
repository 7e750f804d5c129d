use std::{collections::HashMap, time::Duration};

use serde::Deserialize;
use serde_json::json;

use super::{
    Access, BusyAsk, CalendarBusy, CallError, Google, Instant,
    error::{Detail, of_calendar},
};
use crate::{
    integrations::providers::{Busy, CalendarToRead, mark::compared},
    time::Interval,
};

/// The longest range for one question. Google's limit is not documented; 90 days were measured by others.
const LONGEST: Duration = Duration::from_hours(60 * 24);
/// Most calendars in one question (`calendarExpansionMax`).
const MOST: usize = 50;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    calendars: HashMap<String, Taken>,
}

#[derive(Deserialize)]
struct Taken {
    #[serde(default)]
    busy: Vec<Span>,
    #[serde(default)]
    errors: Vec<Detail>,
}

#[derive(Deserialize)]
struct Span {
    start: String,
    end: String,
}

impl Google {
    pub(super) async fn free_busy(&self, with: &Access<'_>, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
        let mut known = Vec::with_capacity(ask.calendars.len());
        for calendars in ask.calendars.chunks(MOST) {
            let mut found: Vec<Result<Vec<Interval>, CallError>> = calendars.iter().map(|_| Ok(Vec::new())).collect();
            for piece in pieces(ask.window) {
                let answer = self.question(with, piece, calendars).await?;
                for (calendar, found) in calendars.iter().zip(&mut found) {
                    add(found, answer.calendars.get(&calendar.external_id));
                }
            }
            known.extend(
                calendars.iter().zip(found).map(|(calendar, found)| CalendarBusy { calendar: calendar.id, busy: busy(calendar, found) }),
            );
        }
        Ok(known)
    }

    async fn question(&self, with: &Access<'_>, piece: Interval, calendars: &[CalendarToRead]) -> Result<Answer, CallError> {
        let url = format!("{}/calendar/v3/freeBusy", self.api_url);
        let items: Vec<_> = calendars.iter().map(|calendar| json!({ "id": calendar.external_id })).collect();
        let body = json!({ "timeMin": piece.start.to_rfc3339(), "timeMax": piece.end.to_rfc3339(), "timeZone": "UTC", "items": items });
        self.ask(with, self.oauth.http.client().post(url).json(&body)).await
    }
}

/// `window` in pieces that may be asked for.
fn pieces(window: Interval) -> impl Iterator<Item = Interval> {
    let mut from = window.start;
    std::iter::from_fn(move || {
        let start = from;
        from = (start + LONGEST).min(window.end);
        (start < window.end).then_some(Interval { start, end: from })
    })
}

/// Adds what a piece says of one calendar. A calendar that is not in the answer, or in it with an error, is unknown.
fn add(found: &mut Result<Vec<Interval>, CallError>, taken: Option<&Taken>) {
    let Ok(spans) = found else { return };
    let more = match taken {
        None => Err(CallError::BadAnswer("a calendar is missing from the answer")),
        Some(taken) if !taken.errors.is_empty() => Err(of_calendar(&taken.errors)),
        Some(taken) => taken.busy.iter().map(interval).collect::<Option<Vec<_>>>().ok_or(CallError::BadAnswer("a busy time without sense")),
    };
    match more {
        Ok(more) => spans.extend(more),
        Err(error) => *found = Err(error),
    }
}

fn interval(span: &Span) -> Option<Interval> {
    let (start, end) = (Instant::parse_rfc3339(&span.start)?, Instant::parse_rfc3339(&span.end)?);
    (start < end).then_some(Interval { start, end })
}

fn busy(calendar: &CalendarToRead, found: Result<Vec<Interval>, CallError>) -> Busy {
    found.map_or_else(Busy::Unknown, |spans| compared(calendar, spans))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_window_without_gap_or_overlap() {
        let day = |day: i64| Instant::from_millis(day * 86_400_000);
        let cut: Vec<_> = pieces(Interval { start: day(0), end: day(150) }).collect();
        assert_eq!(
            cut.iter().map(|piece| (piece.start, piece.end)).collect::<Vec<_>>(),
            [(day(0), day(60)), (day(60), day(120)), (day(120), day(150))]
        );
        assert_eq!(pieces(Interval { start: day(1), end: day(1) }).count(), 0);
    }

    #[test]
    fn what_is_missing_or_wrong_is_unknown_and_stays_so() {
        let taken = |body: &str| serde_json::from_str::<Taken>(body).unwrap();
        let good = taken(r#"{"busy":[{"start":"2026-11-02T10:00:00+01:00","end":"2026-11-02T10:00:00Z"}]}"#);
        let mut found = Ok(Vec::new());
        add(&mut found, Some(&good));
        assert_eq!(found.as_ref().unwrap().len(), 1);
        for (body, error) in [
            (r#"{"errors":[{"domain":"global","reason":"notFound"}],"busy":[]}"#, CallError::Gone),
            (
                r#"{"busy":[{"start":"2026-11-02T10:00:00Z","end":"2026-11-02T10:00:00Z"}]}"#,
                CallError::BadAnswer("a busy time without sense"),
            ),
            (r#"{"busy":[{"start":"Monday","end":"Tuesday"}]}"#, CallError::BadAnswer("a busy time without sense")),
        ] {
            let mut found = found.clone();
            add(&mut found, Some(&taken(body)));
            add(&mut found, Some(&good));
            assert_eq!(found, Err(error));
        }
        add(&mut found, None);
        assert!(found.is_err());
    }
}
