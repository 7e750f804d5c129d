//! How many reads are under way at once, provider by provider, and who is left alone for a while.

use std::{collections::HashMap, sync::Arc, sync::Mutex, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    integrations::ProviderKind,
    model::{Instant, IntegrationId},
};

/// How many reads may be under way at once. Per server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// Google.
    pub google: usize,
    /// Microsoft: for the whole app. It allows four for one mailbox, and here it is one.
    pub microsoft: usize,
    /// All CalDAV servers together.
    pub caldav: usize,
    /// All feeds together.
    pub feeds: usize,
    /// Cal.com, managed users and OAuth together: its limits count for the site's client.
    pub cal_com: usize,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { google: 32, microsoft: 32, caldav: 16, feeds: 16, cal_com: 8 }
    }
}

/// A provider that refuses so many different accounts within [`REFUSALS_WITHIN`] means all of them.
const REFUSALS: usize = 3;
const REFUSALS_WITHIN: Duration = Duration::from_mins(1);
/// The least that it is left alone for then, and the most.
const PAUSE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_mins(15));

/// Those that share a provider's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    Google,
    Microsoft,
    Caldav,
    Feeds,
    CalCom,
}

impl Lane {
    pub(super) const ALL: [Self; 5] = [Self::Google, Self::Microsoft, Self::Caldav, Self::Feeds, Self::CalCom];

    pub(super) const fn of(kind: ProviderKind) -> Self {
        match kind {
            ProviderKind::Google => Self::Google,
            ProviderKind::Microsoft => Self::Microsoft,
            ProviderKind::Caldav => Self::Caldav,
            ProviderKind::IcsFeed => Self::Feeds,
            ProviderKind::CalComManaged | ProviderKind::CalComOauth => Self::CalCom,
        }
    }

    pub(super) fn kinds(self) -> impl Iterator<Item = ProviderKind> {
        ProviderKind::ALL.into_iter().filter(move |kind| Self::of(*kind) == self)
    }

    const fn width(self, of: Concurrency) -> usize {
        match self {
            Self::Google => of.google,
            Self::Microsoft => of.microsoft,
            Self::Caldav => of.caldav,
            Self::Feeds => of.feeds,
            Self::CalCom => of.cal_com,
        }
    }

    /// Whether it is one provider, and not as many as there are accounts.
    const fn is_one_provider(self) -> bool {
        matches!(self, Self::Google | Self::Microsoft | Self::CalCom)
    }
}

/// All lanes of this server.
pub(super) struct Lanes {
    lanes: HashMap<Lane, Arc<Semaphore>>,
    refusals: Mutex<HashMap<Lane, Refusals>>,
}

#[derive(Default)]
struct Refusals {
    recent: Vec<(IntegrationId, Instant)>,
    paused_until: Option<Instant>,
}

impl Lanes {
    pub(super) fn new(width: Concurrency) -> Self {
        let lanes = Lane::ALL.map(|lane| (lane, Arc::new(Semaphore::new(lane.width(width).max(1)))));
        Self { lanes: lanes.into(), refusals: Mutex::default() }
    }

    /// As many places as are free in `lane`; none while it is paused.
    pub(super) fn free(&self, lane: Lane, now: Instant) -> Vec<OwnedSemaphorePermit> {
        if self.paused(lane, now) {
            return Vec::new();
        }
        let Some(semaphore) = self.lanes.get(&lane) else { return Vec::new() };
        std::iter::from_fn(|| semaphore.clone().try_acquire_owned().ok()).collect()
    }

    pub(super) fn paused(&self, lane: Lane, now: Instant) -> bool {
        let Ok(refusals) = self.refusals.lock() else { return false };
        refusals.get(&lane).and_then(|lane| lane.paused_until).is_some_and(|until| now < until)
    }

    /// Notes that `integration` was told to slow down. When several are, the whole provider is left alone.
    pub(super) fn refused(&self, lane: Lane, integration: IntegrationId, asked: Option<Duration>, now: Instant) {
        let Ok(mut refusals) = self.refusals.lock() else { return };
        if !lane.is_one_provider() {
            return;
        }
        let of_lane = refusals.entry(lane).or_default();
        of_lane.recent.retain(|(id, at)| *id != integration && *at + REFUSALS_WITHIN > now);
        of_lane.recent.push((integration, now));
        if of_lane.recent.len() >= REFUSALS {
            of_lane.recent.clear();
            of_lane.paused_until = Some(now + asked.unwrap_or_default().clamp(PAUSE.0, PAUSE.1));
            tracing::warn!(target: "sync", ?lane, "the provider asks us to slow down: paused");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Ids, SeededIds};

    #[test]
    fn a_provider_that_refuses_three_accounts_is_left_alone() {
        let (lanes, ids): (_, &dyn Ids) = (Lanes::new(Concurrency { google: 2, ..Concurrency::default() }), &SeededIds::new(1));
        let now = Instant::from_millis(1_000_000);
        let three: [IntegrationId; 3] = [(); 3].map(|()| ids.id(now));
        for id in [three[0], three[0], three[1]] {
            lanes.refused(Lane::Google, id, None, now);
        }
        assert_eq!(lanes.free(Lane::Google, now).len(), 2);
        lanes.refused(Lane::Google, three[2], Some(Duration::from_secs(90)), now);
        assert_eq!(lanes.free(Lane::Google, now + Duration::from_secs(89)).len(), 0);
        assert_eq!(lanes.free(Lane::Google, now + Duration::from_secs(90)).len(), 2);
        assert!(!lanes.paused(Lane::Microsoft, now));
        for id in three {
            lanes.refused(Lane::Caldav, id, None, now);
        }
        assert!(!lanes.paused(Lane::Caldav, now), "one CalDAV server says nothing about another");
    }

    #[test]
    fn places_are_taken_and_given_back() {
        let lanes = Lanes::new(Concurrency { feeds: 3, ..Concurrency::default() });
        let now = Instant::from_millis(0);
        let taken = lanes.free(Lane::Feeds, now);
        assert_eq!((taken.len(), lanes.free(Lane::Feeds, now).len()), (3, 0));
        drop(taken);
        assert_eq!(lanes.free(Lane::Feeds, now).len(), 3);
    }
}
