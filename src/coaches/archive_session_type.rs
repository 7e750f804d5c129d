use super::{Coaches, SessionTypeError};
use crate::{accounts::CoachActor, model::SessionTypeId, store::sql};

impl Coaches {
    /// Takes a session type away for good: nobody can book it any more, and bookings made of it stay as they are.
    /// Archiving once more changes nothing. Gives whether there was anything to archive.
    ///
    /// # Errors
    /// `NotFound` unless it is this coach's.
    pub async fn archive_session_type(&self, coach: &CoachActor, id: SessionTypeId) -> Result<bool, SessionTypeError> {
        let (mut tx, offer) = self.begin(coach).await?;
        let archive = sql("UPDATE session_types SET archived_at = COALESCE(archived_at, $3), updated_at = $3
            WHERE id = $1 AND coach_id = $2");
        if archive.bind(id).bind(coach.id()).bind(self.deps.clock.now()).run(&mut tx).await? == 0 {
            return Err(SessionTypeError::NotFound);
        }
        self.commit(tx, coach).await?;
        Ok(offer.session_type(id).is_some())
    }
}
