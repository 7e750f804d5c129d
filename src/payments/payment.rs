//! The payment of a booking, as stored.

use crate::{
    model::{BookingId, Currency, Instant, PaymentId, Price, RefundId, UserId},
    store::{Row, StoreError, Target, sql},
};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// To be made.
    Open,
    /// Made by a means that takes its time.
    Processing,
    /// The money is held until the coach answers.
    Authorized,
    /// The money is taken.
    Paid,
    /// It was not made, or what was held was let go of: nobody paid anything.
    Released,
    /// It came to nothing: nobody paid anything.
    Failed,
}

impl PaymentState {
    /// Every state.
    pub const ALL: [Self; 6] = [Self::Open, Self::Processing, Self::Authorized, Self::Paid, Self::Released, Self::Failed];

    /// The word that is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Authorized => "authorized",
            Self::Paid => "paid",
            Self::Released => "released",
            Self::Failed => "failed",
        }
    }

    /// The state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// What is paid for.
    pub booking_id: BookingId,
    /// Whom it is for.
    pub coach_id: UserId,
    /// Who pays.
    pub client_id: UserId,
    /// How much.
    pub price: Price,
    /// Whether the money is held first, until the coach answers.
    pub held: bool,
    /// Where it stands.
    pub state: PaymentState,
    /// How often a page at Stripe was asked for.
    pub(super) attempt: u32,
    /// See the migration.
    pub(super) turn: u32,
    /// When the page that was asked for last is to end.
    pub(super) session_expires_at: Option<Instant>,
    pub(super) session_id: Option<String>,
    pub(super) session_url: Option<String>,
    pub(super) intent_id: Option<String>,
    /// What Stripe keeps, once it is known.
    pub fee_minor: Option<i64>,
    /// Until when the time is kept for whoever is to pay.
    pub open_until: Instant,
    /// Why it came to nothing, in our words.
    pub problem: Option<String>,
    /// When the booking was made.
    pub created_at: Instant,
}

impl Payment {
    pub(super) fn of_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            booking_id: row.get("booking_id")?,
            coach_id: row.get("coach_id")?,
            client_id: row.get("client_id")?,
            price: Price { minor: row.get("amount_minor")?, currency: row.parse("currency", Currency::parse)? },
            held: row.parse("capture", |word| match word {
                "manual" => Some(true),
                "automatic" => Some(false),
                _ => None,
            })?,
            state: row.parse("state", PaymentState::parse)?,
            attempt: row.get("attempt")?,
            turn: row.get("turn")?,
            session_expires_at: row.get("session_expires_at")?,
            session_id: row.get("session_id")?,
            session_url: row.get("session_url")?,
            intent_id: row.get("intent_id")?,
            fee_minor: row.get("fee_minor")?,
            open_until: row.get("open_until")?,
            problem: row.get("problem")?,
            created_at: row.get("created_at")?,
        })
    }

    /// The payment `id`; `None` when there is none.
    pub(super) async fn load(on: impl Into<Target<'_>>, id: PaymentId) -> Result<Option<Self>, StoreError> {
        let row = sql("SELECT * FROM payments WHERE id = $1").bind(id).optional(on).await?;
        row.as_ref().map(Self::of_row).transpose()
    }

    /// The payment of `booking`; `None` when nothing is collected for it.
    pub(super) async fn of_booking(on: impl Into<Target<'_>>, booking: BookingId) -> Result<Option<Self>, StoreError> {
        let row = sql("SELECT * FROM payments WHERE booking_id = $1").bind(booking).optional(on).await?;
        row.as_ref().map(Self::of_row).transpose()
    }

    /// The key of asking Stripe to do `what` about it, the same however often it is asked.
    pub(super) fn key(&self, what: &str) -> String {
        format!("wellmet-{}-{what}-{}", self.id, self.turn)
    }

    /// The key of asking for a page.
    pub(super) fn page_key(&self) -> String {
        format!("wellmet-{}-page-{}", self.id, self.attempt)
    }
}

/// Where money that goes back stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// Decided.
    Waiting,
    /// On its way.
    Pending,
    /// Back.
    Succeeded,
    /// It did not arrive; it is tried again.
    Failed,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Pending, Self::Succeeded, Self::Failed];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// The state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Money of a payment that goes back: one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRow {
    /// Its id.
    pub id: RefundId,
    /// How much, in the payment's smallest unit.
    pub amount_minor: i64,
    /// Where it stands.
    pub state: RefundState,
    pub(super) attempt: u32,
    pub(super) stripe_id: Option<String>,
    /// Since when.
    pub updated_at: Instant,
}

impl RefundRow {
    /// Those of `payment`, oldest first.
    pub(super) async fn of(on: impl Into<Target<'_>>, payment: PaymentId) -> Result<Vec<Self>, StoreError> {
        let rows = sql("SELECT * FROM refunds WHERE payment_id = $1 ORDER BY id").bind(payment).all(on).await?;
        rows.iter()
            .map(|row| {
                Ok(Self {
                    id: row.get("id")?,
                    amount_minor: row.get("amount_minor")?,
                    state: row.parse("state", RefundState::parse)?,
                    attempt: row.get("attempt")?,
                    stripe_id: row.get("stripe_id")?,
                    updated_at: row.get("updated_at")?,
                })
            })
            .collect()
    }

    /// The key of asking Stripe for it.
    pub(super) fn key(&self) -> String {
        format!("wellmet-{}-refund-{}", self.id, self.attempt)
    }
}
