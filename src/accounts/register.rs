use std::{fmt, time::Duration};

use super::{
    Accounts, ClientInfo, Identity, IssuedToken,
    account::{NewAccount, by_email_key},
    failures,
    mail_links::{self, LinkPurpose},
    pass::Pass,
    password::check_password,
    session::LetIn,
};
use crate::{
    coaches::create_coach,
    error::Internal,
    limits::{Limit, LimitError},
    model::{FieldErrors, Role, clean_line, email_key, valid_email},
    time::{Secret, Zone},
};

/// What a visitor fills in to get an account.
#[derive(Clone)]
pub struct Registration {
    /// The address to sign in with.
    pub email: String,
    /// 10 to 200 characters.
    pub password: String,
    /// How others see them, 1 to 80 characters.
    pub name: String,
    /// Mentee or coach.
    pub role: Role,
    /// Their IANA zone.
    pub time_zone: String,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { email, password: _, name, role, time_zone } = self;
        write!(f, "Registration {{ email: {email:?}, password: …, name: {name:?}, role: {role:?}, time_zone: {time_zone:?} }}")
    }
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Fields `email`, `password`, `name`, `role`, `time_zone`. Also when the address has an account.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// Too many registrations from this address.
    #[error("too many registrations")]
    TooMany {
        /// Until the next one may be tried.
        retry_after: Duration,
    },
    /// Something else failed.
    #[error(transparent)]
    Internal(#[from] Internal),
}
failures!(RegisterError, limited);

/// Why there is no new account for a program.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The address has an account.
    #[error("the address has an account")]
    Taken,
    /// Anything else.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

/// The name, address and zone of a new account, checked.
pub(super) struct Person {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) zone: String,
}

impl Person {
    /// Checks what was typed, noting what is wrong under `email`, `name` and `time_zone`.
    pub(super) fn check(errors: &mut FieldErrors, email: &str, name: &str, time_zone: &str) -> Self {
        let email = email.trim();
        if !valid_email(email) || !valid_email(&email_key(email)) {
            errors.add("email", "This is not a mail address, such as ada@example.org.");
        }
        let name = clean_line(errors, "name", name, 1, 80);
        Self { email: email.to_owned(), name, zone: check_zone(errors, time_zone) }
    }

    /// As the identity of a new account.
    pub(super) fn identity(self, accounts: &Accounts, role: Role) -> Identity {
        Identity {
            id: accounts.deps.ids.id(accounts.now()),
            role,
            name: self.name,
            email: self.email,
            time_zone: self.zone,
            email_checked: false,
        }
    }
}

/// The zone's name, or a note under `time_zone`.
pub(super) fn check_zone(errors: &mut FieldErrors, time_zone: &str) -> String {
    if let Some(zone) = Zone::parse(time_zone) {
        return zone.name().to_owned();
    }
    errors.add("time_zone", "This time zone is not known. A zone is named like Europe/Berlin.");
    String::new()
}

/// Said of an address that has an account, whoever asks.
pub(super) fn taken() -> FieldErrors {
    FieldErrors::one("email", "An account cannot be made with this address. If it is yours, sign in instead.")
}

impl Accounts {
    /// Makes an account and signs it in. A coach gets a page, ordinary hours and a first session type with it.
    ///
    /// Someone who registers again with the password they have is signed in: the form was sent twice.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong, or with one sentence on `email` when the address has an account.
    pub async fn register(&self, wish: Registration, from: &ClientInfo) -> Result<(Identity, Secret), RegisterError> {
        let password = wish.password.clone();
        match self.join(wish, from).await? {
            Ok(made) => Ok(made),
            Err(key) => self.welcome_back(&key, &password, from).await,
        }
    }

    /// As [`Accounts::register`], for a program: with a new token instead. Whoever registers again is told that the address has an
    /// account, whatever the password: a program that had no answer signs in.
    ///
    /// # Errors
    /// `Taken` when the address has an account, otherwise as [`Accounts::register`].
    pub async fn register_over_api(&self, wish: Registration, from: &ClientInfo) -> Result<(Identity, IssuedToken), JoinError> {
        self.join(wish, from).await?.map_err(|_| JoinError::Taken)
    }

    /// The new account, let in; the key of its address when that has one already.
    async fn join<P: Pass>(&self, wish: Registration, from: &ClientInfo) -> Result<Result<LetIn<P>, String>, RegisterError> {
        let mut errors = FieldErrors::new();
        let person = Person::check(&mut errors, &wish.email, &wish.name, &wish.time_zone);
        check_password(&mut errors, "password", &wish.password);
        if wish.role == Role::Admin {
            errors.add("role", "Choose mentee or coach.");
        }
        let person = errors.or(person)?;
        if let Some(address) = from.address_key() {
            self.limits.check(Limit::RegisterPerAddress, &address).await?;
        }
        let key = email_key(&person.email);
        if by_email_key(self.store(), &key).await?.is_none() {
            let identity = person.identity(self, wish.role);
            if let Some(made) = self.make(identity, &key, &wish.password, from).await? {
                return Ok(Ok(made));
            }
        }
        Ok(Err(key))
    }

    /// The new account, let in; `None` when the address got one meanwhile.
    async fn make<P: Pass>(&self, identity: Identity, key: &str, password: &str, from: &ClientInfo) -> Result<Option<LetIn<P>>, Internal> {
        let password_hash = self.hasher.hash(&*self.deps.ids, password).await?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        match (NewAccount { identity: &identity, email_key: key, password_hash: &password_hash }).insert(&mut tx, now).await {
            Err(error) if error.is_unique("email_key") => return Ok(None),
            done => done?,
        }
        if identity.role == Role::Coach {
            create_coach(&mut tx, &*self.deps.ids, now, identity.id, &identity.name).await?;
        }
        mail_links::ask(&mut tx, &*self.deps.ids, now, identity.id, LinkPurpose::CheckAddress).await?;
        let pass = P::issue(self, &mut tx, identity.id, from).await?;
        tx.commit().await?;
        Ok(Some((identity, pass)))
    }

    /// For an address that has an account. A guess here counts like one at signing in.
    async fn welcome_back(&self, key: &str, password: &str, from: &ClientInfo) -> Result<(Identity, Secret), RegisterError> {
        match self.count_guess(key, from).await {
            Ok(()) => Ok(self.enter(key, password, from).await?.ok_or_else(taken)?),
            Err(LimitError::TooMany { .. }) => Err(taken().into()),
            Err(LimitError::Internal(error)) => Err(error.into()),
        }
    }
}
