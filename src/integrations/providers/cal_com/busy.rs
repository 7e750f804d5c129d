//! Busy times. Cal.com answers 200 without intervals for a credential that is revoked, and for a calendar that is gone: the list
//! is read first, and what it does not vouch for is unknown.

use std::time::Duration;

use reqwest::Method;
use tokio::task::JoinSet;

use super::{
    CalCom, calendars,
    wire::{BusyTime, Connected, Envelope},
};
use crate::{
    integrations::{
        outcome::CallError,
        providers::{Busy, BusyAsk, CalendarBusy, CalendarToRead},
        tokens::Clear,
    },
    model::Instant,
    time::Interval,
};

/// How many calendars are asked for at a time.
const AT_ONCE: usize = 4;

/// The answer for every calendar of `ask`. Each is asked for by itself: in an answer about several nothing tells whose an
/// interval is, and one that fails would take the others with it.
pub(super) async fn busy(cal: &CalCom, token: &Clear, ask: &BusyAsk<'_>) -> Result<Vec<CalendarBusy>, CallError> {
    let list = calendars::list(&cal.bearer(token)).await?;
    let mut answers = Vec::with_capacity(ask.calendars.len());
    for some in ask.calendars.chunks(AT_ONCE) {
        let mut running = JoinSet::new();
        for calendar in some {
            let (cal, token, external, window) = (cal.clone(), token.clone(), calendar.external_id.clone(), ask.window);
            let (id, credential) = (calendar.id, credential_of(&list, calendar));
            running.spawn(async move {
                let spans = match credential {
                    Ok(credential) => read(&cal, &token, credential, &external, window).await,
                    Err(error) => Err(error),
                };
                (id, spans)
            });
        }
        while let Some(done) = running.join_next().await {
            let (calendar, spans) = done.map_err(|_| CallError::BadAnswer("not read to its end"))?;
            answers.push((calendar, spans));
        }
    }
    if let Some(error) = answers.iter().find_map(|(_, spans)| spans.as_ref().err().filter(|error| concerns_all(error))) {
        return Err(error.clone());
    }
    let known = |(calendar, spans)| {
        let busy = match spans {
            Ok(spans) => Busy::Known { spans, sync_state: None, next_after: None },
            Err(error) => Busy::Unknown(error),
        };
        CalendarBusy { calendar, busy }
    };
    Ok(answers.into_iter().map(known).collect())
}

/// Whether a failure is the account's or the way's to it, not one calendar's.
const fn concerns_all(error: &CallError) -> bool {
    matches!(
        error,
        CallError::TokenExpired
            | CallError::TokenRejected
            | CallError::MissingScope
            | CallError::RateLimited(_)
            | CallError::Unreachable
            | CallError::TimedOut
    )
}

/// The credential through which `calendar` can be read now: the one that is known, or the one under which the account has
/// connected the same calendar since. Not the account's any more, or listed with an error: unknown.
fn credential_of(list: &[Connected], calendar: &CalendarToRead) -> Result<i64, CallError> {
    let has = |connected: &&Connected| {
        connected.integration.kind == calendar.external_kind
            && connected.calendars.iter().flatten().any(|listed| listed.external_id == calendar.external_id)
    };
    let known = list.iter().find(|connected| calendar.credential_ref.as_deref() == Some(connected.reference().as_str()));
    let working = known.into_iter().chain(list).filter(|connected| connected.problem().is_none()).find(has);
    match (working, known) {
        (Some(connected), _) => Ok(connected.credential_id),
        (None, Some(connected)) => Err(connected.problem().unwrap_or(CallError::Gone)),
        (None, None) => Err(CallError::NotOurs),
    }
}

/// When the calendar `external` is busy within `window`. Cal.com looks 11 hours further back and 14 further ahead.
async fn read(cal: &CalCom, token: &Clear, credential: i64, external: &str, window: Interval) -> Result<Vec<Interval>, CallError> {
    let bearer = cal.bearer(token);
    let end = window.end + Duration::from_millis(999);
    // reqwest encodes the brackets, as a strict reader of queries wants them.
    let request = bearer.request(Method::GET, "/v2/calendars/busy-times").query(&[
        ("timeZone", "UTC"),
        ("dateFrom", &window.start.to_rfc3339()),
        ("dateTo", &end.to_rfc3339()),
        ("calendarsToLoad[0][credentialId]", &credential.to_string()),
        ("calendarsToLoad[0][externalId]", external),
    ]);
    let busy: Envelope<Vec<BusyTime>> = bearer.send(request).await?.json()?;
    let mut spans = Vec::with_capacity(busy.data.len());
    for time in &busy.data {
        spans.extend(clip(span(time)?, window));
    }
    Ok(spans)
}

/// One that cannot be read is not skipped: it would be free time.
fn span(time: &BusyTime) -> Result<Interval, CallError> {
    let instant = |text: &str| Instant::parse_rfc3339(text).ok_or(CallError::BadAnswer("a busy time that is no instant"));
    Ok(Interval { start: instant(&time.start)?, end: instant(&time.end)? })
}

/// The part of `span` that is within `window`.
fn clip(span: Interval, window: Interval) -> Option<Interval> {
    let within = Interval { start: span.start.max(window.start), end: span.end.min(window.end) };
    (within.start < within.end).then_some(within)
}
