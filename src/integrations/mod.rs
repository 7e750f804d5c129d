//! Calendars that coaches connect: their tokens, what is busy in them, and how well that goes.
//!
//! - [`tokens`] opens and refreshes credentials: nothing else does.
//! - [`providers`] speak the providers' protocols behind one trait.
//! - [`Integrations`] is what coaches do with them: connect, choose, test, disconnect.
//! - [`busy`] keeps what is busy in them.
//! - [`health`] moves by typed [`outcome`]s only; [`standing`] is what follows for what may be offered.
//!
//! Whatever reaches a provider starts from an [`Integration`], which belongs to a coach. Whoever looks, the coach's own
//! credentials are used; there is no way to hand in a mentee:
//!
//! ```compile_fail
//! # use wellmet::{accounts::MenteeActor, integrations::tokens::{Force, Tokens}};
//! async fn wrong(tokens: &Tokens, mentee: &MenteeActor) {
//!     let _ = tokens.ensure_valid(mentee, Force::No).await; // expected `&Integration`, found `&MenteeActor`
//! }
//! ```

pub mod busy;
pub mod health;
pub mod http;
pub mod ical;
pub mod outcome;
pub mod providers;
pub mod safe_fetch;
pub mod standing;
pub mod tokens;
pub mod write_back;

mod attach;
mod cal_com;
mod calendar;
mod choose;
mod connect_caldav;
mod connect_feed;
mod connect_typed;
mod disconnect;
mod finish_oauth;
mod integration;
mod notices;
mod oauth_state;
mod policy;
mod provider_kind;
mod record;
mod relist;
mod service;
mod start_oauth;
mod test_connection;

pub use cal_com::CalConnectError;
pub use calendar::Calendar;
pub use choose::{Choice, ChooseError};
pub use connect_caldav::CaldavDraft;
pub use connect_feed::FeedDraft;
pub use connect_typed::ConnectError;
pub use finish_oauth::{Callback, FinishError, HandedOut};
pub use integration::Integration;
pub use oauth_state::Returning;
pub use policy::PolicyError;
pub use provider_kind::ProviderKind;
pub use providers::Providers;
pub use relist::Relisted;
pub use service::{Connected, Integrations, Offered};
pub use start_oauth::{Departure, Start, StartError};
pub use test_connection::{StepResult, TestReport, TestStep};
