//! What people and other systems are told after a change is committed.
//!
//! [`Spread`] turns each change of a booking into the jobs that follow from it, in one transaction with the mark that it did. One
//! file for each consequence says which jobs those are ([`Consequence`]).

mod calendar;
mod feeds;
mod live;
pub mod mail;
mod payments;
mod reminders;
mod spread;
pub mod webhooks;

pub use calendar::InTheCalendar;
pub use feeds::{CalendarText, FeedStatus, Feeds};
pub use live::{Live, LiveError, LiveSettings, Looking, Mark, Topic};
pub use payments::PaymentFollows;
pub use reminders::{Recipient, Reminder, ReminderPlan};
pub use spread::{Consequence, Spread};
