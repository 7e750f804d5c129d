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
