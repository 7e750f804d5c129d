//! Dates that differ from the week: picked, set, removed.

use axum::{http::StatusCode, response::Response};
use chrono::NaiveDate;
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::CoachActor,
    coaches::SetHoursError,
    error::Internal,
    model::{FieldErrors, WallTime},
    time::{Interval, Zone, words::long_date},
};

use super::{
    date_form::{DateAction, DateForm},
    date_view::{DatePage, DatesPage},
    month,
};
use crate::{
    components::Nav,
    dto::FormState,
    server::{AppState, Form, Page, PageContext, PageError, PathOf, QueryOf, SignedInCoach, page, see_other},
};

#[derive(Debug, Deserialize)]
pub(super) struct DatesQuery {
    month: Option<String>,
}

pub(super) async fn list(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    QueryOf(query): QueryOf<DatesQuery>,
) -> Result<Response, PageError> {
    let (hours, zone) = context.app.coaches.hours(&coach).await?;
    let today = zone.date_of(context.app.deps.clock.now());
    let month = query.month.and_then(|month| month::parse_month(&month)).unwrap_or_else(|| month::first_of(today));
    let head = Page::private("Single dates").nav(Nav::Availability);
    Ok(page(&context, head, || view! { <DatesPage month today hours zone=zone.name().to_owned() /> }))
}

pub(super) async fn show(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(date): PathOf<String>,
) -> Result<Response, PageError> {
    let date = date_of(&date)?;
    let (hours, zone) = context.app.coaches.hours(&coach).await?;
    if date < zone.date_of(context.app.deps.clock.now()) {
        return Err(PageError::NotFound);
    }
    let form = DateForm::of(hours.on(date).0);
    render(&context, &coach, date, form, FieldErrors::new()).await
}

pub(super) async fn submit(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(date): PathOf<String>,
    Form(values, _): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let date = date_of(&date)?;
    let (mut form, action) = DateForm::read(&values);
    if action != DateAction::Save {
        form.apply(action);
        return render(&context, &coach, date, form, FieldErrors::new()).await;
    }
    let saved = match form.draft(date.to_string()) {
        Ok(draft) => context.app.coaches.set_override(&coach, draft).await,
        Err(errors) => Err(errors.into()),
    };
    match saved {
        Ok(_) => Ok(see_other(&format!("/dashboard/availability/dates?month={}&done=override", date.format("%Y-%m")))),
        Err(SetHoursError::Invalid(errors)) => render(&context, &coach, date, form, errors).await,
        Err(SetHoursError::Internal(error)) => Err(error.into()),
    }
}

pub(super) async fn remove(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(date): PathOf<String>,
) -> Result<Response, PageError> {
    let date = date_of(&date)?;
    match context.app.coaches.remove_override(&coach, &date.to_string()).await {
        Ok(_) => Ok(see_other(&format!("/dashboard/availability/dates?month={}&done=override-removed", date.format("%Y-%m")))),
        Err(SetHoursError::Invalid(_)) => Err(PageError::NotFound),
        Err(SetHoursError::Internal(error)) => Err(error.into()),
    }
}

fn date_of(text: &str) -> Result<NaiveDate, PageError> {
    text.parse().ok().filter(|date: &NaiveDate| date.to_string() == text).ok_or(PageError::NotFound)
}

async fn render(
    context: &PageContext,
    coach: &CoachActor,
    date: NaiveDate,
    form: DateForm,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let (hours, zone) = context.app.coaches.hours(coach).await?;
    let booked = bookings_on(&context.app, coach, &zone, date).await?;
    let wrong = !errors.0.is_empty();
    let title = format!("{}{}", if wrong { "Error: " } else { "" }, long_date(date));
    let head = Page::private(title).nav(Nav::Availability).status(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK });
    let errors = FormState::new().failed(errors);
    let (week, differs) = (month::windows_words(hours.weekly.on(wellmet::model::Weekday::of(date))), hours.on(date).1);
    Ok(page(context, head, || view! { <DatePage date form errors week differs booked /> }))
}

/// How many sessions are agreed or asked for on `date`: closing it does not call them off.
async fn bookings_on(app: &AppState, coach: &CoachActor, zone: &Zone, date: NaiveDate) -> Result<usize, Internal> {
    let (Some(start), Some(end)) = (zone.start_of(date, WallTime::MIDNIGHT), zone.start_of(date, WallTime::END_OF_DAY)) else {
        return Ok(0);
    };
    let bookings = app.bookings.calendar(coach, Interval { start, end }).await?;
    Ok(bookings.iter().filter(|booking| booking.status.is_live()).count())
}
