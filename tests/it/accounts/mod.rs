//! Accounts on both engines.

mod admin;
mod change;
mod register;
mod sessions;
mod sign_in;

use wellmet::{
    accounts::{Accounts, ClientInfo, HashCost, PasswordHasher, Registration},
    limits::{LimitSettings, Limits},
    model::Role,
};

use crate::support::{PASSWORD, TestDb};

/// A request from one of a neighbourhood of addresses.
fn from(last: u8) -> ClientInfo {
    ClientInfo::new(Some([192, 0, 2, last].into()), "Browser/1.0")
}

/// A registration that is in order.
fn wish(email: &str, name: &str, role: Role) -> Registration {
    Registration { email: email.into(), password: PASSWORD.into(), name: name.into(), role, time_zone: "Europe/Paris".into() }
}

/// Accounts with limits, and the hasher that counts.
fn counted(db: &TestDb, limits: LimitSettings) -> (Accounts, PasswordHasher) {
    let hasher = PasswordHasher::new(HashCost::CHEAPEST);
    (Accounts::new(db.deps(), Limits::new(db.deps(), limits), hasher.clone()), hasher)
}
