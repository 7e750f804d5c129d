//! Everything that needs a database, in one program, so that it is linked once.
//!
//! `cfg(test)` is always true here; it tells Clippy that these are tests.

#[cfg(test)]
#[path = "../calendars/servers.rs"]
mod servers;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
#[path = "../calendars/tools.rs"]
mod tools;

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod aftermath;
#[cfg(test)]
mod api_tokens;
#[cfg(test)]
mod bookings_caches;
#[cfg(test)]
mod bookings_expiry;
#[cfg(test)]
mod bookings_holds;
#[cfg(test)]
mod bookings_kill;
#[cfg(test)]
mod bookings_machine;
#[cfg(test)]
mod bookings_mix;
#[cfg(test)]
mod bookings_model;
#[cfg(test)]
mod bookings_outage;
#[cfg(test)]
mod bookings_races;
#[cfg(test)]
mod bookings_rules;
#[cfg(test)]
mod bookings_text;
#[cfg(test)]
mod bookings_unlocked;
#[cfg(test)]
mod bookings_walk;
#[cfg(test)]
mod bookings_world;
#[cfg(test)]
mod cal_com;
#[cfg(test)]
mod calendars_bookings;
#[cfg(test)]
#[path = "../support/calendars.rs"]
mod calendars_fake;
#[cfg(test)]
mod calendars_sync;
#[cfg(test)]
mod calendars_worker;
#[cfg(test)]
mod calendars_world;
#[cfg(test)]
mod coaches;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod find_free;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod integrations;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod live;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod outbox_kill;
#[cfg(test)]
mod payments;
#[cfg(test)]
#[path = "../support/receiver.rs"]
mod receiver;
#[cfg(test)]
mod reminders;
#[cfg(test)]
mod store;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod write_back;
