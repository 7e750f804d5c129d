//! The editor's buttons without a page load: the same form, the same answers, as pieces of HTML.

use chrono::NaiveDate;
use leptos::prelude::*;
use wellmet::{accounts::CoachActor, error::Internal};

use super::{
    form::{Action, WeekForm},
    handler::{aside, offer_of},
    view::{Days, PreviewResult},
};
use crate::{
    dto::{FormState, HoursEdited},
    server::AppState,
};

/// What the editor of `coach` shows after the button in `values` was pressed. Nothing is stored.
///
/// # Errors
/// When the database fails.
pub async fn edited(app: &AppState, coach: &CoachActor, values: &[(String, String)]) -> Result<HoursEdited, Internal> {
    let (mut form, action) = WeekForm::read(values);
    let shown = form.week;
    let (done, errors) = match form.apply(action) {
        Ok(done) => (done, FormState::new()),
        Err(errors) => (None, FormState::new().failed(errors)),
    };
    let offer = offer_of(app, coach).await?;
    let aside = aside(app, &offer, &form).await?;
    let form_week = form.week;
    let rows = matches!(action, Action::Add(_) | Action::Remove(..) | Action::Copy(_));
    let wrong = errors.errors.0.first().map(|error| (format!("f-{}", error.field), error.message.clone()));
    let (focus, said) = done.or(wrong).unzip();
    let said = said.or_else(|| aside.answer.clone());
    let owner = Owner::new();
    let html = owner.with(|| HoursEdited {
        rows: rows.then(|| view! { <Days form errors /> }.to_html()),
        preview: view! { <PreviewResult aside /> }.to_html(),
        focus: focus.or_else(|| matches!(action, Action::Week(_)).then(|| week_button(shown, form_week))),
        said: said.unwrap_or_default(),
    });
    owner.unset_with_forced_cleanup();
    Ok(html)
}

/// The button that leads from the week of `before` to that of `after`.
fn week_button(before: Option<NaiveDate>, after: Option<NaiveDate>) -> String {
    if after < before { "preview-earlier" } else { "preview-later" }.to_owned()
}
