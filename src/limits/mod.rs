//! Limits on what one account or one address may try, counted in the database so that all servers share them.
//!
//! Windows are fixed: at most so many attempts from one window's start to its end. Around the edge of two windows
//! a caller may get twice as many; in exchange counting is one atomic statement.

mod address;
mod requests;

use std::time::Duration;

pub use address::address_key;
pub use requests::{Allowance, REQUEST_WINDOW, RequestLimits, Requester};

use crate::{
    Deps,
    error::Internal,
    model::Instant,
    store::{StoreError, Tx, sql},
    time::hash_secret,
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Wrong passwords for one account, known or not, in 15 minutes.
    SignInPerAccount,
    /// Wrong passwords from one address in 15 minutes.
    SignInPerAddress,
    /// Registrations from one address in an hour.
    RegisterPerAddress,
    /// Slots held from one address in an hour.
    HoldsPerAddress,
    /// Sessions booked at once, without a hold, by one account in an hour.
    BookingsPerAccount,
    /// Calendar feeds read from one address in an hour.
    FeedsPerAddress,
    /// Links asked for by mail for one account, known or not, in an hour.
    MailsPerAccount,
    /// Links asked for by mail from one address in an hour.
    MailsPerAddress,
}

impl Limit {
    const fn window(self) -> Duration {
        match self {
            Self::SignInPerAccount | Self::SignInPerAddress => Duration::from_mins(15),
            Self::RegisterPerAddress
            | Self::HoldsPerAddress
            | Self::BookingsPerAccount
            | Self::FeedsPerAddress
            | Self::MailsPerAccount
            | Self::MailsPerAddress => Duration::from_hours(1),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::SignInPerAccount => "sign-in-account",
            Self::SignInPerAddress => "sign-in-address",
            Self::RegisterPerAddress => "register-address",
            Self::HoldsPerAddress => "holds-address",
            Self::BookingsPerAccount => "bookings-account",
            Self::FeedsPerAddress => "feeds-address",
            Self::MailsPerAccount => "mails-account",
            Self::MailsPerAddress => "mails-address",
        }
    }
}

/// How many attempts each window allows. 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// For [`Limit::SignInPerAccount`].
    pub sign_in_per_account: u32,
    /// For [`Limit::SignInPerAddress`].
    pub sign_in_per_address: u32,
    /// For [`Limit::RegisterPerAddress`].
    pub register_per_address: u32,
    /// For [`Limit::HoldsPerAddress`].
    pub holds_per_address: u32,
    /// For [`Limit::BookingsPerAccount`].
    pub bookings_per_account: u32,
    /// For [`Limit::FeedsPerAddress`].
    pub feeds_per_address: u32,
    /// For [`Limit::MailsPerAccount`].
    pub mails_per_account: u32,
    /// For [`Limit::MailsPerAddress`].
    pub mails_per_address: u32,
    /// Requests with the tokens of one person in a minute, see [`RequestLimits`].
    pub api_per_token: u32,
    /// Requests without a token from one address in a minute, see [`RequestLimits`].
    pub api_per_address: u32,
}

impl LimitSettings {
    /// No limits at all, for load tests.
    pub const NONE: Self = Self {
        sign_in_per_account: 0,
        sign_in_per_address: 0,
        register_per_address: 0,
        holds_per_address: 0,
        bookings_per_account: 0,
        feeds_per_address: 0,
        mails_per_account: 0,
        mails_per_address: 0,
        api_per_token: 0,
        api_per_address: 0,
    };

    const fn of(&self, kind: Limit) -> u32 {
        match kind {
            Limit::SignInPerAccount => self.sign_in_per_account,
            Limit::SignInPerAddress => self.sign_in_per_address,
            Limit::RegisterPerAddress => self.register_per_address,
            Limit::HoldsPerAddress => self.holds_per_address,
            Limit::BookingsPerAccount => self.bookings_per_account,
            Limit::FeedsPerAddress => self.feeds_per_address,
            Limit::MailsPerAccount => self.mails_per_account,
            Limit::MailsPerAddress => self.mails_per_address,
        }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            sign_in_per_account: 10,
            sign_in_per_address: 50,
            register_per_address: 20,
            holds_per_address: 60,
            bookings_per_account: 60,
            feeds_per_address: 1200,
            mails_per_account: 5,
            mails_per_address: 20,
            api_per_token: 600,
            api_per_address: 300,
        }
    }
}

/// Why an attempt is not let through.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// The window is used up.
    #[error("too many attempts")]
    TooMany {
        /// Until the next window starts.
        retry_after: Duration,
    },
    /// It could not be counted.
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<StoreError> for LimitError {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.into())
    }
}

/// Counts attempts. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    deps: Deps,
    settings: LimitSettings,
}

impl Limits {
    /// Counting in the database of `deps` by its clock.
    pub const fn new(deps: Deps, settings: LimitSettings) -> Self {
        Self { deps, settings }
    }

    /// Counts one attempt of `kind` by `key` (an account's or an address's key; stored hashed).
    ///
    /// # Errors
    /// `TooMany` when it is one too many, `Internal` when it could not be counted: then it must not go ahead.
    pub async fn check(&self, kind: Limit, key: &str) -> Result<(), LimitError> {
        self.check_all(&[(kind, key)]).await
    }

    /// As [`Limits::check`] for several at once; all are counted, or none.
    ///
    /// # Errors
    /// `TooMany` with the longest wait among those that are used up.
    pub async fn check_all(&self, attempts: &[(Limit, &str)]) -> Result<(), LimitError> {
        let now = self.deps.clock.now();
        let mut counters: Vec<Counter> = attempts.iter().filter_map(|(kind, key)| self.counter(*kind, key, now)).collect();
        if counters.is_empty() {
            return Ok(());
        }
        // Everyone takes rows in the same order, so nobody waits in a circle.
        counters.sort_by(|a, b| a.key.cmp(&b.key));
        self.look(&counters, now).await?;
        let mut tx = self.deps.store.begin().await?;
        let mut wait = None;
        for counter in &counters {
            let count = counter.raise(&mut tx).await?;
            if count > i64::from(counter.limit) {
                wait = wait.max(Some(counter.rest(now)));
            }
        }
        tx.commit().await?;
        wait.map_or(Ok(()), |retry_after| Err(LimitError::TooMany { retry_after }))
    }

    /// Refuses without writing when a counter is used up already: a flood must not keep the writer busy.
    async fn look(&self, counters: &[Counter], now: Instant) -> Result<(), LimitError> {
        let mut wait = None;
        for counter in counters {
            let row = sql("SELECT count FROM attempts WHERE key = $1 AND window_start = $2");
            let row = row.bind(&counter.key).bind(counter.start).optional(&self.deps.store).await?;
            if row.map(|row| row.get::<i64>("count")).transpose()?.is_some_and(|count| count >= i64::from(counter.limit)) {
                wait = wait.max(Some(counter.rest(now)));
            }
        }
        wait.map_or(Ok(()), |retry_after| Err(LimitError::TooMany { retry_after }))
    }

    /// Takes one attempt back in the transaction of what it led to: it was not a failure.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_back(&self, tx: &mut Tx, kind: Limit, key: &str) -> Result<(), StoreError> {
        let Some(counter) = self.counter(kind, key, self.deps.clock.now()) else { return Ok(()) };
        let lower = sql("UPDATE attempts SET count = count - 1 WHERE key = $1 AND window_start = $2 AND count > 0");
        lower.bind(&counter.key).bind(counter.start).run(tx).await.map(drop)
    }

    /// Forgets every attempt of `kind` by `key`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn clear(&self, tx: &mut Tx, kind: Limit, key: &str) -> Result<(), StoreError> {
        let Some(counter) = self.counter(kind, key, self.deps.clock.now()) else { return Ok(()) };
        sql("DELETE FROM attempts WHERE key = $1").bind(&counter.key).run(tx).await.map(drop)
    }

    /// Deletes the windows that are over; how many there were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sweep(&self) -> Result<u64, Internal> {
        let mut tx = self.deps.store.begin().await?;
        let swept = sql("DELETE FROM attempts WHERE expires_at <= $1").bind(self.deps.clock.now()).run(&mut tx).await?;
        tx.commit().await?;
        Ok(swept)
    }

    fn counter(&self, kind: Limit, key: &str, now: Instant) -> Option<Counter> {
        let limit = self.settings.of(kind);
        let window = kind.window();
        let span = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let start = Instant::from_millis(now.millis() - now.millis().rem_euclid(span));
        (limit > 0).then(|| Counter { key: format!("{}:{}", kind.word(), hash_secret(key)), start, end: start + window, limit })
    }
}

/// One row of `attempts`.
struct Counter {
    key: String,
    start: Instant,
    end: Instant,
    limit: u32,
}

impl Counter {
    async fn raise(&self, tx: &mut Tx) -> Result<i64, StoreError> {
        let raise = sql("INSERT INTO attempts (key, window_start, expires_at, count) VALUES ($1, $2, $3, 1) \
             ON CONFLICT (key, window_start) DO UPDATE SET count = attempts.count + 1 RETURNING count");
        raise.bind(&self.key).bind(self.start).bind(self.end).one(tx).await?.get("count")
    }

    fn rest(&self, now: Instant) -> Duration {
        Duration::from_millis(self.end.millis().abs_diff(now.millis()))
    }
}
