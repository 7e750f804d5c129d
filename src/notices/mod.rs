//! What people and other systems are told after a change is committed.
//!
//! [`Spread`] turns each change of a booking into the jobs that follow from it, in one transaction with the mark that it did. One
//! file for each consequence says which jobs those are ([`Consequence`]).

mod spread;
pub mod webhooks;

pub use spread::{Consequence, Spread};
