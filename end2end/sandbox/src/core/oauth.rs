//! OAuth 2.0 as every provider has it: clients, pending consents, codes, grants, tokens. What a provider calls a refusal is its own
//! business; here a refusal only has a cause.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::plus;
use super::provider::Provider;
use super::tokens;

/// Seconds that an authorization code can be exchanged.
const CODE_LIFE: i64 = 600;

/// A registered client application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) provider: Provider,
    pub(crate) id: String,
    #[serde(skip_serializing)]
    pub(crate) secret: String,
    /// Compared character by character.
    pub(crate) redirect_uris: Vec<String>,
}

/// A set of scopes, sorted.
pub(crate) type Scopes = BTreeSet<String>;

/// The scopes of a space separated list.
pub(crate) fn scopes(list: &str) -> Scopes {
    list.split_ascii_whitespace().map(str::to_owned).collect()
}

/// The space separated list of `scopes`.
pub(crate) fn scope_list(scopes: &Scopes) -> String {
    scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What an authorization request asked for, checked, waiting for a person's answer.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) provider: Provider,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scopes: Scopes,
    /// The S256 challenge, when the client uses PKCE.
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// Whether a refresh token is wanted.
    pub(crate) offline: bool,
    /// Whether consent was asked for even if given before.
    pub(crate) force_consent: bool,
    /// Whether the token also covers what was granted earlier.
    pub(crate) include_granted: bool,
}

/// What an account granted a client; every token hangs on one.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) provider: Provider,
    pub(crate) client_id: String,
    pub(crate) account: String,
    pub(crate) scopes: Scopes,
    pub(crate) revoked: bool,
}

#[derive(Debug, Clone)]
struct Code {
    ask: Ask,
    grant: usize,
    scopes: Scopes,
    first: bool,
    expires: Timestamp,
    used: bool,
}

/// An access token's facts.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) grant: usize,
    pub(crate) scopes: Scopes,
    pub(crate) expires: Timestamp,
}

/// A refresh token's facts.
#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    pub(crate) grant: usize,
    pub(crate) scopes: Scopes,
    pub(crate) dead: bool,
    serial: usize,
}

/// Why a code, a token or a client was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// No such code or token here.
    #[error("unknown")]
    Unknown,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// A code that was exchanged before.
    #[error("used")]
    Used,
    /// The grant was revoked or the token killed.
    #[error("revoked")]
    Revoked,
    /// Issued to another client.
    #[error("another client's")]
    OtherClient,
    /// The redirect URI differs from the one of the authorization request.
    #[error("another redirect URI")]
    OtherRedirect,
    /// The authorization request had a challenge, the exchange has no verifier.
    #[error("verifier missing")]
    VerifierMissing,
    /// The verifier does not fit the challenge, or there was no challenge.
    #[error("verifier wrong")]
    VerifierWrong,
}

/// An exchanged code: what tokens may be made of.
#[derive(Debug, Clone)]
pub(crate) struct Redeemed {
    pub(crate) grant: usize,
    pub(crate) scopes: Scopes,
    pub(crate) nonce: Option<String>,
    pub(crate) offline: bool,
    /// Whether this was the account's first consent to this client, or one asked for by force.
    pub(crate) fresh_consent: bool,
}

/// Everything OAuth that the sandbox remembers.
#[derive(Debug, Default)]
pub(crate) struct OAuth {
    pub(crate) clients: Vec<Client>,
    pub(crate) grants: Vec<Grant>,
    pending: HashMap<String, Ask>,
    codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) refresh: HashMap<String, Refresh>,
    serial: usize,
}

impl OAuth {
    /// The client `id` of `provider`.
    pub(crate) fn client(&self, provider: Provider, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.provider == provider && client.id == id)
    }

    /// Remembers a checked authorization request; gives the name under which the consent page returns to it.
    pub(crate) fn ask(&mut self, ask: Ask) -> String {
        let id = tokens::id();
        self.pending.insert(id.clone(), ask);
        id
    }

    /// The authorization request `id`, not answered yet.
    pub(crate) fn pending(&self, id: &str) -> Option<&Ask> {
        self.pending.get(id)
    }

    /// Takes the authorization request `id`: it is answered once.
    pub(crate) fn answer(&mut self, id: &str) -> Option<Ask> {
        self.pending.remove(id)
    }

    /// Writes down that `account` granted `scopes` to what `ask` asked, and gives the code.
    pub(crate) fn consent(&mut self, ask: Ask, account: &str, granted: &Scopes, now: Timestamp) -> String {
        let known = self.grants.iter().position(|grant| {
            !grant.revoked && grant.provider == ask.provider && grant.client_id == ask.client_id && grant.account == account
        });
        let grant = known.unwrap_or(self.grants.len());
        if known.is_none() {
            self.grants.push(Grant {
                provider: ask.provider,
                client_id: ask.client_id.clone(),
                account: account.to_owned(),
                scopes: Scopes::new(),
                revoked: false,
            });
        }
        self.grants[grant].scopes.extend(granted.iter().cloned());
        let scopes = if ask.include_granted { self.grants[grant].scopes.clone() } else { granted.clone() };
        let code = tokens::secret("code-");
        let entry = Code { ask, grant, scopes, first: known.is_none(), expires: plus(now, CODE_LIFE), used: false };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Exchanges `code`, once. A refusal other than `Unknown` and `OtherClient` uses it up as well.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<Redeemed, Refused> {
        let entry = self.codes.get_mut(code).ok_or(Refused::Unknown)?;
        if entry.ask.client_id != client_id {
            return Err(Refused::OtherClient);
        }
        if std::mem::replace(&mut entry.used, true) {
            return Err(Refused::Used);
        }
        if now >= entry.expires {
            return Err(Refused::Expired);
        }
        if entry.ask.redirect_uri != redirect_uri {
            return Err(Refused::OtherRedirect);
        }
        match (&entry.ask.challenge, verifier) {
            (Some(_), None) => return Err(Refused::VerifierMissing),
            (None, Some(_)) => return Err(Refused::VerifierWrong),
            (Some(challenge), Some(verifier)) if tokens::s256(verifier) != *challenge => return Err(Refused::VerifierWrong),
            _ => {}
        }
        if self.grants[entry.grant].revoked {
            return Err(Refused::Revoked);
        }
        Ok(Redeemed {
            grant: entry.grant,
            scopes: entry.scopes.clone(),
            nonce: entry.ask.nonce.clone(),
            offline: entry.ask.offline,
            fresh_consent: entry.first || entry.ask.force_consent,
        })
    }

    /// Makes an access token that lives `seconds`.
    pub(crate) fn mint_access(&mut self, prefix: &str, grant: usize, scopes: &Scopes, expires: Timestamp) -> String {
        let token = tokens::secret(prefix);
        self.access.insert(token.clone(), Access { grant, scopes: scopes.clone(), expires });
        token
    }

    /// Makes a refresh token. Of more than `most` living ones for a grant the oldest die, without a word.
    pub(crate) fn mint_refresh(&mut self, prefix: &str, grant: usize, scopes: &Scopes, most: usize) -> String {
        let token = tokens::secret(prefix);
        self.serial += 1;
        self.refresh.insert(token.clone(), Refresh { grant, scopes: scopes.clone(), dead: false, serial: self.serial });
        let mut living: Vec<&mut Refresh> = self.refresh.values_mut().filter(|entry| entry.grant == grant && !entry.dead).collect();
        living.sort_by_key(|entry| entry.serial);
        let surplus = living.len().saturating_sub(most);
        for old in &mut living[..surplus] {
            old.dead = true;
        }
        token
    }

    /// Looks at a refresh token that `client_id` presents.
    pub(crate) fn refresh(&self, token: &str, provider: Provider, client_id: &str) -> Result<Refresh, Refused> {
        let entry = self.refresh.get(token).ok_or(Refused::Unknown)?;
        let grant = &self.grants[entry.grant];
        if grant.provider != provider {
            return Err(Refused::Unknown);
        }
        if grant.client_id != client_id {
            return Err(Refused::OtherClient);
        }
        if grant.revoked || entry.dead {
            return Err(Refused::Revoked);
        }
        Ok(entry.clone())
    }

    /// Looks at a bearer token presented to `provider`.
    pub(crate) fn bearer(&self, token: &str, provider: Provider, now: Timestamp) -> Result<(&Grant, &Access), Refused> {
        let entry = self.access.get(token).ok_or(Refused::Unknown)?;
        let grant = &self.grants[entry.grant];
        if grant.provider != provider {
            return Err(Refused::Unknown);
        }
        if grant.revoked {
            return Err(Refused::Revoked);
        }
        if now >= entry.expires {
            return Err(Refused::Expired);
        }
        Ok((grant, entry))
    }

    /// The grant behind an access token, a refresh token or a code, whatever its state.
    pub(crate) fn grant_of(&self, secret: &str) -> Option<&Grant> {
        let access = self.access.get(secret).map(|entry| entry.grant);
        let refresh = || self.refresh.get(secret).map(|entry| entry.grant);
        let code = || self.codes.get(secret).map(|entry| entry.grant);
        self.grants.get(access.or_else(refresh).or_else(code)?)
    }

    /// Revokes the grant behind an access or refresh token of `provider`; whether there was a living one.
    pub(crate) fn revoke(&mut self, secret: &str, provider: Provider) -> bool {
        let grant = self.access.get(secret).map(|entry| entry.grant).or_else(|| self.refresh.get(secret).map(|entry| entry.grant));
        match grant.and_then(|index| self.grants.get_mut(index)) {
            Some(grant) if grant.provider == provider && !grant.revoked => {
                grant.revoked = true;
                true
            }
            _ => false,
        }
    }
}
