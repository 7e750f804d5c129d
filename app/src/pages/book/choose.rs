//! Choosing a time holds it.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    bookings::{HoldError, HoldRequest, SlotQuery, Unavailable},
    coaches::{CoachOffer, SessionType},
    error::Internal,
    model::Instant,
    time::{Secret, Zone, words},
};

use crate::{
    components::{Breadcrumbs, Nav},
    pages::picker::{Facts, Refused, SessionFacts, refused, viewer_zone},
    server::{AppState, Client, Form, Page, PageContext, PageError, PathOf, QueryOf, cookies, page, see_other},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    start: String,
    #[serde(default)]
    tz: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Shared {
    start: Option<String>,
    tz: Option<String>,
}

async fn offer_of(app: &AppState, slug: &str, kind: &str) -> Result<(Arc<CoachOffer>, SessionType), PageError> {
    let offer = app.offers.by_slug(slug).await.map_err(Internal::from)?.ok_or(PageError::NotFound)?;
    let kind = offer.active_type(kind).ok_or(PageError::NotFound)?.clone();
    Ok((offer, kind))
}

/// A form that was tampered with or a link that was cut: there is no such time.
fn instant(text: &str) -> Result<Instant, PageError> {
    Instant::parse_rfc3339(text)
        .ok_or_else(|| PageError::Unprocessable("The field “start” is not a time such as 2026-12-08T13:00:00Z.".to_owned()))
}

/// Holds the time and leads to the form.
pub(super) async fn hold(
    State(app): State<AppState>,
    context: PageContext,
    Client(client): Client,
    headers: HeaderMap,
    PathOf((slug, kind)): PathOf<(String, String)>,
    Form(choice, _): Form<Choice>,
) -> Result<Response, PageError> {
    let (offer, kind) = offer_of(&app, &slug, &kind).await?;
    let start = instant(&choice.start)?;
    let zone = viewer_zone(&context, choice.tz.as_deref(), &offer.zone);
    let request = HoldRequest { coach: offer.coach_id, session_type: kind.id, start, zone: zone.clone(), from: client.address_key() };
    let https = app.config.public_url.is_https();
    let coach = request.coach;
    let held = app.bookings.hold(request, cookies::hold_secret(&headers).as_ref()).await;
    if held.is_ok() {
        app.bookings.freshen_soon(coach);
    }
    match held {
        Ok((secret, _)) => {
            let mut response = see_other(&format!("/book/h/{}", secret.expose()));
            response.headers_mut().append(header::SET_COOKIE, cookies::hold(&secret, https));
            Ok(response)
        }
        Err(HoldError::NotFound) => Err(PageError::NotFound),
        Err(HoldError::Unavailable(unavailable)) => refused(&context, &offer, &kind, &zone, Refused { wanted: start, unavailable }).await,
        Err(HoldError::TooMany { retry_after }) => Err(PageError::TooMany { retry_after }),
        Err(HoldError::Internal(error)) => Err(error.into()),
    }
}

/// A shared link to one time: shows it and asks. Only pressing the button holds it, since a GET changes nothing.
pub(super) async fn ask(
    State(app): State<AppState>,
    context: PageContext,
    PathOf((slug, kind)): PathOf<(String, String)>,
    QueryOf(query): QueryOf<Shared>,
) -> Result<Response, PageError> {
    let (offer, kind) = offer_of(&app, &slug, &kind).await?;
    let Some(start) = query.start.as_deref() else { return Ok(see_other(&format!("/coaches/{slug}/{}", kind.slug))) };
    let start = instant(start)?;
    let zone = viewer_zone(&context, query.tz.as_deref(), &offer.zone);
    let slots = SlotQuery::booking(&offer, &kind);
    let session = match app.bookings.slots().judge(&slots, start).await? {
        Ok(session) => session,
        Err(refusal) => {
            let alternatives = app.bookings.slots().nearest(&slots, start, 5).await?;
            let unavailable = Unavailable { refusal, alternatives };
            return refused(&context, &offer, &kind, &zone, Refused { wanted: start, unavailable }).await;
        }
    };
    let when = words::when(&zone, session.start, session.end);
    let page_of = Page::private(format!("{} with {}", kind.name, offer.name)).nav(Nav::Coaches);
    Ok(page(&context, page_of, move || ask_view(&offer, &kind, &zone, start, when)))
}

fn ask_view(offer: &CoachOffer, kind: &SessionType, zone: &Zone, start: Instant, when: String) -> impl IntoView + use<> {
    let path = format!("/coaches/{}/{}", offer.slug, kind.slug);
    let trail = vec![(format!("/coaches/{}", offer.slug), offer.name.clone()), (path.clone(), kind.name.clone())];
    view! {
        <Breadcrumbs links=trail />
        <h1>{kind.name.clone()}" with "{offer.name.clone()}</h1>
        <p class="lead">{when}</p>
        <Facts facts=SessionFacts::of_type(kind) />
        <form method="post" action=format!("/book/{}/{}", offer.slug, kind.slug) class="button-row">
            <input type="hidden" name="tz" value=zone.name().to_owned() />
            <button class="btn btn-primary" name="start" value=start.to_rfc3339()>"Hold this time for ten minutes"</button>
            <a class="btn btn-quiet" href=path>"See other times"</a>
        </form>
    }
}

/// Lets go of a hold and leads back to the times.
pub(super) async fn release(State(app): State<AppState>, PathOf(secret): PathOf<String>) -> Result<Response, PageError> {
    let secret = Secret::from_untrusted(&secret).ok_or(PageError::NotFound)?;
    let held = app.bookings.held(&secret).await?.ok_or(PageError::NotFound)?;
    app.bookings.release(&secret).await?;
    let offer = app.offers.by_id(held.coach).await.map_err(Internal::from)?.ok_or(PageError::NotFound)?;
    let kind = offer.session_type(held.session_type).ok_or(PageError::NotFound)?;
    let day = held.zone.date_of(held.session.start);
    let mut back = see_other(&format!("/coaches/{}/{}?day={day}&tz={}", offer.slug, kind.slug, held.zone.name()));
    back.headers_mut().append(header::SET_COOKIE, cookies::no_hold(app.config.public_url.is_https()));
    Ok(back.into_response())
}
