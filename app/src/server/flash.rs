//! One sentence after a redirect. The URL carries a code, the words are ours: nobody can put words into our mouth
//! by crafting a link.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::LocalPath;
use crate::components::Tone;

/// What was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flash {
    /// How it looks.
    pub tone: Tone,
    /// What it says.
    pub words: &'static str,
}

/// Every code and what it says. Add yours here.
const CODES: &[(&str, Tone, &str)] = &[
    ("registered", Tone::Ok, "Welcome to Wellmet. Your account is ready."),
    ("signed-out", Tone::Info, "You are signed out."),
    ("saved", Tone::Ok, "Saved."),
    ("password", Tone::Ok, "Your password is changed. Everywhere else you were signed in, you are signed out."),
    ("password-reset", Tone::Ok, "Your new password is set. Sign in with it."),
    ("address", Tone::Ok, "Thank you. Your address is confirmed."),
    ("check-sent", Tone::Ok, "A mail with a link is on its way. It works for a day."),
    ("hours", Tone::Ok, "Your hours are saved. Mentees see them at once; bookings you already have stay."),
    ("override", Tone::Ok, "The date is saved."),
    ("override-removed", Tone::Ok, "The date follows your weekly hours again."),
    ("session-type", Tone::Ok, "The session type is saved."),
    ("session-type-archived", Tone::Ok, "The session type is archived. Bookings of it stay."),
    ("profile", Tone::Ok, "Your profile is saved."),
    ("booked", Tone::Ok, "Booked. You will find it here and under My bookings."),
    ("requested", Tone::Ok, "Your request is sent. The coach will answer it."),
    ("moved", Tone::Ok, "Moved to the new time."),
    ("moved-request", Tone::Ok, "Moved to the new time. The coach will answer it."),
    ("cancelled", Tone::Ok, "The booking is cancelled."),
    ("confirmed", Tone::Ok, "Confirmed. The session is agreed."),
    ("declined", Tone::Ok, "Declined. The time is free again."),
    ("completed", Tone::Ok, "Marked as completed."),
    ("no-show", Tone::Ok, "Marked as a no-show."),
    ("answered", Tone::Warn, "This request is not waiting any more: it was answered, withdrawn or ran out meanwhile."),
    ("trying-again", Tone::Ok, "We are trying again now."),
    ("put-back", Tone::Ok, "The event is put back in a moment."),
    ("left", Tone::Ok, "Your calendar stays as it is. The session stands."),
    ("nothing-asked", Tone::Info, "This was decided already."),
    ("not-finished", Tone::Warn, "No outcome was noted: the session has not started, or it was called off meanwhile."),
    ("feed-off", Tone::Ok, "Switched off. The address leads nowhere any more."),
    ("disconnected", Tone::Ok, "The account is disconnected. What we stored of it is deleted."),
    ("signed-out-others", Tone::Ok, "You are signed out everywhere else."),
    ("token-revoked", Tone::Ok, "The token is revoked. Programs that use it are refused."),
    ("deactivated", Tone::Ok, "The account is deactivated: signed out everywhere and no longer found."),
    ("reactivated", Tone::Ok, "The account is active again."),
    ("webhook", Tone::Ok, "The webhook is saved."),
    ("webhook-removed", Tone::Ok, "The webhook is removed. Nothing is sent to it any more."),
    ("webhook-test", Tone::Info, "A test is being sent. In a moment you read here how it went."),
    ("tried-again", Tone::Ok, "It is tried again at once."),
    ("not-tried", Tone::Info, "There is nothing to try again: it was done meanwhile, or is being tried right now."),
    ("hold-released", Tone::Info, "The time is let go. Choose another whenever you like."),
];

impl Flash {
    /// The sentence for `code`, if it is one of ours.
    pub fn of_code(code: &str) -> Option<Self> {
        CODES.iter().find(|(known, ..)| *known == code).map(|&(_, tone, words)| Self { tone, words })
    }

    /// The sentence for the `done` of a query.
    pub fn of_query(query: Option<&str>) -> Option<Self> {
        Self::of_code(query?.split('&').find_map(|pair| pair.strip_prefix("done="))?)
    }
}

/// 303: go and look at `path`, a path of this site. The way every successful form ends; add `?done=code` for a
/// sentence. Anything that is not a path of ours leads home.
pub fn see_other(path: &str) -> Response {
    let path = LocalPath::parse(path).unwrap_or_else(LocalPath::home);
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_string())]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_from_the_table_alone() {
        assert_eq!(Flash::of_query(Some("a=b&done=saved")).map(|flash| flash.words), Some("Saved."));
        assert_eq!(Flash::of_query(Some("done=Your+account+was+hacked")), None);
    }
}
