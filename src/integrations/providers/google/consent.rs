use async_trait::async_trait;

use super::{CallError, Consent, Google, Instant};
use crate::integrations::providers::{Account, CodeAsk, ConsentAsk, Feature, Granted};

/// What calendar scopes begin with.
const PREFIX: &str = "https://www.googleapis.com/auth/";
/// The narrowest scopes that list calendars and say when they are busy (method table of the discovery document).
const READING: [&str; 2] = ["calendar.calendarlist.readonly", "calendar.freebusy"];
/// The narrowest scope that writes events to calendars the coach owns.
const WRITING: &str = "calendar.events.owned";

/// Scopes that allow as much or more, should an account have granted them.
const LISTS: [&str; 4] = ["calendar.calendarlist.readonly", "calendar.calendarlist", "calendar.readonly", "calendar"];
const READS: [&str; 4] = ["calendar.freebusy", "calendar.events.freebusy", "calendar.readonly", "calendar"];
const WRITES: [&str; 3] = [WRITING, "calendar.events", "calendar"];

fn has(scopes: &str, any: &[&str]) -> bool {
    scopes.split_ascii_whitespace().any(|scope| scope.strip_prefix(PREFIX).is_some_and(|scope| any.contains(&scope)))
}

#[async_trait]
impl Consent for Google {
    fn scopes(&self, wants_writing: bool, granted: &str) -> String {
        let writes = wants_writing || has(granted, &WRITES);
        let calendar = READING.into_iter().chain(writes.then_some(WRITING)).map(|scope| format!("{PREFIX}{scope}"));
        ["openid", "email"].map(str::to_owned).into_iter().chain(calendar).collect::<Vec<_>>().join(" ")
    }

    fn page(&self, ask: &ConsentAsk<'_>) -> Result<String, CallError> {
        // A refresh token comes with a consent that is asked for expressly, and with no other.
        let mut extra = vec![("access_type", "offline"), ("prompt", "consent"), ("include_granted_scopes", "true")];
        extra.extend(ask.account.map(|account| ("login_hint", account)));
        self.oauth.page(ask, &self.scopes(ask.wants_writing, ask.granted), &extra)
    }

    async fn exchange(&self, ask: &CodeAsk<'_>, now: Instant) -> Result<Granted, CallError> {
        let exchanged = self.oauth.exchange(ask, now).await?;
        let claims = exchanged.claims.ok_or(CallError::BadAnswer("no ID token"))?;
        let label = claims.email.unwrap_or_else(|| claims.sub.clone());
        Ok(Granted { issued: exchanged.issued, account: Account { key: claims.sub, label } })
    }

    fn missing(&self, scopes: &str, wants_writing: bool) -> Option<Feature> {
        // People can untick each.
        let needs =
            [(true, &LISTS[..], Feature::CalendarList), (true, &READS, Feature::BusyTimes), (wants_writing, &WRITES, Feature::Writing)];
        needs.into_iter().find(|(needed, any, _)| *needed && !has(scopes, any)).map(|(_, _, feature)| feature)
    }

    fn can_write(&self, scopes: &str) -> bool {
        has(scopes, &WRITES)
    }
}
