//! Which zone a `TZID` means.

use std::{collections::HashMap, rc::Rc};

use chrono::{NaiveDateTime, TimeDelta};

use super::{expand::Budget, lines::Component, vtimezone::Observances, windows};
use crate::{model::Instant, time::Zone};

/// IANA names have at most so many parts.
const MAX_PARTS: usize = 3;
/// What all definitions of a calendar may cost: a zone with two rules that begin in 1601, as Windows writes them, costs a
/// tenth of it.
const BUDGET: Budget = Budget { work: 3_000_000, occurrences: 2_000 };

/// Where a wall-clock time is read.
#[derive(Clone)]
pub(super) enum Place {
    /// A zone we know.
    Known(Zone),
    /// A zone that only the file knows.
    Embedded(Rc<Observances>),
}

impl Place {
    /// The instant of a wall-clock time, by the rule of RFC 5545 for gaps and repeated times.
    pub(super) fn instant(&self, local: NaiveDateTime) -> Option<Instant> {
        match self {
            Self::Known(zone) => zone.instant_at(local),
            Self::Embedded(zone) => zone.instant(local),
        }
    }

    /// What calendar and clock show at `at`.
    pub(super) fn local(&self, at: Instant) -> Option<NaiveDateTime> {
        let offset = match self {
            Self::Known(zone) => i64::from(zone.offset_seconds(at)),
            Self::Embedded(zone) => zone.offset_seconds(at),
        };
        utc(at)?.checked_add_signed(TimeDelta::try_seconds(offset)?)
    }
}

/// The zones of one calendar.
pub(super) struct Zones {
    /// Of days and of times without a zone.
    pub(super) calendar: Zone,
    embedded: HashMap<String, Option<Rc<Observances>>>,
    by_location: HashMap<String, Zone>,
}

impl Zones {
    /// Reads `X-WR-TIMEZONE` and the `VTIMEZONE`s of a calendar. These are followed until `end`.
    pub(super) fn of(calendar: &Component, home: &Zone, end: Instant) -> Self {
        let own = calendar.first("X-WR-TIMEZONE").and_then(|property| zone_named(&property.text()));
        let mut zones = Self { calendar: own.unwrap_or_else(|| home.clone()), embedded: HashMap::new(), by_location: HashMap::new() };
        let mut budget = BUDGET;
        for definition in calendar.children.iter().filter(|child| child.name == "VTIMEZONE") {
            let Some(name) = definition.first("TZID").map(|property| property.value.trim().to_owned()) else { continue };
            if zone_named(&name).is_some() {
                continue;
            }
            match definition.first("X-LIC-LOCATION").and_then(|property| zone_named(&property.value)) {
                Some(zone) => zones.by_location.insert(name, zone).is_some(),
                None => zones.embedded.insert(name, Observances::read(definition, end, &mut budget).map(Rc::new)).is_some(),
            };
        }
        zones
    }

    /// The zone of a `TZID`: by its IANA or Windows name, else by what the file says it is. `None` if nothing tells.
    pub(super) fn named(&self, name: &str) -> Option<Place> {
        let name = name.trim();
        let known = zone_named(name).or_else(|| self.by_location.get(name).cloned());
        known.map(Place::Known).or_else(|| self.embedded.get(name).cloned().flatten().map(Place::Embedded))
    }

    /// Where floating times and whole days are.
    pub(super) fn home(&self) -> Place {
        Place::Known(self.calendar.clone())
    }
}

/// A zone by IANA name, by one with a vendor's path in front (`/example.org/20050126_1/Europe/Berlin`), or by Windows name.
pub(super) fn zone_named(name: &str) -> Option<Zone> {
    let name = name.trim().trim_matches('"');
    if let Some(zone) = Zone::parse(name).or_else(|| windows::iana_name(name).and_then(Zone::parse)) {
        return Some(zone);
    }
    let path = name.strip_prefix('/')?;
    let mut tails = path.rmatch_indices('/').take(MAX_PARTS).filter_map(|(at, _)| path.get(at + 1..));
    tails.find_map(|tail| Zone::parse(tail).filter(|zone| zone.name().contains('/')))
}

/// The UTC reading of an instant. `None` outside chrono's years.
pub(super) fn utc(at: Instant) -> Option<NaiveDateTime> {
    chrono::DateTime::from_timestamp_millis(at.millis()).map(|at| at.naive_utc())
}

/// The instant of a UTC reading.
pub(super) fn from_utc(at: NaiveDateTime) -> Instant {
    Instant::from_millis(at.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_three_kinds() {
        let name = |text| zone_named(text).map(|zone| zone.name().to_owned());
        assert_eq!(name("europe/lisbon").as_deref(), Some("Europe/Lisbon"));
        assert_eq!(name("\"Romance Standard Time\"").as_deref(), Some("Europe/Paris"));
        assert_eq!(name("/example.org/20050126_1/America/Argentina/Ushuaia").as_deref(), Some("America/Argentina/Ushuaia"));
        for nothing in ["", "/", "Customized Time Zone", "/a/b", "é/ü"] {
            assert_eq!(name(nothing), None, "{nothing}");
        }
    }
}
