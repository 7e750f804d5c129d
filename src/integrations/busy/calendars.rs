//! The calendars whose busy time counts.

use super::window::unmark;
use crate::{
    integrations::{Integration, providers::CalendarToRead},
    model::Instant,
    store::{Store, StoreError, sql},
    time::{Interval, Zone},
};

/// The calendars of one integration that count.
pub(super) struct Counted {
    /// Those that the provider is asked for.
    pub(super) read: Vec<CalendarToRead>,
    /// How many it does not list any more: they are not asked for, and not known.
    pub(super) missing: usize,
}

/// The calendars of `integration` that count, to be read for `window`.
pub(super) async fn counted(store: &Store, integration: &Integration, window: Interval) -> Result<Counted, StoreError> {
    let rows = sql("SELECT c.id, c.external_id, c.external_kind, c.credential_ref, c.time_zone, c.sync_state, c.missing_since,
             u.time_zone AS coach_zone
         FROM integration_calendars c JOIN users u ON u.id = c.coach_id
         WHERE c.integration_id = $1 AND c.counts_busy = 1 ORDER BY c.external_id");
    let mut counted = Counted { read: Vec::new(), missing: 0 };
    for row in rows.bind(integration.id).all(store).await? {
        if row.get::<Option<Instant>>("missing_since")?.is_some() {
            counted.missing += 1;
            continue;
        }
        let zone = match Zone::parse(&row.get::<String>("time_zone")?) {
            Some(zone) => zone,
            None => row.parse("coach_zone", Zone::parse)?,
        };
        let stored: Option<String> = row.get("sync_state")?;
        counted.read.push(CalendarToRead {
            id: row.get("id")?,
            external_id: row.get("external_id")?,
            external_kind: row.get("external_kind")?,
            credential_ref: row.get("credential_ref")?,
            zone,
            sync_state: stored.and_then(|stored| unmark(window, &stored)),
        });
    }
    Ok(counted)
}
