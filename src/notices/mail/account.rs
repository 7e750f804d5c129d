//! Sending a person the link that proves their address or lets them choose a new password.

use std::time::Duration;

use fluent_bundle::FluentValue;

use super::{Block, Content, Mailer, Recipient, gone, letter::Draft, unreadable};
use crate::{
    accounts::{LinkPurpose, open_link},
    error::Internal,
    jobs::{Job, Verdict},
    time::Secret,
};

/// Who asked for a link longer ago does not wait for it any more.
const WANTED_FOR: Duration = Duration::from_hours(24);

impl Mailer {
    pub(super) async fn account_mail(&self, job: &Job) -> Result<Verdict, Internal> {
        let purpose = job.payload.get("purpose").and_then(|purpose| LinkPurpose::parse(purpose.as_str()?));
        let (Some(purpose), Some(user)) = (purpose, job.user_id) else { return Ok(unreadable()) };
        let Some(reader) = Recipient::find(&self.inner.deps.store, user).await? else { return Ok(gone()) };
        let now = self.now();
        if let Some(over) = over(purpose, &reader, now > job.created_at + WANTED_FOR) {
            return Ok(Verdict::Moot(over.to_owned()));
        }
        let Some(secret) = self.inner.vault.secret_of("mail link", job.id.as_str()) else {
            return Ok(Verdict::failed("Something went wrong on this site."));
        };
        let mut tx = self.inner.deps.store.begin().await?;
        open_link(&mut tx, &secret, purpose, user, &reader.email_key, now).await?;
        tx.commit().await?;
        let content = self.account_words(purpose, &reader, &secret);
        let (key, at) = (job.key.clone(), job.created_at);
        let draft = Draft { key, at, to: reader.person(), reply_to: None, first: None, content, invite: None };
        Ok(self.send(draft).await)
    }

    fn account_words(&self, purpose: LinkPurpose, reader: &Recipient, secret: &Secret) -> Content {
        let speech = self.speech(reader);
        let (what, path) = match purpose {
            LinkPurpose::CheckAddress => ("check", "/verify"),
            LinkPurpose::ResetPassword => ("reset", "/reset"),
        };
        let fills = [
            ("site", FluentValue::from(self.inner.press.site())),
            ("email", reader.email.as_str().into()),
            ("span", speech.span(purpose.valid_minutes()).into()),
        ];
        let tell = |key: &str| speech.tell(key, &fills);
        let link = self.inner.public_url.join(&format!("{path}/{}", secret.expose()));
        Content {
            language: speech.tag().to_owned(),
            subject: tell(&format!("{what}-subject")),
            heading: tell(&format!("{what}-heading")),
            blocks: vec![
                Block::Text(tell(&format!("{what}-lead"))),
                Block::Button(tell(&format!("button-{what}")), link.clone()),
                Block::Address(tell("link-copy"), link),
                Block::Small(tell(&format!("{what}-valid"))),
            ],
            footer: tell("footer-account"),
        }
    }
}

/// Why there is no link to be sent any more, if so.
fn over(purpose: LinkPurpose, reader: &Recipient, late: bool) -> Option<&'static str> {
    match purpose {
        _ if !reader.active => Some("The account is deactivated."),
        LinkPurpose::CheckAddress if reader.checked.is_some() => Some("The address is confirmed already."),
        LinkPurpose::ResetPassword if reader.checked.is_none() => Some("The address has not been confirmed."),
        LinkPurpose::ResetPassword if late => Some("It was asked for too long ago."),
        _ => None,
    }
}
