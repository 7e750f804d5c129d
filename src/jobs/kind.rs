use std::time::Duration;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Make the event in the coach's calendar what the booking is.
    CalendarEvent,
    /// Tell one person by mail what happened to a booking.
    BookingMail,
    /// Remind one person of a session.
    Reminder,
    /// Tell a coach that a calendar has to be connected again.
    CalendarTrouble,
    /// Send a person a link that proves their address or sets a new password.
    AccountMail,
    /// Tell another system what happened to a booking.
    Webhook,
    /// Make what happened to a payment and what is due agree.
    Payment,
}

/// What jobs wait for: each has places of its own, so that a mail server that hangs holds up no calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Calendar providers.
    Calendars,
    /// The mail server.
    Mail,
    /// Other people's systems.
    Webhooks,
    /// The payment provider.
    Payments,
}

/// The first pause after a failure; it doubles from one failure to the next.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// With these pauses three days pass before the last attempt.
pub(super) const MOST_ATTEMPTS: u32 = 81;

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::CalendarEvent, Self::BookingMail, Self::Reminder, Self::CalendarTrouble, Self::AccountMail, Self::Webhook, Self::Payment];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CalendarEvent => "calendar_event",
            Self::BookingMail => "booking_mail",
            Self::Reminder => "reminder",
            Self::CalendarTrouble => "calendar_trouble",
            Self::AccountMail => "account_mail",
            Self::Webhook => "webhook",
            Self::Payment => "payment",
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What it waits for.
    pub const fn queue(self) -> Queue {
        match self {
            Self::CalendarEvent => Queue::Calendars,
            Self::BookingMail | Self::Reminder | Self::CalendarTrouble | Self::AccountMail => Queue::Mail,
            Self::Webhook => Queue::Webhooks,
            Self::Payment => Queue::Payments,
        }
    }
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 4] = [Self::Calendars, Self::Mail, Self::Webhooks, Self::Payments];

    /// The words of its kinds.
    pub(super) fn words(self) -> Vec<&'static str> {
        JobKind::ALL.into_iter().filter(|kind| kind.queue() == self).map(JobKind::as_str).collect()
    }
}

/// How long to wait after the failure of attempt number `attempt` (from 1), with `spread` from 0 to 1 of a quarter on top, so that
/// what failed together does not come back together. `None` when that was the last one.
pub(super) fn pause_after(attempt: u32, spread: f64) -> Option<Duration> {
    if attempt >= MOST_ATTEMPTS {
        return None;
    }
    let doubled = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    Some(doubled.min(LONGEST_PAUSE).mul_f64(1.0 + spread.clamp(0.0, 1.0) / 4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_last_three_days() {
        assert_eq!(pause_after(1, 0.0), Some(Duration::from_secs(5)));
        assert_eq!(pause_after(2, 1.0), Some(Duration::from_millis(12_500)));
        assert_eq!(pause_after(40, 0.0), Some(LONGEST_PAUSE));
        assert_eq!(pause_after(MOST_ATTEMPTS, 0.0), None);
        let whole: Duration = (1..MOST_ATTEMPTS).filter_map(|attempt| pause_after(attempt, 0.0)).sum();
        assert!(whole.abs_diff(Duration::from_hours(72)) < Duration::from_hours(2), "{whole:?}");
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in JobKind::ALL {
            assert_eq!(JobKind::parse(kind.as_str()), Some(kind));
            assert!(kind.queue().words().contains(&kind.as_str()));
        }
    }
}
