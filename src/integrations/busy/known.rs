//! What is known of when a coach's calendars are busy, for whoever wants to know: intervals and their age, nothing else.

use crate::{
    availability::LONGEST_TAKEN_MINUTES,
    integrations::{health::Health, standing::CalendarTrust},
    model::{Instant, UserId},
    store::{Row, Store, StoreError, sql},
    time::Interval,
};

/// When a coach is busy, by the calendars that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBusy {
    /// Merged, in order, cut to the range asked for.
    pub spans: Vec<Interval>,
    /// What is known at all, since when, and what the coach wants when it is not.
    pub trust: CalendarTrust,
    /// How the integration does that does worst; `None` when no calendar counts.
    pub health: Option<Health>,
}

impl KnownBusy {
    /// What is stored of `coach` for `range`; `None` when there is no such coach.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load(store: &Store, coach: UserId, range: Interval) -> Result<Option<Self>, StoreError> {
        let trust = sql("SELECT c.calendars_known_at, c.calendars_known_until, c.unknown_policy, c.unknown_keep_minutes
             FROM coaches c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1 AND u.active = 1");
        let Some(trust) = trust.bind(coach).optional(store).await? else { return Ok(None) };
        let trust = CalendarTrust::of_row(&trust)?;
        let rows = sql("SELECT b.starts_at, b.ends_at FROM calendar_busy b JOIN integration_calendars c ON c.id = b.calendar_id
             WHERE b.coach_id = $1 AND c.counts_busy = 1 AND b.starts_at >= $2 AND b.starts_at < $3 AND b.ends_at > $4 ORDER BY b.starts_at");
        let rows =
            rows.bind(coach).bind(range.start.plus_minutes(-LONGEST_TAKEN_MINUTES)).bind(range.end).bind(range.start).all(store).await?;
        let spans = rows.iter().map(|row| clipped(row, range)).collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Some(Self { spans: merged(spans), trust, health: worst(store, coach).await? }))
    }
}

fn clipped(row: &Row, range: Interval) -> Result<Interval, StoreError> {
    let (start, end): (Instant, Instant) = (row.get("starts_at")?, row.get("ends_at")?);
    Ok(Interval { start: start.max(range.start), end: end.min(range.end) })
}

/// Those that overlap or touch as one; `spans` are in order of their starts.
fn merged(spans: Vec<Interval>) -> Vec<Interval> {
    let mut merged: Vec<Interval> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

async fn worst(store: &Store, coach: UserId) -> Result<Option<Health>, StoreError> {
    let rows = sql("SELECT DISTINCT i.health FROM calendar_integrations i JOIN integration_calendars c ON c.integration_id = i.id
         WHERE i.coach_id = $1 AND c.counts_busy = 1 AND i.health <> 'disconnected'");
    let rows = rows.bind(coach).all(store).await?;
    let found = rows.iter().map(|row| row.parse("health", Health::parse)).collect::<Result<Vec<_>, _>>()?;
    let order = [Health::NeedsReconnect, Health::Degraded, Health::Healthy];
    Ok(order.into_iter().find(|health| found.contains(health)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_touch_are_one() {
        let span = |start: i64, end: i64| Interval { start: Instant::from_millis(start), end: Instant::from_millis(end) };
        let merged = merged(vec![span(0, 10), span(10, 20), span(12, 15), span(30, 40)]);
        assert_eq!(merged, [span(0, 20), span(30, 40)]);
    }
}
