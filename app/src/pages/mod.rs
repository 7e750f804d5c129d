//! The pages: one file each, with its routes, its handlers and its view.

pub mod admin;
pub mod availability;
pub mod book;
pub mod bookings;
pub mod coaches;
pub mod dashboard;
pub mod error;
pub mod feeds;
pub mod forgot;
pub mod home;
pub mod integrations;
pub mod login;
pub mod mailbox;
pub mod outstanding;
pub mod payments;
pub mod picker;
pub mod register;
pub mod session_types;
pub mod settings;
pub mod theme;
mod track;
pub mod verify;
pub mod webhooks;

use wellmet::model::Role;

/// Where someone in `role` goes after signing in, unless they were on the way somewhere.
pub(crate) const fn landing(role: Role) -> &'static str {
    match role {
        Role::Mentee => "/bookings",
        Role::Coach => "/dashboard",
        Role::Admin => "/admin",
    }
}
