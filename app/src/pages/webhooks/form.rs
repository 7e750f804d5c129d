//! The form of a webhook, new or not.

use leptos::prelude::*;
use wellmet::{
    bookings::BookingChange,
    notices::webhooks::{Endpoint, EndpointDraft},
};

use super::words;
use crate::{
    components::{CheckField, ErrorSummary, Field},
    dto::FormState,
    islands::SubmitGuard,
};

const LABELS: &[(&str, &str)] = &[("url", "Address"), ("kinds", "Events")];

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HookForm {
    #[serde(default)]
    url: String,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    active: bool,
}

impl HookForm {
    pub(super) fn draft(self) -> EndpointDraft {
        EndpointDraft { url: self.url, kinds: self.kinds, active: self.active }
    }
}

/// The form of a new webhook: everything, at once.
pub(super) fn fresh() -> FormState {
    BookingChange::TOLD.iter().fold(FormState::new().with("active", "true"), |form, change| form.with("kinds", change.as_str()))
}

/// The form of one that there is.
pub(super) fn filled(endpoint: &Endpoint) -> FormState {
    let form = FormState::new().with("url", endpoint.url.expose()).with("active", if endpoint.active { "true" } else { "" });
    let wanted = BookingChange::TOLD.into_iter().filter(|change| endpoint.wanted.has(*change));
    wanted.fold(form, |form, change| form.with("kinds", change.as_str()))
}

#[component]
pub(super) fn HookFields(form: FormState, action: String, button: &'static str) -> impl IntoView {
    let first = form.field("kinds");
    let (error_id, id) = (first.error_id(), first.id());
    let described = first.error.is_some().then(|| error_id.clone());
    let error = first.error.map(|words| view! { <p class="field-error" id=error_id>{words}</p> });
    let chosen: Vec<String> = form.all("kinds").into_iter().map(str::to_owned).collect();
    let boxes = BookingChange::TOLD.into_iter().enumerate().map(|(at, change)| {
        let word = change.as_str();
        // The error summary leads to the field's id: the first box has it.
        let id = if at == 0 { id.clone() } else { format!("{id}-{word}") };
        let ticked = chosen.iter().any(|chosen| chosen == word);
        view! {
            <label class="check">
                <input type="checkbox" id=id name="kinds" value=word checked=ticked />
                <span>{words::of_change(change)}</span>
            </label>
        }
    });
    view! {
        <ErrorSummary form=form.clone() labels=LABELS />
        <form class="form-card" method="post" action=action id=form.field("limit").id()>
            <SubmitGuard busy="Saving…" />
            <Field
                of=form.field("url")
                label="Address"
                hint="Where we send to, by POST. It begins with https:// and is reachable from the internet."
                required=true
                maxlength=2000
                inputmode="url"
                autocomplete="off"
            />
            <fieldset class="field" aria-describedby=described>
                <legend>"Events"</legend>
                <div class="hook-kinds">{boxes.collect_view()}</div>
                {error}
            </fieldset>
            <CheckField of=form.field("active") label="Send events" hint="Off: nothing is sent, and what happens meanwhile is not sent later." />
            <button class="btn btn-primary">{button}</button>
        </form>
    }
}
