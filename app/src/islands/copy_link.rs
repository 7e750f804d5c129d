use leptos::prelude::*;

/// A button that copies a link. It is there only where scripts run; the link itself stands beside it as text.
#[island]
pub fn CopyLink(
    /// The link.
    #[prop(into)]
    url: String,
) -> impl IntoView {
    let (ready, set_ready) = signal(false);
    let (said, set_said) = signal("Copy link");
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| set_ready.set(true));
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let url = url.clone();
            leptos::task::spawn_local(async move {
                set_said.set(if copied(&url).await.is_some() { "Copied" } else { "Select the link and copy it" });
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (&url, set_ready, set_said);
    };
    view! {
        <button type="button" class="btn btn-small" hidden=move || !ready.get() on:click=copy>
            <span aria-live="polite">{move || said.get()}</span>
        </button>
    }
}

#[cfg(feature = "hydrate")]
async fn copied(text: &str) -> Option<()> {
    let clipboard = web_sys::window()?.navigator().clipboard();
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await.ok().map(drop)
}
