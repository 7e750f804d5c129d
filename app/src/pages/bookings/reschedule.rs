//! Moving a booking: the picker again, its own time counted as free.

use axum::{extract::State, http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::{Actor, Identity},
    bookings::{Booking, RescheduleError, SlotQuery, Unavailable},
    coaches::CoachOffer,
    error::Internal,
    integrations::standing::Standing,
    model::{BookingId, BookingStatus, Instant},
    notices::Topic,
    time::{Zone, words},
};

use super::detail::{nav, own_zone};
use crate::{
    components::Breadcrumbs,
    dto::{LiveAt, picker::PickerView},
    islands::SlotPicker,
    pages::picker::{PickerRequest, RefusalNote, Refused, RefusedTimes, ZoneForm, ZoneNote, build, coach_is_where, move_place, refusal},
    server::{AppState, Form, Page, PageContext, PageError, PathOf, QueryOf, SignedIn, live::live_at, page, see_other},
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    month: Option<String>,
    day: Option<String>,
    tz: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    start: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    tz: Option<String>,
}

pub(super) async fn ask(
    State(app): State<AppState>,
    SignedIn(viewer): SignedIn,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Response, PageError> {
    let booking = app.bookings.booking(viewer.actor(), id).await?.ok_or(PageError::NotFound)?;
    if !booking.can_move(viewer.actor(), app.deps.clock.now()) {
        return Ok(see_other(&format!("/bookings/{id}")));
    }
    let zone = query.tz.as_deref().and_then(Zone::parse).unwrap_or_else(|| own_zone(&context, &viewer, &booking));
    let request = PickerRequest { month: query.month, day: query.day };
    render(&context, &viewer, booking, &zone, request, Said::Nothing).await
}

pub(super) async fn reschedule(
    State(app): State<AppState>,
    SignedIn(viewer): SignedIn,
    context: PageContext,
    PathOf(id): PathOf<BookingId>,
    Form(sent, _): Form<Choice>,
) -> Result<Response, PageError> {
    let start = Instant::parse_rfc3339(&sent.start)
        .ok_or_else(|| PageError::Unprocessable("The field “start” is not a time such as 2026-12-08T13:00:00Z.".to_owned()))?;
    let said = match app.bookings.reschedule(viewer.actor(), id, start, &sent.reason).await {
        Ok(moved) => {
            let asked = matches!(viewer.actor(), Actor::Mentee(_)) && moved.status == BookingStatus::Pending;
            return Ok(see_other(&format!("/bookings/{id}?done={}", if asked { "moved-request" } else { "moved" })));
        }
        Err(RescheduleError::NotFound) => return Err(PageError::NotFound),
        Err(RescheduleError::Internal(error)) => return Err(error.into()),
        Err(RescheduleError::Unavailable(unavailable)) => Said::Refused(start, unavailable),
        Err(RescheduleError::Invalid(errors)) => {
            Said::Words(format!("Reason: {}", errors.about("reason").unwrap_or("This needs your attention.")))
        }
        Err(RescheduleError::WrongStatus(_)) => Said::Words("This booking has ended already and cannot be moved.".to_owned()),
        Err(RescheduleError::Past) => Said::Words("This session has started and cannot be moved.".to_owned()),
        Err(RescheduleError::TooLate(_)) => {
            Said::Words("It is too late to move this booking here. Please get in touch with your coach.".to_owned())
        }
    };
    let booking = app.bookings.booking(viewer.actor(), id).await?.ok_or(PageError::NotFound)?;
    let zone = sent.tz.as_deref().and_then(Zone::parse).unwrap_or_else(|| own_zone(&context, &viewer, &booking));
    let request = PickerRequest { month: None, day: Some(zone.date_of(start).to_string()) };
    render(&context, &viewer, booking, &zone, request, said).await
}

/// What is said above the picker.
enum Said {
    Nothing,
    Words(String),
    Refused(Instant, Unavailable),
}

async fn render(
    context: &PageContext,
    viewer: &Identity,
    booking: Booking,
    zone: &Zone,
    request: PickerRequest,
    said: Said,
) -> Result<Response, PageError> {
    let app = &context.app;
    let now = app.deps.clock.now();
    let offer = app.offers.by_id(booking.coach_id).await.map_err(Internal::from)?.ok_or(PageError::NotFound)?;
    let query = SlotQuery::moving(&offer, &booking, viewer.actor());
    let live = live_at(app, Topic::Coach(offer.coach_id), &format!("/live/coach/{}", offer.slug)).await?;
    let picker = build(app.bookings.slots(), &query, move_place(booking.id), zone, now, &request).await?;
    let standing = app.bookings.slots().standing_for(&query).await?;
    let status = match said {
        Said::Nothing => StatusCode::OK,
        Said::Words(_) | Said::Refused(..) => StatusCode::CONFLICT,
    };
    let note = match said {
        Said::Nothing => None,
        Said::Words(words) => Some(RefusalNote { words, times: Vec::new() }),
        Said::Refused(wanted, unavailable) => Some(refusal(&Refused { wanted, unavailable }, zone)),
    };
    let zone_note = ZoneNote {
        name: zone.name().to_owned(),
        now: format!("{}, now {}", zone.utc_offset_label(now), zone.wall(now)),
        coach: coach_is_where(&offer.name, &offer.zone, zone, booking.starts_at),
    };
    let when = words::when(zone, booking.starts_at, booking.ends_at);
    let actor = viewer.actor();
    let about = what_happens(&booking, actor, &offer, standing);
    let page_of = Page::private(format!("Move {}", booking.title)).nav(nav(viewer)).status(status);
    Ok(page(context, page_of, move || move_view(&booking, actor, (when, about), (picker, live), zone_note, note)))
}

/// What choosing a time does, told before it is done.
fn what_happens(booking: &Booking, actor: Actor, offer: &CoachOffer, standing: Standing) -> String {
    if booking.asks_again(actor, offer, standing) {
        let coach = &booking.coach_name;
        return format!("{coach} confirms each request: the new time waits for an answer, and the old one is given up at once.");
    }
    "Choose a new time and it is moved at once. Your booking stays the same one.".to_owned()
}

fn move_view(
    booking: &Booking,
    actor: Actor,
    (when, about): (String, String),
    (picker, live): (PickerView, Option<LiveAt>),
    zone: ZoneNote,
    note: Option<RefusalNote>,
) -> impl IntoView + use<> {
    let path = format!("/bookings/{}", booking.id);
    let (month, day) = (picker.month.key.clone(), picker.day.as_ref().map(|day| day.date.clone()));
    let (action, zone_name, picker_path) = (picker.action.clone(), picker.zone.clone(), picker.path.clone());
    let mentee = matches!(actor, Actor::Mentee(_));
    let other = if mentee { booking.coach_name.clone() } else { booking.client_name.clone() };
    let reason = (!mentee).then(|| reason_field(&other));
    view! {
        <Breadcrumbs links=vec![(path.clone(), booking.title.clone())] />
        {note.map(|note| view! { <RefusedTimes note action zone=zone_name /> })}
        <div class="card pick">
            <section class="pick-who" aria-label="Booking">
                <h1>"Move to another time"</h1>
                <p>{booking.title.clone()}" with "{other}</p>
                <p class="muted">"Now: "{when}</p>
                {reason}
                <p class="muted small">{about}</p>
                <p><a class="btn" href=path>"Keep the time"</a></p>
            </section>
            <SlotPicker view=picker live>
                <ZoneForm zone month day path=picker_path />
            </SlotPicker>
        </div>
    }
}

/// Sent with the picker's form, which stands elsewhere on the page.
fn reason_field(other: &str) -> impl IntoView + use<> {
    view! {
        <div class="field">
            <label for="reason">"Reason"</label>
            <p class="hint" id="reason-hint">{format!("{other} will read it. Say it before you choose a time.")}</p>
            <input class="input" id="reason" name="reason" form="times" required=true maxlength="500" aria-describedby="reason-hint" />
        </div>
    }
}
