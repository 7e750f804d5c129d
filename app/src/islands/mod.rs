//! What runs in the browser. Every page works without; these add comfort.

#[cfg(feature = "hydrate")]
mod browser;
mod hydrated_mark;
mod sheet;
mod slot_picker;
mod submit_guard;
mod time_zone_detect;

pub use hydrated_mark::HydratedMark;
pub use slot_picker::SlotPicker;
pub use submit_guard::SubmitGuard;
pub use time_zone_detect::TimeZoneDetect;
