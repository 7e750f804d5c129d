//! What programs ask: JSON over HTTP, below `/api`. One file for each endpoint; a handler says who asks, calls a service, converts.

pub mod cal;
pub mod calendar;
pub mod problem;
