use leptos::prelude::*;

use super::{Icon, Picture};
use crate::dto::FormState;

/// Everything wrong with a form, at its top, with links to the fields. Nothing when nothing is. The page's title
/// should begin with `Error: ` then; browsers with scripts off move to it by the `autofocus`.
#[component]
pub fn ErrorSummary(
    /// The form.
    form: FormState,
    /// The fields' labels, by name, in the order of the form; a name that ends in `*` stands for all that begin so.
    labels: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let place = |field: &str| labels.iter().position(|(name, _)| matches(name, field));
    let mut errors: Vec<_> = form.errors.0.iter().collect();
    // In the order of the form, which is that of the labels; what has none comes last.
    errors.sort_by_key(|error| place(&error.field).unwrap_or(labels.len()));
    let items = errors.into_iter().map(|error| {
        let label = place(&error.field).map(|at| labels[at].1);
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
