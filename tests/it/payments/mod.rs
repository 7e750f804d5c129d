//! Money for sessions, against a Stripe that is strict.

mod agree;
mod kills;
mod mix;
mod races;
mod refunds;
mod world;
