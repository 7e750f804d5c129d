//! Users, passwords, sign-in sessions and who may do what. One file per command.
//!
//! Nobody learns here who has an account: signing in answers the same, and takes as long, for an unknown address
//! and a wrong password, and so does asking for a new password. Registration inevitably tells (who registers wants to go on at once, and
//! mail may be off), so it is limited per address, and a guess at an existing account's password counts as a sign-in.

mod account;
mod actor;
mod admin;
mod api_tokens;
mod change_password;
mod client;
mod facts;
mod mail_links;
mod pass;
mod password;
mod personal_tokens;
mod profile;
mod register;
mod session;
mod sign_in;

pub use actor::{Actor, AdminActor, CoachActor, Decider, Identity, MenteeActor};
pub use admin::{CreateAdminError, SetActiveError, UserPage, UserSummary};
pub use api_tokens::{ApiToken, IssuedToken, LOGIN_TOKEN_LASTS, TokenKind, TokenScope};
pub use change_password::ChangePasswordError;
pub use client::ClientInfo;
pub use facts::SystemFacts;
pub(crate) use mail_links::open_link;
pub use mail_links::{LinkError, LinkPurpose, LinkState, ResetError};
pub use pass::MOST_LOGIN_TOKENS;
pub use password::{HashCost, MAX_PASSWORD, MIN_PASSWORD, PasswordHasher};
pub use personal_tokens::{CreateTokenError, MOST_TOKENS, NewToken, PERSONAL_TOKEN_LASTS};
pub use profile::ProfileError;
pub use register::{JoinError, RegisterError, Registration};
pub use session::{SEEN_EVERY, SIGN_IN_LASTS, Swept};
pub use sign_in::SignInError;

use crate::{Deps, limits::Limits, model::Instant, store::Store};

/// The service of this folder. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    deps: Deps,
    limits: Limits,
    hasher: PasswordHasher,
}

impl Accounts {
    /// Over the database of `deps`, with attempts counted by `limits`.
    pub const fn new(deps: Deps, limits: Limits, hasher: PasswordHasher) -> Self {
        Self { deps, limits, hasher }
    }

    fn now(&self) -> Instant {
        self.deps.clock.now()
    }

    const fn store(&self) -> &Store {
        &self.deps.store
    }
}

/// `?` from a store's or a limit's failure into a command's error.
macro_rules! failures {
    ($error:ident, limited) => {
        failures!($error);

        impl From<crate::limits::LimitError> for $error {
            fn from(error: crate::limits::LimitError) -> Self {
                match error {
                    crate::limits::LimitError::TooMany { retry_after } => Self::TooMany { retry_after },
                    crate::limits::LimitError::Internal(error) => Self::Internal(error),
                }
            }
        }
    };
    ($error:ident) => {
        impl From<crate::store::StoreError> for $error {
            fn from(error: crate::store::StoreError) -> Self {
                Self::Internal(error.into())
            }
        }
    };
}
use failures;
