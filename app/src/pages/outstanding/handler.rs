use axum::{extract::State, response::Response};
use leptos::prelude::*;
use wellmet::{accounts::Actor, jobs::GivenUp, model::JobId};

use super::{gather::Outstanding, view::OutstandingList};
use crate::{
    components::{Breadcrumbs, Nav},
    server::{AppState, Page, PageContext, PageError, PathOf, SignedInAdmin, SignedInCoach, page, see_other},
};

pub(super) async fn show(SignedInCoach(_, identity): SignedInCoach, context: PageContext) -> Result<Response, PageError> {
    let of = Outstanding::load(&context.app, &identity).await?;
    Ok(page(&context, Page::private("Outstanding").nav(Nav::Today), || {
        view! {
            <Breadcrumbs links=vec![("/dashboard".to_owned(), "Today".to_owned())] />
            <div class="form-page stack">
                <h1>"Outstanding"</h1>
                <p class="lead">"What should have followed from your bookings and has not yet. The bookings themselves stand."</p>
                <OutstandingList of />
            </div>
        }
    }))
}

pub(super) async fn coach_again(
    State(app): State<AppState>,
    SignedInCoach(coach, _): SignedInCoach,
    PathOf(id): PathOf<JobId>,
) -> Result<Response, PageError> {
    again(&app, coach.into(), id, "/dashboard/outstanding").await
}

pub(super) async fn admin_again(
    State(app): State<AppState>,
    SignedInAdmin(admin, _): SignedInAdmin,
    PathOf(id): PathOf<JobId>,
) -> Result<Response, PageError> {
    again(&app, admin.into(), id, "/admin/jobs").await
}

async fn again(app: &AppState, actor: Actor, id: JobId, list: &str) -> Result<Response, PageError> {
    let done = match app.jobs.try_again(actor, id).await? {
        GivenUp::TriedAgain => "tried-again",
        GivenUp::Not => "not-tried",
        GivenUp::NotFound => return Err(PageError::NotFound),
    };
    Ok(see_other(&format!("{list}?done={done}")))
}
