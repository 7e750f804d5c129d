//! What runs in the browser. Every page works without; these add comfort.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

#[cfg(feature = "hydrate")]
mod browser;
mod copy_link;
mod hours_editor;
mod hydrated_mark;
mod submit_guard;
mod time_zone_detect;

pub use copy_link::CopyLink;
pub use hours_editor::HoursEditor;
pub use hydrated_mark::HydratedMark;
pub use submit_guard::SubmitGuard;
pub use time_zone_detect::TimeZoneDetect;
