//! What all providers share: time, tokens, accounts and calendars, OAuth, faults, the request log and the control surface.

pub(crate) mod calendar;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod consent;
pub(crate) mod control;
pub(crate) mod cursor;
pub(crate) mod faults;
pub(crate) mod form;
pub(crate) mod gate;
pub(crate) mod jwt;
pub(crate) mod oauth;
pub(crate) mod people;
pub(crate) mod provider;
pub(crate) mod recur;
pub(crate) mod seed;
pub(crate) mod serve;
pub(crate) mod state;
pub(crate) mod tokens;
