//! Who asks: whoever holds the bearer token (RFC 6750). Cookies are not looked at, so that no other site can make a visitor's browser ask.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use wellmet::{
    accounts::{AdminActor, ApiToken, CoachActor, Identity, MenteeActor, TokenScope},
    error::Internal,
};

use super::{codes::Code, problem::Problem};
use crate::server::AppState;

/// Whoever asks, if a token came. One that is not good is an error, never nobody.
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Option<Caller>);

/// Whoever asks, in any role, and by which token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The person.
    pub identity: Identity,
    /// The token, without its secret.
    pub token: ApiToken,
}

impl FromRequestParts<AppState> for MaybeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        Self::of(parts, app).await?.may(parts.method.is_safe())
    }
}

impl MaybeCaller {
    /// Whoever asks, whatever the token may do.
    async fn of(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        // The layer that counts requests by token has asked already.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let caller = Self(recognise(parts, app).await?);
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }

    /// Refuses a token for reading where something is to be changed.
    fn may(self, reads: bool) -> Result<Self, Problem> {
        match &self.0 {
            Some(caller) if !reads && caller.token.scope == TokenScope::Read => {
                Err(Problem::new(Code::ReadOnlyToken, "This token may read only."))
            }
            _ => Ok(self),
        }
    }
}

async fn recognise(parts: &Parts, app: &AppState) -> Result<Option<Caller>, Problem> {
    let Some(sent) = parts.headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let invalid = || Problem::new(Code::InvalidToken, "This token is not known, has expired or was revoked.");
    let (scheme, token) = sent.to_str().ok().and_then(|sent| sent.split_once(' ')).ok_or_else(invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid());
    }
    let found = app.accounts.by_api_token(token.trim()).await.map_err(|error: Internal| Problem::from(error))?;
    let (identity, token) = found.ok_or_else(invalid)?;
    Ok(Some(Caller { identity, token }))
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let MaybeCaller(caller) = MaybeCaller::from_request_parts(parts, app).await?;
        caller.ok_or_else(nobody)
    }
}

fn nobody() -> Problem {
    Problem::new(Code::Unauthorized, "A bearer token is wanted: Authorization: Bearer ...")
}

/// Whoever asks, by a token that may be for reading only: for what a token does to nothing but itself.
#[derive(Debug, Clone)]
pub struct AnyCaller(pub Caller);

impl FromRequestParts<AppState> for AnyCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        MaybeCaller::of(parts, app).await?.0.map(Self).ok_or_else(nobody)
    }
}

/// A coach whose token may change things, whatever the method: for what is asked with GET and yet begins something.
#[derive(Debug, Clone)]
pub struct WritingCoach(pub CoachActor);

impl FromRequestParts<AppState> for WritingCoach {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        MaybeCaller::of(parts, app).await?.may(false)?;
        CallingCoach::from_request_parts(parts, app).await.map(|CallingCoach(coach, _)| Self(coach))
    }
}

macro_rules! callers {
    ($($(#[$doc:meta])* $name:ident($actor:ident) by $role:ident: $words:literal),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub $actor, pub Identity);

        impl FromRequestParts<AppState> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
                let caller = Caller::from_request_parts(parts, app).await?;
                let actor = caller.identity.$role().ok_or_else(|| Problem::new(Code::Forbidden, $words))?;
                Ok(Self(actor, caller.identity))
            }
        }
    )*};
}

callers! {
    /// A client. Others are refused.
    CallingClient(MenteeActor) by mentee: "This is for clients only.",
    /// A coach. Others are refused.
    CallingCoach(CoachActor) by coach: "This is for coaches only.",
    /// An admin. Others are refused.
    CallingAdmin(AdminActor) by admin: "This is for admins only."
}
