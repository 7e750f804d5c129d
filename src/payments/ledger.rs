//! The ledger: money that moved, append-only, each entry from one account to another. Every balance is a sum.

use serde::Serialize;

use crate::{
    model::{Currency, Instant, UserId},
    store::{Store, StoreError, Tx, sql, sql_for},
    time::Ids,
};

use super::payment::Payment;

/// Whose money it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// The mentees': what they paid is missing here.
    Client,
    /// Held, and nobody's yet.
    Held,
    /// The coach's.
    Coach,
    /// What Stripe kept.
    Fees,
}

impl Account {
    /// Every account.
    pub const ALL: [Self; 4] = [Self::Client, Self::Held, Self::Coach, Self::Fees];

    /// The account of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.as_str() == word)
    }

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Held => "held",
            Self::Coach => "coach",
            Self::Fees => "fees",
        }
    }
}

/// Why money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Moved {
    Charge,
    Hold,
    Capture,
    Release,
    Fee,
    Refund,
    RefundFailed,
}

impl Moved {
    /// The word that is stored, from where and to where.
    const fn parts(self) -> (&'static str, Account, Account) {
        match self {
            Self::Charge => ("charge", Account::Client, Account::Coach),
            Self::Hold => ("hold", Account::Client, Account::Held),
            Self::Capture => ("capture", Account::Held, Account::Coach),
            Self::Release => ("release", Account::Held, Account::Client),
            Self::Fee => ("fee", Account::Coach, Account::Fees),
            Self::Refund => ("refund", Account::Coach, Account::Client),
            Self::RefundFailed => ("refund_failed", Account::Client, Account::Coach),
        }
    }
}

/// What an id of an entry is of.
enum EntryKind {}

/// Writes that `amount` of `payment` moved; `of` tells this movement from others of its kind. Written already: nothing happens.
pub(super) async fn post(
    tx: &mut Tx,
    ids: &dyn Ids,
    payment: &Payment,
    moved: Moved,
    (amount, currency): (i64, Currency),
    of: &str,
    now: Instant,
) -> Result<(), StoreError> {
    if amount <= 0 {
        return Ok(());
    }
    let (kind, from, to) = moved.parts();
    sql("INSERT INTO ledger_entries (id, coach_id, payment_id, what, kind, from_account, to_account, amount_minor, currency, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (what) DO NOTHING")
    .bind(ids.id::<EntryKind>(now))
    .bind(payment.coach_id)
    .bind(payment.id)
    .bind(format!("{kind}:{of}"))
    .bind(kind)
    .bind(from.as_str())
    .bind(to.as_str())
    .bind(amount)
    .bind(currency)
    .bind(now)
    .run(tx)
    .await
    .map(drop)
}

/// What an account holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Which account.
    pub account: Account,
    /// In which currency.
    pub currency: Currency,
    /// How much, in its smallest unit: what went in less what went out.
    pub minor: i64,
}

/// The balances of `coach` in every currency; accounts that nothing moved on are left out.
pub(super) async fn balances(store: &Store, coach: UserId) -> Result<Vec<Balance>, StoreError> {
    let sums = sql_for(
        "SELECT account, currency, SUM(minor) AS minor FROM (
             SELECT to_account AS account, currency, amount_minor AS minor FROM ledger_entries WHERE coach_id = $1
             UNION ALL SELECT from_account, currency, -amount_minor FROM ledger_entries WHERE coach_id = $1) moved
         GROUP BY account, currency ORDER BY currency, account",
        "SELECT account, currency, SUM(minor)::bigint AS minor FROM (
             SELECT to_account AS account, currency, amount_minor AS minor FROM ledger_entries WHERE coach_id = $1
             UNION ALL SELECT from_account, currency, -amount_minor FROM ledger_entries WHERE coach_id = $1) moved
         GROUP BY account, currency ORDER BY currency, account",
    );
    let rows = sums.bind(coach).all(store).await?;
    rows.iter()
        .map(|row| {
            Ok(Balance {
                account: row.parse("account", Account::parse)?,
                currency: row.parse("currency", Currency::parse)?,
                minor: row.get("minor")?,
            })
        })
        .collect()
}
