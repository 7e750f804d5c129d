//! The form of a held time.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use wellmet::{
    accounts::Identity,
    availability::Refusal,
    bookings::{Held, SlotQuery, Unavailable},
    coaches::{CoachOffer, SessionType},
    error::Internal,
    integrations::standing::Standing,
    model::Instant,
    time::Secret,
};

use super::view;
use crate::{
    dto::FormState,
    server::{AppState, Page, PageContext, PageError, PathOf, page, see_other},
};

/// A hold with what it is about.
pub(super) struct Context {
    pub(super) secret: Secret,
    pub(super) held: Held,
    pub(super) offer: Arc<CoachOffer>,
    pub(super) kind: SessionType,
    /// What may be offered of the coach's time now.
    pub(super) standing: Standing,
}

/// Finds the hold of the secret in the address. Whatever is not there any more is the 404 page.
pub(super) async fn find(app: &AppState, secret: &str) -> Result<Context, PageError> {
    let secret = Secret::from_untrusted(secret).ok_or(PageError::NotFound)?;
    let held = app.bookings.held(&secret).await?.ok_or(PageError::NotFound)?;
    let offer = app.offers.by_id(held.coach).await.map_err(Internal::from)?.filter(|offer| offer.active).ok_or(PageError::NotFound)?;
    let kind = offer.session_type(held.session_type).filter(|kind| kind.active).ok_or(PageError::NotFound)?.clone();
    let standing = app.bookings.slots().standing(held.coach).await?;
    Ok(Context { secret, held, offer, kind, standing })
}

pub(super) async fn show(State(app): State<AppState>, context: PageContext, PathOf(secret): PathOf<String>) -> Result<Response, PageError> {
    let found = find(&app, &secret).await?;
    // Back to a form that was sent already: the booking is what it led to.
    if let Some(actor) = context.viewer.as_ref().and_then(Identity::mentee)
        && let Some(booking) = app.bookings.booked_by(&actor, &found.secret).await?
    {
        return Ok(see_other(&format!("/bookings/{}", booking.id)));
    }
    let lost = lost(&app, &found).await?;
    let form = FormState::new().with("account", "new");
    let viewer = context.viewer.clone();
    Ok(render(&context, &found, &form, viewer, lost.map_or(Said::Nothing, Said::Lost), StatusCode::OK))
}

/// What is said above the form.
pub(super) enum Said {
    Nothing,
    /// The time is not to be had.
    Lost(Lost),
    /// The session is not what the form said: how it differs now.
    Changed(String),
}

/// A time that is not to be had, and what is instead.
pub(super) struct Lost {
    pub(super) wanted: Instant,
    pub(super) unavailable: Unavailable,
}

/// Whether the time of a hold that ended has gone to somebody else meanwhile.
async fn lost(app: &AppState, found: &Context) -> Result<Option<Lost>, PageError> {
    if app.deps.clock.now() < found.held.expires_at {
        return Ok(None);
    }
    let (start, query) = (found.held.session.start, SlotQuery::booking(&found.offer, &found.kind));
    match app.bookings.slots().judge(&query, start).await? {
        Ok(_) => Ok(None),
        Err(refusal) => Ok(Some(Lost { wanted: start, unavailable: unavailable(app, found, refusal, start).await? })),
    }
}

async fn unavailable(app: &AppState, found: &Context, refusal: Refusal, start: Instant) -> Result<Unavailable, PageError> {
    let query = SlotQuery::booking(&found.offer, &found.kind);
    Ok(Unavailable { refusal, alternatives: app.bookings.slots().nearest(&query, start, 5).await? })
}

/// The page with the form as it was typed.
pub(super) fn render(
    context: &PageContext,
    found: &Context,
    form: &FormState,
    viewer: Option<Identity>,
    said: Said,
    status: StatusCode,
) -> Response {
    let collects = context.app.bookings.collects(&found.kind);
    let shown = view::Shown::new(found, form.clone(), viewer, said, (context.app.deps.clock.now(), collects));
    let error = if form.has_errors() { "Error: " } else { "" };
    let title = format!("{error}Book {} with {}", found.kind.name, found.offer.name);
    page(context, Page::private(title).status(status).not_kept(), move || view::form_page(shown))
}
