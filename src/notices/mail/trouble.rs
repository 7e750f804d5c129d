//! Telling a coach that a calendar has to be connected again.

use std::time::Duration;

use fluent_bundle::FluentValue;

use super::{Block, Content, Fact, Mailer, Recipient, gone, letter::Draft, unreadable};
use crate::{
    error::Internal,
    integrations::{ProviderKind, health::HealthReason},
    jobs::{Job, Verdict},
    model::{Instant, IntegrationId},
    store::sql,
};

/// A notice that waits for an address to be confirmed is no news after this.
const NEWS_FOR: Duration = Duration::from_hours(7 * 24);

/// The account that is in trouble.
struct Trouble {
    kind: ProviderKind,
    account: String,
    reason: Option<HealthReason>,
    since: Instant,
}

impl Mailer {
    pub(super) async fn calendar_trouble(&self, job: &Job) -> Result<Verdict, Internal> {
        let id: Option<IntegrationId> = job.payload.get("integration_id").and_then(|id| id.as_str()?.parse().ok());
        let day = job.payload.get("day").and_then(serde_json::Value::as_i64);
        let since = job.payload.get("since").and_then(serde_json::Value::as_i64).map(Instant::from_millis);
        let (Some(id), Some(day), Some(since), Some(coach)) = (id, day, since, job.user_id.or(job.coach_id)) else {
            return Ok(unreadable());
        };
        let Some(trouble) = self.trouble(id).await?.filter(|trouble| trouble.since == since) else {
            return Ok(Verdict::Moot("The calendar is well again, or gone.".to_owned()));
        };
        let Some(reader) = Recipient::find(&self.inner.deps.store, coach).await? else { return Ok(gone()) };
        let at = since.plus_minutes(day * 24 * 60);
        if let Some(not_yet) = self.hold_back(&reader, at + NEWS_FOR) {
            return Ok(not_yet);
        }
        let content = self.trouble_words(&trouble, &reader, day);
        let draft = Draft { key: job.key.clone(), at, to: reader.person(), reply_to: None, first: None, content, invite: None };
        Ok(self.send(draft).await)
    }

    async fn trouble(&self, id: IntegrationId) -> Result<Option<Trouble>, Internal> {
        let row = sql("SELECT provider, account_label, health_reason, health_since FROM calendar_integrations
             WHERE id = $1 AND health = 'needs_reconnect'");
        let Some(row) = row.bind(id).optional(&self.inner.deps.store).await? else { return Ok(None) };
        let reason: Option<String> = row.get("health_reason")?;
        Ok(Some(Trouble {
            kind: row.parse("provider", ProviderKind::parse)?,
            account: row.get("account_label")?,
            reason: reason.as_deref().and_then(HealthReason::parse),
            since: row.get("health_since")?,
        }))
    }

    fn trouble_words(&self, trouble: &Trouble, reader: &Recipient, day: i64) -> Content {
        let speech = self.speech(reader);
        let fills = [
            ("calendar", FluentValue::from(trouble.kind.name())),
            ("account", trouble.account.as_str().into()),
            ("since", speech.moment(&reader.zone, trouble.since).into()),
            ("day", day.into()),
            ("site", self.inner.press.site().into()),
        ];
        let tell = |key: &str| speech.tell(key, &fills);
        let why = trouble.reason.map(|reason| speech.say(&format!("reason-{}", reason.as_str())));
        let link = self.inner.public_url.join("/dashboard/settings?tab=integrations");
        let mut blocks = vec![Block::Text(tell("trouble-lead"))];
        blocks.extend(why.map(|why| Block::Facts(vec![Fact::new(tell("trouble-why"), why)])));
        blocks.extend([
            Block::Text(tell("trouble-effect")),
            Block::Button(tell("button-trouble"), link.clone()),
            Block::Address(tell("link-copy"), link),
            Block::Small(tell("trouble-last")),
        ]);
        Content {
            language: speech.tag().to_owned(),
            subject: tell("trouble-subject"),
            heading: tell("trouble-heading"),
            blocks,
            footer: tell("footer-trouble"),
        }
    }
}
