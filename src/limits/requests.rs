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
/// So many keys are counted at once, some hundred bytes each. In a flood from more addresses the rest goes uncounted until the next window.
const MOST_KEYS: usize = 100_000;

/// Whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requester<'a> {
    /// Those with this token, by its id.
    Token(&'a str),
    /// Those from this address, by its key.
    Address(&'a str),
}

/// How it stands with a limit, this request included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What the limit is called: `token` or `address`.
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
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    /// When the window began that all of it is about.
    window: i64,
    by_key: HashMap<String, Count>,
    /// Whether somebody is about to exchange.
    exchanging: bool,
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
        Self(Arc::new(Inner { deps, settings, counts: Mutex::default() }))
    }

    /// Counts one request of `who`, unless it is one too many. `None`: there is no limit.
    pub fn count(&self, who: Requester<'_>) -> Option<Allowance> {
        let (policy, key, limit) = match who {
            Requester::Token(id) => ("token", format!("api-token:{id}"), self.0.settings.api_per_token),
            Requester::Address(key) => ("address", format!("api-address:{}", hash_secret(key)), self.0.settings.api_per_address),
        };
        if limit == 0 {
            return None;
        }
        let (window, rest) = self.window();
        let mut counts = self.counts(window);
        let full = counts.by_key.len() >= MOST_KEYS;
        let (mut left, mut refused) = (limit, false);
        if !full || counts.by_key.contains_key(&key) {
            let count = counts.by_key.entry(key).or_default();
            let known = count.told + count.untold;
            refused = known >= u64::from(limit);
            count.untold += u64::from(!refused);
            left = u32::try_from(u64::from(limit).saturating_sub(known + 1)).unwrap_or(0);
        }
        let begin = !refused && !std::mem::replace(&mut counts.exchanging, true);
        drop(counts);
        if begin {
            self.exchange_soon();
        }
        Some(Allowance { policy, limit, left, rest, refused })
    }

    /// The window's beginning in milliseconds, and how long it lasts yet.
    fn window(&self) -> (i64, Duration) {
        let (now, span) = (self.0.deps.clock.now().millis(), i64::try_from(REQUEST_WINDOW.as_millis()).unwrap_or(i64::MAX));
        let gone = now.rem_euclid(span);
        (now - gone, Duration::from_millis((span - gone).unsigned_abs()))
    }

    /// What was counted in the window that begins at `window`; what is older is over.
    fn counts(&self, window: i64) -> MutexGuard<'_, Counts> {
        // A count that a panic interrupted is a count.
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.window != window {
            counts.window = window;
            counts.by_key.clear();
        }
        counts
    }

    /// Exchanges in a while, in a task that ends with it: a server that nobody asks writes nothing.
    fn exchange_soon(&self) {
        let limits = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(EXCHANGE_AFTER).await;
            limits.counts(limits.window().0).exchanging = false;
            if let Err(error) = limits.exchange().await {
                tracing::warn!(target: "limits", cause = %error.cause(), "counted requests were not exchanged");
            }
        });
    }

    /// Tells the other servers what was counted here since the last time, and learns what they told, in one statement.
    ///
    /// # Errors
    /// What the database says; then it is told the next time.
    pub async fn exchange(&self) -> Result<(), Internal> {
        let (window, _) = self.window();
        let mut untold: Vec<(String, u64)> = Vec::new();
        for (key, count) in &mut self.counts(window).by_key {
            if count.untold > 0 {
                untold.push((key.clone(), count.untold));
                count.told += std::mem::take(&mut count.untold);
            }
        }
        if untold.is_empty() {
            return Ok(());
        }
        // Everyone takes rows in the same order, so nobody waits in a circle.
        untold.sort();
        let told = self.tell(window, &untold).await;
        let mut counts = self.counts(window);
        match told {
            Ok(totals) => {
                for (key, total) in totals {
                    if let Some(count) = counts.by_key.get_mut(&key) {
                        count.told = count.told.max(total);
                    }
                }
                Ok(())
            }
            Err(error) => {
                for (key, more) in untold {
                    if let Some(count) = counts.by_key.get_mut(&key) {
                        count.told = count.told.saturating_sub(more);
                        count.untold += more;
                    }
                }
                Err(error.into())
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
