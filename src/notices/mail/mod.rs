//! Mail: what people are told, in their language and zone, and how it gets to them.
//!
//! A job of the outbox is one mail to one person. Its handler reads what happened, finds the words ([`Words`], one file for each
//! language), puts them together as HTML and as plain text ([`Content`]), with an invitation where there is something to put into
//! a calendar, and hands the result to a [`Transport`]. What is done twice makes the same bytes twice, under the same `Message-ID`.
//!
//! Nothing but the question whether an address is right is sent to one that has not been confirmed: other mail waits.

mod account;
mod booking;
mod content;
mod folder;
mod html;
mod invite;
mod letter;
mod plan;
mod recipient;
mod reminder;
mod scene;
mod smtp;
mod transport;
mod trouble;
mod words;

use std::sync::Arc;

use async_trait::async_trait;

pub use content::{Block, Content, Fact};
pub use folder::{Folder, KeptMail};
pub use plan::BookingMails;
pub use smtp::{Smtp, SmtpError};
pub use transport::{Delivery, Letter, Transport};
pub use words::{Fill, LANGUAGES, Speech, Words, WordsError};

use crate::{
    Deps,
    config::{MailConfig, PublicUrl, Sender},
    error::Internal,
    integrations::tokens::Vault,
    jobs::{Handler, Job, JobKind, Verdict},
    model::Instant,
};
use letter::{Draft, Press};
use recipient::Recipient;

/// Which of the two people of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The mentee.
    Client,
    /// The coach.
    Coach,
}

impl Side {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Client, Self::Coach];

    /// The word in keys and payloads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Coach => "coach",
        }
    }

    fn of_payload(job: &Job) -> Option<Self> {
        let word = job.payload.get("to")?.as_str()?;
        Self::BOTH.into_iter().find(|side| side.as_str() == word)
    }
}

/// Writes the mails of the outbox and sends them. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    inner: Arc<Inner>,
}

struct Inner {
    deps: Deps,
    transport: Arc<dyn Transport>,
    press: Press,
    public_url: PublicUrl,
    words: Words,
    vault: Vault,
}

/// Why no mail can be written on this site.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// See [`WordsError`].
    #[error(transparent)]
    Words(#[from] WordsError),
    /// See [`SmtpError`].
    #[error(transparent)]
    Smtp(#[from] SmtpError),
}

impl Mailer {
    /// For the database of `deps`: through the mail server of `config`, or into its folder. Links lead to `public_url`; the secrets in
    /// them are derived from the keys of `vault`. Called inside the runtime.
    ///
    /// # Errors
    /// See [`MailError`].
    pub fn new(deps: Deps, config: &MailConfig, public_url: PublicUrl, vault: Vault) -> Result<Self, MailError> {
        let transport: Arc<dyn Transport> = match &config.smtp {
            Some(smtp) => Arc::new(Smtp::new(smtp)?),
            None => Arc::new(Folder::new(&config.folder)),
        };
        Ok(Self::with(deps, transport, Words::of_program()?, config.from.clone(), public_url, vault))
    }

    /// The same with a transport and words of the caller's choice.
    pub fn with(deps: Deps, transport: Arc<dyn Transport>, words: Words, from: Sender, public_url: PublicUrl, vault: Vault) -> Self {
        let press = Press::new(from, &public_url);
        Self { inner: Arc::new(Inner { deps, transport, press, public_url, words, vault }) }
    }

    fn now(&self) -> Instant {
        self.inner.deps.clock.now()
    }

    fn speech(&self, recipient: &Recipient) -> Speech<'_> {
        self.inner.words.for_reader(&recipient.language)
    }

    /// The end of every job: what was written is handed on.
    async fn send(&self, draft: Draft) -> Verdict {
        let Ok(letter) = self.inner.press.put_together(draft) else {
            return Verdict::Hopeless("No mail can be sent to such an address.".to_owned());
        };
        match self.inner.transport.send(&letter).await {
            Delivery::Accepted => Verdict::Done,
            Delivery::Refused(why) => Verdict::Hopeless(why),
            Delivery::NotNow(why) => Verdict::failed(why),
        }
    }
}

#[async_trait]
impl Handler for Mailer {
    async fn run(&self, job: &Job) -> Result<Verdict, Internal> {
        match job.kind {
            JobKind::BookingMail => self.booking_mail(job).await,
            JobKind::Reminder => self.reminder(job).await,
            JobKind::CalendarTrouble => self.calendar_trouble(job).await,
            JobKind::AccountMail => self.account_mail(job).await,
            JobKind::CalendarEvent | JobKind::Webhook | JobKind::Payment => Ok(Verdict::Hopeless("This is no mail.".to_owned())),
        }
    }
}

/// What is said of a job whose payload cannot be read.
fn unreadable() -> Verdict {
    Verdict::Hopeless("What is to be sent cannot be read.".to_owned())
}

/// What is said when what a mail was to tell of is gone.
fn gone() -> Verdict {
    Verdict::Moot("There is nothing left to tell.".to_owned())
}
