//! The booking system behind Wellmet: no HTML, no HTTP.
//!
//! Folders are the architecture; `ARCHITECTURE.md` draws the map. Arrows run one way: services
//! (`accounts`, `coaches`, `bookings`, `integrations`, `notices`) stand on `jobs`, `availability`, `store`, `time` and `model`.
//! Only [`model`] compiles for the browser; the rest is behind the feature `server`.

pub mod model;

#[cfg(feature = "server")]
pub mod accounts;
#[cfg(feature = "server")]
pub mod availability;
#[cfg(feature = "server")]
pub mod bookings;
#[cfg(feature = "server")]
pub mod coaches;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod demo;
#[cfg(feature = "server")]
pub mod error;
#[cfg(feature = "server")]
pub mod idempotency;
#[cfg(feature = "server")]
pub mod integrations;
#[cfg(feature = "server")]
pub mod jobs;
#[cfg(feature = "server")]
pub mod limits;
#[cfg(feature = "server")]
pub mod notices;
#[cfg(feature = "server")]
pub mod payments;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod time;

#[cfg(feature = "server")]
mod deps;
#[cfg(feature = "server")]
pub use deps::Deps;
