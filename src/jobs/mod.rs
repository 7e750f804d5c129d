//! The outbox: work that follows from a committed change, as rows of the same database.
//!
//! A job is written in a transaction ([`enqueue`]) and worked on later, by whichever server takes it ([`Worker`]): under a lease, so
//! that one that dies loses it; again with growing pauses, so that whatever is down may stay down for days; in order within a
//! lane. A job runs at least once; handlers are idempotent by a key that does not change from one run to the next, so in
//! effect it happens once. What is given up is kept for a person to see and to try again ([`Jobs`]).

mod finish;
mod job;
mod kind;
mod service;
mod take;
mod worker;

pub use job::{Job, NewJob, call_off, call_off_lanes, call_off_others, enqueue};
pub use kind::{JobKind, Queue};
pub use service::{Backlog, GivenUp, JobView, Jobs, OVERDUE_MINUTES, Tally};
pub use worker::{Handler, Source, Verdict, Worker, WorkerSettings};
