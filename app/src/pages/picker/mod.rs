//! The slot picker: a session type's free times, on the mentee's calendar.

mod build;
mod calendar;
mod show;
pub mod view;
mod zone;
mod zone_select;

use axum::{Router, routing::get};
use wellmet::{bookings::SlotQuery, model::BookingId, time::Zone};

use crate::{
    dto::{
        AppError,
        picker::{PickerSource, PickerView},
    },
    server::AppState,
    srv::server,
};

pub use build::{PickerRequest, build};
pub use calendar::calendar_note;
pub use show::{Refused, refused};
pub use view::{Facts, RefusalNote, RefusedTimes, SessionFacts, ZoneForm, ZoneNote, policy, refusal};
pub use zone::{coach_is_where, viewer_zone};

/// `/coaches/{slug}/{type}`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/coaches/{slug}/{kind}", get(show::show))
}

/// What the island asks for.
///
/// # Errors
/// `NotFound` when there is no such session type or booking for the person who asks.
pub async fn answer(source: PickerSource, month: String, day: Option<String>, zone: &str) -> Result<PickerView, AppError> {
    let app = server::app()?;
    let request = PickerRequest { month: Some(month), day };
    let now = app.deps.clock.now();
    match source.clone() {
        PickerSource::Book { coach, kind } => {
            let offer = app.offers.by_slug(&coach).await.map_err(wellmet::error::Internal::from)?.ok_or(AppError::NotFound)?;
            let kind = offer.active_type(&kind).ok_or(AppError::NotFound)?;
            let zone = Zone::parse(zone).unwrap_or_else(|| offer.zone.clone());
            let place = book_place(&offer.slug, &kind.slug);
            Ok(build(app.bookings.slots(), &SlotQuery::booking(&offer, kind), place, &zone, now, &request).await?)
        }
        PickerSource::Move { booking } => {
            let actor = server::identity()?.actor();
            let id: BookingId = booking.parse().map_err(|_| AppError::NotFound)?;
            let booking = app.bookings.booking(actor, id).await?.ok_or(AppError::NotFound)?;
            let offer = app.offers.by_id(booking.coach_id).await.map_err(wellmet::error::Internal::from)?.ok_or(AppError::NotFound)?;
            let zone = Zone::parse(zone).unwrap_or_else(|| offer.zone.clone());
            let query = SlotQuery::moving(&offer, &booking, actor);
            Ok(build(app.bookings.slots(), &query, move_place(id), &zone, now, &request).await?)
        }
    }
}

/// Source, path and action of the picker that books.
pub fn book_place(coach: &str, kind: &str) -> (PickerSource, String, String) {
    let source = PickerSource::Book { coach: coach.to_owned(), kind: kind.to_owned() };
    (source, format!("/coaches/{coach}/{kind}"), format!("/book/{coach}/{kind}"))
}

/// Source, path and action of the picker that moves a booking.
pub fn move_place(booking: BookingId) -> (PickerSource, String, String) {
    let path = format!("/bookings/{booking}/move");
    (PickerSource::Move { booking: booking.to_string() }, path.clone(), path)
}
