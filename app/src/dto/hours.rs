use serde::{Deserialize, Serialize};

/// What the hours editor shows next, as HTML that the server escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursEdited {
    /// The days, when they changed.
    pub rows: Option<String>,
    /// What mentees would see.
    pub preview: String,
    /// The id of the control to go on from.
    pub focus: Option<String>,
    /// What happened, for those who do not see it.
    pub said: String,
}
