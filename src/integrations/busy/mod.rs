//! When coaches' calendars are busy: a copy of what the providers say, kept fresh in the background.
//!
//! - `pieces` makes of a provider's intervals what is stored; `store` keeps it, and keeps it too when a provider fails:
//!   unknown is never free, it is what was known last, with its age.
//! - [`BusySync`] reads one integration, or freshens a coach's calendars at the instant of a decision.
//! - [`SyncWorker`] reads all of them in turn; several servers share the work.
//!
//! No booking is touched from here: what vanished from a calendar is a hint and no more.

mod answer;
mod calendars;
mod freshen;
mod known;
mod lanes;
mod lease;
mod pieces;
mod relist;
mod schedule;
mod store;
mod sync;
mod window;
mod worker;

pub use freshen::Freshness;
pub use known::KnownBusy;
pub use lanes::Concurrency;
pub use schedule::SyncSettings;
pub use sync::{BusySync, Synced, Went};
pub use worker::SyncWorker;
