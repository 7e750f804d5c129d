use leptos::prelude::*;

/// Tells the server the browser's zone in the cookie `tz`, from the next page on. Rendered only where the cookie is
/// missing, so it never overrides a choice.
#[island]
pub fn TimeZoneDetect() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| {
        if let Some(zone) = super::browser::time_zone() {
            super::browser::set_cookie("tz", &zone);
            choose_unchosen(&zone);
        }
    });
    view! { <i hidden></i> }
}

/// In a form that asks for a zone and has none yet, chooses the browser's.
#[cfg(feature = "hydrate")]
fn choose_unchosen(zone: &str) -> Option<()> {
    use wasm_bindgen::JsCast;
    let select: web_sys::HtmlSelectElement = super::browser::document()?.query_selector("select[name=time_zone]").ok()??.dyn_into().ok()?;
    if select.value().is_empty() {
        select.set_value(zone);
    }
    Some(())
}
