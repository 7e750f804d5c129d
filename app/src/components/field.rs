use leptos::prelude::*;

use crate::dto::FieldState;

/// A labelled input of one line. Its hint and its error are read with it.
#[component]
pub fn Field(
    /// Name, value and error, from [`crate::dto::FormState::field`].
    of: FieldState,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// The input's type: `text`, `email`, `password`, `search`, `number`, `date`, `time`, `url`, `tel`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What helps to fill it in, before anything goes wrong.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it must be filled in; otherwise the label says that it is optional.
    #[prop(optional)]
    required: bool,
    /// Whether another answer of the form decides if it must be filled in: the label promises nothing then.
    #[prop(optional)]
    sometimes: bool,
    /// What browsers may fill in (`email`, `new-password`).
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// At most so many characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// At least so many characters.
    #[prop(optional)]
    minlength: Option<u32>,
    /// The smallest number, date or time.
    #[prop(optional, into)]
    min: Option<String>,
    /// The largest number, date or time.
    #[prop(optional, into)]
    max: Option<String>,
    /// The step of a number or time.
    #[prop(optional, into)]
    step: Option<String>,
    /// Which keyboard a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
) -> impl IntoView {
    // A password is never sent back, not even to the one who typed it.
    let value = if kind == "password" { String::new() } else { of.value.clone() };
    let described = of.described_by(hint.is_some());
    view! {
        <Labelled of=of.clone() label hint required=required || sometimes>
            <input
                class="input"
                id=of.id()
                name=of.name.clone()
                type=kind
                value=value
                required=required
                autocomplete=autocomplete
                maxlength=maxlength
                minlength=minlength
                min=min
                max=max
                step=step
                inputmode=inputmode
                aria-invalid=of.error.is_some().then_some("true")
                aria-describedby=described
            />
        </Labelled>
    }
}

/// Label, hint and error around a control.
#[component]
pub(super) fn Labelled(
    /// The field.
    of: FieldState,
    /// Its label.
    label: String,
    /// Its hint.
    hint: Option<String>,
    /// Whether it must be filled in; otherwise the label says that it is optional.
    required: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let hint = hint.map(|words| view! { <p class="hint" id=of.hint_id()>{words}</p> });
    let error = of.error.clone().map(|words| view! { <p class="field-error" id=of.error_id()>{words}</p> });
    let optional = (!required).then(|| view! { <span class="optional">" optional"</span> });
    view! {
        <div class="field">
            <label for=of.id()>{label}{optional}</label>
            {hint}
            {children()}
            {error}
        </div>
    }
}

/// A box to tick.
#[component]
pub fn CheckField(
    /// Name, value and error.
    of: FieldState,
    /// What ticking it means.
    #[prop(into)]
    label: String,
    /// What is sent when it is ticked.
    #[prop(default = "true")]
    value: &'static str,
    /// More about it.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let ticked = of.value == value;
    let described = of.described_by(hint.is_some());
    let hint = hint.map(|words| view! { <span class="hint" id=of.hint_id()>{words}</span> });
    let error = of.error.clone().map(|words| view! { <p class="field-error" id=of.error_id()>{words}</p> });
    view! {
        <div class="field">
            <label class="check">
                <input type="checkbox" id=of.id() name=of.name.clone() value=value checked=ticked aria-describedby=described />
                <span>{label}{hint}</span>
            </label>
            {error}
        </div>
    }
}

/// One of a few, each with a sentence. Keyboard and screen reader treat it as the radio group it is.
#[component]
pub fn RadioCards(
    /// Name, value and error.
    of: FieldState,
    /// The question.
    #[prop(into)]
    label: String,
    /// What is sent, what it is called, what it means.
    choices: Vec<(&'static str, &'static str, &'static str)>,
) -> impl IntoView {
    let described = of.described_by(false);
    let error = of.error.clone().map(|words| view! { <p class="field-error" id=of.error_id()>{words}</p> });
    let first = of.id();
    let cards = choices.into_iter().enumerate().map(|(at, (value, title, words))| {
        // The error summary leads to the field's id: the first card has it.
        let id = if at == 0 { first.clone() } else { format!("{first}-{value}") };
        view! {
            <label class="radio-card">
                <input type="radio" id=id name=of.name.clone() value=value checked=of.value == value required=true />
                <span><strong>{title}</strong><span class="hint">{words}</span></span>
            </label>
        }
    });
    view! {
        <fieldset class="field radio-cards" aria-describedby=described>
            <legend>{label}</legend>
            <div class="radio-cards-row">{cards.collect_view()}</div>
            {error}
        </fieldset>
    }
}
