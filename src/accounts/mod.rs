//! Users, passwords, sign-in sessions and who may do what.

mod actor;

pub use actor::{Actor, AdminActor, CoachActor, Identity, MenteeActor};
