use super::xml::{APPLE, CALDAV, CALENDAR_SERVER, DAV, Response, child, children, text};
use crate::{
    integrations::{ical, safe_fetch::Address},
    time::Zone,
};

/// What an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who signed in, as the server names them; `None` where a single calendar was typed and the server knows no principals.
    pub principal: Option<Address>,
    /// Where the calendars are.
    pub homes: Vec<Address>,
    /// The addresses at which the account is invited (`calendar-user-address-set`), as `mailto:maya@example.org`.
    pub user_addresses: Vec<String>,
    /// The calendars, those that cannot hold events left out.
    pub calendars: Vec<RemoteCalendar>,
}

/// A calendar on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCalendar {
    /// Where it is: its identity.
    pub address: Address,
    /// What it is called; its path's last part if nothing.
    pub name: String,
    /// Its colour as the server says, as `#FF2968FF`.
    pub color: Option<String>,
    /// Its zone, for whole days and times without a zone.
    pub zone: Option<Zone>,
    /// Whether events may be written.
    pub writable: bool,
    /// What the account may do there (RFC 3744), without namespaces; empty if the server does not say.
    pub privileges: Vec<String>,
    /// For asking what changed (RFC 6578).
    pub sync_token: Option<String>,
    /// For asking whether anything changed.
    pub ctag: Option<String>,
}

/// What is asked of the things in a home.
pub(super) const PROPERTIES: &str = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
    xmlns:S=\"http://calendarserver.org/ns/\" xmlns:A=\"http://apple.com/ns/ical/\"><prop><resourcetype/><displayname/>\
    <current-user-privilege-set/><sync-token/><S:getctag/><A:calendar-color/><C:calendar-timezone/>\
    <C:supported-calendar-component-set/></prop></propfind>";

/// Privileges that let events be made: those of RFC 3744, 3.
const WRITING: [&str; 4] = ["all", "write", "write-content", "bind"];

impl RemoteCalendar {
    /// A calendar for events, if the response is about one.
    pub(super) fn of(response: Response<'_, '_>, address: Address) -> Option<Self> {
        let kinds = response.property(DAV, "resourcetype")?;
        child(kinds, CALDAV, "calendar")?;
        // Nextcloud keeps deleted calendars in the home, marked by a kind of its own.
        let deleted = kinds.children().any(|kind| kind.tag_name().name() == "deleted-calendar");
        if deleted || !holds_events(response) {
            return None;
        }
        let privileges = response.property(DAV, "current-user-privilege-set").map(|set| {
            let privileges = children(set, DAV, "privilege").flat_map(|privilege| privilege.children().filter(roxmltree::Node::is_element));
            privileges.map(|privilege| privilege.tag_name().name().to_owned()).collect::<Vec<_>>()
        });
        let zone = response.property_text(CALDAV, "calendar-timezone").and_then(ical::zone_of);
        Some(Self {
            name: response.property_text(DAV, "displayname").unwrap_or_else(|| last_part(&address)),
            color: response.property_text(APPLE, "calendar-color"),
            zone,
            // Servers without access control let their one user write.
            writable: privileges.as_ref().is_none_or(|privileges| privileges.iter().any(|privilege| WRITING.contains(&privilege.as_str()))),
            privileges: privileges.unwrap_or_default(),
            sync_token: response.property(DAV, "sync-token").and_then(text),
            ctag: response.property_text(CALENDAR_SERVER, "getctag"),
            address,
        })
    }
}

/// A calendar that does not say what it holds holds everything (RFC 4791, 5.2.3).
fn holds_events(response: Response<'_, '_>) -> bool {
    let Some(set) = response.property(CALDAV, "supported-calendar-component-set") else { return true };
    children(set, CALDAV, "comp").any(|kind| kind.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("VEVENT")))
}

fn last_part(address: &Address) -> String {
    address.path().trim_end_matches('/').rsplit('/').next().unwrap_or("").to_owned()
}
