//! Coaches: profile, directory, hours and session types.

mod offer;

pub use offer::{CoachOffer, Offers, SessionType};
