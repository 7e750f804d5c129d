use super::{
    Keeper, Webhooks,
    endpoint::{DeliveryId, EndpointId},
};
use crate::{
    error::Internal,
    model::{BookingId, Instant, JobId},
    store::{Row, StoreError, sql},
};

/// How many deliveries are on a page.
const PAGE: usize = 20;

/// Something told to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// What it is about; `None`: a test.
    pub booking_id: Option<BookingId>,
    /// The id that the receiver sees, the same however often it is sent.
    pub event_id: String,
    /// Its type: `booking.confirmed`.
    pub kind: String,
    /// The body, as it is sent.
    pub payload: String,
    /// When it was planned.
    pub created_at: Instant,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// What the last try came to, if that was a failure.
    pub problem: Option<String>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Sent, and answered with a 2xx then.
    Delivered(Instant),
    /// To be tried (again) then, or when what comes before it is through.
    Waiting(Instant),
    /// Given up: the job that a person may try again.
    GivenUp(JobId),
    /// Not sent, and not to be.
    NotSent,
}

/// Some deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPage {
    /// The latest first.
    pub deliveries: Vec<Delivery>,
    /// Where the next page begins, if there is one.
    pub next: Option<DeliveryId>,
}

/// Deliveries with the job that sends them, or sent them last; a condition follows.
macro_rules! select_deliveries {
    ($condition:literal) => {
        concat!(
            "SELECT d.*, j.id AS job_id, j.state, j.run_at,
                (SELECT COUNT(*) FROM webhook_attempts a WHERE a.delivery_id = d.id) AS attempts,
                (SELECT a.problem FROM webhook_attempts a WHERE a.delivery_id = d.id ORDER BY a.at DESC, a.id DESC LIMIT 1) AS problem
             FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
             LEFT JOIN jobs j ON j.key = CASE WHEN d.replays = 0 THEN 'webhook:' || d.id ELSE 'webhook:' || d.id || ':replay:' || d.replays END ",
            $condition
        )
    };
}

impl Webhooks {
    /// What the endpoint was told, the latest first; after `after`, the end of the page before. Nothing of an endpoint that is not `keeper`'s.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn deliveries(
        &self,
        keeper: impl Into<Keeper>,
        endpoint: EndpointId,
        after: Option<DeliveryId>,
    ) -> Result<DeliveryPage, Internal> {
        let rows = sql(select_deliveries!(
            "WHERE e.id = $1 AND COALESCE(e.coach_id, '') = $2 AND ($3 = '' OR d.id < $3) ORDER BY d.id DESC LIMIT $4"
        ));
        let after = after.map_or_else(String::new, |id| id.to_string());
        let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let rows = rows.bind(endpoint).bind(keeper.into().key()).bind(after).bind(most).all(&self.deps.store).await?;
        let mut deliveries = rows.iter().map(delivery_of).collect::<Result<Vec<_>, _>>()?;
        let more = deliveries.len() > PAGE;
        deliveries.truncate(PAGE);
        Ok(DeliveryPage { next: deliveries.last().filter(|_| more).map(|last| last.id), deliveries })
    }

    /// One delivery, if it is of an endpoint of `keeper`'s.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn delivery(&self, keeper: impl Into<Keeper>, id: DeliveryId) -> Result<Option<Delivery>, Internal> {
        let row = sql(select_deliveries!("WHERE d.id = $1 AND COALESCE(e.coach_id, '') = $2"));
        let row = row.bind(id).bind(keeper.into().key()).optional(&self.deps.store).await?;
        Ok(row.as_ref().map(delivery_of).transpose()?)
    }
}

fn delivery_of(row: &Row) -> Result<Delivery, StoreError> {
    let (delivered, run_at): (Option<Instant>, Option<Instant>) = (row.get("delivered_at")?, row.get("run_at")?);
    let (state, job): (Option<String>, Option<JobId>) = (row.get("state")?, row.get("job_id")?);
    let state = match (state.as_deref(), run_at, job, delivered) {
        (Some("waiting"), Some(at), ..) => DeliveryState::Waiting(at),
        (Some("dead"), _, Some(job), _) => DeliveryState::GivenUp(job),
        (.., Some(at)) => DeliveryState::Delivered(at),
        _ => DeliveryState::NotSent,
    };
    Ok(Delivery {
        id: row.get("id")?,
        endpoint_id: row.get("endpoint_id")?,
        booking_id: row.get("booking_id")?,
        event_id: row.get("event_id")?,
        kind: row.get("kind")?,
        payload: row.get("payload")?,
        created_at: row.get("created_at")?,
        state,
        attempts: row.get("attempts")?,
        problem: row.get("problem")?,
    })
}
