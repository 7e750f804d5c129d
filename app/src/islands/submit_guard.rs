use leptos::{html, prelude::*};

/// Put into a form: once it is sent, its button says so and a second click does nothing. The server refuses double
/// submits anyway; this spares people the wondering. A page that comes back from the browser's cache starts afresh.
#[island]
pub fn SubmitGuard(
    /// What the button says while the form is on its way: `Saving…`.
    #[prop(into)]
    busy: String,
) -> impl IntoView {
    let node = NodeRef::<html::I>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            guard::watch(&node, busy.clone());
        }
    });
    #[cfg(not(feature = "hydrate"))]
    drop(busy);
    view! { <i hidden node_ref=node></i> }
}

#[cfg(feature = "hydrate")]
mod guard {
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{Element, Event, HtmlElement, HtmlFormElement, SubmitEvent};

    const LABEL: &str = "data-label";

    pub(super) fn watch(node: &Element, busy: String) -> Option<()> {
        let form: HtmlFormElement = node.closest("form").ok()??.dyn_into().ok()?;
        let watched = form.clone();
        let on_submit = Closure::<dyn Fn(SubmitEvent)>::new(move |event: SubmitEvent| {
            if watched.has_attribute("data-sending") {
                event.prevent_default();
                return;
            }
            let _ = watched.set_attribute("data-sending", "");
            if let Some(button) = event.submitter() {
                let _ = button.set_attribute(LABEL, &button.text_content().unwrap_or_default());
                let _ = button.set_attribute("aria-disabled", "true");
                button.set_text_content(Some(&busy));
            }
        });
        form.add_event_listener_with_callback("submit", on_submit.as_ref().unchecked_ref()).ok()?;
        let on_show = Closure::<dyn Fn(Event)>::new(move |_| release(&form));
        web_sys::window()?.add_event_listener_with_callback("pageshow", on_show.as_ref().unchecked_ref()).ok()?;
        // Both live as long as the page.
        on_submit.forget();
        on_show.forget();
        Some(())
    }

    fn release(form: &HtmlFormElement) {
        let _ = form.remove_attribute("data-sending");
        let Ok(buttons) = form.query_selector_all("[data-label]") else { return };
        for at in 0..buttons.length() {
            let Some(button) = buttons.item(at).and_then(|node| node.dyn_into::<HtmlElement>().ok()) else { continue };
            button.set_text_content(button.get_attribute(LABEL).as_deref());
            let _ = button.remove_attribute(LABEL);
            let _ = button.remove_attribute("aria-disabled");
        }
    }
}
