//! The slot engine against an obvious one that tries every minute, and against days worked out by hand.
#![expect(clippy::unwrap_used, reason = "a test may stop at what cannot be")]

mod known;
mod properties;
mod reference;
mod world;

/// The reader that the zones are checked with: so the obvious engine shares no zone arithmetic with the real one.
#[path = "../zones/tzif.rs"]
mod tzif;
