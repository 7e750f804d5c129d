//! What the sandbox accepts and, above all, what it refuses.
//!
//! `cfg(test)` is always true here; it tells Clippy that these are tests.

#[cfg(test)]
mod cal_bookings;
#[cfg(test)]
mod cal_calendars;
#[cfg(test)]
mod cal_managed;
#[cfg(test)]
mod cal_oauth;
#[cfg(test)]
mod cal_schema;
#[cfg(test)]
mod cal_support;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod google_api;
#[cfg(test)]
mod google_events;
#[cfg(test)]
mod google_oauth;
#[cfg(test)]
mod microsoft_graph;
#[cfg(test)]
mod microsoft_oauth;
#[cfg(test)]
mod stripe_api;
#[cfg(test)]
mod stripe_checkout;
#[cfg(test)]
mod stripe_events;
#[cfg(test)]
mod stripe_idempotency;
#[cfg(test)]
mod stripe_payments;
#[cfg(test)]
mod stripe_sdk;
#[cfg(test)]
mod stripe_support;
#[cfg(test)]
mod stripe_webhooks;
#[cfg(test)]
mod support;
