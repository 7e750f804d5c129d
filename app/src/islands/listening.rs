//! Hearing of changes in the browser: a stream of events that is open while the page is in view.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
    time::Duration,
};

use leptos::prelude::{document, set_timeout};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, MessageEvent};

use crate::dto::LiveAt;

/// A browser reconnects by itself, but not where it was refused: then after so long.
const AFTER_REFUSAL: Duration = Duration::from_mins(1);

/// What the browser calls.
type Heard = Closure<dyn Fn(Event)>;

struct Line {
    at: RefCell<LiveAt>,
    source: RefCell<Option<EventSource>>,
    then: Box<dyn Fn()>,
    /// For a change, and for a failure.
    heard: OnceCell<[Heard; 2]>,
}

/// Calls `then` when what `at` names has changed, for as long as the page lives. A page that is out of sight does not listen; what it
/// missed it hears of when it is shown again.
pub(super) fn listen(at: LiveAt, then: impl Fn() + 'static) {
    let line = Rc::new(Line { at: RefCell::new(at), source: RefCell::default(), then: Box::new(then), heard: OnceCell::new() });
    line.open();
    let seen = Closure::<dyn Fn(Event)>::new(move |_| if document().hidden() { line.close() } else { line.open() });
    // It can only fail for a malformed name.
    let _ = document().add_event_listener_with_callback("visibilitychange", seen.as_ref().unchecked_ref());
    // It lives as long as the page.
    seen.forget();
}

impl Line {
    fn open(self: &Rc<Self>) {
        if self.source.borrow().is_some() || document().hidden() {
            return;
        }
        let address = {
            let at = self.at.borrow();
            format!("{}?since={}", at.path, at.mark)
        };
        let Ok(source) = EventSource::new(&address) else { return };
        let [changed, failed] = self.heard.get_or_init(|| {
            let (one, two) = (self.clone(), self.clone());
            [Closure::new(move |event: Event| one.changed(&event)), Closure::new(move |_| two.failed())]
        });
        let _ = source.add_event_listener_with_callback("changed", changed.as_ref().unchecked_ref());
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        *self.source.borrow_mut() = Some(source);
    }

    fn close(&self) {
        if let Some(source) = self.source.borrow_mut().take() {
            source.close();
        }
    }

    fn changed(self: &Rc<Self>, event: &Event) {
        if let Some(event) = event.dyn_ref::<MessageEvent>() {
            self.at.borrow_mut().mark = event.last_event_id();
        }
        // Everybody hears of it in the same second: they need not all ask in the same moment.
        let pause = Duration::from_millis(400).mul_f64(js_sys::Math::random());
        let line = self.clone();
        set_timeout(move || (line.then)(), pause);
    }

    fn failed(self: &Rc<Self>) {
        let refused = self.source.borrow().as_ref().is_some_and(|source| source.ready_state() == EventSource::CLOSED);
        if refused {
            self.close();
            let line = self.clone();
            set_timeout(move || line.open(), AFTER_REFUSAL);
        }
    }
}
