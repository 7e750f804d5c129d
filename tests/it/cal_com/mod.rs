//! Calendars through Cal.com, against the sandbox: managed users and coaches' own accounts.

mod busy;
mod connect;
mod oauth;
mod refresh;
mod single_flight;
mod world;
mod write_back;
