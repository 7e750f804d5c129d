//! Coaches: profile, directory, hours and session types.

mod create;
mod offer;

pub(crate) use create::create_coach;
pub use offer::{CoachOffer, Offers, SessionType};
