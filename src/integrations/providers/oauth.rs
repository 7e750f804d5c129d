//! OAuth 2.0 as an authorization code client with PKCE (RFC 6749, RFC 7636), the parts that providers share. What a
//! provider adds is handed in.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use url::Url;

use super::{CallError, Clear, CodeAsk, ConsentAsk, Instant, Issued, RefreshError};
use crate::{
    config::Client,
    integrations::http::{Http, Reply},
};

/// How long a token is taken to live when the provider does not say (RFC 6749 5.1 only recommends it).
const USUAL_LIFE: u64 = 3600;
/// No access token is trusted for longer without a refresh.
const LONGEST_LIFE: u64 = 24 * 3600;

/// This site as a client of one provider.
#[derive(Debug, Clone)]
pub(crate) struct OauthClient {
    /// For requests.
    pub(crate) http: Http,
    /// Id and secret.
    pub(crate) client: Client,
    /// The consent page.
    pub(crate) auth_url: String,
    /// The token endpoint.
    pub(crate) token_url: String,
}

/// What a code was exchanged for.
pub(crate) struct Exchanged {
    /// The tokens.
    pub(crate) issued: Issued,
    /// Whose they are, as the provider claims.
    pub(crate) claims: Option<Claims>,
}

/// What an ID token says (OIDC Core 2; Microsoft's `oid` and `tid` beside it).
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    aud: Audience,
    pub(crate) sub: String,
    pub(crate) email: Option<String>,
    pub(crate) preferred_username: Option<String>,
    pub(crate) oid: Option<String>,
    pub(crate) tid: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// RFC 6749 5.1. Without `Debug`: it is made of secrets.
#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    scope: Option<String>,
    id_token: Option<String>,
}

/// RFC 6749 5.2. The description is not read: programs branch on `error` alone.
#[derive(Deserialize)]
struct ErrorReply {
    error: String,
}

impl OauthClient {
    /// The address of the consent page for `scopes`; `extra` is the provider's own.
    ///
    /// # Errors
    /// `Refused(0)` when the configured address is none.
    pub(crate) fn page(&self, ask: &ConsentAsk<'_>, scopes: &str, extra: &[(&str, &str)]) -> Result<String, CallError> {
        let mut page = Url::parse(&self.auth_url).map_err(|_| CallError::Refused(0))?;
        page.query_pairs_mut()
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", ask.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", scopes)
            .append_pair("state", ask.state)
            .append_pair("code_challenge", ask.challenge)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(extra);
        Ok(page.into())
    }

    /// Exchanges a code (RFC 6749 4.1.3, RFC 7636 4.5).
    ///
    /// # Errors
    /// See [`CallError`]; `Refused` when the provider takes neither the code nor an excuse.
    pub(crate) async fn exchange(&self, ask: &CodeAsk<'_>, now: Instant) -> Result<Exchanged, CallError> {
        let reply = self
            .ask(&[
                ("grant_type", "authorization_code"),
                ("code", ask.code.expose()),
                ("redirect_uri", ask.redirect_uri),
                ("code_verifier", ask.verifier.expose()),
            ])
            .await?;
        if !reply.status.is_success() {
            return Err(reply.common_failure().unwrap_or(CallError::Refused(reply.status.as_u16())));
        }
        let tokens: TokenReply = reply.json()?;
        let claims = tokens.id_token.as_deref().map(|token| self.claims(token)).transpose()?;
        Ok(Exchanged { issued: issued(tokens, now)?, claims })
    }

    /// Exchanges a refresh token (RFC 6749 6). `dead` are the errors that mean that the grant is gone.
    ///
    /// # Errors
    /// See [`RefreshError`].
    pub(crate) async fn refresh(&self, token: &Clear, dead: &[&str], now: Instant) -> Result<Issued, RefreshError> {
        let ask = [("grant_type", "refresh_token"), ("refresh_token", token.expose())];
        let reply = self.ask(&ask).await.map_err(RefreshError::Passing)?;
        if reply.status.is_success() {
            let tokens = reply.json().map_err(RefreshError::Passing)?;
            return issued(tokens, now).map_err(RefreshError::Passing);
        }
        Err(refusal(&reply, dead))
    }

    async fn ask(&self, ask: &[(&str, &str)]) -> Result<Reply, CallError> {
        let site = [("client_id", self.client.id.as_str()), ("client_secret", self.client.secret.expose())];
        let form: Vec<_> = ask.iter().chain(&site).collect();
        self.http.send(self.http.client().post(&self.token_url).header("accept", "application/json").form(&form)).await
    }

    /// What the ID token says. It comes straight from the token endpoint, so its signature adds nothing to the
    /// connection's own (OIDC Core 3.1.3.7, 6); that it is for this site is looked at.
    fn claims(&self, token: &str) -> Result<Claims, CallError> {
        let unreadable = CallError::BadAnswer("an ID token that cannot be read");
        let payload = token.split('.').nth(1).ok_or_else(|| unreadable.clone())?;
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).map_err(|_| unreadable.clone())?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| unreadable)?;
        let ours = match &claims.aud {
            Audience::One(id) => *id == self.client.id,
            Audience::Several(ids) => ids.contains(&self.client.id),
        };
        if ours { Ok(claims) } else { Err(CallError::BadAnswer("an ID token for another site")) }
    }
}

/// What a refused refresh means. Anything that is not known to be final may pass: the coach is not to blame for it.
fn refusal(reply: &Reply, dead: &[&str]) -> RefreshError {
    if let Some(error) = reply.common_failure() {
        return RefreshError::Passing(error);
    }
    let status = reply.status.as_u16();
    match reply.json::<ErrorReply>() {
        Ok(ErrorReply { error }) if dead.contains(&error.as_str()) => RefreshError::InvalidGrant,
        Ok(ErrorReply { error }) if matches!(error.as_str(), "invalid_client" | "unauthorized_client") => RefreshError::ClientRejected,
        Ok(ErrorReply { error }) if matches!(error.as_str(), "temporarily_unavailable" | "server_error") => {
            RefreshError::Passing(CallError::ProviderDown(status))
        }
        Ok(_) => RefreshError::Passing(CallError::Refused(status)),
        Err(error) => RefreshError::Passing(error),
    }
}

fn issued(tokens: TokenReply, now: Instant) -> Result<Issued, CallError> {
    let bearer = tokens.token_type.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !bearer || tokens.access_token.is_empty() {
        return Err(CallError::BadAnswer("no bearer token"));
    }
    let life = Duration::from_secs(tokens.expires_in.unwrap_or(USUAL_LIFE).min(LONGEST_LIFE));
    Ok(Issued {
        access: Clear::new(tokens.access_token),
        expires_at: now + life,
        refresh: tokens.refresh_token.filter(|token| !token.is_empty()).map(Clear::new),
        scopes: tokens.scope.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, header::HeaderMap};

    use super::*;

    fn site() -> OauthClient {
        let client = Client { id: "us".to_owned(), secret: "s".into() };
        let (auth_url, token_url) = ("https://a.example/auth".to_owned(), "https://a.example/token".to_owned());
        OauthClient { http: Http::new().unwrap(), client, auth_url, token_url }
    }

    fn answer(status: u16, body: &str) -> Reply {
        Reply { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn only_what_is_known_to_be_final_is_final() {
        let of = |status, body| refusal(&answer(status, body), &["invalid_grant"]);
        assert_eq!(of(400, r#"{"error":"invalid_grant","error_description":"x"}"#), RefreshError::InvalidGrant);
        assert_eq!(of(401, r#"{"error":"invalid_client"}"#), RefreshError::ClientRejected);
        assert_eq!(of(503, r#"{"error":"invalid_grant"}"#), RefreshError::Passing(CallError::ProviderDown(503)));
        assert_eq!(of(429, ""), RefreshError::Passing(CallError::RateLimited(None)));
        assert_eq!(of(400, r#"{"error":"temporarily_unavailable"}"#), RefreshError::Passing(CallError::ProviderDown(400)));
        assert_eq!(of(400, r#"{"error":"invalid_request"}"#), RefreshError::Passing(CallError::Refused(400)));
        assert!(matches!(of(400, "<html>invalid_grant"), RefreshError::Passing(CallError::BadAnswer(_))));
    }

    #[test]
    fn an_id_token_is_for_this_site_or_nothing() {
        let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(site().claims(&token(r#"{"aud":"us","sub":"1"}"#)).unwrap().sub, "1");
        assert!(site().claims(&token(r#"{"aud":["x","us"],"sub":"1"}"#)).is_ok());
        for wrong in [token(r#"{"aud":"them","sub":"1"}"#), token(r#"{"sub":"1"}"#), token("{"), "a.b".to_owned(), String::new()] {
            assert!(site().claims(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_page_carries_the_challenge_and_not_the_secret() {
        let ask =
            ConsentAsk { redirect_uri: "http://h/cb", state: "st", challenge: "ch", wants_writing: false, granted: "", account: None };
        let page = site().page(&ask, "openid email", &[("prompt", "consent")]).unwrap();
        assert_eq!(
            page,
            "https://a.example/auth?client_id=us&redirect_uri=http%3A%2F%2Fh%2Fcb&response_type=code&scope=openid+email&state=st\
             &code_challenge=ch&code_challenge_method=S256&prompt=consent"
        );
    }

    #[test]
    fn a_token_lives_as_long_as_is_said_within_reason() {
        let of = |body: &str| issued(serde_json::from_str(body).unwrap(), Instant::from_millis(0)).map(|issued| issued.expires_at.millis());
        assert_eq!(of(r#"{"access_token":"a","expires_in":60,"token_type":"bearer","new_field":1}"#), Ok(60_000));
        assert_eq!(of(r#"{"access_token":"a"}"#), Ok(3_600_000));
        assert_eq!(of(r#"{"access_token":"a","expires_in":999999999}"#), Ok(86_400_000));
        assert!(of(r#"{"access_token":"a","token_type":"mac"}"#).is_err());
    }
}
