use leptos::prelude::*;

/// A button that copies a link or the like. It is there only where scripts run; the link itself stands beside it as text.
#[island]
pub fn CopyLink(
    /// The link.
    #[prop(into)]
    url: String,
    /// What it is called.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let (ready, set_ready) = signal(false);
    let (said, set_said) = signal(format!("Copy {what}"));
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| set_ready.set(true));
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let (url, what) = (url.clone(), what.clone());
            leptos::task::spawn_local(async move {
                let done = copied(&url).await.is_some();
                set_said.set(if done { "Copied".to_owned() } else { format!("Select the {what} and copy it") });
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (&url, &what, set_ready, set_said);
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
