use super::{
    Integrations, ProviderKind,
    attach::Attached,
    connect_typed::ConnectError,
    providers::{
        Account,
        caldav::{self, CaldavError},
    },
    safe_fetch::Login,
    tokens::{Clear, NewCredential},
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{FieldErrors, IntegrationId},
};

/// Most bytes of a user name or a password.
const LONGEST: usize = 500;

/// A CalDAV account as a coach types it.
#[derive(Clone)]
pub struct CaldavDraft {
    /// The server's address, or the account's, or a calendar's.
    pub url: String,
    /// The user name.
    pub username: String,
    /// The password, best one made for this alone.
    pub password: String,
}

impl std::fmt::Debug for CaldavDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaldavDraft(…)")
    }
}

impl Integrations {
    /// Connects a CalDAV account: finds it, and the calendars in it, from any address of it.
    ///
    /// # Errors
    /// `Invalid` names `url`, `username` or `password`; `Provider` when it may be worth trying again.
    pub async fn connect_caldav(&self, coach: &CoachActor, draft: CaldavDraft) -> Result<IntegrationId, ConnectError> {
        let fetch = self.providers.fetch().ok_or(ConnectError::NotOffered)?;
        let mut errors = FieldErrors::new();
        let address = self.typed(fetch, &draft.url, &mut errors);
        let user = draft.username.trim();
        for (field, text, says) in [("username", user, "Enter the user name."), ("password", &draft.password, "Enter the password.")] {
            if text.is_empty() {
                errors.add(field, says);
            } else if text.len() > LONGEST || text.contains(['\n', '\r', '\0']) {
                errors.add(field, "This is not what it can be.");
            }
        }
        if user.contains(':') {
            // RFC 7617 2: what follows a colon would be the password.
            errors.add("username", "A user name has no colon.");
        }
        let Some(address) = errors.or(address)? else { return Err(Internal::new("an address without a fault").into()) };
        let login = Login { user: user.to_owned(), password: draft.password.clone() };
        let found =
            caldav::discover(&caldav::Caldav::new(fetch.clone(), login), &address).await.map_err(|error| self.caldav_error(error))?;
        // However it was typed, the principal is the account.
        let key =
            found.principal.as_ref().map_or_else(|| format!("{user} {}", address.reveal()), |principal| principal.reveal().to_owned());
        let label = if user.contains('@') { user.to_owned() } else { format!("{user} at {}", address.host()) };
        let calendars: Vec<_> = found.calendars.iter().map(caldav::listed).collect();
        let attached = Attached {
            kind: ProviderKind::Caldav,
            account: &Account { key, label },
            endpoint: address.reveal(),
            scopes: "",
            can_write: true,
            managed_user_id: None,
            credential: NewCredential::Secret(&Clear::new(format!("{user}\n{}", draft.password))),
            calendars: &calendars,
        };
        Ok(self.attach(coach.id(), attached).await?)
    }

    fn caldav_error(&self, error: caldav::CaldavError) -> ConnectError {
        match error {
            CaldavError::Fetch(error) => self.fetch_error(error),
            CaldavError::WrongPassword => {
                FieldErrors::one("password", "The server does not accept this user name with this password. Many want an app password.")
                    .into()
            }
            CaldavError::NotCaldav | CaldavError::Gone | CaldavError::Unreadable => {
                FieldErrors::one("url", "There is no CalDAV server at this address.").into()
            }
            CaldavError::OtherHost(host) => {
                FieldErrors::one("url", format!("The account is on {host}. If that is right, enter that address.")).into()
            }
            CaldavError::Forbidden(_) => FieldErrors::one("username", "The server does not let this user see calendars here.").into(),
            error => ConnectError::Provider(caldav::call_error(error)),
        }
    }
}
