//! How mail leaves, or where it stays when it does not.

use std::path::PathBuf;

use lettre::{AsyncSmtpTransport, Tokio1Executor};
use url::Url;

use super::{Hidden, PublicUrl, parse::Reader};
use crate::model::valid_email;

/// Mail. `Debug` shows no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// `SMTP_URL`: the mail server; `None`: mail is off, and what would be sent is kept in `folder`.
    pub smtp: Option<SmtpConfig>,
    /// `MAIL_FROM`: whom mail comes from.
    pub from: Sender,
    /// `MAIL_DIR`: the folder in which mail is kept when there is no mail server.
    pub folder: PathBuf,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// The whole URL with its password.
    pub url: Hidden,
    /// Host and port, to be shown.
    pub shown: String,
    /// Whether what is sent there can be read on the way: TLS is neither demanded nor part of the scheme.
    pub in_the_clear: bool,
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// What mail programs show.
    pub name: String,
    /// The address alone.
    pub email: String,
}

impl MailConfig {
    /// What the operator has to know: nothing when mail is sent.
    pub fn warning(&self) -> Option<String> {
        let folder = self.folder.display();
        self.smtp
            .is_none()
            .then(|| format!("Mail is off: SMTP_URL is not set. Nobody is written to; what would be sent is kept in the folder {folder}."))
    }
}

impl SmtpConfig {
    /// The server of a URL as lettre reads it: `smtps://user:password@host`, or `smtp://` with `?tls=required`.
    ///
    /// # Errors
    /// What is wrong with it; never the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "not a URL".to_owned())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let usual = match (url.scheme(), tls.as_deref()) {
            ("smtps", _) => 465,
            ("smtp", Some("required" | "opportunistic")) => 587,
            ("smtp", None) => 25,
            ("smtp", Some(_)) => return Err("has a tls that is neither required nor opportunistic".to_owned()),
            _ => return Err("starts with neither smtps:// nor smtp://".to_owned()),
        };
        if !url.username().is_empty() && url.password().is_none() {
            return Err("has a user but no password".to_owned());
        }
        // What lettre says may repeat the URL.
        AsyncSmtpTransport::<Tokio1Executor>::from_url(text).map_err(|_| "cannot be read".to_owned())?;
        let shown = format!("{host}:{}", url.port().unwrap_or(usual));
        let in_the_clear = url.scheme() == "smtp" && tls.as_deref() != Some("required");
        Ok(Self { url: Hidden::from(text), shown, in_the_clear })
    }
}

impl Sender {
    /// `Name <address>` or an address alone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, email) = match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, email)) => (name.trim().trim_matches('"').trim(), email.trim()),
            None => ("Wellmet", text.trim()),
        };
        if !valid_email(email) && !email.ends_with("@localhost") || !email.is_ascii() {
            return Err("not an address such as Wellmet <booking@example.org>".to_owned());
        }
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        Ok(Self { name: if name.is_empty() { "Wellmet".to_owned() } else { name }, email: email.to_owned() })
    }

    /// Whom mail that nobody sends comes from.
    fn nobody(public_url: &PublicUrl) -> Self {
        let host = public_url.host();
        let host = if host.chars().any(char::is_alphabetic) && !host.starts_with('[') { host } else { "localhost" };
        Self { name: "Wellmet".to_owned(), email: format!("wellmet@{host}") }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, public_url: &PublicUrl) -> MailConfig {
    let smtp = reader.read("SMTP_URL", |url| SmtpConfig::parse(url).map(Some), || None);
    let from = reader.read("MAIL_FROM", |from| Sender::parse(from).map(Some), || None);
    if smtp.is_some() && from.is_none() && !reader.is_wrong("MAIL_FROM") {
        reader.complain("MAIL_FROM", "not set, but SMTP_URL is");
    }
    let folder = reader.read("MAIL_DIR", |path| Ok(path.into()), || PathBuf::from("data/mail"));
    MailConfig { smtp, from: from.unwrap_or_else(|| Sender::nobody(public_url)), folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_and_their_passwords_never_shown() {
        let smtp = SmtpConfig::parse("smtps://ada:s3cr%40t@mail.example.org").unwrap();
        assert_eq!((smtp.shown.as_str(), smtp.in_the_clear), ("mail.example.org:465", false));
        assert!(!format!("{smtp:?}").contains("s3cr"), "{smtp:?}");
        let shown = |url: &str| SmtpConfig::parse(url).map(|smtp| (smtp.shown, smtp.in_the_clear));
        assert_eq!(shown("smtp://mail.example.org?tls=required"), Ok(("mail.example.org:587".to_owned(), false)));
        assert_eq!(shown("smtp://127.0.0.1:2525"), Ok(("127.0.0.1:2525".to_owned(), true)));
        for bad in ["mail.example.org", "https://mail.example.org", "smtp://", "smtp://u@h", "smtp://u:hunter2@h?tls=maybe"] {
            let problem = SmtpConfig::parse(bad).unwrap_err();
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn senders_have_a_name_and_an_address() {
        let of = |text| Sender::parse(text).map(|sender| (sender.name, sender.email));
        assert_eq!(of("Acme Coaching <book@acme.example>"), Ok(("Acme Coaching".to_owned(), "book@acme.example".to_owned())));
        assert_eq!(of("book@acme.example"), Ok(("Wellmet".to_owned(), "book@acme.example".to_owned())));
        for bad in ["Acme", "Acme <>", "a@b", "x <a@b.example> y", "a@b.example\r\nBcc: c@d.example"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
