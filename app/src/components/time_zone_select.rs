use leptos::prelude::*;

use super::field::Labelled;
use crate::dto::FieldState;

/// A labelled choice of an IANA zone, grouped by continent.
#[component]
pub fn TimeZoneSelect(
    /// Name, value and error.
    of: FieldState,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// Every name to offer, sorted.
    names: &'static [&'static str],
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let described = of.described_by(hint.is_some());
    let chosen = of.value.clone();
    // A zone by an old name, or none at all, is offered as it is: what was chosen stays chosen.
    let unlisted = (!names.contains(&chosen.as_str())).then(|| {
        let words = if chosen.is_empty() { "Choose a time zone".to_owned() } else { words(&chosen) };
        view! { <option value=chosen.clone() selected=true>{words}</option> }
    });
    let groups = names.chunk_by(|a, b| area(a) == area(b)).map(|group| {
        let options = group.iter().map(|&name| view! { <option value=name selected=name == chosen>{words(name)}</option> });
        view! { <optgroup label=area(group[0])>{options.collect_view()}</optgroup> }
    });
    let groups = groups.collect_view();
    view! {
        <Labelled of=of.clone() label hint required=true>
            <select
                class="input"
                id=of.id()
                name=of.name.clone()
                required=true
                aria-invalid=of.error.is_some().then_some("true")
                aria-describedby=described
            >
                {unlisted}
                {groups}
            </select>
        </Labelled>
    }
}

fn area(name: &'static str) -> &'static str {
    name.split_once('/').map_or("Other", |(area, _)| area)
}

/// `America/Argentina/Buenos_Aires` as people read it.
fn words(name: &str) -> String {
    name.replace('_', " ")
}
