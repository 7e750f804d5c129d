//! The whole site, request by request, without a network.
//!
//! `cfg(test)` is always true here; it tells Clippy that these are tests.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod api_accounts;
#[cfg(test)]
mod api_booking;
#[cfg(test)]
mod api_booking_races;
#[cfg(test)]
mod api_cal;
#[cfg(test)]
mod api_calendar;
#[cfg(test)]
mod api_coaches;
#[cfg(test)]
mod api_connect;
#[cfg(test)]
mod api_demo;
#[cfg(test)]
mod api_idempotency;
#[cfg(test)]
mod api_limits;
#[cfg(test)]
mod api_manners;
#[cfg(test)]
mod api_permissions;
#[cfg(test)]
mod asking;
#[cfg(test)]
mod booking_pages;
#[cfg(test)]
mod calendar_notes;
#[cfg(test)]
mod coach_pages;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod live;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod program;
#[cfg(test)]
#[path = "../../../tests/support/receiver.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod receiver;
#[cfg(test)]
mod site;
#[cfg(test)]
#[path = "../../../tests/support/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;
#[cfg(test)]
mod token_pages;
#[cfg(test)]
mod webhooks;
