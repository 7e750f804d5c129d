use leptos::prelude::*;

/// Sets `data-hydrated` on the root element. It stands last in the document, so every other island has started then.
#[island]
pub fn HydratedMark() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| {
        if let Some(root) = super::browser::root() {
            // It can only fail for a malformed name.
            let _ = root.set_attribute("data-hydrated", "");
        }
    });
    view! { <i hidden></i> }
}
