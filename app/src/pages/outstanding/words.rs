//! Words for jobs, for people.

use wellmet::{
    accounts::Actor,
    bookings::Booking,
    jobs::JobKind,
    time::{Zone, words::when},
};

/// What jobs of a kind do.
pub fn kind_words(kind: JobKind) -> &'static str {
    match kind {
        JobKind::CalendarEvent => "Events in coaches' calendars",
        JobKind::BookingMail => "Mail about bookings",
        JobKind::Reminder => "Reminders of sessions",
        JobKind::CalendarTrouble => "Mail about calendars to connect again",
        JobKind::AccountMail => "Mail about accounts",
        JobKind::Webhook => "Webhooks",
        JobKind::Payment => "Payments and refunds",
    }
}

/// A booking in a few words: “Career crossroads” with Jonas, Tuesday 8 December 2026, 13:00–14:00 (...).
pub(super) fn about(booking: &Booking, viewer: Actor, zone: &Zone) -> String {
    let when = when(zone, booking.starts_at, booking.ends_at);
    match viewer {
        Actor::Admin(_) => format!("“{}” of {} with {}, {when}", booking.title, booking.client_name, booking.coach_name),
        Actor::Coach(_) | Actor::Mentee(_) => format!("“{}” with {}, {when}", booking.title, booking.client_name),
    }
}

/// What there is to tell about a job.
pub(super) struct Told {
    pub(super) kind: JobKind,
    /// Whom it is for.
    pub(super) whom: Option<String>,
    /// The booking that it is about.
    pub(super) about: Option<String>,
    /// The host that a webhook goes to.
    pub(super) host: Option<String>,
    /// A coach looks at what is their own.
    pub(super) own: bool,
}

impl Told {
    /// One sentence without its full stop: what was to be done.
    pub(super) fn in_words(&self) -> String {
        let to = self.whom.as_ref().map(|whom| format!(" to {whom}")).unwrap_or_default();
        let about = self.about.as_ref().map(|about| format!(" about {about}")).unwrap_or_default();
        match self.kind {
            JobKind::CalendarEvent => {
                let whose = if self.own { "your" } else { "the coach's" };
                let of = self.about.as_ref().map(|about| format!(" of {about}")).unwrap_or_default();
                format!("The entry in {whose} calendar{of}")
            }
            JobKind::BookingMail => format!("The mail{to}{about}"),
            JobKind::Reminder => format!("The reminder{to}{about}"),
            JobKind::CalendarTrouble => format!("The mail{to} about a calendar to connect again"),
            JobKind::AccountMail => format!("The mail{to} about the account"),
            JobKind::Payment => {
                let of = self.about.as_ref().map(|about| format!(" for {about}")).unwrap_or_default();
                format!("The payment or refund{of}")
            }
            JobKind::Webhook => match &self.host {
                Some(host) => format!("The webhook to {host}{about}"),
                None => format!("A coach's webhook{about}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_told_with_what_is_known_and_without() {
        for kind in JobKind::ALL {
            let bare = Told { kind, whom: None, about: None, host: None, own: false }.in_words();
            assert!(!bare.contains("  ") && !bare.ends_with(' '), "{bare}");
        }
        let mail =
            Told {
                kind: JobKind::BookingMail, whom: Some("Jonas".into()), about: Some("“Talk” with Jonas".into()), host: None, own: true
            };
        assert_eq!(mail.in_words(), "The mail to Jonas about “Talk” with Jonas");
        let event = Told { kind: JobKind::CalendarEvent, ..mail };
        assert_eq!(event.in_words(), "The entry in your calendar of “Talk” with Jonas");
    }
}
