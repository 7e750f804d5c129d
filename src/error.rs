//! The one error that says nothing to its reader.

use std::{error::Error, fmt};

use crate::store::StoreError;

/// Something failed that the caller can do nothing about. The cause is for the log alone; what is shown is
/// the incident's id, which is in the log too.
#[derive(Debug)]
pub struct Internal {
    /// The database cannot be reached or cannot write: worth trying again soon (503, not 500).
    pub unavailable: bool,
    cause: Box<dyn Error + Send + Sync>,
}

impl Internal {
    /// A failure of our own making or of something unexpected.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { unavailable: false, cause: cause.into() }
    }

    /// The cause, for the log.
    pub fn cause(&self) -> &(dyn Error + Send + Sync) {
        &*self.cause
    }
}

impl From<StoreError> for Internal {
    fn from(error: StoreError) -> Self {
        Self { unavailable: error.is_unavailable(), cause: error.into() }
    }
}

impl fmt::Display for Internal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.unavailable { "temporarily unavailable" } else { "internal error" })
    }
}

impl Error for Internal {}
