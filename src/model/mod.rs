//! The words of the booking system as types. Compiles for the browser too.

mod booking;
mod field;
mod hours;
mod id;
mod instant;
mod money;
mod payment;
mod refund;
mod reminders;
mod role;
mod session_type;
mod text;

pub use booking::{BookingStatus, ParseStatusError};
pub use field::{FieldError, FieldErrors};
pub use hours::{DateOverride, Hours, HoursError, MAX_OVERRIDES, MAX_WINDOWS_A_DAY, WallTime, Weekday, WeeklyHours, Window};
pub use id::{
    ApiTokenId, BookingId, CalendarId, ClaimId, HoldId, Id, IdError, IntegrationId, JobId, PaymentId, RefundId, SessionTypeId, UserId,
};
pub use instant::Instant;
pub use money::{Currency, Price};
pub use payment::PaymentStep;
pub use refund::{Ending, RefundPolicy};
pub use reminders::Reminders;
pub use role::Role;
pub use session_type::{Minutes, Place, PlaceKind, SessionRules, SessionTypeDraft};
pub use text::{clean_line, clean_text, email_key, slugify, valid_email};
