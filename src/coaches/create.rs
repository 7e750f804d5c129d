//! What a new coach starts with.

use super::{
    search::fold,
    session_types::bind_draft,
    slug::{candidates, is_reserved_slug, is_slug},
};
use crate::{
    error::Internal,
    model::{Hours, Instant, SessionTypeDraft, SessionTypeId, UserId, WeeklyHours, Window, slugify},
    store::{StoreError, Tx, sql},
    time::Ids,
};

/// Makes `user` a coach, in the transaction that makes the account: a page of their own at a slug of their name,
/// Monday to Friday nine to five, one session type of an hour.
///
/// # Errors
/// What the database says; nothing of it is meant for the user.
pub(crate) async fn create_coach(tx: &mut Tx, ids: &dyn Ids, now: Instant, user: UserId, name: &str) -> Result<(), Internal> {
    let hours = serde_json::to_string(&office_hours()).map_err(Internal::new)?;
    insert_with_free_slug(tx, now, user, name, &hours).await?;
    let first = SessionTypeDraft::first();
    Ok(insert_session_type(tx, ids.id(now), now, user, &slugify(&first.name), &first).await?)
}

/// Inserts the row of `coaches` under the first slug of `name` that is free: `maya-okafor`, `maya-okafor-2` ...
async fn insert_with_free_slug(tx: &mut Tx, now: Instant, user: UserId, name: &str, hours: &str) -> Result<(), StoreError> {
    let base = slugify(name);
    let taken = sql("SELECT slug FROM coaches WHERE slug = $1 OR slug LIKE $2").bind(&base).bind(format!("{base}-%"));
    let rows = taken.all(&mut *tx).await?;
    let taken = rows.iter().map(|row| row.get("slug")).collect::<Result<Vec<String>, _>>()?;
    for slug in candidates(&base).filter(|slug| is_slug(slug) && !is_reserved_slug(slug) && !taken.contains(slug)) {
        // Another registration may take it at this moment: then the next number.
        let insert = sql("INSERT INTO coaches (user_id, slug, hours, name_key, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) \
             ON CONFLICT (slug) DO NOTHING");
        if insert.bind(user).bind(slug).bind(hours).bind(fold(name)).bind(now).run(tx).await? == 1 {
            break;
        }
    }
    Ok(())
}

/// Inserts a session type of `coach` from a checked draft under `slug`.
///
/// # Errors
/// `Unique` when the coach has a type with this slug.
pub(super) async fn insert_session_type(
    tx: &mut Tx,
    id: SessionTypeId,
    now: Instant,
    coach: UserId,
    slug: &str,
    draft: &SessionTypeDraft,
) -> Result<(), StoreError> {
    let insert = sql("INSERT INTO session_types (id, coach_id, slug, created_at, updated_at, name, description, duration_minutes, \
         step_minutes, buffer_before_minutes, buffer_after_minutes, notice_minutes, horizon_days, daily_cap, weekly_cap, price_minor, \
         currency, approval_required, place_kind, place_value, active, reminders, late_refund_percent, no_show_percent) \
         VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)");
    bind_draft(insert.bind(id).bind(coach).bind(slug).bind(now), draft).run(tx).await.map(drop)
}

/// Monday to Friday, 09:00 to 17:00.
fn office_hours() -> Hours {
    let day: Vec<Window> = Window::hours(9, 17).into_iter().collect();
    let mut weekly = WeeklyHours::default();
    weekly.0[..5].fill(day);
    Hours { weekly, ..Hours::default() }
}
