//! Where a finished mail goes.

use async_trait::async_trait;

use crate::model::Instant;

/// A finished mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its `Message-ID` without the angle brackets: the same each time the same mail is made.
    pub id: String,
    /// Its date.
    pub at: Instant,
    /// The address it comes from, alone.
    pub from: String,
    /// The address it goes to, alone.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML document.
    pub html: String,
    /// The invitation, if it brings one.
    pub invite: Option<String>,
    /// The whole mail as it is sent (RFC 5322).
    pub bytes: Vec<u8>,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Somebody else is responsible for it now.
    Accepted,
    /// It will never be taken: there is no such mailbox, or the mail itself is refused. Why, in our words.
    Refused(String),
    /// It was not taken now. Why, in our words.
    NotNow(String),
}

/// Takes mail.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Hands `letter` on. After `NotNow` it may have arrived all the same: the next try has the same `Message-ID`.
    async fn send(&self, letter: &Letter) -> Delivery;
}
