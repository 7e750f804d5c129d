//! Money for sessions.
pub mod stripe;
