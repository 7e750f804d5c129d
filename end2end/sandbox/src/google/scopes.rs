//! Google's scopes: what each is called for people, and which ones allow which method (method table of the discovery document).

/// What all calendar scopes begin with.
const PREFIX: &str = "https://www.googleapis.com/auth/";

/// A scope: name after the common prefix, words on the consent page.
const CALENDAR: [(&str, &str); 12] = [
    ("calendar", "See, edit, share and permanently delete all your calendars"),
    ("calendar.readonly", "See and download any calendar you can open"),
    ("calendar.calendarlist", "See, add and remove calendars you are subscribed to"),
    ("calendar.calendarlist.readonly", "See the list of calendars you are subscribed to"),
    ("calendar.freebusy", "View your availability in your calendars"),
    ("calendar.events", "View and edit events on all your calendars"),
    ("calendar.events.readonly", "View events on all your calendars"),
    ("calendar.events.freebusy", "See the availability on calendars you have access to"),
    ("calendar.events.owned", "See, create, change and delete events on calendars you own"),
    ("calendar.events.owned.readonly", "See the events on calendars you own"),
    ("calendar.events.public.readonly", "See the events on public calendars"),
    ("calendar.app.created", "Make secondary calendars, and see and change events on them"),
];

/// The scopes that allow `calendarList.list`.
pub(super) const CALENDAR_LIST: &[&str] = &["calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"];
/// The scopes that allow `freebusy.query`.
pub(super) const FREE_BUSY: &[&str] = &["calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"];
/// The scopes that show events of every calendar.
pub(super) const READ_ALL: &[&str] = &["calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly"];
/// The scopes that show events of owned calendars.
pub(super) const READ_OWNED: &[&str] = &["calendar.events.owned", "calendar.events.owned.readonly"];
/// The scope that shows when events are, not what.
pub(super) const READ_TIMES: &[&str] = &["calendar.events.freebusy"];
/// The scopes that change events of every calendar.
pub(super) const WRITE_ALL: &[&str] = &["calendar", "calendar.events"];
/// The scope that changes events of owned calendars.
pub(super) const WRITE_OWNED: &[&str] = &["calendar.events.owned"];

/// A scope as Google keeps it: `email` and `profile` have long names, and the token answer has those.
pub(super) fn canonical(scope: &str) -> String {
    match scope {
        "email" => format!("{PREFIX}userinfo.email"),
        "profile" => format!("{PREFIX}userinfo.profile"),
        other => other.to_owned(),
    }
}

/// The name that the tables here use for a canonical scope.
pub(super) fn short(scope: &str) -> &str {
    scope.strip_prefix(PREFIX).unwrap_or(scope)
}

/// What a canonical scope allows, in words, and whether it can be unticked; `None` when Google does not know it.
pub(super) fn words(scope: &str) -> Option<(&'static str, bool)> {
    match scope {
        "openid" => return Some(("Associate you with your personal info", false)),
        "https://www.googleapis.com/auth/userinfo.email" => return Some(("See your primary email address", false)),
        "https://www.googleapis.com/auth/userinfo.profile" => return Some(("See your personal info, including your name", false)),
        _ => {}
    }
    let name = scope.strip_prefix(PREFIX)?;
    CALENDAR.iter().find(|(known, _)| *known == name).map(|(_, words)| (*words, true))
}
