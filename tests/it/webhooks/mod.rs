//! Webhooks on both engines, against a receiver that refuses what is not as promised.

mod keeping;
mod sending;
mod trouble;
pub(crate) mod world;
