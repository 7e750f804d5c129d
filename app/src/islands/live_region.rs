use leptos::prelude::*;

use crate::dto::LiveAt;

/// The id of the part of a page that is kept up to date.
pub const LIVE_REGION: &str = "live-region";

/// Keeps the part of the page with the id [`LIVE_REGION`] up to date: when something has changed elsewhere, it asks for the page again and
/// puts the new part in the old one's place. Not while somebody is about to press something there or has begun to write:
/// then it says so, and a button shows it. Stands outside of that part.
#[island]
pub fn LiveRegion(
    /// Where to hear of changes.
    at: LiveAt,
) -> impl IntoView {
    let said = RwSignal::new("");
    let waiting = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    region::keep(at, said, waiting);
    #[cfg(not(feature = "hydrate"))]
    drop(at);
    let show = move |_| {
        #[cfg(feature = "hydrate")]
        region::show(said, waiting);
    };
    view! {
        <p class="live-bar" hidden=move || !waiting.get()>
            <span>"Something has changed."</span>
            <button type="button" class="btn btn-small btn-primary" on:click=show>"Show"</button>
        </p>
        <p class="visually-hidden" role="status">{said}</p>
    }
}

#[cfg(feature = "hydrate")]
mod region {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Document, DomParser, Element, HtmlElement, HtmlInputElement, HtmlTextAreaElement, Response, SupportedType};

    use super::{super::listening, LIVE_REGION};
    use crate::dto::LiveAt;

    const DONE: &str = "This page has been brought up to date.";
    const WAITS: &str = "Something has changed. Press Show to see it.";

    thread_local! {
        /// How often the page was asked for.
        static ASKED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    }

    /// The number of a new question.
    fn question() -> u32 {
        ASKED.set(ASKED.get().wrapping_add(1));
        ASKED.get()
    }

    pub(super) fn keep(at: LiveAt, said: RwSignal<&'static str>, waiting: RwSignal<bool>) {
        listening::listen(at, move || {
            leptos::task::spawn_local(async move {
                let asked = question();
                let new = fetched().await;
                // An answer that was overtaken says nothing any more.
                if asked != ASKED.get() {
                    return;
                }
                let Some(old) = region_of(&document()) else { return };
                match new {
                    Some((new, _)) if signature(&new) == signature(&old) => {}
                    Some((new, title)) if !in_use(&old) => {
                        replace(&old, &new, title);
                        waiting.set(false);
                        say(said, DONE);
                    }
                    _ => {
                        waiting.set(true);
                        say(said, WAITS);
                    }
                }
            });
        });
    }

    /// What the button does: the new part whatever was going on in the old one, or, where there is none to be had, the page anew.
    pub(super) fn show(said: RwSignal<&'static str>, waiting: RwSignal<bool>) {
        leptos::task::spawn_local(async move {
            let (Some(old), Some((new, title))) = (region_of(&document()), fetched().await) else {
                drop(window().location().reload());
                return;
            };
            replace(&old, &new, title);
            waiting.set(false);
            // The button is gone: where it led to is the place to go on.
            let _ = new.focus();
            say(said, DONE);
        });
    }

    /// The same words twice in a row are two announcements.
    fn say(said: RwSignal<&'static str>, words: &'static str) {
        said.set("");
        set_timeout(move || said.set(words), std::time::Duration::from_millis(50));
    }

    fn region_of(document: &Document) -> Option<HtmlElement> {
        document.get_element_by_id(LIVE_REGION)?.dyn_into().ok()
    }

    /// The part of the page as the server has it now, and the page's title. `None`: there is none for us (any more).
    async fn fetched() -> Option<(HtmlElement, String)> {
        let address = window().location().href().ok()?;
        let response: Response = JsFuture::from(window().fetch_with_str(&address)).await.ok()?.dyn_into().ok()?;
        if !response.ok() || response.redirected() {
            return None;
        }
        let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        let page = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
        Some((region_of(&page)?, page.title()))
    }

    fn replace(old: &Element, new: &Element, title: String) {
        // It can only fail for an element that is not in a document.
        if old.replace_with_with_node_1(new).is_ok() {
            document().set_title(&title);
        }
    }

    /// What people can read and where they can go: whether two parts say the same. Their markup may differ, as scripts have
    /// been at work in one of them.
    fn signature(region: &Element) -> Vec<String> {
        let mut parts = vec![region.text_content().unwrap_or_default()];
        let Ok(found) = region.query_selector_all("[href], [action]") else { return parts };
        for element in (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<Element>().ok()) {
            parts.extend(["href", "action"].into_iter().filter_map(|name| element.get_attribute(name)));
        }
        parts
    }

    /// Whether somebody is at work in there: the focus is in it, the pointer on something to press, or something is written.
    fn in_use(region: &Element) -> bool {
        let there = |selectors: &str| region.query_selector(selectors).is_ok_and(|found| found.is_some());
        region.matches(":focus-within").unwrap_or(false) || there("a:hover, button:hover, summary:hover, label:hover") || written(region)
    }

    fn written(region: &Element) -> bool {
        let Ok(found) = region.query_selector_all("input, textarea") else { return false };
        (0..found.length()).filter_map(|at| found.item(at)).any(|field| {
            if let Some(field) = field.dyn_ref::<HtmlInputElement>() {
                field.value() != field.default_value() || field.checked() != field.default_checked()
            } else {
                field.dyn_ref::<HtmlTextAreaElement>().is_some_and(|field| field.default_value().is_ok_and(|text| text != field.value()))
            }
        })
    }
}
