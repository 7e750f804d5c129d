use serde::Deserialize;

use super::{Access, CallError, Microsoft, RemoteCalendar, error::of_account};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    name: Option<String>,
    #[serde(default)]
    is_default_calendar: bool,
    #[serde(default)]
    can_edit: bool,
}

impl Microsoft {
    pub(super) async fn list(&self, with: &Access<'_>) -> Result<Vec<RemoteCalendar>, CallError> {
        let first = self.address(&["me", "calendars"], &[("$select", "id,name,isDefaultCalendar,canEdit"), ("$top", "100")])?;
        let entries: Vec<Entry> = self.pages(with, first, of_account).await?;
        Ok(entries.into_iter().map(remote).collect())
    }
}

fn remote(entry: Entry) -> RemoteCalendar {
    RemoteCalendar {
        name: entry.name.filter(|name| !name.is_empty()).unwrap_or_else(|| "Calendar".to_owned()),
        external_id: entry.id,
        external_kind: String::new(),
        credential_ref: None,
        // Graph keeps the zone with the mailbox, which asks for one permission more: the coach's own will do.
        time_zone: None,
        primary: entry.is_default_calendar,
        writable: entry.can_edit,
        problem: None,
    }
}
