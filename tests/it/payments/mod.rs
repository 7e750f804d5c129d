//! Money for sessions, against a Stripe that is strict.

mod agree;
mod kills;
mod races;
mod refunds;
mod world;
