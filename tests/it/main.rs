//! Everything that needs a database, in one program, so that it is linked once.
//!
//! `cfg(test)` is always true here; it tells Clippy that these are tests.

#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod coaches;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod store;
