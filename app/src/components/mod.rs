//! The design system as functions of their props. No component knows a request, a service or a URL's meaning
//! beyond the navigation's; the classes are in `style/`.

#![expect(unreachable_pub, reason = "the component macro writes a second public function that nobody re-exports")]

mod address_notice;
mod chip;
mod date_words;
mod empty_state;
mod error_summary;
mod face_mark;
mod field;
mod icons;
mod notice;
mod select_field;
mod shell;
mod site_footer;
mod site_header;
mod text_area;
mod theme;
mod time_zone_select;
mod trail;

pub use address_notice::AddressNotice;
pub use chip::Chip;
pub use date_words::DateWords;
pub use empty_state::EmptyState;
pub use error_summary::ErrorSummary;
pub use face_mark::FaceMark;
pub use field::{CheckField, Field, RadioCards};
pub use icons::{Icon, Logo, Picture};
pub use notice::{Notice, Tone};
pub use select_field::SelectField;
pub use shell::Shell;
pub use site_footer::SiteFooter;
pub use site_header::{Nav, NavUser, SiteHeader};
pub use text_area::TextArea;
pub use theme::Theme;
pub use time_zone_select::TimeZoneSelect;
pub use trail::{Breadcrumbs, Pager};
