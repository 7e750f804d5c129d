//! CalDAV (RFC 4791): find an account's calendars, ask whether one has changed, read when it is busy, write bookings.
//!
//! The server's address is one that a person typed, so every request goes through [`safe_fetch`](crate::integrations::safe_fetch).
//! The password goes to the host that was typed and to hosts of the same registrable domain; any other host that the server
//! names is an error that names it ([`CaldavError::OtherHost`]), for the person to type.
//!
//! Servers differ; what is done about it stands where it is done.

mod account;
mod adapter;
mod busy;
mod client;
mod discover;
mod error;
mod events;
mod object;
mod sync;
#[cfg(test)]
mod tests;
mod xml;

pub use account::{Account, RemoteCalendar};
pub use adapter::CaldavProvider;
pub(crate) use adapter::{call_error, listed};
pub use busy::{CalendarBusy, busy};
pub use client::Caldav;
pub use discover::discover;
pub use error::CaldavError;
pub use sync::{Change, SyncMark, changed_since};
