//! What runs in the browser. Every page works without; these add comfort.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

#[cfg(feature = "hydrate")]
mod browser;
mod copy_link;
mod hold_countdown;
mod hours_editor;
mod hydrated_mark;
#[cfg(feature = "hydrate")]
mod listening;
mod live_region;
mod picker_live;
mod sheet;
mod slot_picker;
mod submit_guard;
mod time_zone_detect;
mod zone_switch;

pub use copy_link::CopyLink;
pub use hold_countdown::HoldCountdown;
pub use hours_editor::HoursEditor;
pub use hydrated_mark::HydratedMark;
pub use live_region::{LIVE_REGION, LiveRegion};
pub use slot_picker::SlotPicker;
pub use submit_guard::SubmitGuard;
pub use time_zone_detect::TimeZoneDetect;
pub use zone_switch::ZoneSwitch;
