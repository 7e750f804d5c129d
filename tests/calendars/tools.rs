use std::{env, path::PathBuf};

/// A program among the calendar tools. `None`, and a word about it, without them.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let Ok(folder) = env::var("TEST_CALENDAR_TOOLS") else {
        assert!(env::var("REQUIRE_CALDAV").is_err(), "TEST_CALENDAR_TOOLS is not set: see scripts/python-tools.sh");
        eprintln!("skipped: TEST_CALENDAR_TOOLS is not set, see scripts/python-tools.sh");
        return None;
    };
    let path = PathBuf::from(folder).join("bin").join(name);
    assert!(path.exists(), "{} is missing: see scripts/python-tools.sh", path.display());
    Some(path)
}
