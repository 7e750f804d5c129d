//! Listing, making, changing and archiving session types.

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use wellmet::{
    accounts::CoachActor,
    coaches::{MAX_SESSION_TYPES, SessionType, SessionTypeError},
    model::{FieldErrors, SessionTypeDraft, SessionTypeId},
};

use super::{
    form::{TypeForm, filled},
    view::{ArchivePage, EditPage, ListPage},
};
use crate::{
    components::Nav,
    dto::FormState,
    server::{AppState, Form, Page, PageContext, PageError, PathOf, SignedInCoach, page, see_other},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    active: bool,
}

pub(super) async fn list(SignedInCoach(coach, _): SignedInCoach, context: PageContext) -> Result<Response, PageError> {
    let kinds = context.app.coaches.session_types(&coach).await?;
    let slug = context.app.coaches.own_profile(&coach).await?.slug;
    Ok(page(&context, head("Session types", StatusCode::OK), || view! { <ListPage kinds slug /> }))
}

pub(super) async fn begin(_: SignedInCoach, context: PageContext) -> Response {
    let form = filled(&SessionTypeDraft { name: String::new(), ..SessionTypeDraft::first() });
    edit_page(&context, form, None)
}

pub(super) async fn create(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    Form(given, form): Form<TypeForm>,
) -> Result<Response, PageError> {
    let made = match given.read() {
        Ok(draft) => context.app.coaches.create_session_type(&coach, draft).await,
        Err(errors) => Err(errors.into()),
    };
    saved(&context, made, form, None)
}

pub(super) async fn edit(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<SessionTypeId>,
) -> Result<Response, PageError> {
    let kind = find(&context.app, &coach, id).await?;
    Ok(edit_page(&context, filled(&kind.draft()), Some(&kind)))
}

pub(super) async fn update(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<SessionTypeId>,
    Form(given, form): Form<TypeForm>,
) -> Result<Response, PageError> {
    let kind = find(&context.app, &coach, id).await?;
    let changed = match given.read() {
        Ok(draft) => context.app.coaches.update_session_type(&coach, id, draft).await,
        Err(errors) => Err(errors.into()),
    };
    saved(&context, changed, form, Some(&kind))
}

pub(super) async fn set_active(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<SessionTypeId>,
    Form(Switch { active }, _): Form<Switch>,
) -> Result<Response, PageError> {
    let kind = find(&context.app, &coach, id).await?;
    let draft = SessionTypeDraft { active, ..kind.draft() };
    match context.app.coaches.update_session_type(&coach, id, draft).await {
        Ok(_) => Ok(see_other("/dashboard/session-types?done=session-type")),
        // Stored by other rules than today's: the form shows what has to change.
        Err(SessionTypeError::Invalid(errors)) => Ok(edit_page(&context, filled(&kind.draft()).failed(errors), Some(&kind))),
        Err(SessionTypeError::NotFound | SessionTypeError::Full) => Err(PageError::NotFound),
        Err(SessionTypeError::Internal(error)) => Err(error.into()),
    }
}

pub(super) async fn ask_archive(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<SessionTypeId>,
) -> Result<Response, PageError> {
    let kind = find(&context.app, &coach, id).await?;
    Ok(page(&context, head("Archive a session type", StatusCode::OK), || view! { <ArchivePage kind /> }))
}

pub(super) async fn archive(
    SignedInCoach(coach, _): SignedInCoach,
    context: PageContext,
    PathOf(id): PathOf<SessionTypeId>,
) -> Result<Response, PageError> {
    match context.app.coaches.archive_session_type(&coach, id).await {
        Ok(_) => Ok(see_other("/dashboard/session-types?done=session-type-archived")),
        Err(SessionTypeError::Internal(error)) => Err(error.into()),
        Err(_) => Err(PageError::NotFound),
    }
}

async fn find(app: &AppState, coach: &CoachActor, id: SessionTypeId) -> Result<SessionType, PageError> {
    let kinds = app.coaches.session_types(coach).await?;
    kinds.into_iter().find(|kind| kind.id == id).ok_or(PageError::NotFound)
}

fn saved(
    context: &PageContext,
    done: Result<SessionType, SessionTypeError>,
    form: FormState,
    kind: Option<&SessionType>,
) -> Result<Response, PageError> {
    match done {
        Ok(_) => Ok(see_other("/dashboard/session-types?done=session-type")),
        Err(SessionTypeError::Invalid(errors)) => Ok(edit_page(context, form.failed(errors), kind)),
        Err(SessionTypeError::Full) => {
            let words = format!("You have {MAX_SESSION_TYPES} session types, which is all that fit. Archive one first.");
            Ok(edit_page(context, form.failed(FieldErrors::one("name", words)), kind))
        }
        Err(SessionTypeError::NotFound) => Err(PageError::NotFound),
        Err(SessionTypeError::Internal(error)) => Err(error.into()),
    }
}

fn head(title: impl Into<std::borrow::Cow<'static, str>>, status: StatusCode) -> Page {
    Page::private(title).nav(Nav::Sessions).status(status)
}

/// The form: for a new session type, or for `kind`.
fn edit_page(context: &PageContext, form: FormState, kind: Option<&SessionType>) -> Response {
    let known = kind.map(|kind| (kind.id, kind.name.clone()));
    let title = known.as_ref().map_or_else(|| "New session type".to_owned(), |(_, name)| name.clone());
    let head = if form.has_errors() {
        head(format!("Error: {title}"), StatusCode::UNPROCESSABLE_ENTITY)
    } else {
        head(title.clone(), StatusCode::OK)
    };
    let pays = context.app.payments.is_on();
    page(context, head, || view! { <EditPage title form id=known.map(|(id, _)| id) pays /> })
}
