use leptos::prelude::*;

use super::field::Labelled;
use crate::dto::FieldState;

/// A labelled choice of one from a list.
#[component]
pub fn SelectField(
    /// Name, value and error.
    of: FieldState,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What is sent and what is shown.
    options: Vec<(String, String)>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether something must be chosen.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let described = of.described_by(hint.is_some());
    let chosen = of.value.clone();
    let options = options.into_iter().map(|(value, words)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    });
    let options = options.collect_view();
    view! {
        <Labelled of=of.clone() label hint required>
            <select
                class="input"
                id=of.id()
                name=of.name.clone()
                required=required
                aria-invalid=of.error.is_some().then_some("true")
                aria-describedby=described
            >
                {options}
            </select>
        </Labelled>
    }
}
