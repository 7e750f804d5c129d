use leptos::prelude::*;

use super::{Icon, Picture};
use crate::dto::FormState;

/// Everything wrong with a form, at its top, with links to the fields. Nothing when nothing is. The page's title
/// should begin with `Error: ` then; browsers with scripts off move to it by the `autofocus`.
#[component]
pub fn ErrorSummary(
    /// The form.
    form: FormState,
    /// The fields' labels, by name; a name that ends in `*` stands for all that begin so.
    labels: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let items = form.errors.0.iter().map(|error| {
        let label = labels.iter().find(|(name, _)| matches(name, &error.field)).map(|(_, label)| *label);
        let words = label.map_or_else(|| error.message.clone(), |label| format!("{label}: {}", error.message));
        view! { <li><a href=format!("#{}", form.field(&error.field).id())>{words}</a></li> }
    });
    let items = items.collect_view();
    (!form.errors.0.is_empty()).then(|| {
        let title = if form.errors.0.len() == 1 { "One thing needs your attention" } else { "A few things need your attention" };
        view! {
            <div class="notice notice-danger error-summary" role="alert" tabindex="-1" autofocus=true>
                <Icon picture=Picture::Alert />
                <div>
                    <h2>{title}</h2>
                    <ul>{items}</ul>
                </div>
            </div>
        }
    })
}

fn matches(pattern: &str, field: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == field, |start| field.starts_with(start))
}
