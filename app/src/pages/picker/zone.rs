//! In which zone times are shown.

use wellmet::time::{Zone, words};

use crate::server::PageContext;

/// The zone the visitor asked for, else the browser's, else their account's, else the coach's.
pub fn viewer_zone(context: &PageContext, asked: Option<&str>, coach: &Zone) -> Zone {
    let account = context.viewer.as_ref().map(wellmet::accounts::Identity::time_zone);
    let wishes = [asked, context.time_zone.as_deref(), account];
    wishes.into_iter().flatten().find_map(Zone::parse).unwrap_or_else(|| coach.clone())
}

/// `Maya is in Europe/Stockholm, one hour ahead`: where the coach is, seen from the visitor's zone.
pub fn coach_is_where(coach: &str, coach_zone: &Zone, zone: &Zone, at: wellmet::model::Instant) -> String {
    let first = coach.split_whitespace().next().unwrap_or(coach);
    match words::zone_difference(coach_zone, zone, at).as_str() {
        "same time" => format!("{first} is in {}, the same time.", coach_zone.name()),
        difference => format!("{first} is in {}, {difference}.", coach_zone.name()),
    }
}
