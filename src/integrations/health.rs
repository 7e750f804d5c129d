//! How an integration does: `healthy -> degraded -> needs_reconnect -> disconnected`, moved by typed outcomes only.
//! Pure; what is stored and told to the coach follows from it.

use crate::{
    integrations::outcome::{CallError, TokenError},
    model::Instant,
};

/// How an integration does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The last contact went well.
    Healthy,
    /// The last contact failed in a way that may pass; the last known data stands with its age.
    Degraded,
    /// Only the coach can mend it, by connecting again.
    NeedsReconnect,
    /// The coach disconnected it.
    Disconnected,
}

impl Health {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Disconnected => "disconnected",
        }
    }

    /// The state stored as `word`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Healthy, Self::Degraded, Self::NeedsReconnect, Self::Disconnected].into_iter().find(|health| health.as_str() == word)
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $says:literal;)*) => {
        /// Why it is not healthy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum HealthReason { $($(#[$doc])* $name),* }

        impl HealthReason {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As stored.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// What the coach is told.
            pub const fn says(self) -> &'static str {
                match self { $(Self::$name => $says),* }
            }
        }
    };
}

reasons! {
    /// The grant was revoked or has expired.
    GrantRevoked = "grant_revoked", "Access was withdrawn or has run out at the provider.";
    /// The user name or password is not accepted.
    WrongPassword = "wrong_password", "The user name or password is not accepted any more.";
    /// A permission is missing.
    MissingScope = "missing_scope", "A permission that is needed was not given.";
    /// The provider lost the calendar behind the account.
    CalendarNotConnected = "calendar_not_connected", "The provider says that a calendar is not connected there any more.";
    /// A calendar that counts is missing from the account.
    CalendarMissing = "calendar_missing", "A calendar that you chose is missing from the account.";
    /// What was asked for is not this account's.
    NotOurs = "not_ours", "The provider says that a calendar belongs to someone else.";
    /// Nothing is at the address.
    Gone = "gone", "There is no calendar at the address any more.";
    /// The address may not be fetched.
    AddressRefused = "address_refused", "The address leads somewhere that this site may not fetch from.";
    /// Too many requests.
    RateLimited = "rate_limited", "The provider asks us to slow down.";
    /// The provider fails.
    ProviderDown = "provider_down", "The provider has a problem at the moment.";
    /// No connection.
    Unreachable = "unreachable", "The provider cannot be reached at the moment.";
    /// No answer in time.
    TimedOut = "timed_out", "The provider takes too long to answer.";
    /// An unreadable answer.
    BadAnswer = "bad_answer", "The provider's answer could not be read.";
    /// The site's configuration is not accepted.
    SiteRefused = "site_refused", "The provider does not accept this site's own credentials. The site's operator has to look at it.";
    /// What is stored cannot be opened.
    Sealed = "sealed", "The stored access cannot be opened with this site's key. The site's operator has to look at it.";
}

impl HealthReason {
    /// The reason stored as `word`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }
}

/// What a contact with the provider came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It went well.
    Ok,
    /// It failed in a way that may pass by itself or is the operator's to mend.
    Passing(HealthReason),
    /// It failed in a way that only the coach can mend.
    Final(HealthReason),
    /// It says nothing about the integration: our own database failed.
    Nothing,
}

impl Outcome {
    /// What a failed call says about the integration. A 5xx, a time-out or a 429 never asks for a reconnect.
    pub const fn of_call(error: &CallError) -> Self {
        match error {
            CallError::NotOurs => Self::Passing(HealthReason::NotOurs),
            CallError::CalendarNotConnected => Self::Final(HealthReason::CalendarNotConnected),
            CallError::WrongPassword => Self::Final(HealthReason::WrongPassword),
            CallError::MissingScope => Self::Final(HealthReason::MissingScope),
            CallError::Gone => Self::Passing(HealthReason::Gone),
            CallError::AddressRefused => Self::Passing(HealthReason::AddressRefused),
            CallError::RateLimited(_) => Self::Passing(HealthReason::RateLimited),
            CallError::ProviderDown(_) => Self::Passing(HealthReason::ProviderDown),
            CallError::Unreachable => Self::Passing(HealthReason::Unreachable),
            CallError::TimedOut => Self::Passing(HealthReason::TimedOut),
            // A token that is still refused after a refresh and a second try is the provider's confusion, until a refresh
            // says that the grant is gone.
            CallError::TokenExpired | CallError::TokenRejected | CallError::BadAnswer(_) | CallError::Refused(_) => {
                Self::Passing(HealthReason::BadAnswer)
            }
        }
    }

    /// What the lack of a credential says about the integration.
    pub const fn of_token(error: &TokenError) -> Self {
        match error {
            TokenError::NeedsReconnect => Self::Final(HealthReason::GrantRevoked),
            TokenError::ClientRejected => Self::Passing(HealthReason::SiteRefused),
            TokenError::Call(error) => Self::of_call(error),
            TokenError::Sealed => Self::Passing(HealthReason::Sealed),
            TokenError::Disconnected | TokenError::Internal(_) => Self::Nothing,
        }
    }
}

/// The health of an integration, with its reason and its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthState {
    /// How it does.
    pub health: Health,
    /// Why it is not healthy.
    pub reason: Option<HealthReason>,
    /// Since when it is in this health.
    pub since: Instant,
}

impl HealthState {
    /// Healthy from `now` on.
    pub const fn healthy(now: Instant) -> Self {
        Self { health: Health::Healthy, reason: None, since: now }
    }

    /// The state after `outcome`. Who is disconnected stays so; who needs a reconnect gets well by a contact that
    /// goes well only, and no passing failure blurs the reason.
    pub fn after(self, outcome: Outcome, now: Instant) -> Self {
        let (health, reason) = match (self.health, outcome) {
            (Health::Disconnected, _) | (_, Outcome::Nothing) | (Health::NeedsReconnect, Outcome::Passing(_)) => return self,
            (_, Outcome::Ok) => (Health::Healthy, None),
            (_, Outcome::Passing(reason)) => (Health::Degraded, Some(reason)),
            (_, Outcome::Final(reason)) => (Health::NeedsReconnect, Some(reason)),
        };
        Self { health, reason, since: if health == self.health { self.since } else { now } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_000);
    const LATER: Instant = Instant::from_millis(2_000);

    #[test]
    fn what_may_pass_never_asks_for_a_reconnect() {
        let passing = [CallError::ProviderDown(503), CallError::TimedOut, CallError::Unreachable, CallError::RateLimited(None)];
        for error in passing {
            let state = HealthState::healthy(NOW).after(Outcome::of_call(&error), LATER);
            assert_eq!((state.health, state.since), (Health::Degraded, LATER), "{error:?}");
        }
        let gone = HealthState::healthy(NOW).after(Outcome::of_token(&TokenError::NeedsReconnect), LATER);
        assert_eq!((gone.health, gone.reason), (Health::NeedsReconnect, Some(HealthReason::GrantRevoked)));
    }

    #[test]
    fn a_passing_failure_does_not_blur_what_the_coach_has_to_mend() {
        let gone = HealthState::healthy(NOW).after(Outcome::Final(HealthReason::GrantRevoked), NOW);
        assert_eq!(gone.after(Outcome::Passing(HealthReason::TimedOut), LATER), gone);
        assert_eq!(gone.after(Outcome::Ok, LATER), HealthState::healthy(LATER));
    }

    #[test]
    fn the_start_of_a_state_stands_while_it_lasts() {
        let state = HealthState::healthy(NOW).after(Outcome::Passing(HealthReason::TimedOut), NOW);
        let state = state.after(Outcome::Passing(HealthReason::ProviderDown), LATER);
        assert_eq!((state.since, state.reason), (NOW, Some(HealthReason::ProviderDown)));
        let off = HealthState { health: Health::Disconnected, ..state };
        assert_eq!(off.after(Outcome::Ok, LATER), off);
    }

    #[test]
    fn every_reason_is_stored_under_its_own_word() {
        for reason in HealthReason::ALL {
            assert_eq!(HealthReason::parse(reason.as_str()), Some(*reason));
        }
    }
}
