use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::{
    Deps,
    bookings::{self, Change, EventId},
    error::Internal,
    jobs::Source,
    store::{StoreError, Tx, sql},
};

/// How many changes are gone through in one transaction.
const AT_ONCE: u32 = 50;

/// Something that follows from a change of a booking.
#[async_trait]
pub trait Consequence: Send + Sync + 'static {
    /// Whether it follows even from changes that nobody is told of ([`Change::is_quiet`]).
    fn hears_all(&self) -> bool {
        false
    }

    /// Writes the jobs that follow from `change`, and calls off those that it makes pointless. Nothing but the database is asked.
    ///
    /// # Errors
    /// What the database says.
    async fn plan(&self, tx: &mut Tx, deps: &Deps, change: &Change) -> Result<(), StoreError>;
}

/// Turns changes of bookings into jobs.
pub struct Spread {
    deps: Deps,
    consequences: Vec<Arc<dyn Consequence>>,
    /// Changes that could not be planned, though the database is well: they must not keep the others waiting. Tried again by the next
    /// server, or this one when it is started anew.
    aside: Mutex<Vec<EventId>>,
}

impl Spread {
    /// On `deps`: each change has `consequences`, planned in this order.
    pub fn new(deps: Deps, consequences: Vec<Arc<dyn Consequence>>) -> Self {
        Self { deps, consequences, aside: Mutex::default() }
    }

    /// Plans what follows from up to [`AT_ONCE`] changes. On failure nothing was written, and `culprit` is the change it failed at.
    async fn round(&self, culprit: &mut Option<EventId>) -> Result<usize, Internal> {
        let aside = self.aside.lock().map_or_else(|poisoned| poisoned.into_inner().clone(), |aside| aside.clone());
        let mut tx = self.deps.store.begin().await?;
        let taken = bookings::take_new(&mut tx, AT_ONCE, &aside).await?;
        for id in &taken {
            *culprit = Some(*id);
            let Some(change) = Change::find(&mut tx, *id).await? else { continue };
            let quiet = change.is_quiet();
            for consequence in self.consequences.iter().filter(|consequence| !quiet || consequence.hears_all()) {
                consequence.plan(&mut tx, &self.deps, &change).await?;
            }
        }
        *culprit = None;
        tx.commit().await?;
        Ok(taken.len())
    }
}

#[async_trait]
impl Source for Spread {
    async fn fill(&self) -> Result<usize, Internal> {
        let any = sql("SELECT id FROM booking_events WHERE spread = 0 LIMIT 1");
        if any.optional(&self.deps.store).await?.is_none() {
            return Ok(0);
        }
        let mut culprit = None;
        match (self.round(&mut culprit).await, culprit) {
            (Err(error), Some(id)) if !error.unavailable => {
                tracing::error!(target: "jobs", change = %id, cause = %error.cause(), "nothing could be planned for a change: it is set aside");
                if let Ok(mut aside) = self.aside.lock() {
                    aside.push(id);
                }
                Ok(1)
            }
            (done, _) => done,
        }
    }
}
