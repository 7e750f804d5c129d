//! A coach's payments, and what moved on the coach's accounts.

use super::{
    Payments,
    ledger::Account,
    payment::{Payment, PaymentState},
};
use crate::{
    accounts::CoachActor,
    error::Internal,
    model::{BookingId, BookingStatus, Currency, Instant, PaymentId, Price},
    store::{Row, StoreError, sql, sql_for},
    time::Interval,
};

/// A payment among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentLine {
    /// The payment.
    pub payment: Payment,
    /// What goes back of it, or went.
    pub back: Price,
    /// The session's name.
    pub title: String,
    /// Who pays.
    pub client_name: String,
    /// Where the booking stands.
    pub status: BookingStatus,
    /// When the session starts.
    pub starts_at: Instant,
}

/// An entry of the ledger with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// When.
    pub at: Instant,
    /// Why: `charge`, `hold`, `capture`, `release`, `fee`, `refund`, `refund_failed`.
    pub kind: String,
    /// From which account.
    pub from: Account,
    /// To which account.
    pub to: Account,
    /// How much.
    pub amount: Price,
    /// The booking that was paid for.
    pub booking_id: BookingId,
    /// The session's name.
    pub title: String,
    /// Who paid.
    pub client_name: String,
}

impl Payments {
    /// The payments for sessions of `coach`, latest first, after `after`, at most `limit` (1 to 100); what was never paid is left out. With it
    /// where the next page begins.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(
        &self,
        coach: &CoachActor,
        after: Option<PaymentId>,
        limit: u32,
    ) -> Result<(Vec<PaymentLine>, Option<PaymentId>), Internal> {
        let limit = limit.clamp(1, 100);
        // A sum is a wider number on PostgreSQL.
        let page = sql_for(
            "SELECT p.*, b.title, b.status, b.starts_at, u.name AS client_name,
                    COALESCE((SELECT SUM(r.amount_minor) FROM refunds r WHERE r.payment_id = p.id), 0) AS back
             FROM payments p JOIN bookings b ON b.id = p.booking_id JOIN users u ON u.id = p.client_id
             WHERE p.coach_id = $1 AND p.intent_id IS NOT NULL AND ($2 IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3",
            "SELECT p.*, b.title, b.status, b.starts_at, u.name AS client_name,
                    COALESCE((SELECT SUM(r.amount_minor) FROM refunds r WHERE r.payment_id = p.id), 0)::bigint AS back
             FROM payments p JOIN bookings b ON b.id = p.booking_id JOIN users u ON u.id = p.client_id
             WHERE p.coach_id = $1 AND p.intent_id IS NOT NULL AND ($2 IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3",
        );
        let rows = page.bind(coach.id()).bind(after).bind(limit + 1).all(&self.inner.deps.store).await?;
        let mut lines = rows.iter().map(line_of).collect::<Result<Vec<_>, _>>()?;
        let more = lines.len() > limit as usize;
        lines.truncate(limit as usize);
        let next = lines.last().filter(|_| more).map(|line| line.payment.id);
        Ok((lines, next))
    }

    /// What moved on the accounts of `coach` in `range`, in the order in which it was written.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ledger(&self, coach: &CoachActor, range: Interval) -> Result<Vec<LedgerLine>, Internal> {
        let entries =
            sql("SELECT e.*, p.booking_id, b.title, u.name AS client_name FROM ledger_entries e JOIN payments p ON p.id = e.payment_id
             JOIN bookings b ON b.id = p.booking_id JOIN users u ON u.id = p.client_id
             WHERE e.coach_id = $1 AND e.at >= $2 AND e.at < $3 ORDER BY e.at, e.id");
        let rows = entries.bind(coach.id()).bind(range.start).bind(range.end).all(&self.inner.deps.store).await?;
        Ok(rows.iter().map(entry_of).collect::<Result<_, _>>()?)
    }
}

impl PaymentLine {
    /// What of it stays: nothing before it is taken.
    pub fn kept(&self) -> Price {
        let taken = if self.payment.state == PaymentState::Paid { self.payment.price.minor } else { 0 };
        Price { minor: (taken - self.back.minor).max(0), currency: self.payment.price.currency }
    }
}

fn line_of(row: &Row) -> Result<PaymentLine, StoreError> {
    let payment = Payment::of_row(row)?;
    Ok(PaymentLine {
        back: Price { minor: row.get("back")?, currency: payment.price.currency },
        title: row.get("title")?,
        client_name: row.get("client_name")?,
        status: row.parse("status", |word| word.parse().ok())?,
        starts_at: row.get("starts_at")?,
        payment,
    })
}

fn entry_of(row: &Row) -> Result<LedgerLine, StoreError> {
    Ok(LedgerLine {
        at: row.get("at")?,
        kind: row.get("kind")?,
        from: row.parse("from_account", Account::parse)?,
        to: row.parse("to_account", Account::parse)?,
        amount: Price { minor: row.get("amount_minor")?, currency: row.parse("currency", Currency::parse)? },
        booking_id: row.get("booking_id")?,
        title: row.get("title")?,
        client_name: row.get("client_name")?,
    })
}
