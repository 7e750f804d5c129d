//! Password hashing: Argon2id, off the async threads, a bounded number at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use crate::{error::Internal, model::FieldErrors, time::Ids};

/// The fewest characters a password has.
pub const MIN_PASSWORD: usize = 10;
/// The most characters a password has.
pub const MAX_PASSWORD: usize = 200;

/// How long a password waits for its turn before the visitor is told to try again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What Argon2id spends on one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl HashCost {
    /// The least that OWASP recommends: 19 MiB, two passes, one lane.
    pub const OWASP: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    /// The least that Argon2 takes, for tests. Protects nothing.
    pub const CHEAPEST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
}

/// Hashes and compares passwords. Clones share their turn-taking.
#[derive(Clone)]
pub struct PasswordHasher(Arc<Inner>);

struct Inner {
    cost: HashCost,
    turns: Arc<Semaphore>,
    computed: AtomicU64,
}

impl PasswordHasher {
    /// Hashing at `cost`, twice as many at once as there are processors.
    pub fn new(cost: HashCost) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let turns = Arc::new(Semaphore::new(processors * 2));
        Self(Arc::new(Inner { cost, turns, computed: AtomicU64::new(0) }))
    }

    /// How many hashes were computed since the start, comparisons included.
    pub fn computed(&self) -> u64 {
        self.0.computed.load(Relaxed)
    }

    /// The hash of `password` with a new salt, as a PHC string.
    pub(super) async fn hash(&self, ids: &dyn Ids, password: &str) -> Result<String, Internal> {
        let mut salt = [0_u8; argon2::RECOMMENDED_SALT_LEN];
        ids.fill(&mut salt);
        let password = password.to_owned();
        self.run(move |argon| argon.hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string())).await
    }

    /// Whether `password` is the one behind `hash`. Without a hash (no such account) it takes as long and says no.
    pub(super) async fn matches(&self, password: &str, hash: Option<&str>) -> Result<bool, Internal> {
        let password = password.to_owned();
        let Some(hash) = hash.map(PasswordHash::new).transpose().map_err(|error| Internal::new(error.to_string()))? else {
            let nobody = move |argon: &Argon2<'_>| argon.hash_password_with_salt(password.as_bytes(), b"nobody's salt 16").map(drop);
            return self.run(nobody).await.map(|()| false);
        };
        let compare = move |argon: &Argon2<'_>| match argon.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(error),
        };
        self.run(compare).await
    }

    /// Whether `hash` was made at another cost than today's and is worth making anew.
    pub(super) fn is_stale(&self, hash: &str) -> bool {
        let params = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
        let HashCost { memory_kib, passes, lanes } = self.0.cost;
        params.is_none_or(|params| (params.m_cost(), params.t_cost(), params.p_cost()) != (memory_kib, passes, lanes))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, Internal> {
        let HashCost { memory_kib, passes, lanes } = self.0.cost;
        let params = Params::new(memory_kib, passes, lanes, None).map_err(|error| Internal::new(error.to_string()))?;
        let turn = tokio::time::timeout(PATIENCE, self.0.turns.clone().acquire_owned()).await.map_err(|_| busy())?;
        let turn = turn.map_err(Internal::new)?;
        self.0.computed.fetch_add(1, Relaxed);
        let worker = tokio::task::spawn_blocking(move || {
            let done = work(&Argon2::new(Algorithm::Argon2id, Version::V0x13, params));
            // Held until here even if the visitor went away: the work goes on without them.
            drop(turn);
            done
        });
        worker.await.map_err(Internal::new)?.map_err(|error| Internal::new(error.to_string()))
    }
}

fn busy() -> Internal {
    let mut busy = Internal::new("no turn to hash a password came up in time");
    busy.unavailable = true;
    busy
}

/// Notes under `field` when `password` cannot become one.
pub(super) fn check_password(errors: &mut FieldErrors, field: &str, password: &str) {
    match password.chars().count() {
        0..MIN_PASSWORD => errors.add(field, format!("A password has at least {MIN_PASSWORD} characters.")),
        MIN_PASSWORD..=MAX_PASSWORD => {}
        _ => errors.add(field, format!("A password has at most {MAX_PASSWORD} characters.")),
    }
}
