use super::{Integration, Integrations, attach::lock_busy, standing::refresh_standing, write_back};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{CalendarId, Instant, IntegrationId},
    store::{StoreError, Tx, sql},
};

/// What a coach wants of the calendars of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The calendars whose events take the coach's time; the account's others do not.
    pub busy: Vec<CalendarId>,
    /// The calendar that bookings are written to. `None`: none of this account; another account's stays.
    pub target: Option<CalendarId>,
}

/// Why a choice was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// The integration or a calendar is not there, not of this account, or someone else's.
    #[error("no such calendar")]
    NotFound,
    /// The provider does not let events be written to that calendar.
    #[error("that calendar cannot be written to")]
    NotWritable,
    /// The coach has not allowed writing yet: connect again with `wants_writing`.
    #[error("writing was not allowed yet")]
    WritingNotGranted,
    /// Nothing the coach can do about.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for ChooseError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

impl Integrations {
    /// Sets which calendars of the account `id` count as busy, and which one receives bookings. What is busy is read
    /// anew soon; until a calendar that counts newly was read, the coach's time is unknown.
    ///
    /// # Errors
    /// See [`ChooseError`]; nothing is changed then.
    pub async fn choose(&self, coach: &CoachActor, id: IntegrationId, choice: Choice) -> Result<(), ChooseError> {
        let integration = self.live(coach, id).await?.ok_or(ChooseError::NotFound)?;
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await?;
        lock_busy(&mut tx, coach.id()).await?;
        let rows = sql("SELECT id, counts_busy, writable FROM integration_calendars WHERE integration_id = $1 AND coach_id = $2");
        let (mut known, mut writable) = (Vec::new(), false);
        for row in rows.bind(id).bind(coach.id()).all(&mut tx).await? {
            let calendar: CalendarId = row.get("id")?;
            writable |= choice.target == Some(calendar) && row.get::<bool>("writable")?;
            known.push((calendar, row.get::<bool>("counts_busy")?));
        }
        let is_known = |wanted: &CalendarId| known.iter().any(|(calendar, _)| calendar == wanted);
        if !choice.busy.iter().chain(&choice.target).all(is_known) {
            return Err(ChooseError::NotFound);
        }
        match choice.target {
            Some(_) if !writable => return Err(ChooseError::NotWritable),
            Some(_) if !integration.can_write => return Err(ChooseError::WritingNotGranted),
            _ => {}
        }
        for (calendar, counted) in known {
            let counts = choice.busy.contains(&calendar);
            if counts != counted {
                count(&mut tx, calendar, counts).await?;
            }
        }
        set_target(&mut tx, &integration, choice.target).await?;
        if choice.target.is_some() {
            write_back::all_again(&mut tx, &self.deps, coach.id(), now).await?;
        }
        sync_soon(&mut tx, &integration, now).await?;
        refresh_standing(&mut tx, coach.id(), now).await?;
        Ok(tx.commit().await?)
    }
}

/// Makes `calendar` count or not. One that stops counting forgets what was busy; one that starts is not known yet.
async fn count(tx: &mut Tx, calendar: CalendarId, counts: bool) -> Result<(), StoreError> {
    sql("DELETE FROM calendar_busy WHERE calendar_id = $1").bind(calendar).run(&mut *tx).await?;
    let count = sql("UPDATE integration_calendars SET counts_busy = $2, read_at = NULL, sync_state = NULL WHERE id = $1");
    count.bind(calendar).bind(counts).run(tx).await.map(drop)
}

/// Of all calendars of the coach one at most receives bookings: the index refuses two, so the former goes first.
async fn set_target(tx: &mut Tx, integration: &Integration, target: Option<CalendarId>) -> Result<(), StoreError> {
    let clear = sql("UPDATE integration_calendars SET receives_bookings = 0
         WHERE coach_id = $1 AND receives_bookings = 1 AND ($2 = 1 OR integration_id = $3)");
    clear.bind(integration.coach_id).bind(target.is_some()).bind(integration.id).run(&mut *tx).await?;
    sql("UPDATE integration_calendars SET receives_bookings = 1 WHERE id = $1").bind(target).run(tx).await.map(drop)
}

/// Has the account's busy time read as soon as may be.
async fn sync_soon(tx: &mut Tx, integration: &Integration, now: Instant) -> Result<(), StoreError> {
    let soon = sql("UPDATE calendar_integrations SET sync_at = $2, updated_at = $2 WHERE id = $1 AND health <> 'disconnected'");
    soon.bind(integration.id).bind(now).run(tx).await.map(drop)
}
