use leptos::prelude::*;

/// The button of the zone form. With scripts, choosing a zone is enough.
#[island]
pub fn ZoneSwitch() -> impl IntoView {
    let button = NodeRef::<leptos::html::Button>::new();
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(form) = button.get().and_then(|button| button.form()) else { return };
        let chosen = form.clone();
        let listener = leptos::prelude::window_event_listener(leptos::ev::change, move |event| {
            let inside = event.target().is_some_and(|target| {
                use wasm_bindgen::JsCast;
                target.dyn_ref::<web_sys::Node>().is_some_and(|node| chosen.contains(Some(node)))
            });
            if inside {
                // Only an unfinished form refuses, and this one has nothing to finish.
                drop(chosen.request_submit());
            }
        });
        on_cleanup(move || listener.remove());
    });
    view! { <button node_ref=button class="btn" type="submit">"Change"</button> }
}
