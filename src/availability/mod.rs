//! Which slots there are, and why a time is not one. Pure: no I/O, no clock.
//!
//! A [`Picture`] is everything that decides about one session type of one coach at one instant: hours, rules,
//! what is taken, what is booked, and now. It answers with slots, and for a time that is not one with the
//! [`Refusal`] that explains it. Both answers come from the same windows and the same tests, so the page and
//! the booking transaction cannot disagree.

mod judge;
mod picture;
mod refusal;
mod taken;
mod windows;

pub use picture::Picture;
pub use refusal::Refusal;
pub use taken::{LONGEST_TAKEN_MINUTES, Taken, TakenKind, TakenSet};
pub use windows::OpenWindow;
