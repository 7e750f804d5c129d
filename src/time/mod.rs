//! Clock, ids, zones and intervals: the only place that knows zone rules or reads the machine's clock.

mod clock;
mod ids;
mod interval;
pub mod words;
mod zone;
mod zone_names;

pub use clock::{Clock, ManualClock, SystemClock};
pub use ids::{Ids, Secret, SeededIds, SystemIds, hash_secret};
pub use interval::Interval;
pub use zone::{Local, Zone};
pub use zone_names::tzdata_version;
