use wellmet::{
    accounts::{Actor, Identity},
    bookings::Booking,
    error::Internal,
    jobs::{JobKind, JobView},
    model::{Instant, JobId, UserId},
    notices::webhooks::{DeliveryId, Keeper},
    time::Zone,
};

use super::words;
use crate::server::AppState;

/// What is outstanding, in words for whoever looks.
pub struct Outstanding {
    pub(super) items: Vec<Item>,
    /// Where "try again" is posted to, before the job's id.
    pub(super) path: &'static str,
    pub(super) now: Instant,
}

/// One thing that was not done.
pub(super) struct Item {
    pub(super) id: JobId,
    /// What it is: `The mail to Jonas about ...`.
    pub(super) what: String,
    /// Why it was not done.
    pub(super) problem: String,
    /// Where to read more.
    pub(super) more: Option<(String, &'static str)>,
    pub(super) attempts: u32,
    pub(super) run_at: Instant,
    pub(super) created_at: Instant,
    pub(super) given_up_at: Option<Instant>,
}

impl Outstanding {
    /// Loads what concerns `viewer`: a coach's own, or everyone's for an admin.
    pub async fn load(app: &AppState, viewer: &Identity) -> Result<Self, Internal> {
        let mut items = Vec::new();
        let zone = Zone::parse(viewer.time_zone()).unwrap_or_else(Zone::utc);
        for job in app.jobs.outstanding(viewer.actor()).await? {
            items.push(item(app, viewer, &zone, job).await?);
        }
        let path = if viewer.coach().is_some() { "/dashboard/outstanding" } else { "/admin/jobs" };
        Ok(Self { items, path, now: app.deps.clock.now() })
    }
}

async fn item(app: &AppState, viewer: &Identity, zone: &Zone, job: JobView) -> Result<Item, Internal> {
    let booking = match job.booking_id {
        Some(id) => app.bookings.booking(viewer.actor(), id).await?,
        None => None,
    };
    let whom = match job.user_id {
        Some(id) => Some(name_of(app, viewer, booking.as_ref(), id).await?),
        None => None,
    };
    let hook = match job.kind {
        JobKind::Webhook => hook_of(app, viewer, &job).await?,
        _ => None,
    };
    let about = booking.as_ref().map(|booking| words::about(booking, viewer.actor(), zone));
    let (host, path) = hook.unzip();
    let told = words::Told { kind: job.kind, whom, about, host, own: viewer.coach().is_some() };
    let to_booking = booking.map(|booking| (format!("/bookings/{}", booking.id), "The booking"));
    Ok(Item {
        id: job.id,
        what: told.in_words(),
        problem: job.problem.unwrap_or_else(|| "Nothing is known of why.".to_owned()),
        more: path.map(|path| (path, "What was sent")).or(to_booking),
        attempts: job.attempts,
        run_at: job.run_at,
        created_at: job.created_at,
        given_up_at: job.given_up_at,
    })
}

/// What to call the person that a job is for.
async fn name_of(app: &AppState, viewer: &Identity, booking: Option<&Booking>, id: UserId) -> Result<String, Internal> {
    if id == viewer.id() {
        return Ok("you".to_owned());
    }
    let known = booking.and_then(|booking| match id {
        id if id == booking.client_id => Some(booking.client_name.clone()),
        id if id == booking.coach_id => Some(booking.coach_name.clone()),
        _ => None,
    });
    match (known, viewer.admin()) {
        (Some(name), _) => Ok(name),
        (None, Some(admin)) => Ok(app.accounts.user(&admin, id).await?.map_or_else(|| "someone".to_owned(), |user| user.name)),
        (None, None) => Ok("someone".to_owned()),
    }
}

/// The host that a webhook goes to and the page about its delivery, if they are the viewer's.
async fn hook_of(app: &AppState, viewer: &Identity, job: &JobView) -> Result<Option<(String, String)>, Internal> {
    let keeper: Keeper = match viewer.actor() {
        Actor::Coach(coach) => coach.into(),
        Actor::Admin(admin) => admin.into(),
        Actor::Mentee(_) => return Ok(None),
    };
    let id: Option<DeliveryId> = job.payload["delivery"].as_str().and_then(|id| id.parse().ok());
    let Some(id) = id else { return Ok(None) };
    let Some(delivery) = app.webhooks.delivery(keeper, id).await? else { return Ok(None) };
    let Some(endpoint) = app.webhooks.endpoint(keeper, delivery.endpoint_id).await? else { return Ok(None) };
    Ok(Some(crate::pages::webhooks::place_of(&endpoint, keeper, id)))
}
