//! Limits on requests, shared by all servers without a write for each: every server counts in memory, and about once a second the servers
//! exchange through the database what they have counted since.
//!
//! A server lets a request through while what it knows (its own count, and what the others had told at the last exchange) is below the limit. So
//! one server alone is exact. With several, a key may get through what the other servers let through since their last exchange: at most
//! (servers - 1) times what one of them answers to that key in a second or so, and never more than servers times the limit, in a window.
//!
//! While the database cannot be reached each server goes on by what it knows.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::LimitSettings;
use crate::{
    Deps,
    error::Internal,
    model::Instant,
    store::{StoreError, sql_for},
    time::hash_secret,
};

/// How long a window is.
pub const REQUEST_WINDOW: Duration = Duration::from_mins(1);
/// How long after the first request that nobody else knows of it is told.
const EXCHANGE_AFTER: Duration = Duration::from_secs(1);
/// So many people, and so many addresses, are counted by themselves at once, some hundred bytes each. In a flood from more addresses the rest share
/// one count: they are refused sooner than they should be, and nobody gets through uncounted.
const MOST_KEYS: usize = 100_000;
/// So many counts are told in one statement.
const TOLD_AT_ONCE: usize = 500;
/// Stands for everyone beyond [`MOST_KEYS`].
const OTHERS: &str = "others";

/// Whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requester<'a> {
    /// Those of this person, by their id, with whichever of their tokens.
    User(&'a str),
    /// Those from this address, by its key.
    Address(&'a str),
}

/// How it stands with a limit, this request included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What the limit is called: `user` or `address`.
    pub policy: &'static str,
    /// How many requests a window allows.
    pub limit: u32,
    /// How many are left in this one.
    pub left: u32,
    /// Until the next window.
    pub rest: Duration,
    /// Whether the request is one too many.
    pub refused: bool,
}

/// Counts requests. Cheap to clone.
#[derive(Clone)]
pub struct RequestLimits(Arc<Inner>);

struct Inner {
    deps: Deps,
    settings: LimitSettings,
    most_keys: usize,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// When the window began that all of it is about, in milliseconds.
    window: i64,
    /// Apart from each other: a flood of addresses is to leave room for people.
    users: HashMap<String, Count>,
    addresses: HashMap<String, Count>,
    /// Whether somebody is about to exchange.
    exchanging: bool,
}

impl Counts {
    fn get(&mut self, key: &str) -> Option<&mut Count> {
        self.users.get_mut(key).or_else(|| self.addresses.get_mut(key))
    }
}

#[derive(Default, Clone, Copy)]
struct Count {
    /// As of the last exchange, of all servers.
    told: u64,
    /// Since then, here.
    untold: u64,
}

impl RequestLimits {
    /// Counting by the clock of `deps` and in its database.
    pub fn new(deps: Deps, settings: LimitSettings) -> Self {
        Self::holding(deps, settings, MOST_KEYS)
    }

    /// As [`RequestLimits::new`], with `most_keys` people and as many addresses counted by themselves at once, and the rest together.
    pub fn holding(deps: Deps, settings: LimitSettings, most_keys: usize) -> Self {
        Self(Arc::new(Inner { deps, settings, most_keys, counts: Mutex::default() }))
    }

    /// Counts one request of `who`, unless it is one too many. `None`: there is no limit.
    pub fn count(&self, who: Requester<'_>) -> Option<Allowance> {
        let (policy, kind, key, limit) = match who {
            Requester::User(id) => ("user", "api-user", id.to_owned(), self.0.settings.api_per_token),
            Requester::Address(key) => ("address", "api-address", hash_secret(key), self.0.settings.api_per_address),
        };
        if limit == 0 {
            return None;
        }
        let (mut guard, rest) = self.counts();
        let counts = &mut *guard;
        let by_key = match who {
            Requester::User(_) => &mut counts.users,
            Requester::Address(_) => &mut counts.addresses,
        };
        let mut key = format!("{kind}:{key}");
        if by_key.len() >= self.0.most_keys && !by_key.contains_key(&key) {
            key = format!("{kind}:{OTHERS}");
        }
        let count = by_key.entry(key).or_default();
        let known = count.told + count.untold;
        let refused = known >= u64::from(limit);
        count.untold += u64::from(!refused);
        let left = u32::try_from(u64::from(limit).saturating_sub(known + 1)).unwrap_or(0);
        let begin = !refused && !std::mem::replace(&mut counts.exchanging, true);
        drop(guard);
        if begin {
            self.exchange_soon();
        }
        Some(Allowance { policy, limit, left, rest, refused })
    }

    /// What was counted in this window, and how long it lasts yet; what is older is over.
    fn counts(&self) -> (MutexGuard<'_, Counts>, Duration) {
        // A count that a panic interrupted is a count.
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, span) = (self.0.deps.clock.now().millis(), i64::try_from(REQUEST_WINDOW.as_millis()).unwrap_or(i64::MAX));
        let window = now - now.rem_euclid(span);
        // Forward only: a clock that is set back a little must not empty the counts. One that was far ahead is believed again.
        if window > counts.window || window < counts.window - span {
            counts.window = window;
            counts.users.clear();
            counts.addresses.clear();
        }
        let rest = Duration::from_millis((counts.window + span - now).unsigned_abs());
        (counts, rest)
    }

    /// Exchanges in a while, in a task that ends with it: a server that nobody asks writes nothing.
    fn exchange_soon(&self) {
        let limits = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(EXCHANGE_AFTER).await;
            limits.counts().0.exchanging = false;
            if let Err(error) = limits.exchange().await {
                tracing::warn!(target: "limits", cause = %error.cause(), "counted requests were not exchanged");
            }
        });
    }

    /// Tells the other servers what was counted here since the last time, and learns what they told.
    ///
    /// # Errors
    /// What the database says; then what it does not have is told the next time.
    pub async fn exchange(&self) -> Result<(), Internal> {
        let (window, untold) = self.untold();
        let mut rest = &untold[..];
        while !rest.is_empty() {
            let (some, later) = rest.split_at(rest.len().min(TOLD_AT_ONCE));
            match self.tell(window, some).await {
                Ok(totals) => self.learn(window, &totals),
                Err(error) => {
                    self.tell_later(window, rest);
                    return Err(error.into());
                }
            }
            rest = later;
        }
        Ok(())
    }

    /// What is to be told, taken for told, and in which window it was counted.
    fn untold(&self) -> (i64, Vec<(String, u64)>) {
        let (mut guard, _) = self.counts();
        let counts = &mut *guard;
        let mut untold: Vec<(String, u64)> = Vec::new();
        for (key, count) in counts.users.iter_mut().chain(&mut counts.addresses) {
            if count.untold > 0 {
                untold.push((key.clone(), count.untold));
                count.told += std::mem::take(&mut count.untold);
            }
        }
        let window = counts.window;
        drop(guard);
        // Everyone takes rows in the same order, so nobody waits in a circle.
        untold.sort();
        (window, untold)
    }

    /// Notes what all servers have counted in `window`, unless that ended while they were asked.
    fn learn(&self, window: i64, totals: &[(String, u64)]) {
        let (mut counts, _) = self.counts();
        if counts.window != window {
            return;
        }
        for (key, total) in totals {
            if let Some(count) = counts.get(key) {
                count.told = count.told.max(*total);
            }
        }
    }

    /// Takes back that this was told in `window`, unless that ended meanwhile: nobody asks about it any more.
    fn tell_later(&self, window: i64, untold: &[(String, u64)]) {
        let (mut counts, _) = self.counts();
        if counts.window != window {
            return;
        }
        for (key, more) in untold {
            if let Some(count) = counts.get(key) {
                count.told = count.told.saturating_sub(*more);
                count.untold += more;
            }
        }
    }

    /// Adds to what all servers have counted; what they have then.
    async fn tell(&self, window: i64, untold: &[(String, u64)]) -> Result<Vec<(String, u64)>, StoreError> {
        let add = sql_for(
            "INSERT INTO attempts (key, window_start, expires_at, count)
             SELECT value ->> 0, $2, $3, value ->> 1 FROM json_each($1) WHERE true
             ON CONFLICT (key, window_start) DO UPDATE SET count = attempts.count + excluded.count RETURNING key, count",
            "INSERT INTO attempts (key, window_start, expires_at, count)
             SELECT told ->> 0, $2, $3, (told ->> 1)::bigint FROM jsonb_array_elements($1::jsonb) AS told ORDER BY 1
             ON CONFLICT (key, window_start) DO UPDATE SET count = attempts.count + excluded.count RETURNING key, count",
        );
        let start = Instant::from_millis(window);
        let mut tx = self.0.deps.store.begin().await?;
        let rows = add.bind(serde_json::json!(untold).to_string()).bind(start).bind(start + REQUEST_WINDOW).all(&mut tx).await?;
        tx.commit().await?;
        rows.iter().map(|row| Ok((row.get("key")?, row.get::<i64>("count")?.unsigned_abs()))).collect()
    }
}
