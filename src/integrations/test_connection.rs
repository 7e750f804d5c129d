//! "Test this connection": what a coach, or whoever helps them, wants to see when slots look wrong.

use std::{sync::Arc, time::Duration};

use super::{
    Integration, Integrations,
    health::{HealthReason, Outcome},
    outcome::TokenError,
    providers::{Busy, BusyAsk, CalendarBusy, CalendarToRead, RemoteCalendar},
    record::record,
    tokens::Force,
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::IntegrationId,
    store::sql,
    time::{Interval, Zone},
};

/// How far ahead is asked.
const AHEAD: Duration = Duration::from_hours(7 * 24);

/// What a test of a connection found, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// The steps, in the order in which they were done; the last one is where it ended.
    pub steps: Vec<TestStep>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestStep {
    /// What was tried, as a sentence.
    pub what: String,
    /// What came of it.
    pub went: StepResult,
}

/// What came of a step, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepResult {
    /// It went well.
    Ok(String),
    /// It failed.
    Failed(String),
}

impl TestReport {
    /// Whether every step went well.
    pub fn went_well(&self) -> bool {
        self.steps.iter().all(|step| matches!(step.went, StepResult::Ok(_)))
    }

    fn note(&mut self, what: impl Into<String>, went: StepResult) {
        self.steps.push(TestStep { what: what.into(), went });
    }

    /// What came of the step noted last.
    fn answer(&mut self, went: StepResult) {
        if let Some(step) = self.steps.last_mut() {
            step.went = went;
        }
    }
}

impl Integrations {
    /// Tries the connection `id` in the coach's own context: the access, the list of calendars, and the busy times of the
    /// next seven days. What it came to is noted in the integration's health. `None` when there is no such integration.
    ///
    /// # Errors
    /// When our own database fails. What fails at the provider is in the report.
    pub async fn test(&self, coach: &CoachActor, id: IntegrationId) -> Result<Option<TestReport>, Internal> {
        let Some(integration) = self.live(coach, id).await? else { return Ok(None) };
        let mut report = TestReport { steps: Vec::new() };
        let outcome = match self.steps(&integration, &mut report).await {
            Ok(outcome) => outcome,
            Err(TokenError::Internal(error)) => return Err(error),
            Err(error) => {
                let outcome = Outcome::of_token(&error);
                report.answer(StepResult::Failed(words(outcome)));
                outcome
            }
        };
        record(&self.deps, &integration, outcome).await?;
        Ok(Some(report))
    }

    /// Each step is noted before it is tried, and what came of it after.
    async fn steps(&self, integration: &Integration, report: &mut TestReport) -> Result<Outcome, TokenError> {
        report.note("Getting access with your own credentials.", StepResult::Ok("They are valid.".to_owned()));
        self.tokens.ensure_valid(integration, Force::No).await?;
        report.note(format!("Asking {} for the list of your calendars.", integration.kind.name()), StepResult::Ok(String::new()));
        let listed = self.listed(integration).await?;
        // Without an id it is a credential whose calendars cannot be listed.
        let calendars = listed.iter().filter(|calendar| !calendar.external_id.is_empty()).count();
        report.answer(StepResult::Ok(number_of(calendars, "calendar", "It lists")));
        let counted = self.counted(integration).await?;
        if counted.is_empty() {
            let words = "None of them counts as busy, so there was nothing to ask.";
            report.note("Asking when you are busy.", StepResult::Ok(words.to_owned()));
            return Ok(Outcome::Ok);
        }
        report.note("Asking when you are busy in the next 7 days.", StepResult::Ok(String::new()));
        let busy = self.asked(integration, &counted).await?;
        report.steps.pop();
        Ok(judge(&counted, &busy, report))
    }

    async fn listed(&self, integration: &Integration) -> Result<Vec<RemoteCalendar>, TokenError> {
        let provider = self.providers.get(integration.kind).cloned().ok_or(TokenError::ClientRejected)?;
        let call = self.tokens.call(integration, |access| {
            let provider = provider.clone();
            Box::pin(async move { provider.calendars(access).await })
        });
        call.await
    }

    /// The busy times of the coming days, by name of calendar.
    async fn asked(&self, integration: &Integration, counted: &[(String, CalendarToRead)]) -> Result<Vec<CalendarBusy>, TokenError> {
        let provider = self.providers.get(integration.kind).cloned().ok_or(TokenError::ClientRejected)?;
        let calendars: Arc<[CalendarToRead]> = counted.iter().map(|(_, calendar)| calendar.clone()).collect();
        let now = self.deps.clock.now();
        let window = Interval { start: now, end: now + AHEAD };
        let call = self.tokens.call(integration, |access| {
            let (provider, calendars) = (provider.clone(), calendars.clone());
            Box::pin(async move { provider.busy(access, &BusyAsk { window, calendars: &calendars }).await })
        });
        call.await
    }

    /// The calendars of `integration` that count as busy, as a read of everything wants them.
    async fn counted(&self, integration: &Integration) -> Result<Vec<(String, CalendarToRead)>, TokenError> {
        let rows = sql("SELECT c.id, c.name, c.external_id, c.external_kind, c.credential_ref, c.time_zone, u.time_zone AS coach_zone
             FROM integration_calendars c JOIN users u ON u.id = c.coach_id
             WHERE c.integration_id = $1 AND c.coach_id = $2 AND c.counts_busy = 1 ORDER BY c.is_primary DESC, c.name, c.id");
        let mut counted = Vec::new();
        for row in rows.bind(integration.id).bind(integration.coach_id).all(&self.deps.store).await? {
            let zones: [String; 2] = [row.get("time_zone")?, row.get("coach_zone")?];
            let calendar = CalendarToRead {
                id: row.get("id")?,
                external_id: row.get("external_id")?,
                external_kind: row.get("external_kind")?,
                credential_ref: row.get("credential_ref")?,
                zone: zones.iter().find_map(|name| Zone::parse(name)).unwrap_or(Zone::utc()),
                sync_state: None,
            };
            counted.push((row.get("name")?, calendar));
        }
        Ok(counted)
    }
}

/// Notes what is known of each calendar. One that cannot be read, or has no answer, is unknown, not free.
fn judge(counted: &[(String, CalendarToRead)], busy: &[CalendarBusy], report: &mut TestReport) -> Outcome {
    let mut outcome = Outcome::Ok;
    for (name, calendar) in counted {
        let answer = busy.iter().find(|answer| answer.calendar == calendar.id).map(|answer| &answer.busy);
        let went = match answer {
            Some(Busy::Known { spans, .. }) => StepResult::Ok(number_of(spans.len(), "busy time", "It has")),
            Some(Busy::Unchanged { .. }) => StepResult::Ok("Nothing has changed.".to_owned()),
            Some(Busy::Unknown(error)) => {
                outcome = Outcome::of_call(error);
                StepResult::Failed(words(outcome))
            }
            None => {
                outcome = Outcome::Passing(HealthReason::CalendarMissing);
                StepResult::Failed(words(outcome))
            }
        };
        report.note(format!("Asking when you are busy in “{name}” in the next 7 days."), went);
    }
    outcome
}

fn number_of(number: usize, what: &str, verb: &str) -> String {
    match number {
        0 => format!("{verb} no {what}s."),
        1 => format!("{verb} one {what}."),
        n => format!("{verb} {n} {what}s."),
    }
}

/// What a coach is told of a failure; nothing of the provider's own words.
fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Passing(reason) | Outcome::Final(reason) => reason.says().to_owned(),
        Outcome::Ok | Outcome::Nothing => "It is disconnected.".to_owned(),
    }
}
