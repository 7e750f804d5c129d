//! What time brings about: sessions and holds end, debits and refunds come to their ends, in the order of their instants.

use jiff::Timestamp;

use super::state::{Cause, Phase, Stripe};
use super::till::Till;
use super::{pay, refunds};

/// Something that is due.
#[derive(Debug)]
enum Due {
    Session(String),
    Debit(String, bool),
    Hold(String),
    Refund(String, &'static str),
}

impl Stripe {
    /// The first thing that is due by `now`, and its instant.
    fn due(&self, now: Timestamp) -> Option<(Timestamp, Due)> {
        let open = self.sessions.iter().filter(|session| session.status == Phase::Open);
        let sessions = open.map(|session| (session.expires, Due::Session(session.id.clone())));
        let debits = self.charges.iter().filter_map(|charge| charge.ends.map(|(at, well)| (at, Due::Debit(charge.id.clone(), well))));
        let held = self.charges.iter().filter(|charge| !charge.captured && charge.refunded == 0);
        let holds = held.filter_map(|charge| charge.capture_before.map(|at| (at, Due::Hold(charge.id.clone()))));
        let refunds = self.refunds.iter().filter_map(|refund| refund.next.map(|(at, status)| (at, Due::Refund(refund.id.clone(), status))));
        sessions.chain(debits).chain(holds).chain(refunds).filter(|(at, _)| *at <= now).min_by_key(|(at, _)| *at)
    }

    /// Brings about everything that is due by `now`.
    pub(super) fn tick(&mut self, base: &str, now: Timestamp) {
        while let Some((at, due)) = self.due(now) {
            let till = &mut Till::new(self, base, at, Cause::default());
            match due {
                Due::Session(id) => pay::expire(till, &id),
                Due::Debit(id, well) => pay::end_debit(till, &id, well),
                Due::Hold(id) => pay::end_hold(till, &id),
                Due::Refund(id, status) => refunds::change(till, &id, status, None),
            }
        }
    }
}
