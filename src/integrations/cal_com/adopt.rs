//! Storing what Cal.com lists after a calendar was connected there.

use super::CalConnectError;
use crate::{
    integrations::{
        Integration, Integrations,
        attach::lock_busy,
        calendar::apply_list,
        health::Outcome,
        providers::{Behind, RemoteCalendar},
        record::record_in,
    },
    store::sql,
};

impl Integrations {
    /// Stores the list. The main calendar of an account that is new (not among the credentials `before`) counts as busy from now
    /// on; the sync reads it at once.
    pub(super) async fn adopt(
        &self,
        integration: &Integration,
        listed: &[RemoteCalendar],
        before: &[String],
        behind: Behind,
    ) -> Result<(), CalConnectError> {
        let now = self.deps.clock.now();
        let mut tx = self.deps.store.begin().await?;
        lock_busy(&mut tx, integration.coach_id).await?;
        let known =
            sql("SELECT external_id FROM integration_calendars WHERE integration_id = $1").bind(integration.id).all(&mut tx).await?;
        let known: Vec<String> = known.iter().map(|row| row.get("external_id")).collect::<Result<_, _>>()?;
        apply_list(&mut tx, &*self.deps.ids, integration, listed, now).await?;
        let fresh = |calendar: &&RemoteCalendar| {
            calendar.primary
                && calendar.external_kind == behind.external_kind()
                && !known.contains(&calendar.external_id)
                && !before.iter().any(|credential| calendar.credential_ref.as_ref() == Some(credential))
        };
        for calendar in listed.iter().filter(fresh) {
            let count = sql("UPDATE integration_calendars SET counts_busy = 1 WHERE integration_id = $1 AND external_id = $2");
            count.bind(integration.id).bind(&calendar.external_id).run(&mut tx).await?;
        }
        let due = sql("UPDATE calendar_integrations SET sync_at = $2 WHERE id = $1");
        due.bind(integration.id).bind(now).run(&mut tx).await?;
        record_in(&mut tx, &self.deps, integration, Outcome::Ok).await?;
        Ok(tx.commit().await?)
    }
}
