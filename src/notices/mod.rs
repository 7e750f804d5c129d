//! What people and other systems are told after a change is committed.
//!
//! [`Spread`] turns each change of a booking into the jobs that follow from it, in one transaction with the mark that it did. One
//! file for each consequence says which jobs those are ([`Consequence`]).

pub mod mail;
mod spread;

pub use spread::{Consequence, Spread};
