use std::{collections::HashMap, net::SocketAddr, time::Duration};

use super::{ConfigError, ConfigErrors, SETTINGS, Setting};

/// Reads variables and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    env: &'a HashMap<String, String>,
    errors: Vec<ConfigError>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(env: &'a HashMap<String, String>) -> Self {
        Self { env, errors: Vec::new() }
    }

    /// The value of `name`, or what is `usual`; also when it is wrong, which is noted.
    pub(super) fn read<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, String>, usual: impl FnOnce() -> T) -> T {
        match self.env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()).map(parse) {
            None => usual(),
            Some(Ok(value)) => value,
            Some(Err(problem)) => {
                self.complain(name, problem);
                usual()
            }
        }
    }

    /// Notes what is wrong with `name`.
    pub(super) fn complain(&mut self, name: &'static str, problem: impl Into<String>) {
        let unknown = Setting { name, purpose: "", example: "" };
        let setting = SETTINGS.iter().copied().find(|setting| setting.name == name).unwrap_or(unknown);
        self.errors.push(ConfigError { setting, problem: problem.into() });
    }

    /// Whether something was wrong with `name`.
    pub(super) fn is_wrong(&self, name: &str) -> bool {
        self.errors.iter().any(|error| error.setting.name == name)
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigErrors> {
        if self.errors.is_empty() { Ok(value) } else { Err(ConfigErrors(self.errors)) }
    }
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "not an IP address with a port".to_owned())
}

pub(super) fn count(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "not a whole number from 0 up".to_owned())
}

/// How often calendars are read: what was read more than a quarter of an hour ago is not known any more, and no provider
/// wants to be asked twice a minute.
pub(super) fn calendar_period(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ (0 | 30..=600)) => Ok(Duration::from_secs(seconds)),
        _ => Err("not 0, nor a whole number from 30 to 600".to_owned()),
    }
}

/// A size in bytes; 0 is none.
pub(super) fn bytes(text: &str) -> Result<Option<usize>, String> {
    let bytes: usize = text.parse().map_err(|_| "not a whole number from 0 up".to_owned())?;
    Ok((bytes > 0).then_some(bytes))
}
