//! Sending the form: sign up or in if need be, then book.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use wellmet::{
    accounts::{ClientInfo, Identity, RegisterError, Registration, SignInError},
    bookings::{BookError, BookRequest, Terms},
    model::{BookingStatus, FieldErrors, Instant, Role},
    time::Secret,
};

use super::{
    form::{self, Context, Lost, Said},
    terms::{changed, terms_of},
};
use crate::{
    dto::FormState,
    server::{AppState, Client, Form, PageContext, PageError, PathOf, cookies, see_other},
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    #[serde(default)]
    account: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    notes: String,
    /// One of the other times, after the held one was lost.
    #[serde(default)]
    start: Option<String>,
    /// Length and price as the form showed them.
    #[serde(default)]
    shown: String,
}

pub(super) async fn submit(
    State(app): State<AppState>,
    context: PageContext,
    Client(client): Client,
    PathOf(secret): PathOf<String>,
    Form(sent, state): Form<Sent>,
) -> Result<Response, PageError> {
    let found = form::find(&app, &secret).await?;
    let (viewer, cookie) = match context.viewer.clone() {
        Some(viewer) => (viewer, None),
        None => match enter(&app, &sent, &found, &client).await? {
            Ok((viewer, secret)) => (viewer, Some(cookies::sign_in(&secret, app.config.public_url.is_https()))),
            Err(errors) => {
                return Ok(form::render(&context, &found, &state.failed(errors), None, Said::Nothing, StatusCode::UNPROCESSABLE_ENTITY));
            }
        },
    };
    // The account exists from here on, whatever becomes of the booking: the page shows it, the cookie says so.
    let context = PageContext { viewer: Some(viewer.clone()), ..context };
    let mut response = book(&app, &context, &found, sent, state, viewer).await?;
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn book(
    app: &AppState,
    context: &PageContext,
    found: &Context,
    sent: Sent,
    state: FormState,
    viewer: Identity,
) -> Result<Response, PageError> {
    let Some(mentee) = viewer.mentee() else {
        return Ok(form::render(context, found, &state, Some(viewer), Said::Nothing, StatusCode::FORBIDDEN));
    };
    let start = sent.start.as_deref().and_then(Instant::parse_rfc3339);
    // A form that does not say what it showed is as good as one that showed what the page did.
    let terms = Some(terms_of(&sent.shown).unwrap_or_else(|| Terms::of(&found.kind)));
    match app.bookings.book(&mentee, &found.secret, BookRequest { start, notes: sent.notes, terms }).await {
        Ok(booking) => {
            // What it costs, and by which rules, is seen once more, as agreed, before it is paid.
            if booking.is_unpaid() {
                let mut response = see_other(&format!("/bookings/{}/pay", booking.id));
                response.headers_mut().append(header::SET_COOKIE, cookies::no_hold(app.config.public_url.is_https()));
                return Ok(response);
            }
            let done = if booking.status == BookingStatus::Pending { "requested" } else { "booked" };
            let mut response = see_other(&format!("/bookings/{}?done={done}", booking.id));
            response.headers_mut().append(header::SET_COOKIE, cookies::no_hold(app.config.public_url.is_https()));
            Ok(response)
        }
        Err(BookError::NotFound) => Err(PageError::NotFound),
        Err(BookError::Invalid(errors)) => {
            Ok(form::render(context, found, &state.failed(errors), Some(viewer), Said::Nothing, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(BookError::Unavailable(unavailable)) => {
            let lost = Lost { wanted: start.unwrap_or(found.held.session.start), unavailable };
            Ok(form::render(context, found, &state, Some(viewer), Said::Lost(lost), StatusCode::CONFLICT))
        }
        Err(BookError::Changed) => {
            let found = form::find(app, found.secret.expose()).await?;
            let words = changed(&found.offer.name, terms_of(&sent.shown), Terms::of(&found.kind));
            Ok(form::render(context, &found, &state, Some(viewer), Said::Changed(words), StatusCode::CONFLICT))
        }
        Err(BookError::Internal(error)) => Err(error.into()),
    }
}

/// Makes the account or signs in, as the form says.
async fn enter(
    app: &AppState,
    sent: &Sent,
    found: &Context,
    client: &ClientInfo,
) -> Result<Result<(Identity, Secret), FieldErrors>, PageError> {
    if sent.account == "existing" {
        return match app.accounts.sign_in(&sent.email, &sent.password, client).await {
            Ok(entered) => Ok(Ok(entered)),
            Err(SignInError::Wrong) => Ok(Err(FieldErrors::one("email", "Address and password do not go together."))),
            Err(SignInError::TooMany { retry_after }) => Err(PageError::TooMany { retry_after }),
            Err(SignInError::Internal(error)) => Err(error.into()),
        };
    }
    let registration = Registration {
        email: sent.email.clone(),
        password: sent.password.clone(),
        name: sent.name.clone(),
        role: Role::Mentee,
        time_zone: found.held.zone.name().to_owned(),
    };
    match app.accounts.register(registration, client).await {
        Ok(entered) => Ok(Ok(entered)),
        Err(RegisterError::Invalid(errors)) => Ok(Err(errors)),
        Err(RegisterError::TooMany { retry_after }) => Err(PageError::TooMany { retry_after }),
        Err(RegisterError::Internal(error)) => Err(error.into()),
    }
}
