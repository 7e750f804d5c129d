//! What a mentee is told while a coach's calendar cannot be read.

use wellmet::{integrations::standing::Standing, model::Instant, time::words};

/// An honest sentence or two about the calendar of `coach`; `None` when there is nothing to say.
pub fn calendar_note(coach: &str, standing: Standing, now: Instant) -> Option<String> {
    let first = coach.split_whitespace().next().unwrap_or(coach);
    let trouble = format!("{first}'s calendar is being reconnected");
    match standing {
        Standing::Known => None,
        Standing::Kept(known_at) => Some(format!("{trouble}.{}", checked(known_at, now))),
        Standing::OnRequest(known_at) => Some(format!("{trouble}, so {first} confirms each request.{}", checked(known_at, now))),
        Standing::Stopped(_) => Some(format!(
            "{trouble}, and no times are offered until it is. Times will be back as soon as it is: please look again a little later. Bookings that are made already stand."
        )),
    }
}

/// How old the times are; nothing for a calendar that was never read.
fn checked(known_at: Instant, now: Instant) -> String {
    if known_at == Instant::from_millis(0) {
        return String::new();
    }
    format!(" Times were last checked {}.", words::distance(now, known_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_known_and_what_follows() {
        let (now, then) = (Instant::from_millis(100 * 60_000_000), Instant::from_millis(100 * 60_000_000 - 3 * 3_600_000));
        let say = |standing| calendar_note("Maya Lindqvist", standing, now);
        assert_eq!(say(Standing::Known), None);
        assert_eq!(say(Standing::Kept(then)).unwrap(), "Maya's calendar is being reconnected. Times were last checked 3 hours ago.");
        let asked = say(Standing::OnRequest(Instant::from_millis(0))).unwrap();
        assert_eq!(asked, "Maya's calendar is being reconnected, so Maya confirms each request.");
        assert!(say(Standing::Stopped(then)).unwrap().contains("Bookings that are made already stand."));
    }
}
