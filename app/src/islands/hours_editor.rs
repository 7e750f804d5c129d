use leptos::prelude::*;

/// Beside the hours editor: its buttons work without a page load, and the preview follows what is typed. The form
/// and every answer are the server's; saving is an ordinary submit.
#[island]
pub fn HoursEditor() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| {
        // Without the form there is nothing to make livelier.
        let _ = live::watch();
    });
    view! { <i hidden></i> }
}

#[cfg(feature = "hydrate")]
mod live {
    use std::{cell::Cell, rc::Rc, time::Duration};

    use leptos::{leptos_dom::helpers::set_timeout, task::spawn_local};
    use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
    use web_sys::{Element, Event, FormData, HtmlElement, HtmlFormElement, HtmlInputElement, SubmitEvent};

    use crate::{dto::HoursEdited, islands::browser::document, srv::hours_preview};

    /// How long typing has to rest before the preview follows.
    const REST: Duration = Duration::from_millis(300);

    /// Counts requests, so that an answer that comes late replaces nothing newer.
    type Turn = Rc<Cell<u32>>;

    pub(super) fn watch() -> Option<()> {
        let page = document()?;
        let form: HtmlFormElement = page.get_element_by_id("hours-form")?.dyn_into().ok()?;
        let turn = Turn::default();
        let (on_form, at) = (form.clone(), turn.clone());
        let on_submit = Closure::<dyn Fn(SubmitEvent)>::new(move |event: SubmitEvent| {
            let action = event.submitter().and_then(|button| button.get_attribute("value")).unwrap_or_default();
            if action != "save" && !action.is_empty() {
                event.prevent_default();
                ask(&on_form, &at, action);
            }
        });
        form.add_event_listener_with_callback("submit", on_submit.as_ref().unchecked_ref()).ok()?;
        let on_input = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            if event.target().is_some_and(|target| belongs(&target)) {
                let (form, turn, wanted) = (form.clone(), turn.clone(), turn.get() + 1);
                turn.set(wanted);
                set_timeout(
                    move || {
                        if turn.get() == wanted {
                            ask(&form, &turn, "look".to_owned());
                        }
                    },
                    REST,
                );
            }
        });
        // Fields beside the form belong to it too, so the listener sits above both.
        page.add_event_listener_with_callback("input", on_input.as_ref().unchecked_ref()).ok()?;
        // Both live as long as the page.
        on_submit.forget();
        on_input.forget();
        Some(())
    }

    /// Whether typing there changes the preview: the ticks of the copy menus do not, and what is asked about is
    /// sent by its own button.
    fn belongs(target: &JsValue) -> bool {
        let Some(field) = target.dyn_ref::<Element>() else { return false };
        let name = field.get_attribute("name").unwrap_or_default();
        matches!(name.rsplit('.').next(), Some("kind" | "from" | "until"))
    }

    fn ask(form: &HtmlFormElement, turn: &Turn, action: String) {
        let wanted = turn.get() + 1;
        turn.set(wanted);
        let Some(sent) = encoded(form, &action) else { return };
        let (turn, form) = (turn.clone(), form.clone());
        spawn_local(async move {
            match hours_preview(sent).await {
                Ok(edited) if turn.get() == wanted => {
                    show(edited);
                }
                // A button that could not be answered is pressed the ordinary way: the page says what is wrong.
                Err(_) if action != "look" => {
                    let _ = send_plainly(&form, &action);
                }
                _ => {}
            }
        });
    }

    /// Sends the form as it would go without scripts, by the button `action`.
    fn send_plainly(form: &HtmlFormElement, action: &str) -> Option<()> {
        let field: HtmlInputElement = document()?.create_element("input").ok()?.dyn_into().ok()?;
        field.set_type("hidden");
        field.set_name("action");
        field.set_value(action);
        form.append_child(&field).ok()?;
        form.submit().ok()
    }

    fn show(edited: HoursEdited) -> Option<()> {
        let page = document()?;
        if let Some(rows) = edited.rows {
            page.get_element_by_id("hours-rows")?.set_inner_html(&rows);
        }
        let open = open_days()?;
        page.get_element_by_id("hours-preview")?.set_inner_html(&edited.preview);
        reopen(&open)?;
        page.get_element_by_id("hours-said")?.set_text_content(Some(&edited.said));
        let focus: HtmlElement = page.get_element_by_id(&edited.focus?)?.dyn_into().ok()?;
        focus.focus().ok()
    }

    /// Which of the preview's days are open.
    fn open_days() -> Option<Vec<bool>> {
        let days = document()?.query_selector_all("#hours-preview details").ok()?;
        Some(
            (0..days.length())
                .map(|at| days.item(at).and_then(|day| day.dyn_into::<Element>().ok()).is_some_and(|day| day.has_attribute("open")))
                .collect(),
        )
    }

    fn reopen(open: &[bool]) -> Option<()> {
        let days = document()?.query_selector_all("#hours-preview details").ok()?;
        // A day more or less open than before: nobody can say which was which.
        if days.length() as usize == open.len() {
            for (at, _) in (0..).zip(open).filter(|(_, open)| **open) {
                days.item(at)?.dyn_into::<Element>().ok()?.set_attribute("open", "").ok()?;
            }
        }
        Some(())
    }

    /// The form as a browser would send it by the button `action`.
    fn encoded(form: &HtmlFormElement, action: &str) -> Option<String> {
        let text = |value: &JsValue| value.as_string().map(|text| String::from(js_sys::encode_uri_component(&text)));
        let data = FormData::new_with_form(form).ok()?;
        let mut pairs = vec![format!("action={}", text(&action.into())?)];
        for pair in js_sys::try_iter(&data).ok()?? {
            let pair: js_sys::Array = pair.ok()?.dyn_into().ok()?;
            pairs.push(format!("{}={}", text(&pair.get(0))?, text(&pair.get(1))?));
        }
        Some(pairs.join("&"))
    }
}
