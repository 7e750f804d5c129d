use async_trait::async_trait;

use super::Consequence;
use crate::{
    Deps,
    bookings::Change,
    payments,
    store::{StoreError, Tx},
};

/// The money follows each change.
pub struct PaymentFollows;

#[async_trait]
impl Consequence for PaymentFollows {
    fn hears_all(&self) -> bool {
        true
    }

    async fn plan(&self, tx: &mut Tx, deps: &Deps, change: &Change) -> Result<(), StoreError> {
        payments::plan(tx, deps, &change.booking, change.ordinal, deps.clock.now()).await
    }
}
