//! What goes back of a price when a session does not take place, by the rules that were agreed.

use serde::{Deserialize, Serialize};

use super::{FieldErrors, Instant};

/// The rules of a session type about money that was paid; frozen with each booking. Until the notice cancelling is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// What a mentee gets back who cancels after the notice, in percent of the price.
    pub late_refund_percent: u32,
    /// What a session costs that the mentee did not come to, in percent of the price.
    pub no_show_percent: u32,
}

impl Default for RefundPolicy {
    fn default() -> Self {
        Self { late_refund_percent: 0, no_show_percent: 100 }
    }
}

/// How a paid booking came to stand where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is to take place, or did.
    TakesPlace,
    /// The mentee did not come.
    NoShow,
    /// The mentee cancelled it.
    ByMentee {
        /// When.
        at: Instant,
        /// Until when that was free.
        free_until: Instant,
        /// Whether it was agreed by then: a request is withdrawn for nothing.
        agreed: bool,
    },
    /// It ended without the mentee: the coach or an admin cancelled or declined it, or nobody answered in time.
    NotByMentee,
}

impl RefundPolicy {
    /// What goes back of `paid` (in the currency's smallest unit, never negative) after `ending`. Never more than was paid. A part of the
    /// smallest unit is the mentee's.
    pub fn refund_for(self, paid: i64, ending: Ending) -> i64 {
        let paid = paid.max(0);
        let percent = match ending {
            Ending::TakesPlace => 0,
            Ending::NotByMentee => 100,
            Ending::NoShow => 100 - self.no_show_percent.min(100),
            Ending::ByMentee { at, free_until, agreed } if !agreed || at <= free_until => 100,
            Ending::ByMentee { .. } => self.late_refund_percent.min(100),
        };
        let exact = i128::from(paid) * i128::from(percent);
        i64::try_from((exact + 99) / 100).unwrap_or(paid)
    }

    /// The rules in words. `until` names the end of the notice (`Tuesday 8 December, 09:00`, `24 h before`); `None` when it is over already.
    pub fn words(self, until: Option<&str>) -> String {
        let late = match self.late_refund_percent.min(100) {
            0 => "nothing is refunded".to_owned(),
            100 => "the whole price is refunded".to_owned(),
            percent => format!("{percent} % is refunded"),
        };
        let first = match until {
            Some(_) if self.late_refund_percent >= 100 => "Free to cancel until it starts.".to_owned(),
            Some(until) => format!("Free to cancel until {until}; after that {late}."),
            None => format!("If you cancel it, {late}."),
        };
        let missed = match self.no_show_percent.min(100) {
            0 => "A missed session costs nothing.".to_owned(),
            100 => "A missed session is paid in full.".to_owned(),
            percent => format!("A missed session costs {percent} % of the price."),
        };
        format!("{first} {missed} If your coach cancels, everything is refunded.")
    }

    /// Names the fields that cannot stand.
    pub(super) fn check(self, errors: &mut FieldErrors) {
        for (field, percent) in [("late_refund_percent", self.late_refund_percent), ("no_show_percent", self.no_show_percent)] {
            if percent > 100 {
                errors.add(field, "Between 0 and 100 percent.");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy() -> impl Strategy<Value = RefundPolicy> {
        (0..=100_u32, 0..=100_u32).prop_map(|(late_refund_percent, no_show_percent)| RefundPolicy { late_refund_percent, no_show_percent })
    }

    fn cancelled(at: i64, free_until: i64, agreed: bool) -> Ending {
        Ending::ByMentee { at: Instant::from_millis(at), free_until: Instant::from_millis(free_until), agreed }
    }

    proptest! {
        #[test]
        fn never_less_than_nothing_nor_more_than_all(
            policy in policy(), paid in 0..=100_000_000_i64, at in 0..1000_i64, until in 0..1000_i64, agreed: bool
        ) {
            for ending in [Ending::TakesPlace, Ending::NoShow, Ending::NotByMentee, cancelled(at, until, agreed)] {
                let back = policy.refund_for(paid, ending);
                prop_assert!((0..=paid).contains(&back), "{back} of {paid}");
            }
            prop_assert_eq!(policy.refund_for(paid, Ending::NotByMentee), paid);
            prop_assert_eq!(policy.refund_for(paid, Ending::TakesPlace), 0);
        }

        #[test]
        fn cancelling_earlier_never_gives_back_less(policy in policy(), paid in 0..=100_000_000_i64, a in 0..1000_i64, b in 0..1000_i64) {
            let (early, late) = (a.min(b), a.max(b));
            prop_assert!(policy.refund_for(paid, cancelled(early, 500, true)) >= policy.refund_for(paid, cancelled(late, 500, true)));
            prop_assert_eq!(policy.refund_for(paid, cancelled(a.min(500), 500, true)), paid);
            prop_assert_eq!(policy.refund_for(paid, cancelled(999, 500, false)), paid);
        }

        #[test]
        fn what_the_words_say_is_what_is_done(policy in policy(), percent in 1..100_u32) {
            let policy = RefundPolicy { late_refund_percent: percent, ..policy };
            let words = policy.words(Some("noon"));
            let told = format!("until noon; after that {percent} %");
            prop_assert!(words.contains(&told), "{}", words);
            prop_assert_eq!(policy.refund_for(10_000, cancelled(2, 1, true)), i64::from(percent) * 100);
        }
    }

    #[test]
    fn the_rules_in_words() {
        let words = |late, missed, until| RefundPolicy { late_refund_percent: late, no_show_percent: missed }.words(until);
        let coach = "If your coach cancels, everything is refunded.";
        let day = Some("Tuesday 8 December, 09:00");
        assert_eq!(
            words(50, 100, day),
            format!(
                "Free to cancel until Tuesday 8 December, 09:00; after that 50 % is refunded. A missed session is paid in full. {coach}"
            )
        );
        assert_eq!(words(100, 0, day), format!("Free to cancel until it starts. A missed session costs nothing. {coach}"));
        assert_eq!(words(0, 30, None), format!("If you cancel it, nothing is refunded. A missed session costs 30 % of the price. {coach}"));
    }

    #[test]
    fn parts_of_a_cent_are_the_mentees() {
        let policy = RefundPolicy { late_refund_percent: 33, no_show_percent: 33 };
        assert_eq!(policy.refund_for(101, cancelled(2, 1, true)), 34);
        assert_eq!(policy.refund_for(101, Ending::NoShow), 68);
    }
}
