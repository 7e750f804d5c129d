use super::{
    Endpoint, EndpointDraft, Keeper, MOST_ENDPOINTS, WebhookError, Webhooks,
    endpoint::{EndpointId, Sealed, place},
};
use crate::{
    integrations::tokens::Clear,
    model::FieldErrors,
    store::{StoreError, Tx, sql, sql_for},
    time::Ids,
};

impl Webhooks {
    /// Makes an endpoint. Gives it with its secret, which is shown this once.
    ///
    /// # Errors
    /// `Invalid` names `url` and `kinds`; `limit` when the keeper has five.
    pub async fn create(&self, keeper: impl Into<Keeper>, draft: &EndpointDraft) -> Result<(Endpoint, Clear), WebhookError> {
        let keeper = keeper.into();
        let (address, wanted) = self.checked(draft, &self.endpoints(keeper).await?).await?;
        let (now, owner) = (self.deps.clock.now(), keeper.key());
        let id: EndpointId = self.deps.ids.id(now);
        let (url, secret) = (Clear::new(address.reveal()), new_secret(&*self.deps.ids));
        let url_sealed = self.vault.seal(&url, place(Sealed::Url, id.as_str(), &owner))?;
        let secret_sealed = self.vault.seal(&secret, place(Sealed::Secret, id.as_str(), &owner))?;
        let mut tx = self.deps.store.begin().await?;
        lock(&mut tx, keeper).await?;
        // Once more, and nobody else adds one now.
        let others = self.endpoints_in(&mut tx, keeper).await?;
        if others.len() >= MOST_ENDPOINTS {
            return Err(FieldErrors::one("limit", "There are five webhooks already. Remove one first.").into());
        }
        if others.iter().any(|other| other.url == url) {
            return Err(FieldErrors::one("url", "This address has a webhook already.").into());
        }
        let insert = sql("INSERT INTO webhook_endpoints (id, coach_id, url_sealed, kinds, secret_sealed, active, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)");
        let insert = insert.bind(id).bind(keeper.coach()).bind(url_sealed).bind(wanted.stored());
        insert.bind(secret_sealed).bind(draft.active).bind(now).run(&mut tx).await?;
        tx.commit().await?;
        let made = Endpoint { id, url, wanted, active: draft.active, gone_at: None, former_secret_until: None, created_at: now };
        Ok((made, secret))
    }
}

/// `whsec_` and 256 random bits in base64. The whole text is the key of the signature.
pub(super) fn new_secret(ids: &dyn Ids) -> Clear {
    Clear::new(format!("whsec_{}", ids.secret().expose()))
}

/// Until the transaction ends, nobody else adds to the endpoints of this coach. Admins are few and may collide.
async fn lock(tx: &mut Tx, keeper: Keeper) -> Result<(), StoreError> {
    let Some(coach) = keeper.coach() else { return Ok(()) };
    let lock =
        sql_for("SELECT 1 AS one FROM coaches WHERE user_id = $1", "SELECT 1::bigint AS one FROM coaches WHERE user_id = $1 FOR UPDATE");
    lock.bind(coach).optional(tx).await.map(drop)
}
