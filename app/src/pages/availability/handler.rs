//! The weekly editor: shown, previewed, stored.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::CoachActor,
    coaches::{CoachOffer, SessionType, SetHoursError},
    error::Internal,
    model::{FieldErrors, Hours},
};

use super::{
    form::{Action, WeekForm},
    preview::{self, Preview},
    preview_view::clock_words,
    view::HoursPage,
};
use crate::{
    components::Nav,
    dto::FormState,
    server::{AppState, Form, Page, PageContext, PageError, QueryOf, SignedInCoach, page, see_other},
};

/// What the links to the page may ask for.
#[derive(Debug, Deserialize)]
pub(super) struct HoursQuery {
    kind: Option<String>,
    week: Option<String>,
}

/// All that the editor shows.
pub(super) struct Editor {
    pub(super) form: WeekForm,
    pub(super) errors: FormState,
    pub(super) zone: String,
    pub(super) clock: Option<String>,
    pub(super) said: Option<String>,
    pub(super) aside: Aside,
}

/// What stands beside the form.
pub(super) struct Aside {
    pub(super) kinds: Vec<SessionType>,
    pub(super) chosen: Option<SessionType>,
    pub(super) preview: Option<Preview>,
    pub(super) unread: bool,
    pub(super) why: (String, String),
    pub(super) answer: Option<String>,
}

pub(super) async fn show(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    QueryOf(query): QueryOf<HoursQuery>,
) -> Result<Response, PageError> {
    let offer = offer_of(&context.app, &coach).await?;
    let mut form = WeekForm::of(&offer.hours.weekly);
    form.kind = query.kind.and_then(|id| id.parse().ok());
    form.week = query.week.and_then(|date| date.parse().ok());
    render(&context, &offer, form, FieldErrors::new(), None).await
}

pub(super) async fn submit(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    Form(values, _): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (mut form, action) = WeekForm::read(&values);
    if action == Action::Save {
        match context.app.coaches.set_weekly(&coach, form.draft()).await {
            Ok(_) => return Ok(see_other("/dashboard/availability?done=hours")),
            Err(SetHoursError::Internal(error)) => return Err(error.into()),
            Err(SetHoursError::Invalid(errors)) => {
                let offer = offer_of(&context.app, &coach).await?;
                return render(&context, &offer, form, errors, None).await;
            }
        }
    }
    let offer = offer_of(&context.app, &coach).await?;
    match form.apply(action) {
        Ok(said) => render(&context, &offer, form, FieldErrors::new(), said.map(|(_, words)| words)).await,
        Err(errors) => render(&context, &offer, form, errors, None).await,
    }
}

async fn render(
    context: &PageContext,
    offer: &CoachOffer,
    form: WeekForm,
    errors: FieldErrors,
    said: Option<String>,
) -> Result<Response, PageError> {
    let now = context.app.deps.clock.now();
    let aside = aside(&context.app, offer, &form).await?;
    let wrong = !errors.0.is_empty();
    let editor = Editor {
        form,
        errors: FormState::new().failed(errors),
        zone: offer.zone.name().to_owned(),
        clock: clock_words(&offer.zone, now),
        said,
        aside,
    };
    let title = if wrong { "Error: Weekly hours" } else { "Weekly hours" };
    let head = Page::private(title).nav(Nav::Availability).status(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK });
    Ok(page(context, head, || view! { <HoursPage editor /> }))
}

/// What stands beside `form`: what mentees would see if it were saved.
///
/// # Errors
/// When the database fails.
pub(super) async fn aside(app: &AppState, offer: &CoachOffer, form: &WeekForm) -> Result<Aside, Internal> {
    let (weekly, errors) = form.draft().look();
    let edited = CoachOffer { hours: Hours { weekly, overrides: offer.hours.overrides.clone() }, ..offer.clone() };
    let kinds: Vec<SessionType> = offer.session_types.iter().filter(|kind| kind.active).cloned().collect();
    let chosen = kinds.iter().find(|kind| Some(kind.id) == form.kind).or_else(|| kinds.first()).cloned();
    let mut aside =
        Aside { kinds, chosen: chosen.clone(), preview: None, unread: !errors.0.is_empty(), why: form.why.clone(), answer: None };
    if let Some(kind) = chosen {
        let date = match form.week {
            Some(date) => date,
            None => preview::first_date(app, &edited, &kind).await?,
        };
        aside.preview = Some(preview::look(app, &edited, &kind, date).await?);
        aside.answer = preview::why(app, &edited, &kind, &form.why.0, &form.why.1).await?;
    }
    Ok(aside)
}

/// The coach's own offer.
///
/// # Errors
/// When the database fails.
pub(super) async fn offer_of(app: &AppState, coach: &CoachActor) -> Result<std::sync::Arc<CoachOffer>, Internal> {
    let offer = app.offers.by_id(coach.id()).await?;
    offer.ok_or_else(|| Internal::new("a coach without a profile"))
}
