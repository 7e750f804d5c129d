use super::{
    Keeper, Webhooks,
    endpoint::{DeliveryId, EndpointId},
};
use crate::{
    error::Internal,
    model::{Id, Instant},
    store::{StoreError, Tx, sql},
    time::Ids,
};

/// One try to deliver something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Instant,
    /// What the receiver answered; `None` when it did not.
    pub status: Option<u32>,
    /// What went wrong, in our words; `None`: nothing did.
    pub problem: Option<String>,
    /// How long it took, in milliseconds.
    pub millis: i64,
}

impl Webhooks {
    /// The tries of a delivery, the latest first, at most 100. None for a delivery that is not `keeper`'s.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn attempts(&self, keeper: impl Into<Keeper>, endpoint: EndpointId, id: DeliveryId) -> Result<Vec<Attempt>, Internal> {
        let rows = sql("SELECT a.* FROM webhook_attempts a JOIN webhook_deliveries d ON d.id = a.delivery_id
             JOIN webhook_endpoints e ON e.id = d.endpoint_id
             WHERE d.id = $1 AND e.id = $2 AND COALESCE(e.coach_id, '') = $3 ORDER BY a.at DESC, a.id DESC LIMIT 100");
        let rows = rows.bind(id).bind(endpoint).bind(keeper.into().key()).all(&self.deps.store).await?;
        let attempts = rows.iter().map(|row| {
            Ok::<_, StoreError>(Attempt {
                at: row.get("at")?,
                status: row.get("status")?,
                problem: row.get("problem")?,
                millis: row.get("millis")?,
            })
        });
        Ok(attempts.collect::<Result<_, _>>()?)
    }
}

/// Notes a try of `delivery`, unless that was removed meanwhile.
pub(super) async fn note(tx: &mut Tx, ids: &dyn Ids, delivery: DeliveryId, attempt: &Attempt) -> Result<(), StoreError> {
    #[derive(Debug)]
    enum AttemptKind {}
    let id: Id<AttemptKind> = ids.id(attempt.at);
    let insert = sql("INSERT INTO webhook_attempts (id, delivery_id, at, status, problem, millis)
         SELECT $1, d.id, $3, $4, $5, $6 FROM webhook_deliveries d WHERE d.id = $2");
    let insert = insert.bind(id).bind(delivery).bind(attempt.at).bind(attempt.status.map(i64::from));
    insert.bind(attempt.problem.as_deref()).bind(attempt.millis).run(tx).await.map(drop)
}
