use std::fmt;

use super::TakenKind;
use crate::model::Instant;

/// Why a time is not on offer. Several reasons may hold at once; the first in the order below is the one given,
/// always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is over.
    Past,
    /// It is sooner than the session type's notice allows.
    InsideNotice {
        /// The first instant that is far enough ahead.
        earliest: Instant,
    },
    /// It is further ahead than the session type is on offer.
    BeyondHorizon {
        /// The last instant that is near enough.
        latest: Instant,
    },
    /// The coach closed that date.
    ClosedByOverride,
    /// The coach has no hours on that weekday.
    NoHoursThatDay,
    /// The coach has hours on that date, but not then.
    OutsideHours,
    /// It is one of the starts of a window, but the session would run past the window's end.
    DoesNotFit,
    /// It is inside a window, but between two starts.
    OffStep,
    /// Something else is there, or within the buffers.
    Taken(TakenKind),
    /// The coach takes no more sessions of this type on that date.
    DailyCap,
    /// The coach takes no more sessions of this type in that week.
    WeeklyCap,
    /// A calendar of the coach cannot be read, and while that is so the coach offers nothing.
    CalendarUnknown,
}

impl Refusal {
    /// A word for programs that never changes. What holds a taken time is not in it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::InsideNotice { .. } => "inside_notice",
            Self::BeyondHorizon { .. } => "beyond_horizon",
            Self::ClosedByOverride => "closed_by_override",
            Self::NoHoursThatDay => "no_hours_that_day",
            Self::OutsideHours => "outside_hours",
            Self::DoesNotFit => "does_not_fit",
            Self::OffStep => "off_step",
            Self::Taken(_) => "taken",
            Self::DailyCap => "daily_cap",
            Self::WeeklyCap => "weekly_cap",
            Self::CalendarUnknown => "calendar_unknown",
        }
    }

    /// A sentence for the mentee. Says nothing of why the coach is not free: whether a day was closed or never
    /// open, and what else is there, is between the coach and their calendar.
    pub const fn mentee_words(self) -> &'static str {
        match self {
            Self::Past => "That time has passed.",
            Self::InsideNotice { .. } => "That is too soon: this session has to be booked further ahead.",
            Self::BeyondHorizon { .. } => "That is too far ahead: this session cannot be booked yet for that date.",
            Self::ClosedByOverride | Self::NoHoursThatDay => "There are no sessions on that day.",
            Self::OutsideHours | Self::DoesNotFit | Self::OffStep => "There is no session at that time.",
            Self::Taken(_) => "That time is not free any more.",
            Self::DailyCap => "There is no more room on that day.",
            Self::WeeklyCap => "There is no more room in that week.",
            Self::CalendarUnknown => "The coach's calendar cannot be read at the moment. Times are back as soon as it can.",
        }
    }

    /// A sentence for the coach, who may know what is in the way.
    pub const fn coach_words(self) -> &'static str {
        match self {
            Self::Past => "It has passed.",
            Self::InsideNotice { .. } => "It is sooner than this session's notice.",
            Self::BeyondHorizon { .. } => "It is further ahead than this session can be booked.",
            Self::ClosedByOverride => "You closed this date.",
            Self::NoHoursThatDay => "You have no hours on this weekday.",
            Self::OutsideHours => "It is outside your hours.",
            Self::DoesNotFit => "The session would run past the end of your hours.",
            Self::OffStep => "It is between two starting times.",
            Self::Taken(TakenKind::Booking) => "You have a booking then, or within the buffers.",
            Self::Taken(TakenKind::Hold) => "Somebody is booking this time right now.",
            Self::Taken(TakenKind::Block) => "You blocked this time.",
            Self::Taken(TakenKind::Busy) => "One of your calendars is busy then.",
            Self::DailyCap => "You have as many sessions of this type on this date as you take.",
            Self::WeeklyCap => "You have as many sessions of this type in this week as you take.",
            Self::CalendarUnknown => "One of your calendars cannot be read at the moment, and you offer nothing while that is so.",
        }
    }
}

/// The sentence for the mentee: what is safe to show anybody.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mentee_words())
    }
}

impl std::error::Error for Refusal {}
