use std::sync::Arc;

use crate::{
    store::Store,
    time::{Clock, Ids},
};

/// What every service stands on: the database, the clock and the source of ids and randomness.
///
/// They are passed in, so a test decides what time it is and which ids come next.
#[derive(Clone)]
pub struct Deps {
    /// The database.
    pub store: Store,
    /// The only clock.
    pub clock: Arc<dyn Clock>,
    /// The only source of ids and secrets.
    pub ids: Arc<dyn Ids>,
}
