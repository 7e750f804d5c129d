//! Calendars against software that others wrote: our reading of iCalendar against Python's, our CalDAV client against two
//! servers. `scripts/python-tools.sh` installs it and prints its folder, which `TEST_CALENDAR_TOOLS` names here. Without
//! it these tests are skipped and say so; with `REQUIRE_CALDAV=1` they fail.
//!
//! `cfg(test)` is always true here; it tells Clippy that these are tests.

#[cfg(test)]
mod caldav;
#[cfg(test)]
mod generator;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod tools;
