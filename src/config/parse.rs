use std::{collections::HashMap, net::SocketAddr};

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
                let unknown = Setting { name, purpose: "", example: "" };
                let setting = SETTINGS.into_iter().find(|setting| setting.name == name).unwrap_or(unknown);
                self.errors.push(ConfigError { setting, problem });
                usual()
            }
        }
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

/// A size in bytes; 0 is none.
pub(super) fn bytes(text: &str) -> Result<Option<usize>, String> {
    let bytes: usize = text.parse().map_err(|_| "not a whole number from 0 up".to_owned())?;
    Ok((bytes > 0).then_some(bytes))
}
