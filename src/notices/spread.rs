use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Deps,
    bookings::{self, Change},
    error::Internal,
    jobs::Source,
    store::{StoreError, Tx, sql},
};

/// How many changes are gone through in one transaction.
const AT_ONCE: u32 = 50;

/// Something that follows from a change of a booking.
#[async_trait]
pub trait Consequence: Send + Sync + 'static {
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
}

impl Spread {
    /// On `deps`: each change has `consequences`, planned in this order.
    pub fn new(deps: Deps, consequences: Vec<Arc<dyn Consequence>>) -> Self {
        Self { deps, consequences }
    }
}

#[async_trait]
impl Source for Spread {
    async fn fill(&self) -> Result<usize, Internal> {
        let any = sql("SELECT id FROM booking_events WHERE spread = 0 LIMIT 1");
        if any.optional(&self.deps.store).await?.is_none() {
            return Ok(0);
        }
        let mut tx = self.deps.store.begin().await?;
        let changes = bookings::take_new(&mut tx, AT_ONCE).await?;
        for change in &changes {
            for consequence in &self.consequences {
                consequence.plan(&mut tx, &self.deps, change).await?;
            }
        }
        tx.commit().await?;
        Ok(changes.len())
    }
}
