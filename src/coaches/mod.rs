//! Coaches: profile, directory, hours and session types. One file per command.
//!
//! Every write locks the coach, decides on what it then reads, and raises the coach's revision in the same
//! transaction, so caches on every server notice and two writers never undo each other.

mod archive_session_type;
mod create;
mod create_session_type;
mod cursor;
mod directory;
mod hours;
mod hours_draft;
mod offer;
mod profile;
mod profile_draft;
mod remove_override;
mod search;
mod session_types;
mod set_hours;
mod set_override;
mod set_weekly;
mod slug;
mod update_profile;
mod update_session_type;

use std::sync::Arc;

use crate::{Deps, accounts::CoachActor, error::Internal, store::Tx};

pub(crate) use create::create_coach;
pub use cursor::Cursor;
pub use directory::{CoachCard, DirectoryPage, DirectoryQuery, Facet};
pub use hours::SetHoursError;
pub use hours_draft::{HoursDraft, OverrideDraft, WeeklyHoursDraft, WindowDraft};
pub use offer::{CoachOffer, Offers, SessionType};
pub(crate) use offer::{TimeMark, refund_of};
pub use profile::CoachProfile;
pub use profile_draft::ProfileDraft;
pub use session_types::{MAX_SESSION_TYPES, SessionTypeError};
pub use update_profile::ProfileError;

/// What coaches show and set. Cheap to clone.
#[derive(Clone)]
pub struct Coaches {
    deps: Deps,
    offers: Offers,
}

impl Coaches {
    /// On `deps`, sharing `offers` with whoever decides about bookings.
    pub const fn new(deps: Deps, offers: Offers) -> Self {
        Self { deps, offers }
    }

    /// Begins a change: the transaction, and the coach's offer under the lock that makes this the only change.
    async fn begin(&self, coach: &CoachActor) -> Result<(Tx, Arc<CoachOffer>), Internal> {
        let mut tx = self.deps.store.begin().await?;
        let offer = self.offers.lock(&mut tx, coach.id()).await?;
        Ok((tx, offer.ok_or_else(no_profile)?))
    }

    /// Ends a change: the revision rises and all of it is durable.
    async fn commit(&self, mut tx: Tx, coach: &CoachActor) -> Result<(), Internal> {
        Offers::touch(&mut tx, coach.id(), self.deps.clock.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// A coach's account is made together with its profile, so this is damage, not an answer.
fn no_profile() -> Internal {
    Internal::new("a coach without a profile")
}
