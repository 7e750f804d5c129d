//! The few things of the browser that islands share.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, HtmlDocument, HtmlElement};

/// The document. There is always one where islands run.
pub(crate) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The browser's IANA zone.
pub(crate) fn time_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &JsValue::from_str("timeZone")).ok()?.as_string()
}

/// Sets a cookie for a year, for the whole site. `value` needs no encoding.
pub(crate) fn set_cookie(name: &str, value: &str) -> Option<()> {
    let https = web_sys::window()?.location().protocol().ok()? == "https:";
    let secure = if https { "; Secure" } else { "" };
    let document: HtmlDocument = document()?.dyn_into().ok()?;
    document.set_cookie(&format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax{secure}")).ok()
}

/// The root element.
pub(crate) fn root() -> Option<HtmlElement> {
    document()?.document_element()?.dyn_into().ok()
}

/// Whether the browser keeps a cookie of this name.
pub(crate) fn has_cookie(name: &str) -> bool {
    let document: Option<HtmlDocument> = document().and_then(|document| document.dyn_into().ok());
    let cookies = document.and_then(|document| document.cookie().ok());
    cookies.is_some_and(|cookies| cookies.split("; ").any(|cookie| cookie.split('=').next() == Some(name)))
}
