//! Server functions: data for islands, under `/srv`. Each names its `endpoint`, says first who asks
//! ([`server::identity`]), calls a service and converts; the error is [`crate::dto::AppError`].

pub mod hours;
pub mod picker;

#[cfg(feature = "ssr")]
pub mod server;

pub use hours::hours_preview;
pub use picker::picker;
#[cfg(feature = "ssr")]
pub use server::routes;
