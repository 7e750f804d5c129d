//! `/coaches/{slug}/{type}`: the page of the picker.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use wellmet::{
    bookings::{SlotQuery, Unavailable},
    coaches::{CoachOffer, SessionType},
    error::Internal,
    model::Instant,
    notices::Topic,
    time::{Zone, words},
};

use super::{PickerRequest, book_place, build, coach_is_where, view, viewer_zone};
use crate::{
    components::Nav,
    dto::picker::PickerView,
    server::{AppState, Page, PageContext, PageError, PathOf, QueryOf, live::live_at, page},
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    month: Option<String>,
    day: Option<String>,
    tz: Option<String>,
}

/// What is said when a time was chosen that is not to be had.
pub struct Refused {
    /// The time that was wanted.
    pub wanted: Instant,
    /// Why not, and what instead.
    pub unavailable: Unavailable,
}

pub(super) async fn show(
    State(app): State<AppState>,
    context: PageContext,
    PathOf((slug, kind)): PathOf<(String, String)>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Response, PageError> {
    let offer = app.offers.by_slug(&slug).await.map_err(Internal::from)?.ok_or(PageError::NotFound)?;
    let kind = offer.active_type(&kind).ok_or(PageError::NotFound)?.clone();
    let zone = viewer_zone(&context, query.tz.as_deref(), &offer.zone);
    let request = PickerRequest { month: query.month, day: query.day };
    render(&context, &offer, &kind, &zone, &request, None).await
}

/// The page again, after a time was chosen that is not to be had: 409, with the reason and the nearest times.
///
/// # Errors
/// As the page itself.
pub async fn refused(
    context: &PageContext,
    offer: &Arc<CoachOffer>,
    kind: &SessionType,
    zone: &Zone,
    refused: Refused,
) -> Result<Response, PageError> {
    let day = zone.date_of(refused.wanted).to_string();
    let request = PickerRequest { month: None, day: Some(day) };
    render(context, offer, kind, zone, &request, Some(refused)).await
}

async fn render(
    context: &PageContext,
    offer: &CoachOffer,
    kind: &SessionType,
    zone: &Zone,
    request: &PickerRequest,
    refused: Option<Refused>,
) -> Result<Response, PageError> {
    let app = &context.app;
    let now = app.deps.clock.now();
    let place = book_place(&offer.slug, &kind.slug);
    let live = live_at(app, Topic::Coach(offer.coach_id), &format!("/live/coach/{}", offer.slug)).await?;
    let picker = build(app.bookings.slots(), &SlotQuery::booking(offer, kind), place, zone, now, request).await?;
    let shown = view::Shown { live, ..shown(offer, kind, zone, now, picker, refused) };
    let title = format!("{} with {}", kind.name, offer.name);
    let about =
        format!("See {}'s free times for {} ({}) and book one.", offer.name, kind.name, words::span_minutes(kind.rules.duration_minutes));
    let status = if shown.refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let page_of = Page::new(title).description(about).nav(Nav::Coaches).status(status);
    Ok(page(context, page_of, move || view::picker_page(shown)))
}

fn shown(offer: &CoachOffer, kind: &SessionType, zone: &Zone, now: Instant, picker: PickerView, refused: Option<Refused>) -> view::Shown {
    let at = picker.day.as_ref().and_then(|day| day.parts.first()?.times.first()).and_then(|time| Instant::parse_rfc3339(&time.start));
    view::Shown {
        coach: offer.name.clone(),
        coach_slug: offer.slug.clone(),
        facts: view::SessionFacts::of_type(kind),
        name: kind.name.clone(),
        description: kind.description.clone(),
        zone: view::ZoneNote {
            name: zone.name().to_owned(),
            now: format!("{}, now {}", zone.utc_offset_label(now), zone.wall(now)),
            coach: coach_is_where(&offer.name, &offer.zone, zone, at.unwrap_or(now)),
        },
        refused: refused.map(|refused| view::refusal(&refused, zone)),
        picker,
        live: None,
    }
}
