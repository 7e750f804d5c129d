//! A booking as a line of the dashboard, in the coach's zone.

use wellmet::{
    bookings::Booking,
    model::{BookingStatus, Instant},
    time::{
        Zone,
        words::{distance, short_date, when},
    },
};

use crate::{components::Tone, pages::bookings::place_words};

/// What a coach reads about one booking.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its id in paths.
    pub(super) id: String,
    /// Who comes.
    pub(super) mentee: String,
    /// What for.
    pub(super) title: String,
    /// `13:00–14:00`.
    pub(super) time: String,
    /// `Tue 8 Dec`.
    pub(super) date: String,
    /// The whole of it, with date and zone.
    pub(super) when: String,
    /// For machines.
    pub(super) starts_at: Instant,
    /// Minutes of the day in the coach's zone, start and end.
    pub(super) minutes: (u16, u16),
    /// Where, in words.
    pub(super) place: String,
    /// Where to click for it.
    pub(super) link: Option<String>,
    /// What the mentee wrote.
    pub(super) notes: String,
    /// When a request runs out, in words.
    pub(super) answer_by: Option<String>,
    /// Where it stands.
    pub(super) status: BookingStatus,
    /// Whether the mentee has yet to pay: it is no request before.
    pub(super) unpaid: bool,
}

impl Line {
    /// `booking` as the coach in `zone` reads it at `now`.
    pub(super) fn of(booking: &Booking, zone: &Zone, now: Instant) -> Self {
        let (start, end) = (zone.local(booking.starts_at), zone.local(booking.ends_at));
        let until = if end.date == start.date { end.minutes } else { 1440 };
        let (place, link) = place_words(booking);
        Self {
            id: booking.id.to_string(),
            mentee: booking.client_name.clone(),
            title: booking.title.clone(),
            time: format!("{}–{}", zone.wall(booking.starts_at), zone.wall(booking.ends_at)),
            date: short_date(start.date),
            when: when(zone, booking.starts_at, booking.ends_at),
            starts_at: booking.starts_at,
            minutes: (start.minutes, until),
            place,
            link,
            notes: booking.notes.clone(),
            answer_by: booking.answer_by.map(|by| format!("{} {}, {}", short_date(zone.date_of(by)), zone.wall(by), distance(now, by))),
            status: booking.status,
            unpaid: booking.is_unpaid(),
        }
    }

    /// Whether the coach has yet to say yes.
    pub(super) const fn waits(&self) -> bool {
        matches!(self.status, BookingStatus::Pending) && !self.unpaid
    }

    /// The state in a word or two, for a chip; a confirmed session needs none.
    pub(super) const fn chip(&self) -> Option<(Tone, &'static str)> {
        match self.status {
            BookingStatus::Pending if self.unpaid => Some((Tone::Info, "Being paid for")),
            BookingStatus::Pending => Some((Tone::Warn, "Waits for your answer")),
            BookingStatus::Completed => Some((Tone::Info, "Took place")),
            BookingStatus::NoShow => Some((Tone::Info, "Missed")),
            BookingStatus::Declined | BookingStatus::Expired | BookingStatus::Cancelled => Some((Tone::Info, "Called off")),
            BookingStatus::Confirmed => None,
        }
    }
}
