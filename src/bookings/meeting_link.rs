use crate::{model::PlaceKind, time::hash_secret};

use super::Booking;

/// Where Jitsi rooms are when neither the coach nor the operator says: the project's own public server.
const JITSI: &str = "https://meet.jit.si";

impl Booking {
    /// The link under which the two meet, the same wherever it is shown: the coach's own, a Jitsi room of this booking, or what the
    /// coach's calendar provider made. `None` by phone and in person, and while the provider has not made it.
    pub fn meeting_link(&self) -> Option<String> {
        match self.place.kind {
            PlaceKind::Link => Some(self.place.value.clone()),
            PlaceKind::Jitsi => Some(self.jitsi_room(if self.place.value.is_empty() { JITSI } else { &self.place.value })),
            PlaceKind::Provider => self.provider_link.clone(),
            PlaceKind::Phone | PlaceKind::InPerson => None,
        }
    }

    /// What stands in for the link of a provider that makes none.
    pub fn fallback_link(&self) -> String {
        self.jitsi_room(JITSI)
    }

    /// Whether a provider still has to make the link.
    pub fn awaits_link(&self) -> bool {
        self.place.kind == PlaceKind::Provider && self.provider_link.is_none()
    }

    /// A room that follows from the booking's id, which has 80 random bits and is known to its parties only. It survives moving.
    fn jitsi_room(&self, server: &str) -> String {
        let room: String = hash_secret(&format!("room of {}", self.id)).chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        format!("{}/wellmet-{room}", server.trim_end_matches('/'))
    }
}
