use async_trait::async_trait;

use super::{CallError, Consent, Instant, Microsoft};
use crate::integrations::providers::{Account, CodeAsk, ConsentAsk, Feature, Granted};

/// Who it is, and access that outlasts the hour.
const IDENTITY: &str = "openid email profile offline_access User.Read";
/// The narrowest scope that shows when events are: without bodies and attachments.
const READING: &str = "Calendars.ReadBasic";
/// What writing needs; it allows reading, too.
const WRITING: &str = "Calendars.ReadWrite";
const READS: [&str; 3] = [READING, "Calendars.Read", WRITING];

/// Answers name scopes in any case, and with or without the resource before them.
fn has(scopes: &str, any: &[&str]) -> bool {
    let short = |scope: &str| scope.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    scopes.split_ascii_whitespace().map(short).any(|scope| any.iter().any(|known| known.eq_ignore_ascii_case(&scope)))
}

#[async_trait]
impl Consent for Microsoft {
    fn scopes(&self, wants_writing: bool, granted: &str) -> String {
        let calendar = if wants_writing || self.can_write(granted) { WRITING } else { READING };
        format!("{IDENTITY} {calendar}")
    }

    fn page(&self, ask: &ConsentAsk<'_>) -> Result<String, CallError> {
        let mut extra = vec![("response_mode", "query")];
        match ask.account {
            Some(account) => extra.push(("login_hint", account)),
            // Who is signed in to one account may want to connect another.
            None => extra.push(("prompt", "select_account")),
        }
        self.oauth.page(ask, &self.scopes(ask.wants_writing, ask.granted), &extra)
    }

    async fn exchange(&self, ask: &CodeAsk<'_>, now: Instant) -> Result<Granted, CallError> {
        let exchanged = self.oauth.exchange(ask, now).await?;
        let claims = exchanged.claims.ok_or(CallError::BadAnswer("no ID token"))?;
        // `sub` differs from app to app; object and tenant together name the account wherever it is met.
        let (Some(oid), Some(tid)) = (claims.oid, claims.tid) else { return Err(CallError::BadAnswer("an ID token without oid or tid")) };
        let label = claims.email.or(claims.preferred_username).unwrap_or_else(|| oid.clone());
        Ok(Granted { issued: exchanged.issued, account: Account { key: format!("{tid}.{oid}"), label } })
    }

    fn missing(&self, scopes: &str, wants_writing: bool) -> Option<Feature> {
        if !has(scopes, &READS) {
            return Some(Feature::BusyTimes);
        }
        (wants_writing && !self.can_write(scopes)).then_some(Feature::Writing)
    }

    fn can_write(&self, scopes: &str) -> bool {
        has(scopes, &[WRITING])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_told_apart_by_their_last_part() {
        assert!(has("https://graph.microsoft.com/Calendars.ReadBasic openid", &READS));
        assert!(has("calendars.readwrite", &[WRITING]));
        assert!(!has("Calendars.ReadBasic.All User.Read", &READS));
        assert!(!has("Calendars.ReadBasic", &[WRITING]));
    }
}
