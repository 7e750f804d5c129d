//! Connected calendars on both engines, against the sandbox.

mod busy;
mod choose;
mod connect;
mod failures;
mod refresh;
pub(crate) mod secrets;
mod single_flight;
mod states;
mod strict;
mod typed;
mod world;
pub(crate) mod write_back;
mod write_back_caldav;
mod write_back_google;
mod write_back_microsoft;
