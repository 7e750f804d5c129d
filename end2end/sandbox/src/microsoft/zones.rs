//! Time zones in Microsoft's names.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::core::calendar::{When, zone};

/// Windows names of the zones that the sandbox's people live in (Unicode CLDR, windowsZones), a name's first zone being the one it means.
const WINDOWS: [(&str, &str); 14] = [
    ("UTC", "UTC"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("W. Europe Standard Time", "Europe/Stockholm"),
    ("GMT Standard Time", "Europe/London"),
    ("GMT Standard Time", "Europe/Lisbon"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Eastern Standard Time", "America/New_York"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Central Standard Time (Mexico)", "America/Mexico_City"),
    ("India Standard Time", "Asia/Kolkata"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("New Zealand Standard Time", "Pacific/Auckland"),
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("FLE Standard Time", "Europe/Helsinki"),
];

/// A zone and the name it goes by.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) zone: TimeZone,
}

impl Named {
    /// The zone with an IANA or a Windows name.
    pub(super) fn find(name: &str) -> Option<Self> {
        let iana = WINDOWS.iter().find(|(windows, _)| *windows == name).map_or(name, |(_, iana)| iana);
        TimeZone::get(iana).ok().map(|zone| Self { name: name.to_owned(), zone })
    }

    /// The zone of a calendar, as Microsoft names it when nobody asks for another.
    pub(super) fn of_calendar(iana: &str) -> Self {
        let windows = WINDOWS.iter().find(|(_, known)| *known == iana).map_or("tzone://Microsoft/Custom", |(windows, _)| windows);
        Self { name: windows.to_owned(), zone: zone(iana) }
    }

    /// `when` as Graph writes it. A date is at midnight, whatever the zone.
    pub(super) fn written(&self, when: When) -> Value {
        let local = match when {
            When::On(date) => date.to_datetime(Time::midnight()),
            When::At(at) => at.to_zoned(self.zone.clone()).datetime(),
        };
        json!({ "dateTime": local.strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string(), "timeZone": self.name })
    }
}

/// A `dateTimeTimeZone` as a client sends it.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) local: DateTime,
    pub(super) at: Timestamp,
    pub(super) zone: Named,
}

impl Moment {
    /// Reads `{dateTime, timeZone}`: local time without an offset, and the zone it is in.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        if object.keys().any(|key| key != "dateTime" && key != "timeZone") {
            return None;
        }
        let zone = Named::find(object.get("timeZone")?.as_str()?)?;
        let text = object.get("dateTime")?.as_str()?;
        // A `Z` is redundant in UTC and wrong elsewhere.
        let text = if zone.name == "UTC" { text.strip_suffix('Z').unwrap_or(text) } else { text };
        if text.contains(['Z', '+']) || !text.contains('T') {
            return None;
        }
        let local: DateTime = text.parse().ok()?;
        let at = local.to_zoned(zone.zone.clone()).ok()?.timestamp();
        Some(Self { local, at, zone })
    }

    /// The date, when it is at midnight.
    pub(super) fn date(&self) -> Option<Date> {
        (self.local.time() == Time::midnight()).then(|| self.local.date())
    }
}
