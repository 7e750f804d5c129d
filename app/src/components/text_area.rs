use leptos::prelude::*;

use super::field::Labelled;
use crate::dto::FieldState;

/// A labelled input of several lines.
///
/// Leptos 0.8 does not escape what stands inside a `<textarea>`, so this component does, and no other may hold one.
#[component]
pub fn TextArea(
    /// Name, value and error.
    of: FieldState,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// At most so many characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Lines to begin with.
    #[prop(default = 5)]
    rows: u32,
) -> impl IntoView {
    let described = of.described_by(hint.is_some());
    view! {
        <Labelled of=of.clone() label hint required>
            <textarea
                class="input"
                id=of.id()
                name=of.name.clone()
                rows=rows
                required=required
                maxlength=maxlength
                aria-invalid=of.error.is_some().then_some("true")
                aria-describedby=described
                inner_html=escaped(&of.value)
            ></textarea>
        </Labelled>
    }
}

/// `text` as the content of a `<textarea>`. Parsers drop a line break right after the tag, so one is put there.
fn escaped(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::dto::FormState;

    #[test]
    fn text_cannot_leave_the_area() {
        let nasty = "\n</textarea><script>alert(1)</script>&amp;";
        let of = FormState::new().with("notes", nasty).field("notes");
        let html = Owner::new().with(|| view! { <TextArea of label="Notes" /> }.to_html());
        assert!(html.contains("\n\n&lt;/textarea>&lt;script>alert(1)&lt;/script>&amp;amp;</textarea>"), "{html}");
        assert!(!html.contains("<script"), "{html}");
    }
}
