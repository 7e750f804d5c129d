use crate::{
    model::{CalendarId, Instant, IntegrationId, UserId},
    store::{Row, StoreError, Target, Tx, sql},
    time::Ids,
};

use super::{
    Integration,
    health::{HealthReason, Outcome},
    outcome::CallError,
    providers::RemoteCalendar,
};

/// A calendar of a connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[non_exhaustive]
pub struct Calendar {
    /// Its id.
    pub id: CalendarId,
    /// What people call it.
    pub name: String,
    /// Whether it is the account's main one.
    pub primary: bool,
    /// Whether the provider lets events be written to it; what was granted decides too ([`Integration::can_write`]).
    pub writable: bool,
    /// Whether its events take the coach's time.
    pub counts_busy: bool,
    /// Whether bookings are written to it: one of all calendars of a coach at most.
    pub receives_bookings: bool,
    /// Why it cannot be read, when it cannot.
    pub problem: Option<HealthReason>,
    /// Since when the provider does not list it any more.
    pub missing_since: Option<Instant>,
    /// When its busy time was last known for certain.
    pub read_at: Option<Instant>,
}

impl Calendar {
    fn of_row(row: &Row) -> Result<Self, StoreError> {
        // A word that is not known is a problem all the same.
        let problem: Option<String> = row.get("problem")?;
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            primary: row.get("is_primary")?,
            writable: row.get("writable")?,
            counts_busy: row.get("counts_busy")?,
            receives_bookings: row.get("receives_bookings")?,
            problem: problem.map(|word| HealthReason::parse(&word).unwrap_or(HealthReason::BadAnswer)),
            missing_since: row.get("missing_since")?,
            read_at: row.get("read_at")?,
        })
    }

    /// The calendars of `coach` with the integration of each, the main one first, then by name.
    pub(super) async fn all_of(on: impl Into<Target<'_>>, coach: UserId) -> Result<Vec<(IntegrationId, Self)>, StoreError> {
        let rows = sql("SELECT * FROM integration_calendars WHERE coach_id = $1 ORDER BY is_primary DESC, name, id");
        let rows = rows.bind(coach).all(on).await?;
        rows.iter().map(|row| Ok((row.get("integration_id")?, Self::of_row(row)?))).collect()
    }

    /// The calendars of `integration`, in the same order.
    pub(super) async fn of_integration(on: impl Into<Target<'_>>, integration: &Integration) -> Result<Vec<Self>, StoreError> {
        let rows =
            sql("SELECT * FROM integration_calendars WHERE integration_id = $1 AND coach_id = $2 ORDER BY is_primary DESC, name, id");
        rows.bind(integration.id).bind(integration.coach_id).all(on).await?.iter().map(Self::of_row).collect()
    }
}

/// The word under which it is stored that a calendar cannot be read.
pub(super) const fn problem_word(error: &CallError) -> &'static str {
    match Outcome::of_call(error) {
        Outcome::Passing(reason) | Outcome::Final(reason) => reason.as_str(),
        Outcome::Ok | Outcome::Nothing => HealthReason::BadAnswer.as_str(),
    }
}

/// What a new list of calendars changed.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// How many there were not before.
    pub(super) added: u32,
    /// How many are missing since now.
    pub(super) vanished: u32,
    /// Whether one that counts as busy is missing, since now or before.
    pub(super) lost: bool,
}

/// Brings the stored calendars of `integration` up to the provider's list, in the caller's transaction: new ones
/// appear, others are renamed. One that is not listed any more keeps its row, its events and its part in what is busy:
/// a list is a hint, and may be incomplete.
pub(super) async fn apply_list(
    tx: &mut Tx,
    ids: &dyn Ids,
    integration: &Integration,
    listed: &[RemoteCalendar],
    now: Instant,
) -> Result<Listed, StoreError> {
    let known = sql("SELECT external_id, credential_ref, counts_busy, missing_since FROM integration_calendars WHERE integration_id = $1");
    let known = known.bind(integration.id).all(&mut *tx).await?;
    let mut done = Listed::default();
    let mut before = Vec::with_capacity(known.len());
    for row in &known {
        let external_id: String = row.get("external_id")?;
        let credential: Option<String> = row.get("credential_ref")?;
        if let Some(problem) = unreadable(listed, &external_id, credential.as_deref()) {
            let fault = sql("UPDATE integration_calendars SET problem = $3 WHERE integration_id = $1 AND external_id = $2");
            fault.bind(integration.id).bind(&external_id).bind(problem_word(problem)).run(&mut *tx).await?;
        } else if !listed.iter().any(|calendar| calendar.external_id == external_id) {
            done.vanished += u32::from(row.get::<Option<Instant>>("missing_since")?.is_none());
            done.lost |= row.get::<bool>("counts_busy")?;
            let miss = sql("UPDATE integration_calendars SET missing_since = COALESCE(missing_since, $3)
                 WHERE integration_id = $1 AND external_id = $2");
            miss.bind(integration.id).bind(&external_id).bind(now).run(&mut *tx).await?;
        }
        before.push(external_id);
    }
    // On the first connection the main calendar counts. Without a main one all do: rather too little on offer than
    // time that is taken.
    let first = known.is_empty();
    let has_primary = listed.iter().any(|calendar| calendar.primary);
    for calendar in listed.iter().filter(|calendar| !calendar.external_id.is_empty()) {
        done.added += u32::from(!before.contains(&calendar.external_id));
        write(tx, ids, integration, calendar, first && (calendar.primary || !has_primary), now).await?;
    }
    Ok(done)
}

/// Why the calendar `external` of `credential` cannot be read, when its whole credential is listed with a problem and
/// nothing else lists the calendar.
fn unreadable<'a>(listed: &'a [RemoteCalendar], external: &str, credential: Option<&str>) -> Option<&'a CallError> {
    if credential.is_none() || listed.iter().any(|calendar| calendar.external_id == external) {
        return None;
    }
    let whole = listed.iter().find(|calendar| calendar.external_id.is_empty() && calendar.credential_ref.as_deref() == credential);
    whole?.problem.as_ref()
}

async fn write(
    tx: &mut Tx,
    ids: &dyn Ids,
    integration: &Integration,
    calendar: &RemoteCalendar,
    counts: bool,
    now: Instant,
) -> Result<(), StoreError> {
    let id: CalendarId = ids.id(now);
    let upsert = sql("INSERT INTO integration_calendars (id, integration_id, coach_id, external_id, external_kind, credential_ref, name,
             time_zone, is_primary, writable, counts_busy, problem)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (integration_id, external_id) DO UPDATE SET external_kind = excluded.external_kind,
             credential_ref = excluded.credential_ref, name = excluded.name, time_zone = excluded.time_zone,
             is_primary = excluded.is_primary, writable = excluded.writable, problem = excluded.problem, missing_since = NULL");
    upsert
        .bind(id)
        .bind(integration.id)
        .bind(integration.coach_id)
        .bind(&calendar.external_id)
        .bind(&calendar.external_kind)
        .bind(calendar.credential_ref.clone())
        .bind(&calendar.name)
        .bind(calendar.time_zone.as_deref().unwrap_or(""))
        .bind(calendar.primary)
        .bind(calendar.writable)
        .bind(counts)
        .bind(calendar.problem.as_ref().map(problem_word))
        .run(tx)
        .await
        .map(drop)
}
