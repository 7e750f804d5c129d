use serde::{Deserialize, Serialize};

/// Where a page hears of changes, and how things stood when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveAt {
    /// The path of the stream.
    pub path: String,
    /// The mark of what the page shows.
    pub mark: String,
}
