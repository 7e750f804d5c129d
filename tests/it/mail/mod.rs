//! Mail, from what happens to a booking to what a mail server or a calendar makes of it.

mod account;
mod bookings;
mod folder;
mod others;
mod readers;
mod smtp;
pub(crate) mod world;
