//! What coaches and admins do in their pages: who may, what is kept when something is wrong, what is there afterwards.

mod access;
mod account;
mod hours;
mod requests;
mod session_types;
