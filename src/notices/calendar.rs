use async_trait::async_trait;

use super::Consequence;
use crate::{
    Deps,
    bookings::Change,
    integrations::write_back,
    store::{StoreError, Tx},
};

/// The coach's calendar follows each change.
pub struct InTheCalendar;

#[async_trait]
impl Consequence for InTheCalendar {
    async fn plan(&self, tx: &mut Tx, deps: &Deps, change: &Change) -> Result<(), StoreError> {
        write_back::plan(tx, deps, &change.booking, change.ordinal, deps.clock.now()).await
    }
}
