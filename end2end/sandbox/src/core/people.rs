//! The fictional people whose accounts the sandbox has.

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::provider::Provider;

/// Whose an account is. Providers treat the two differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// An organisation's.
    Work,
    /// A person's own.
    Personal,
    /// Made by a client for a user of its own: nobody signs in with it.
    Managed,
}

/// An account with a provider.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Account {
    pub(crate) provider: Provider,
    /// The id that never changes: Google's `sub`, Microsoft's `oid`.
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) zone: String,
    pub(crate) calendars: Vec<Calendar>,
}

impl Account {
    /// The calendar `id`; `primary` is the primary one.
    pub(crate) fn calendar(&self, id: &str) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| names(calendar, id))
    }

    /// As `calendar`, to change it.
    pub(crate) fn calendar_mut(&mut self, id: &str) -> Option<&mut Calendar> {
        self.calendars.iter_mut().find(|calendar| names(calendar, id))
    }
}

fn names(calendar: &Calendar, id: &str) -> bool {
    calendar.id == id || (id == "primary" && calendar.primary)
}
