//! What several endpoints send and take.

use serde::Serialize;
use utoipa::ToSchema;
use wellmet::time::Interval;

/// An id: a ULID, 26 characters of Crockford's base 32. Stays for life.
#[derive(ToSchema)]
#[schema(as = Id, value_type = String, pattern = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$", example = "01JCZ8Z5Q3V7N2K4M6P8R0T1W3")]
pub struct Ulid(#[expect(dead_code, reason = "a schema, never a value")] String);

/// An instant: ISO 8601 (RFC 3339). Answers are in UTC; what is sent may have any offset, and must have one.
#[derive(ToSchema)]
#[schema(as = Instant, value_type = String, format = DateTime, example = "2026-11-15T14:00:00Z")]
pub struct Time(#[expect(dead_code, reason = "a schema, never a value")] String);

/// An IANA time zone.
#[derive(ToSchema)]
#[schema(as = TimeZone, value_type = String, min_length = 1, max_length = 64, example = "Europe/Berlin")]
pub struct ZoneName(#[expect(dead_code, reason = "a schema, never a value")] String);

/// An interval of a coach's time that can be booked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Slot {
    /// When the session starts.
    #[schema(value_type = Time)]
    pub start: String,
    /// When it ends; the first instant that is no longer part of it.
    #[schema(value_type = Time)]
    pub end: String,
    /// Its length in minutes of elapsed time.
    #[schema(example = 60, minimum = 1)]
    pub duration_minutes: i64,
}

impl Slot {
    /// The slot `span`.
    pub fn of(span: Interval) -> Self {
        Self {
            start: span.start.to_rfc3339(),
            end: span.end.to_rfc3339(),
            duration_minutes: (span.end.millis() - span.start.millis()) / 60_000,
        }
    }
}
