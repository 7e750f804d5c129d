use leptos::prelude::*;

/// Tells the server the browser's zone in the cookie `tz`. A page whose times are in another zone, not asked for by
/// its address, is shown once more: a visitor's first page of times is then in their own zone. Rendered only where the cookie is
/// missing, so it never overrides a choice.
#[island]
pub fn TimeZoneDetect() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| {
        if let Some(zone) = super::browser::time_zone() {
            super::browser::set_cookie("tz", &zone);
            choose_unchosen(&zone);
            show_again(&zone);
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

/// `[data-zone]` names the zone that a page's times are in.
#[cfg(feature = "hydrate")]
fn show_again(zone: &str) -> Option<()> {
    let shown = super::browser::document()?.query_selector("[data-zone]").ok()??.get_attribute("data-zone")?;
    let location = web_sys::window()?.location();
    let asked = location.search().ok()?.contains("tz=");
    // Without the cookie (refused, or blocked) the page would come back the same, again and again.
    if shown != zone && !asked && super::browser::has_cookie("tz") {
        location.reload().ok()?;
    }
    Some(())
}
