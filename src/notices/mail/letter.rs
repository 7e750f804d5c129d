//! From words to a mail as it is sent (RFC 5322, MIME): the same bytes each time the same mail is made.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Attachment, Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use super::{
    content::{Content, one_line, text_of},
    html::html_of,
    transport::Letter,
};
use crate::{
    config::{PublicUrl, Sender},
    integrations::ical::write::Method,
    model::Instant,
    time::hash_secret,
};

/// Somebody with a name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
}

/// A mail before it is put together.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The key of its job: what makes its `Message-ID`.
    pub(super) key: String,
    /// Its date: when what it tells of happened, not when it is sent.
    pub(super) at: Instant,
    pub(super) to: Person,
    /// Who gets an answer; `None`: whoever reads the sender's mail.
    pub(super) reply_to: Option<Person>,
    /// The key of the mail that began the conversation, unless it is this one.
    pub(super) first: Option<String>,
    pub(super) content: Content,
    /// An iCalendar text and what it is for.
    pub(super) invite: Option<(Method, String)>,
}

/// Puts mails together.
#[derive(Debug, Clone)]
pub(super) struct Press {
    from: Sender,
    host: String,
}

/// An address that no mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsendable;

impl Press {
    pub(super) fn new(from: Sender, public_url: &PublicUrl) -> Self {
        Self { from, host: public_url.host().to_owned() }
    }

    /// What the site is called: the name that mail comes from.
    pub(super) fn site(&self) -> &str {
        &self.from.name
    }

    pub(super) const fn from(&self) -> &Sender {
        &self.from
    }

    fn id(&self, key: &str) -> String {
        format!("{}@{}", hash_secret(key), self.host)
    }

    /// The finished mail.
    pub(super) fn put_together(&self, draft: Draft) -> Result<Letter, Unsendable> {
        let Draft { key, at, to, reply_to, first, content, invite } = draft;
        let (id, subject) = (self.id(&key), one_line(&content.subject));
        let (text, html) = (text_of(&content), html_of(&content, self.site()));
        let mut message = Message::builder()
            .from(mailbox(&self.from.name, &self.from.email)?)
            .to(mailbox(&to.name, &to.email)?)
            .subject(subject.as_str())
            .date(UNIX_EPOCH + Duration::from_millis(at.millis().unsigned_abs()))
            .message_id(Some(format!("<{id}>")))
            // Nobody is away to us.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "OOF, AutoReply".to_owned()));
        if invite.is_none() {
            // Not with an invitation: that stands for what a person has just done, and programs that put invitations into calendars
            // leave out what is marked like this (RFC 3834, 5).
            let name = HeaderName::new_from_ascii_str("Auto-Submitted");
            message = message.raw_header(HeaderValue::new(name, "auto-generated".to_owned()));
        }
        if let Some(person) = reply_to {
            message = message.reply_to(mailbox(&person.name, &person.email)?);
        }
        if let Some(first) = first.map(|key| self.id(&key)).filter(|first| *first != id) {
            message = message.in_reply_to(format!("<{first}>")).references(format!("<{first}>"));
        }
        let body = body(&hash_secret(&key), &text, &html, invite.as_ref());
        let message = message.multipart(body).map_err(|_| Unsendable)?;
        let (from, to) = (self.from.email.clone(), to.email);
        Ok(Letter { id, at, from, to, subject, text, html, invite: invite.map(|(_, text)| text), bytes: message.formatted() })
    }
}

/// With an invitation, the shape that the large calendars look for: as the last of the alternatives, without a disposition, and once
/// more as a file for those that only know files. The type's `method` is the one in the text (RFC 6047, 2.4).
fn body(mark: &str, text: &str, html: &str, invite: Option<&(Method, String)>) -> MultiPart {
    let alternatives = MultiPart::alternative().boundary(format!("alternatives-{mark}"));
    let alternatives = alternatives.singlepart(SinglePart::plain(text.to_owned())).singlepart(SinglePart::html(html.to_owned()));
    let Some((method, calendar)) = invite else { return alternatives };
    let types = (
        ContentType::parse(&format!("text/calendar; charset=utf-8; method={}", method.as_str())),
        ContentType::parse("application/ics; name=\"invite.ics\""),
    );
    let (Ok(inline), Ok(file)) = types else { return alternatives };
    let part = SinglePart::builder().content_type(inline).body(calendar_body(calendar));
    let attached = Attachment::new("invite.ics".to_owned()).body(calendar_body(calendar), file);
    MultiPart::mixed().boundary(format!("mixed-{mark}")).multipart(alternatives.singlepart(part)).singlepart(attached)
}

/// In base64: its folded lines and its line ends get through unchanged.
fn calendar_body(calendar: &str) -> Body {
    let encoded = Body::new_with_encoding(calendar.to_owned(), ContentTransferEncoding::Base64);
    // Every text can be written so; were it ever not, it is written as is best.
    encoded.unwrap_or_else(|_| Body::new(calendar.to_owned()))
}

fn mailbox(name: &str, email: &str) -> Result<Mailbox, Unsendable> {
    let address: Address = email.parse().map_err(|_| Unsendable)?;
    let name = one_line(name);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}
