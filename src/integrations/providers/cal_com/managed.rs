//! Managed users: made by this site's platform client, one for each coach.

use async_trait::async_trait;
use reqwest::Method;
use serde_json::json;

use super::{
    CalCom,
    failure::{existing_user, platform_failure},
    refresh,
    request::Bearer,
    wire::{Connect, Created, Envelope, User},
};
use crate::{
    integrations::{
        outcome::{CallError, RefreshError},
        providers::{Behind, Issued, ManagedAsk, ManagedUser, ManagedUsers},
        tokens::Clear,
    },
    model::UserId,
};

/// The name under which a managed user's metadata says whose it is.
const COACH: &str = "wellmet_coach";

impl Behind {
    /// As Cal.com's paths have it.
    const fn path(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Office365 => "office365",
        }
    }
}

#[async_trait]
impl ManagedUsers for CalCom {
    async fn create(&self, ask: &ManagedAsk<'_>) -> Result<ManagedUser, RefreshError> {
        let platform = self.platform();
        let body = json!({ "email": ask.email, "name": ask.name, "timeZone": ask.time_zone, "metadata": { COACH: ask.coach } });
        let reply = platform.post(&platform.users(""), Some(&body)).await.map_err(RefreshError::Passing)?;
        if reply.status.is_success() {
            let created: Envelope<Created> = reply.json().map_err(RefreshError::Passing)?;
            return Ok(ManagedUser { id: created.data.user.id, issued: created.data.keys.into() });
        }
        match (reply.status.as_u16(), existing_user(&reply)) {
            // Made before, and the answer or our database lost since: take it back.
            (409, Some(id)) => self.recover(id, ask.coach).await,
            (401 | 403 | 404, _) => Err(RefreshError::ClientRejected),
            _ => Err(RefreshError::Passing(platform_failure(&reply))),
        }
    }

    async fn connect_url(&self, token: &Clear, behind: Behind, redir: &str) -> Result<Clear, CallError> {
        let bearer = self.bearer(token);
        let request = bearer.request(Method::GET, &format!("/v2/calendars/{}/connect", behind.path()));
        let request = request.query(&[("redir", redir), ("isDryRun", "false")]);
        let connect: Envelope<Connect> = bearer.send(request).await?.json()?;
        let url = url::Url::parse(&connect.data.auth_url).map_err(|_| CallError::BadAnswer("no address"))?;
        // A browser is sent there: nothing but a web page may be.
        let web = matches!(url.scheme(), "https" | "http");
        if web { Ok(Clear::new(connect.data.auth_url)) } else { Err(CallError::BadAnswer("no web address")) }
    }

    async fn check(&self, token: &Clear, behind: Behind) -> Result<(), CallError> {
        let bearer = self.bearer(token);
        let path = format!("/v2/calendars/{}/check", behind.path());
        match bearer.send(bearer.request(Method::GET, &path)).await {
            // 400 says "not found" or "invalid": never connected, or revoked since.
            Err(CallError::Refused(400)) => Err(CallError::CalendarNotConnected),
            other => other.map(drop),
        }
    }

    async fn save(&self, behind: Behind, state: &str, code: &str) -> Result<(), CallError> {
        let url = format!("{}/v2/calendars/{}/save", self.config.api_url, behind.path());
        // Public: what is saved for whom is in the state, which Cal.com made.
        let request = self.http.client().get(url).query(&[("state", state), ("code", code)]);
        let reply = self.http.send(request).await?;
        // The description says 200, the server redirects.
        if reply.status.is_success() || reply.status.is_redirection() {
            return Ok(());
        }
        Err(if reply.status.as_u16() == 401 { CallError::TokenRejected } else { platform_failure(&reply) })
    }

    async fn set_destination(&self, token: &Clear, external_kind: &str, external_id: &str) -> Result<(), CallError> {
        let bearer: Bearer<'_> = self.bearer(token);
        let body = json!({ "integration": external_kind, "externalId": external_id });
        bearer.send(bearer.request(Method::PUT, "/v2/destination-calendars").json(&body)).await.map(drop)
    }
}

impl CalCom {
    /// Tokens for the managed user `id`, who is there already. One that this site made for another coach is not taken.
    async fn recover(&self, id: i64, coach: UserId) -> Result<ManagedUser, RefreshError> {
        let platform = self.platform();
        let reply = platform.get(&platform.users(&format!("/{id}"))).await.map_err(RefreshError::Passing)?;
        let user: Envelope<User> = reply.json().map_err(RefreshError::Passing)?;
        let of = user.data.metadata[COACH].as_str();
        if user.data.id != id || of.is_some_and(|of| of != coach.as_str()) {
            return Err(RefreshError::Passing(CallError::NotOurs));
        }
        let issued: Issued = refresh::forced(&platform, id).await?;
        Ok(ManagedUser { id, issued })
    }
}
