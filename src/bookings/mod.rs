//! Claims, holds and the booking state machine: one file per command.
//!
//! Every command that decides about a coach's time runs the same way (`decide`): begin, lock the coach, look
//! at the claims around (sweeping holds that ended), judge by the pure engine, write, note the audit row, commit. The
//! lock makes the decision a decision about what is committed; the database's own constraint on claims stands
//! behind it and would refuse what code got wrong. A booking that nothing stands in the way of is decided without waiting for
//! the lock, by what the coach's revisions name (`unlocked`).

mod answer;
mod book;
mod book_at;
mod calendars;
mod cancel;
mod changes;
mod claims;
mod decide;
mod events;
mod expire;
mod exported;
mod find_free;
mod finish;
mod hold;
mod list;
mod make;
mod meeting_link;
mod now;
mod of_person;
mod open_held;
mod paid;
mod reschedule;
mod set_status;
mod slots;
mod unlocked;
mod view;

pub use answer::AnswerError;
pub(crate) use book::pay_by;
pub use book::{BookError, BookRequest, Terms};
pub use book_at::BookAt;
pub use cancel::CancelError;
pub use changes::Change;
pub(crate) use changes::take_new;
pub use decide::Unavailable;
pub use events::{BookingChange, BookingEvent, EventId};
pub(crate) use exported::{Exported, exported, exported_one};
pub use find_free::{FOUND_AHEAD_DAYS, FoundCoaches, FreeCoach, FreePage, FreeQuery, FreeTime};
pub use finish::{FinishError, Outcome};
pub use hold::{HOLD_MINUTES, Held, HoldError, HoldRequest};
pub use list::{BookingPage, Scope};
pub use now::CoachNow;
pub use of_person::{Party, PartyPage};
pub use paid::PAID_TOO_LATE;
pub(crate) use paid::{Collected, ending};
pub use reschedule::RescheduleError;
pub use set_status::{NewStatus, SetStatusError};
pub use slots::{SlotQuery, Slots};
pub use view::Booking;
pub(crate) use view::find;

use crate::{Deps, coaches::Offers, integrations::busy::BusySync, limits::Limits};

/// The booking service. Cheap to clone.
#[derive(Clone)]
pub struct Bookings {
    deps: Deps,
    offers: Offers,
    limits: Limits,
    slots: Slots,
    /// Asks calendars at the instant of a decision, on a site that has any provider.
    calendars: Option<BusySync>,
    /// Whether prices are collected here.
    pays: bool,
}

impl Bookings {
    /// Over the database of `deps`, with the offers that `offers` remembers and the attempts that `limits` counts.
    pub fn new(deps: Deps, offers: Offers, limits: Limits) -> Self {
        let slots = Slots::new(deps.clone());
        Self { deps, offers, limits, slots, calendars: None, pays: false }
    }

    /// The reading side: what is on offer.
    pub const fn slots(&self) -> &Slots {
        &self.slots
    }
}
